"""How many updates fit in the minutes of a stage, on a machine whose speed nobody knows beforehand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoetrope_export.training.loop import Schedule

_SKIPPED = 5  # updates at the start of a call: kernels are loaded, memory is taken
_FOLLOW = 0.9  # decay of the running average of an update's seconds


class Pace:
    """Sets the updates of a schedule of so many minutes anew after each one, until its rate begins to fall.

    Up to there the rate does not depend on them; from there on their number stays.
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
