"""Inference with a bundle in Python, for golden tensors and for checks.

It runs the same ONNX files and the same sampler as the job.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from zoetrope_export.bundle.manifest import SamplerSpec, read_manifest, samplers_of
from zoetrope_export.data.prompt_cleaning import clean
from zoetrope_export.sampling.noise import noise
from zoetrope_export.sampling.samplers import Schedule, sample


@dataclass(frozen=True)
class EncodedText:
    """An encoded prompt: `input_ids` and `attention_mask` int64 [1, L], and `embedding` float32 [1, L, E]."""

    input_ids: np.ndarray
    attention_mask: np.ndarray
    embedding: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One evaluation of a generator: its name, the timestep that it gets, and the sigma of the flow."""

    timestep: float
    sigma: float
    generator: str


class Bundle:
    """A bundle folder: its manifest in format 2, its tokenizer, and one ONNX Runtime session per graph."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.manifest: dict[str, Any] = read_manifest(folder)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        graphs = {
            **{
                stage: self.manifest[stage]
                for stage in ("text_encoder", "image_encoder", "decoder")
                if stage in self.manifest
            },
            **self.manifest["generators"],
        }
        self._sessions = {
            name: ort.InferenceSession(folder / graph["file"], options, providers=["CPUExecutionProvider"])
            for name, graph in graphs.items()
        }
        self.samplers = samplers_of(self.manifest)
        self._tokenizer = Tokenizer.from_file(str(folder / self.manifest["tokenizer"]["file"]))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @property
    def latent_shape(self) -> tuple[int, int, int, int]:
        """The shape [C, T, H, W] of the latents of a video of the default size and number of frames."""
        video = self.manifest["video"]
        return self.latents_of(video["sizes"][0]["width"], video["sizes"][0]["height"], video["frame_counts"][0])

    def latents_of(self, width: int, height: int, frames: int) -> tuple[int, int, int, int]:
        """Returns the shape [C, T, H, W] of the latents of a video."""
        latents = self.manifest["latents"]
        side, time = latents["spatial_compression"], latents["temporal_compression"]
        return latents["channels"], 1 + (frames - 1) // time, height // side, width // side

    def encode_text(self, prompt: str) -> EncodedText:
        """Returns token ids, padded to the multiple in the manifest, and their embedding.

        Raises `ValueError` if the prompt has more tokens than the manifest allows.
        """
        tokenizer = self.manifest["tokenizer"]
        ids = self._tokenizer.encode(clean(prompt, tokenizer["prompt_cleaning"])).ids
        if len(ids) > tokenizer["max_tokens"]:
            raise ValueError(
                f"the prompt has {len(ids)} tokens, the bundle accepts at most {tokenizer['max_tokens']}: shorten it"
            )
        length = -(-len(ids) // tokenizer["pad_to_multiple_of"]) * tokenizer["pad_to_multiple_of"]
        input_ids, mask = np.zeros((1, length), np.int64), np.zeros((1, length), np.int64)
        input_ids[0, : len(ids)], mask[0, : len(ids)] = ids, 1
        feeds = {"input_ids": input_ids, "attention_mask": mask}
        if "token_type_ids" in self.manifest["text_encoder"]["inputs"]:
            feeds["token_type_ids"] = np.zeros_like(input_ids)
        hidden = self._sessions["text_encoder"].run(["last_hidden_state"], feeds)[0]
        return EncodedText(input_ids, mask, np.asarray(hidden))

    def encode_image(self, image: np.ndarray, latent_frames: int = 1) -> np.ndarray:
        """Encodes an image uint8 [1, H, W, 3], as large as the video, to what the generators take.

        That is the latents of a first frame [1, C, h, w], or the condition [1, K, T, h, w] of `latent_frames` frames.
        """
        feeds: dict[str, np.ndarray] = {"image": image}
        if "latent_frames" in self.manifest["image_encoder"]["inputs"]:
            feeds["latent_frames"] = np.array([latent_frames], np.int64)
        return np.asarray(self._sessions["image_encoder"].run(None, feeds)[0])

    def velocity(
        self,
        latents: np.ndarray,
        at: float | Pass,
        text: EncodedText,
        image: np.ndarray | None = None,
    ) -> np.ndarray:
        """Returns the velocity of latents [1, C, T, H, W] at a pass; a number is timestep and sigma of the generator.

        `image` is what `encode_image` returns. Raises `ValueError` if there is an image and the generator takes none,
        or if there is none and the generator needs one.
        """
        if not isinstance(at, Pass):
            at = Pass(timestep=at, sigma=at, generator=next(iter(self.manifest["generators"])))
        inputs = self.manifest["generators"][at.generator]["inputs"]
        feeds = {
            "latents": latents,
            "timestep": np.full(len(latents), at.timestep, np.float32),
            "text_embedding": text.embedding,
            "text_mask": text.attention_mask,
        }
        if "sigma" in inputs:
            feeds["sigma"] = np.full(len(latents), at.sigma, np.float32)
        if "first_frame" in inputs:
            feeds["first_frame"] = np.zeros_like(latents[:, :, 0]) if image is None else image
            feeds["first_frame_mask"] = np.full(len(latents), 0.0 if image is None else 1.0, np.float32)
        elif "condition" in inputs:
            if image is None:
                raise ValueError(f"the bundle {self.manifest['name']} makes videos from an image: give one")
            feeds["condition"] = image
        elif image is not None:
            raise ValueError(
                f"the bundle {self.manifest['name']} has a generator without an input for an image: export one with it"
            )
        return np.asarray(self._sessions[at.generator].run(["velocity"], feeds)[0])

    def sampler(self, steps: int | None = None) -> SamplerSpec:
        """Returns the sampler with a number of steps, the default one without. Raises `ValueError` if there is none."""
        wanted = steps or self.manifest["default_steps"]
        for sampler in self.samplers:
            if sampler.steps == wanted:
                return sampler
        raise ValueError(f"the bundle has samplers of {[s.steps for s in self.samplers]} steps, not of {wanted}")

    def sample(
        self,
        sampler: SamplerSpec,
        text: EncodedText,
        seed: int,
        shape: tuple[int, ...],
        image: np.ndarray | None = None,
    ) -> np.ndarray:
        """Returns clean latents [1, C, T, H, W]."""
        passes = [
            Pass(timestep=timestep, sigma=sigma, generator=generator)
            for timestep, sigma, generator in zip(sampler.timesteps, sampler.sigmas, sampler.generators, strict=True)
        ]
        return sample(
            Schedule(sampler.kind, sampler.sigmas),
            lambda x, i: self.velocity(x, passes[i], text, image),
            lambda stream: noise(seed, stream, shape)[None],
        )

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Decodes clean latents [1, C, T, H, W] to YUV frames uint8 [1, F, H * 3/2, W]."""
        return np.asarray(self._sessions["decoder"].run(["frames"], {"latents": latents})[0])

    def generate(self, prompt: str, seed: int, steps: int | None = None) -> np.ndarray:
        """Generates the frames of a prompt, of the default size."""
        return self.decode(self.sample(self.sampler(steps), self.encode_text(prompt), seed, self.latent_shape))
