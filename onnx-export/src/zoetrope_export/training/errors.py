"""The ways in which training ends before its last update, and what is missing afterwards."""

from __future__ import annotations


class NotTrainedError(Exception):
    """A command needs the product of a stage that the run has not finished."""


class StageFailedError(RuntimeError):
    """A stage cannot continue with its recipe."""


class OutOfTimeError(Exception):
    """The time of this call is over before the last update; the next call continues."""
