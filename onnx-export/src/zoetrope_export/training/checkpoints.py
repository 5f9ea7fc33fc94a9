"""The checkpoint of a stage: one file in the run's folder, `<stage>.pt`.

It holds the state to continue from, or, once the stage is finished, its product alone. The files of earlier versions
have the same entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from zoetrope_export.training.errors import NotTrainedError
from zoetrope_export.training.products import BackboneWeights, DecoderWeights, GeneratorWeights, Product, VaeWeights

_HALF_FROM = 1024  # numbers; smaller tensors keep their precision

R = TypeVar("R", bound=VaeWeights | DecoderWeights | BackboneWeights | GeneratorWeights)


@dataclass(frozen=True)
class Checkpoint:
    """A stage after `step` of `steps` updates, which took `seconds`.

    `state` is what the stage's `load` takes. Where `product` is true, it holds the entries of the product alone, from
    which no training can continue.
    """

    step: int
    steps: int
    state: dict[str, Any]
    seconds: float = 0.0
    product: bool = False

    @property
    def finished(self) -> bool:
        """Whether the stage has done its last update."""
        return self.step >= self.steps

    @staticmethod
    def read(path: Path) -> Checkpoint:
        """The checkpoint in a file."""
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))

    def write(self, path: Path) -> None:
        """Replaces the file at once, so that an interruption leaves the old one."""
        partial = path.with_suffix(".partial")
        entries = {"step": self.step, "steps": self.steps, "seconds": self.seconds, "state": self.state}
        torch.save({**entries, "product": True} if self.product else entries, partial)
        partial.replace(path)


def checkpoint_path(folder: Path, stage: str) -> Path:
    """Where the checkpoint of a stage lies in a run's folder."""
    return folder / f"{stage}.pt"


def read_state(folder: Path, stage: str) -> dict[str, Any]:
    """The state of a finished stage. Raises `NotTrainedError`."""
    path = checkpoint_path(folder, stage)
    if not path.exists():
        raise NotTrainedError(f"stage {stage!r} has no checkpoint at {path}: train it first")
    saved = Checkpoint.read(path)
    if not saved.finished:
        raise NotTrainedError(f"stage {stage!r} stopped at update {saved.step} of {saved.steps}: train goes on with it")
    return saved.state


def read_product(folder: Path, product: Product[R]) -> R:
    """The product of a finished stage. Raises `NotTrainedError`."""
    return product.of(read_state(folder, product.stage))


def is_finished(folder: Path, stage: str) -> bool:
    """Whether a stage has been trained to its end."""
    try:
        read_state(folder, stage)
    except NotTrainedError:
        return False
    return True


def in_half_precision(weights: Any) -> Any:
    """The same state with its large floating-point tensors in half precision."""
    if isinstance(weights, dict):
        return {name: in_half_precision(part) for name, part in weights.items()}
    return weights.half() if weights.is_floating_point() and weights.numel() >= _HALF_FROM else weights
