"""Inference with a bundle in Python, for golden tensors and for checks.

It runs the same ONNX files and the same one-step sampler as the job.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from zoetrope_export.sampling.noise import noise


@dataclass(frozen=True)
class EncodedText:
    """An encoded prompt: `input_ids` and `attention_mask` int64 [1, L], and `embedding` float32 [1, L, E]."""

    input_ids: np.ndarray
    attention_mask: np.ndarray
    embedding: np.ndarray


class Bundle:
    """A bundle folder: its manifest, its tokenizer, and one ONNX Runtime session per stage."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        latents = self.manifest["latents"]
        self.latent_shape = (latents["channels"], latents["frames"], latents["height"], latents["width"])
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self._sessions = {
            stage: ort.InferenceSession(
                folder / self.manifest[stage]["file"], options, providers=["CPUExecutionProvider"]
            )
            for stage in ("text_encoder", "image_encoder", "generator", "decoder")
            if stage in self.manifest
        }
        self._tokenizer = Tokenizer.from_file(str(folder / self.manifest["tokenizer"]["file"]))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def encode_text(self, prompt: str) -> EncodedText:
        """Returns token ids, padded to the multiple in the manifest, and their embedding.

        Raises `ValueError` if the prompt has more tokens than the manifest allows.
        """
        tokenizer = self.manifest["tokenizer"]
        ids = self._tokenizer.encode(prompt).ids
        if len(ids) > tokenizer["max_tokens"]:
            raise ValueError(
                f"the prompt has {len(ids)} tokens, the bundle accepts at most {tokenizer['max_tokens']}: shorten it"
            )
        length = -(-len(ids) // tokenizer["pad_to_multiple_of"]) * tokenizer["pad_to_multiple_of"]
        input_ids, mask = np.zeros((1, length), np.int64), np.zeros((1, length), np.int64)
        input_ids[0, : len(ids)], mask[0, : len(ids)] = ids, 1
        feeds = {"input_ids": input_ids, "attention_mask": mask, "token_type_ids": np.zeros_like(input_ids)}
        hidden = self._sessions["text_encoder"].run(["last_hidden_state"], feeds)[0]
        return EncodedText(input_ids, mask, np.asarray(hidden))

    def encode_image(self, image: np.ndarray) -> np.ndarray:
        """Encodes an image uint8 [1, H, W, 3], as large as the bundle's videos, to a first frame [1, C, H/8, W/8]."""
        return np.asarray(self._sessions["image_encoder"].run(["first_frame"], {"image": image})[0])

    def velocity(
        self, latents: np.ndarray, timestep: float, text: EncodedText, first_frame: np.ndarray | None = None
    ) -> np.ndarray:
        """Returns v(x_t, t, text, first_frame) of latents [1, C, T, H, W]; a first frame is latents [1, C, H, W].

        Raises `ValueError` if there is a first frame and the bundle's generator has no such input.
        """
        feeds = {
            "latents": latents,
            "timestep": np.array([timestep], np.float32),
            "text_embedding": text.embedding,
            "text_mask": text.attention_mask,
        }
        if "first_frame" in self.manifest["generator"]["inputs"]:
            feeds["first_frame"] = np.zeros_like(latents[:, :, 0]) if first_frame is None else first_frame
            feeds["first_frame_mask"] = np.array([0.0 if first_frame is None else 1.0], np.float32)
        elif first_frame is not None:
            raise ValueError(
                f"the bundle {self.manifest['name']} has a generator without the input first_frame: export one with it"
            )
        return np.asarray(self._sessions["generator"].run(["velocity"], feeds)[0])

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Decodes clean latents [1, C, T, H, W] to YUV frames uint8 [1, T, H * 3/2, W]."""
        return np.asarray(self._sessions["decoder"].run(["frames"], {"latents": latents})[0])

    def generate(self, prompt: str, seed: int) -> np.ndarray:
        """Generates the frames of a prompt in one step: x = z - v(z, 1)."""
        latents = noise(seed, 0, self.latent_shape)[None]
        return self.decode(latents - self.velocity(latents, 1.0, self.encode_text(prompt)))
