"""The parts of a finding: a paper's claim, our measurements, and checks of the claim against them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from zoetrope_export.evaluation.evaluation import Measured
from zoetrope_export.evaluation.metrics import Metrics

# A relative difference below this margin can be chance. The Frechet distance of one student's clips of 120 prompts was
# 29.4 to 30.9 over four seeds of the noise.
MARGIN = 0.05
_NAMES = {"frechet": "Frechet distance", "d_loss": "the discriminator's loss at the end"}


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """A row of a finding in the report, without its clips. `logged` is that of `Line`."""

    title: str
    source: str
    metrics: Metrics
    logged: dict[str, float]

    @staticmethod
    def of_json(row: Mapping[str, Any]) -> FindingRow:
        """Returns a row of the report's JSON file."""
        return FindingRow(title=row["title"], source=row["source"], metrics=Metrics.of_json(row), logged=row["logged"])

    def as_json(self) -> dict[str, Any]:
        """Returns the row as plain data, for the report's JSON file."""
        return {"title": self.title, "source": self.source, **asdict(self.metrics), "logged": self.logged}


Rows = Mapping[str, FindingRow]  # rows by title


@dataclass(frozen=True)
class Line:
    """A measured row of a finding, with its clips.

    `logged` is the end of its training log. If nothing was trained, it is empty.
    """

    measured: Measured
    logged: dict[str, float] = field(default_factory=dict)

    def row(self) -> FindingRow:
        """Returns the row without its clips, with the logged metrics rounded to six digits."""
        return FindingRow(
            title=self.measured.title,
            source=self.measured.source,
            metrics=self.measured.metrics,
            logged={name: round(value, 6) for name, value in self.logged.items()},
        )


@dataclass(frozen=True)
class Evidence:
    """The measurements of a finding: its rows, and its curves.

    `panels` holds the panels by title. A panel holds its curves by title, each as [N, 2] of points.
    """

    lines: list[Line]
    panels: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def rows(self) -> dict[str, FindingRow]:
        """Returns the rows by title."""
        return {line.measured.title: line.row() for line in self.lines}


@dataclass(frozen=True)
class Check:
    """A part of a claim, as text with its measured values. A remark, which does not count, has None for `holds`."""

    text: str
    holds: bool | None

    @staticmethod
    def of_json(check: Mapping[str, Any]) -> Check:
        """Returns a check of the report's JSON file."""
        return Check(check["told"], check["holds"])

    def as_json(self) -> dict[str, Any]:
        """Returns the check as plain data, under the keys of the report's file."""
        return {"told": self.text, "holds": self.holds}


def metric(row: FindingRow, name: str) -> float:
    """Returns a value of a row: from its log, its metrics, or its shares of clips with an attribute by the classifier.

    Raises `ValueError` for a metric that was not measured, `KeyError` for an unknown name.
    """
    metrics = row.metrics
    distances = {"frechet": metrics.frechet, "sharpness": metrics.sharpness, "diversity": metrics.diversity}
    values = {**metrics.classifier, **distances, **row.logged}
    if name not in values:
        raise KeyError(f"{row.title!r} has no {name!r} in its log, its metrics or its classifier's shares")
    value = values[name]
    if value is None:
        raise ValueError(f"{row.title!r} was not measured for {name!r}")
    return value


def exceeds(metric_name: str, of: tuple[str, float], than: tuple[str, float], margin: float = MARGIN) -> Check:
    """Checks that a metric of one row exceeds that of another by more than `margin`, so that it is not chance.

    A row is given as its title and its value.
    """
    (a, x), (b, y) = of, than
    holds = x > y * (1 + margin)
    text = f"{metric_name}: {x:.2f} {a}, {y:.2f} {b}"
    return Check(text if holds or x <= y else f"{text}, less than {margin:.0%} apart", holds)


def greater(rows: Rows, name: str, of: str, than: str) -> Check:
    """Checks that a metric of the row `of` is greater than that of the row `than`, by more than the margin."""
    return exceeds(_NAMES.get(name, name), (of, metric(rows[of], name)), (than, metric(rows[than], name)))


def beyond(rows: Rows, name: str, of: str, limit: float, above: bool) -> Check:
    """Checks that a metric of the row `of` is above `limit`, or below it if not `above`."""
    value = metric(rows[of], name)
    side = "above" if above else "below"
    return Check(f"{_NAMES.get(name, name)}: {value:.3f} {of}, expected {side} {limit:g}", (value > limit) == above)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A paper's claim and how it is repeated here.

    `source` is the place of the claim in the paper. `how` describes the runs. `gather` trains the runs and measures
    them. `check` compares the claim with the measured rows.
    """

    name: str
    claim: str
    source: str
    how: str
    gather: Callable[[], Evidence]
    check: Callable[[Rows], list[Check]]


def verdict(checks: list[Check]) -> str:
    """Returns "agrees" if all parts of the claim hold, else "differs" and how many hold."""
    held = [check.holds for check in checks if check.holds is not None]
    return "agrees" if all(held) else f"differs: {sum(held)} of {len(held)} hold"
