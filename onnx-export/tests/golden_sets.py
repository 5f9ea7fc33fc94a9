"""The golden sets: tiny published checkpoints with random weights, and what the public reference computes with them.

`golden.json` of a set says how each tensor of `golden.npz` was made. The environment variable GOLDEN_SETS names
a folder of other sets, with which the comparisons of all tensors (`test_published_parity.py`) then run.
"""

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from zoetrope_export.bundle.bundle import Bundle
from zoetrope_export.bundle.manifest import SamplerSpec
from zoetrope_export.data.yuv import to_yuv
from zoetrope_export.published.importer import ImportOptions, Size, import_model

COMMITTED = Path(__file__).parents[1] / "golden"
SETS = sorted(file.parent for file in Path(os.environ.get("GOLDEN_SETS", COMMITTED)).glob("*/golden.json"))
EXPERTS = {"transformer": "high_noise", "transformer_2": "low_noise"}


@dataclass(frozen=True)
class GoldenSet:
    """A checkpoint folder and its tensors."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def info(self) -> dict:
        return json.loads((self.folder / "golden.json").read_text())

    @cached_property
    def index(self) -> dict:
        return json.loads((self.folder / "model_index.json").read_text())

    @property
    def side(self) -> int:
        """The pixels of a latent's side."""
        vae = json.loads((self.folder / "vae" / "config.json").read_text())
        return (vae.get("patch_size") or 1) * 2 ** (len(vae["dim_mult"]) - 1)

    @cached_property
    def tensors(self) -> dict[str, np.ndarray]:
        with np.load(self.folder / "golden.npz") as file:
            return dict(file)

    def options(self, **changes) -> ImportOptions:
        """Returns the options of the set's import: sampler, size and frames of the set."""
        frames, height, width = self.info["latent"]
        known = self.index["_class_name"] == "WanDMDPipeline"  # else the folder says nothing about its student
        return ImportOptions(
            **{
                "steps": (3,) if known else (4,),
                "sizes": (Size(width=width * self.side, height=height * self.side),),
                "frame_counts": (1 + 4 * (frames - 1),),
                "sampler": None if known else "euler",
                **changes,
            }
        )

    def imported(self, out: Path, **changes) -> Bundle:
        import_model(self.folder, out, self.options(**changes))
        return Bundle(out)

    def samplers(self) -> dict[str, SamplerSpec]:
        """Returns the samplers of the set, by name. A name that starts with "i2v" is sampled with the image."""
        return {
            name: SamplerSpec(
                name=name,
                kind=entry["kind"],
                steps=entry["steps"],
                timesteps=tuple(entry["timesteps"]),
                sigmas=tuple(entry["sigmas"]),
                generators=tuple(EXPERTS[expert] for expert in entry["expert"])
                if "expert" in entry
                else ("generator",) * entry["steps"],
            )
            for name, entry in self.info["samplers"].items()
        }


def committed(name: str) -> GoldenSet:
    """Returns a set of this repository."""
    return GoldenSet(COMMITTED / name)


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
