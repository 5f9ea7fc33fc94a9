"""The errors of training: it stops before the last update, or a later command misses a stage's product."""

from __future__ import annotations


class NotTrainedError(Exception):
    """A command needs the product of a stage that the run has not finished."""


class StageFailedError(RuntimeError):
    """A stage cannot continue with its recipe."""


class OutOfTimeError(Exception):
    """The time limit of this call has passed before the last update; the next call continues."""
