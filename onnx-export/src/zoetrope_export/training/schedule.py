"""The schedule of a stage: its number of updates, its learning rate, and how many updates fit in its minutes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

_SKIPPED = 5  # number of first updates of a call that the average omits, because loading kernels and memory slows them
_SECONDS_DECAY = 0.9  # decay of the running average of the seconds per update


@dataclass(frozen=True)
class Schedule:
    """The schedule of a stage: `steps` updates on batches of `batch` clips.

    The learning rate rises linearly over `warmup` updates, stays flat up to the fraction `decay_from` of `steps`, then
    falls as a cosine. If `minutes` is set, `steps` is an estimate, which `Pace` replaces by the number of updates that
    fit in them.
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
                f"{self.steps} steps of {self.batch} clips at a learning rate of {self.learning_rate}:"
                " give finite values above 0"
            )

    def rate(self, step: int) -> float:
        """Returns the learning rate of update `step`, counted from 0."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        flat = self.decay_from * self.steps
        if step < flat:
            return self.learning_rate
        progress = min(1.0, (step - flat) / max(1.0, self.steps - flat))
        return self.learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))


class Pace:
    """Estimates after each update how many updates fit in the minutes of a schedule.

    The number of updates changes only until the learning rate begins to fall. Up to there, the rate does not depend on
    the number; from there on, it does, so the number is fixed.
    """

    def __init__(self, spent: float, now: float) -> None:
        self.spent = spent  # seconds of training so far, earlier calls included
        self._last, self._updates, self._update_seconds = now, 0, 0.0

    def after(self, schedule: Schedule, done: int, now: float) -> Schedule:
        """Returns the schedule to continue with, after update number `done` ended at `now`."""
        seconds = now - self._last
        self._last, self.spent, self._updates = now, self.spent + seconds, self._updates + 1
        if self._updates <= _SKIPPED:
            return schedule
        average = _SECONDS_DECAY * self._update_seconds + (1 - _SECONDS_DECAY) * seconds
        self._update_seconds = seconds if self._updates == _SKIPPED + 1 else average
        if schedule.minutes is None or done >= schedule.decay_from * schedule.steps:
            return schedule
        left = 60 * schedule.minutes - self.spent
        return replace(schedule, steps=done + max(1, round(left / self._update_seconds)))
