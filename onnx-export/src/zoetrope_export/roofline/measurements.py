"""The measurements of one call, from which both reports are written."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from zoetrope_export.roofline.ceilings import Ceiling, best
from zoetrope_export.roofline.place import Timing
from zoetrope_export.roofline.stages import Shape


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A stage's time and its relative error: of a thin slice against float64, or of compiled against eager."""

    stage: str
    size: str
    mode: str
    timing: Timing
    first_run_seconds: float  # includes compilation and the choice of kernels
    peak_gib: float | None
    error: float
    error_bound: float

    @property
    def within_bound(self) -> bool:
        """Whether the error is at most its bound. An error of NaN is not."""
        return self.error <= self.error_bound


@dataclass
class Measurements:
    """All measurements of a call. Rows are added one by one, and a report can be written after each."""

    preset: str
    command: str
    date: str
    machine: dict[str, str]
    shapes: list[Shape]
    ceilings: list[Ceiling] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def shape(self, row: Measured) -> Shape:
        """Returns the shape of the stage that a row measured."""
        return next(s for s in self.shapes if (s.stage, s.size) == (row.stage, row.size))

    def floor(self, shape: Shape) -> float | None:
        """Returns the seconds of a stage at the measured ceilings; None before they are measured.

        This is the time of the arithmetic, or of reading each weight once if that is longer.
        """
        product, attention, copy = (best(self.ceilings, kind) for kind in ("product", "attention", "copy"))
        if product is None or attention is None or copy is None:
            return None
        return max(shape.work.floor(product.rate, attention.rate), 2 * shape.parameters / copy.rate)

    def as_json(self) -> dict[str, Any]:
        """Returns plain data, with the floor of each stage."""
        floors = {f"{s.stage}, {s.size}": self.floor(s) for s in self.shapes}
        return {**asdict(self), "floor_seconds": floors}
