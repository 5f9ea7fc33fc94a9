"""What a finding is: a paper's claim, what we measure for it, and checks that hold or do not by our figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zoetrope_export.evaluation.evaluation import Measured

# A difference of less than this share is none: over four seeds of the noise, the Frechet distance of one student's
# clips of 120 prompts was 29.4 to 30.9.
MARGIN = 0.05
_NAMES = {"frechet": "Frechet distance", "d_loss": "the discriminator's loss at the end"}

Rows = Mapping[str, dict[str, Any]]  # by title, as `Line.as_json` gives them


@dataclass(frozen=True)
class Line:
    """A row: what its clips show, and the end of its log, where it has one."""

    measured: Measured
    logged: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {**self.measured.as_json(), "logged": {name: round(value, 6) for name, value in self.logged.items()}}


@dataclass(frozen=True)
class Evidence:
    """Rows, and curves as panels of series by title, each [N, 2]."""

    lines: list[Line]
    panels: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def rows(self) -> dict[str, dict[str, Any]]:
        """By title, which tells one row from another."""
        return {line.measured.title: line.as_json() for line in self.lines}


@dataclass(frozen=True)
class Check:
    """One part of a claim, in words with its figures, and whether it holds; a remark neither holds nor does not."""

    text: str
    holds: bool | None

    def as_json(self) -> dict[str, Any]:
        """Returns plain data, under the keys of the report's file."""
        return {"told": self.text, "holds": self.holds}


def figure(row: Mapping[str, Any], name: str) -> float:
    """A figure of a row: of its log, of all its clips, or the share with an attribute right by the classifier."""
    for place in (row["logged"], row, row["classifier"]):
        if name in place:
            if place[name] is None:
                raise ValueError(f"{row['title']!r} was not measured for {name!r}")
            return float(place[name])
    raise KeyError(f"{row['title']!r} has no {name!r}")


def exceeds(what: str, greater: tuple[str, float], less: tuple[str, float], margin: float = MARGIN) -> Check:
    """Whether the first of two figures with their titles is greater, and by more than chance makes it."""
    (a, x), (b, y) = greater, less
    holds = x > y * (1 + margin)
    told = f"{what}: {x:.2f} {a}, {y:.2f} {b}"
    return Check(told if holds or x <= y else f"{told}, less than {margin:.0%} apart", holds)


def greater(rows: Rows, name: str, of: str, than: str) -> Check:
    """Whether a figure of one row is greater than that of another."""
    return exceeds(_NAMES.get(name, name), (of, figure(rows[of], name)), (than, figure(rows[than], name)))


def beyond(rows: Rows, name: str, of: str, limit: float, above: bool) -> Check:
    """Whether a figure of a row is above a limit, or below it."""
    value = figure(rows[of], name)
    side = "above" if above else "below"
    return Check(f"{_NAMES.get(name, name)}: {value:.3f} {of}, to be {side} {limit:g}", (value > limit) == above)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`claim` is the paper's; `gather` trains and measures; `check` needs the rows alone."""

    name: str
    claim: str
    source: str
    how: str
    gather: Callable[[], Evidence]
    check: Callable[[Rows], list[Check]]


def verdict(checks: list[Check]) -> str:
    """In a word, and how many parts of the claim hold where not all do."""
    held = [check.holds for check in checks if check.holds is not None]
    return "agrees" if all(held) else f"differs: {sum(held)} of {len(held)} hold"
