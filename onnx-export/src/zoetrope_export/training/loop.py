"""The training loop of all stages: it continues after an interruption and logs each stage's metrics."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from zoetrope_export.training.checkpoints import Checkpoint, checkpoint_path
from zoetrope_export.training.errors import OutOfTimeError, StageFailedError
from zoetrope_export.training.schedule import Pace, Schedule

_CHECKPOINT_EVERY_S = 60.0
_LOG_EVERY = 10


class Stage(Protocol):
    """A stage of training: its networks, optimisers and random generators, and one update of them."""

    name: str
    schedule: Schedule

    def update(self, step: int) -> dict[str, float]:
        """Does update `step` and returns the metrics to log."""
        ...

    def state(self) -> dict[str, Any]:
        """Returns all state, random generators included, so that a later call continues as if uninterrupted."""
        ...

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        ...


def fit(stage: Stage, folder: Path, watch: Callable[[int], None] | None = None, until: float | None = None) -> None:
    """Trains the stage to its last update, from its checkpoint in `folder` if there is one.

    Does nothing if the checkpoint holds the stage's product alone, as those of `write_compact_checkpoints` do.
    After `until`, a time of the monotonic clock, writes a checkpoint and raises `OutOfTimeError`.
    Raises `StageFailedError` if a metric is not finite.

    Writes the checkpoint `<name>.pt` about once a minute, and one JSON object to the log `<name>.jsonl` every ten
    updates. Calls `watch` after each update with the number of updates done; `watch` must change neither the stage nor
    its random generators.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, log = checkpoint_path(folder, stage.name), folder / f"{stage.name}.jsonl"
    start, spent = 0, 0.0
    if path.exists():
        saved = Checkpoint.read(path)
        if saved.product:
            return
        stage.load(saved.state)
        start, spent = saved.step, saved.seconds
        if stage.schedule.minutes is not None:
            stage.schedule = replace(stage.schedule, steps=saved.steps)
    began = saved_at = time.monotonic()
    pace = Pace(spent, began)
    step = start
    while step < stage.schedule.steps:
        metrics = stage.update(step)
        if not all(math.isfinite(value) for value in metrics.values()):
            raise StageFailedError(
                f"stage {stage.name!r} diverged at update {step}: {metrics}; lower its learning rate"
            )
        if watch:
            watch(step + 1)
        now, step = time.monotonic(), step + 1
        stage.schedule = pace.after(stage.schedule, step, now)
        steps = stage.schedule.steps
        if step % _LOG_EVERY == 0 or step == steps:
            left = (now - began) / (step - start) * (steps - step)
            _append(log, step, metrics)
            values = "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())
            print(f"{stage.name} {step}/{steps}  {values}  {left / 60:.1f} min left", flush=True)
        out_of_time = until is not None and now > until
        if out_of_time or step == steps or now - saved_at > _CHECKPOINT_EVERY_S:
            Checkpoint(step=step, steps=steps, state=stage.state(), seconds=pace.spent).write(path)
            saved_at = now
        if out_of_time and step < steps:
            raise OutOfTimeError(f"stage {stage.name!r} stopped at update {step} of {steps}")


def _append(log: Path, step: int, metrics: dict[str, float]) -> None:
    """Appends the metrics of an update to a stage's log, as one JSON object on one line."""
    with log.open("a") as file:
        file.write(json.dumps({"step": step, **{name: round(value, 6) for name, value in metrics.items()}}) + "\n")
