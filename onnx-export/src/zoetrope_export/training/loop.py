"""The training loop that every stage shares: resumable, logged, saying how long is left."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from zoetrope_export.training.schedule import Pace

_CHECKPOINT_EVERY_S = 60.0
_LOG_EVERY = 10

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class Schedule:
    """`steps` updates of `batch` clips; the rate warms up, stays flat until `decay_from`, then falls as a cosine.

    Where `minutes` are given, `steps` is a guess that `fit` replaces by what fits in them.
    """

    steps: int
    batch: int
    learning_rate: float
    warmup: int = 20
    decay_from: float = 0.5
    minutes: float | None = None

    def __post_init__(self) -> None:
        if min(self.steps, self.batch) < 1 or not 0 < self.learning_rate < math.inf:
            raise ValueError(
                f"{self.steps} steps of {self.batch} clips at a learning rate of {self.learning_rate}: give more than 0"
            )

    def rate(self, step: int) -> float:
        """Learning rate of update `step`, counted from 0."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        flat = self.decay_from * self.steps
        if step < flat:
            return self.learning_rate
        progress = min(1.0, (step - flat) / max(1.0, self.steps - flat))
        return self.learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))


class Stage(Protocol):
    """One stage of the recipe: what is trained, and one update of it."""

    name: str
    schedule: Schedule

    def update(self, step: int) -> dict[str, float]:
        """Does update `step` and returns what to log."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything that a later run needs to go on as if it had not stopped, random generators included."""
        ...

    def load(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        ...


class NotTrainedError(Exception):
    """What is asked of a run needs a stage that it has not finished."""


class StageFailedError(RuntimeError):
    """A stage that cannot go on as its recipe is."""


class OutOfTimeError(Exception):
    """The time of a call is over before its work is; the next call goes on."""


class Ema(Generic[M]):
    """Exponential moving average of a module's parameters: e <- decay e + (1 - decay) p."""

    def __init__(self, source: M, shadow: M, decay: float) -> None:
        self.source, self.shadow, self.decay = source, shadow, decay
        shadow.load_state_dict(source.state_dict())
        shadow.requires_grad_(False)

    @torch.no_grad()
    def update(self, step: int | None = None) -> None:
        """Follows the source; early `step`s average over what there is so far. Without a step, for a source that
        started trained, the decay is always the same.
        """
        decay = self.decay if step is None else min(self.decay, (1 + step) / (10 + step))
        for e, p in zip(self.shadow.parameters(), self.source.parameters(), strict=True):
            e.lerp_(p, 1 - decay)


@contextmanager
def mixed_precision(device: torch.device) -> Iterator[None]:
    """Matrix products in bfloat16, weights and sums in float32; on a CPU without tiles (AMX) all in float32.

    There bfloat16 is slower: an update of toybox-64's teacher took 1.14 s, and 0.76 s in float32.
    Attention as plain products on a CPU: over a few dozen tokens its fused kernel for bfloat16 is eight times slower.
    """
    if device.type == "cpu" and not _has_tiles():
        yield
        return
    attention = sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext()
    with torch.autocast(device.type, torch.bfloat16), attention:
        yield


def _has_tiles() -> bool:
    return bool(torch.cpu._is_amx_tile_supported())


class OnDevice(Protocol):
    """What computes on one device."""

    device: torch.device


S = TypeVar("S", bound=OnDevice)


def in_mixed_precision(update: Callable[[S, int], dict[str, float]]) -> Callable[[S, int], dict[str, float]]:
    """A stage's update, all of it in mixed precision."""

    @wraps(update)
    def mixed(stage: S, step: int) -> dict[str, float]:
        with mixed_precision(stage.device):
            return update(stage, step)

    return mixed


def optimise(optimisers: list[torch.optim.Optimizer], loss: torch.Tensor, rate: float) -> None:
    """One update of disjoint parameters at learning rate `rate`, times the `scale` of a group that has one."""
    for optimiser in optimisers:
        optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group.get("scale", 1.0)
        optimiser.step()


def checkpoint(folder: Path, name: str) -> Path:
    """Where the checkpoint of a stage lies."""
    return folder / f"{name}.pt"


def read_checkpoint(folder: Path, name: str) -> dict[str, Any]:
    """The finished checkpoint of an earlier stage. Raises `NotTrainedError`."""
    path = checkpoint(folder, name)
    if not path.exists():
        raise NotTrainedError(f"stage {name!r} has no checkpoint at {path}: train it first")
    saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if saved["step"] < saved["steps"]:
        raise NotTrainedError(
            f"stage {name!r} stopped at update {saved['step']} of {saved['steps']}: train goes on with it"
        )
    state: dict[str, Any] = saved["state"]
    return state


def is_done(folder: Path, name: str) -> bool:
    """Whether a stage has been trained to its end."""
    try:
        read_checkpoint(folder, name)
    except NotTrainedError:
        return False
    return True


def fit(stage: Stage, folder: Path, watch: Callable[[int], None] | None = None, until: float | None = None) -> None:
    """Runs the stage to its last update, from its checkpoint in `folder` if there is one.

    One that holds only the product of a finished stage (`pack_run`) is left as it is, and so is `stage`.
    At `until`, by the monotonic clock, it writes a checkpoint and raises `OutOfTimeError`.

    Writes `<name>.pt` about once a minute and `<name>.jsonl` (one object every ten updates). `watch` is called after
    each update with how many are done, and must leave the stage and its generators of random numbers as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, log = checkpoint(folder, stage.name), folder / f"{stage.name}.jsonl"
    start, spent = 0, 0.0
    if path.exists():
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if saved.get("product"):
            return
        stage.load(saved["state"])
        start, spent = saved["step"], saved.get("seconds", 0.0)
        if stage.schedule.minutes is not None:
            stage.schedule = replace(stage.schedule, steps=saved["steps"])
    began = saved_at = time.monotonic()
    pace = Pace(spent, began)

    def save(step: int) -> None:
        partial = path.with_suffix(".partial")
        kept = {"step": step, "steps": stage.schedule.steps, "seconds": pace.spent, "state": stage.state()}
        torch.save(kept, partial)
        partial.replace(path)

    step = start
    while step < stage.schedule.steps:
        figures = stage.update(step)
        if not all(math.isfinite(v) for v in figures.values()):
            raise StageFailedError(f"stage {stage.name!r} diverged at update {step}: {figures}")
        if watch:
            watch(step + 1)
        now, step = time.monotonic(), step + 1
        stage.schedule = pace.after(stage.schedule, step, now)
        steps = stage.schedule.steps
        if step % _LOG_EVERY == 0 or step == steps:
            left = (now - began) / (step - start) * (steps - step)
            with log.open("a") as file:
                file.write(json.dumps({"step": step, **{k: round(v, 6) for k, v in figures.items()}}) + "\n")
            told = "  ".join(f"{k} {v:.4f}" for k, v in figures.items())
            print(f"{stage.name} {step}/{steps}  {told}  {left / 60:.1f} min left", flush=True)
        late = until is not None and now > until
        if late or step == steps or now - saved_at > _CHECKPOINT_EVERY_S:
            save(step)
            saved_at = now
        if late and step < steps:
            raise OutOfTimeError(f"stage {stage.name!r} stopped at update {step} of {steps}")
