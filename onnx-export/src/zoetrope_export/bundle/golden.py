"""Golden tensors for the tests of both languages: noise, and the stages of a bundle from prompt to frames."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

from zoetrope_export.bundle.bundle import Bundle
from zoetrope_export.sampling.noise import noise

PROMPTS = ("a red circle moving right on a black background", "a large yellow star spinning, dark blue background")
_NOISE_SEEDS = (0, 1, -1, 42, 2**40 + 3, -(2**63), 2**63 - 1)


def tensor_json(values: np.ndarray) -> dict[str, Any]:
    """Returns a tensor in the format of the golden files: dtype, shape, and little-endian bytes in base64."""
    data = np.ascontiguousarray(values)
    return {"dtype": str(data.dtype), "shape": list(data.shape), "data": base64.b64encode(data.tobytes()).decode()}


def tensor_of(entry: dict[str, Any]) -> np.ndarray:
    """Returns the tensor of a golden file's entry: the inverse of `tensor_json`."""
    return np.frombuffer(base64.b64decode(entry["data"]), entry["dtype"]).reshape(entry["shape"])


def noise_cases() -> list[dict[str, Any]]:
    """Returns noise for seeds at the limits of 64 bits, and for a second stream."""
    return [
        {
            "seed": str(seed),
            "stream": stream,
            "shape": list(shape),
            "values": base64.b64encode(noise(seed, stream, shape).tobytes()).decode(),
        }
        for seed in _NOISE_SEEDS
        for stream, shape in ((0, (12, 5, 8, 8)), (1, (3, 2, 3, 7)))
    ]


def stage_cases(bundle: Bundle) -> list[dict[str, Any]]:
    """Returns one case per prompt: the tensors of text encoder, generator at t = 1 and decoder, in batches of one."""
    cases = []
    for seed, prompt in enumerate(PROMPTS):
        text = bundle.encode_text(prompt)
        latents = noise(seed, 0, bundle.latent_shape)[None]
        velocity = bundle.velocity(latents, 1.0, text)
        tensors = {
            "input_ids": text.input_ids,
            "attention_mask": text.attention_mask,
            "text_embedding": text.embedding,
            "latents": latents,
            "velocity": velocity,
            "frames": bundle.decode(latents - velocity),
        }
        cases.append({"prompt": prompt, "seed": str(seed), "tensors": {k: tensor_json(v) for k, v in tensors.items()}})
    return cases


def write(folder: Path, bundle: Bundle) -> None:
    """Writes noise.json and stages.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "noise.json").write_text(json.dumps({"cases": noise_cases()}) + "\n")
    (folder / "stages.json").write_text(json.dumps({"cases": stage_cases(bundle)}) + "\n")
