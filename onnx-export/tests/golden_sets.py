"""The golden sets: tiny published checkpoints with random weights, and what the public reference computes with them.

`golden.json` of a set says how each tensor of `golden.npz` was made.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from zoetrope_export.bundle.bundle import Bundle
from zoetrope_export.bundle.manifest import SamplerSpec
from zoetrope_export.data.yuv import to_yuv
from zoetrope_export.published.importer import ImportOptions, Size, import_model

GOLDEN = Path(__file__).parents[1] / "golden"
SETS = ("wan21-t2v", "wan22-ti2v", "wan22-i2v-a14b")
STEPS = {"wan21-t2v": (3,), "wan22-ti2v": (3,), "wan22-i2v-a14b": (4,)}
SAMPLERS = {"wan22-i2v-a14b": "euler"}  # of the folder whose name and pipeline belong to no student


def options(name: str, **changes) -> ImportOptions:
    """Returns the options of a set's import: sampler, size and frames of the set."""
    golden = GoldenSet(name)
    frames, height, width = golden.info["latent"]
    side = json.loads((golden.folder / "vae" / "config.json").read_text()).get("scale_factor_spatial", 8)
    return ImportOptions(
        **{
            "steps": STEPS[name],
            "sizes": (Size(width=width * side, height=height * side),),
            "frame_counts": (1 + 4 * (frames - 1),),
            "sampler": SAMPLERS.get(name),
            **changes,
        }
    )


@dataclass(frozen=True)
class GoldenSet:
    """A checkpoint folder and its tensors."""

    name: str

    @property
    def folder(self) -> Path:
        return GOLDEN / self.name

    @cached_property
    def info(self) -> dict:
        return json.loads((self.folder / "golden.json").read_text())

    @cached_property
    def tensors(self) -> dict[str, np.ndarray]:
        with np.load(self.folder / "golden.npz") as file:
            return dict(file)

    def imported(self, out: Path, **changes) -> Bundle:
        import_model(self.folder, out, options(self.name, **changes))
        return Bundle(out)

    def samplers(self) -> dict[str, SamplerSpec]:
        """Returns the samplers of the set, by name. A name that starts with "i2v" is sampled with the image."""
        generators = {"transformer": "high_noise", "transformer_2": "low_noise"}
        return {
            name: SamplerSpec(
                name=name,
                kind=entry["kind"],
                steps=entry["steps"],
                timesteps=tuple(entry["timesteps"]),
                sigmas=tuple(entry["sigmas"]),
                generators=tuple(generators[e] for e in entry["expert"])
                if "expert" in entry
                else ("generator",) * entry["steps"],
            )
            for name, entry in self.info["samplers"].items()
        }


def error(actual: np.ndarray, expected: np.ndarray) -> float:
    """Returns the largest difference, relative to the largest expected value."""
    assert actual.shape == expected.shape
    return float(np.abs(actual.astype(np.float64) - expected).max() / np.abs(expected).max())


def yuv_of_rgb8(rgb: np.ndarray) -> np.ndarray:
    """Converts RGB uint8 [B, 3, F, H, W] as the decoder does its output."""
    return to_yuv(torch.from_numpy(rgb).float() / 127.5 - 1).numpy()


def levels(frames: np.ndarray, expected: np.ndarray) -> int:
    """Returns the largest difference of 8-bit frames."""
    assert frames.shape == expected.shape
    return int(np.abs(frames.astype(int) - expected.astype(int)).max())
