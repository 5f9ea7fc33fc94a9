"""The checkpoint of a stage: one file in the run's folder, `<stage>.pt`.

A checkpoint holds the state from which training continues. The checkpoint of a finished stage can hold the stage's
product alone. Files that earlier versions wrote have the same entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from zoetrope_export.training.errors import NotTrainedError
from zoetrope_export.training.products import Product, Record

_HALF_FROM = 1024  # elements; smaller tensors keep their precision

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The checkpoint of a stage after `step` of `steps` updates, which took `seconds` seconds.

    `state` is the argument of the stage's `load`. If `product` is true, `state` holds the entries of the product alone,
    and training cannot continue from it.
    """

    step: int
    steps: int
    state: dict[str, Any]
    seconds: float = 0.0
    product: bool = False

    @property
    def finished(self) -> bool:
        """True if the stage has done its last update."""
        return self.step >= self.steps

    @staticmethod
    def read(path: Path) -> Checkpoint:
        """Reads the checkpoint in a file, to the CPU."""
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))

    def write(self, path: Path) -> None:
        """Replaces the file atomically: if the write is interrupted, the old file remains."""
        partial = path.with_suffix(".partial")
        entries = {"step": self.step, "steps": self.steps, "seconds": self.seconds, "state": self.state}
        torch.save({**entries, "product": True} if self.product else entries, partial)
        partial.replace(path)


def checkpoint_path(folder: Path, stage: str) -> Path:
    """Returns the path of a stage's checkpoint in a run's folder."""
    return folder / f"{stage}.pt"


def read_state(folder: Path, stage: str) -> dict[str, Any]:
    """Returns the state in the checkpoint of a stage. Raises `NotTrainedError` if the stage is not finished."""
    path = checkpoint_path(folder, stage)
    if not path.exists():
        raise NotTrainedError(f"stage {stage!r} has no checkpoint at {path}: train it first")
    saved = Checkpoint.read(path)
    if not saved.finished:
        raise NotTrainedError(f"stage {stage!r} stopped at update {saved.step} of {saved.steps}: train continues it")
    return saved.state


def read_product(folder: Path, product: Product[R]) -> R:
    """Returns the product of a finished stage. Raises `NotTrainedError` if the stage is not finished."""
    return product.of(read_state(folder, product.stage))


def is_finished(folder: Path, stage: str) -> bool:
    """Returns whether a stage has been trained to its end."""
    try:
        read_state(folder, stage)
    except NotTrainedError:
        return False
    return True


def in_half_precision(state: Any) -> Any:
    """Returns a copy of a state in which large floating-point tensors have half precision."""
    if isinstance(state, dict):
        return {name: in_half_precision(part) for name, part in state.items()}
    return state.half() if state.is_floating_point() and state.numel() >= _HALF_FROM else state
