"""How many updates a stage does at which learning rate, and how many updates fit in its minutes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

_SKIPPED = 5  # updates at the start of a call, which are slow: kernels are loaded, memory is allocated
_FOLLOW = 0.9  # decay of the running average of the seconds of an update


@dataclass(frozen=True)
class Schedule:
    """`steps` updates of `batch` clips. The rate warms up, stays flat until `decay_from`, then falls as a cosine.

    Where `minutes` are given, `steps` is a guess, which `Pace` replaces by the number of updates that fit in them.
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


class Pace:
    """Recomputes, after each update, how many updates fit in the minutes of a schedule, until its rate begins to fall.

    Until then the rate does not depend on their number; from then on the number is fixed.
    """

    def __init__(self, spent: float, now: float) -> None:
        self.spent = spent  # seconds of training so far, earlier calls included
        self._last, self._seen, self._update = now, 0, 0.0

    def after(self, schedule: Schedule, done: int, now: float) -> Schedule:
        """The schedule after update number `done` ended at `now`."""
        seconds = now - self._last
        self._last, self.spent, self._seen = now, self.spent + seconds, self._seen + 1
        if self._seen <= _SKIPPED:
            return schedule
        known = self._seen > _SKIPPED + 1
        self._update = _FOLLOW * self._update + (1 - _FOLLOW) * seconds if known else seconds
        if schedule.minutes is None or done >= schedule.decay_from * schedule.steps:
            return schedule
        left = 60 * schedule.minutes - self.spent
        return replace(schedule, steps=done + max(1, round(left / self._update)))
