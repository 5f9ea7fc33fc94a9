"""What a clip of the toy world shows, by plain pixel measurement: no network, only colours, areas and centres.

The background is the median of the frame's border, the shape is what differs from it; the shape's colour is that of its
most different pixels, its motion is read from the track of its centre and from its area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoetrope_export.toyworld import BACKGROUNDS, COLOURS

_FAINT = 25.0  # RGB distance below which nothing counts as a shape
_TRAVELLED = 6.0  # pixels of displacement that make a direction
_RETURNED = 6.0
_RESIZED = 1.6  # ratio of areas


@dataclass(frozen=True)
class Seen:
    """Attributes read off a clip, None where there is nothing to read, and the shape's centre in the first frame."""

    colour: str | None
    background: str
    motion: str | None
    start: tuple[float, float] | None


@dataclass(frozen=True)
class Track:
    """Per frame: centre x and y in pixels, and area as a sum of coverage, each [T]."""

    x: np.ndarray
    y: np.ndarray
    area: np.ndarray


def _nearest(colour: np.ndarray, names: dict[str, tuple[int, int, int]]) -> str:
    return min(names, key=lambda name: float(np.square(colour - np.array(names[name])).sum()))


def _coverage(frames: np.ndarray, background: np.ndarray) -> np.ndarray | None:
    """How much of the shape is in each pixel [T, H, W] in [0, 1], by distance from the background."""
    distance = np.sqrt(np.square(frames - background).sum(-1))
    peak = float(np.percentile(distance, 99))
    if peak < _FAINT:
        return None
    return np.clip((distance / peak - 0.35) / 0.4, 0, 1)


def track(coverage: np.ndarray) -> Track | None:
    """Centres and areas, or None when the shape is missing from a frame."""
    area = coverage.sum((1, 2))
    if area.min() < 4:
        return None
    columns, rows = np.arange(coverage.shape[2]) + 0.5, np.arange(coverage.shape[1]) + 0.5
    x = (coverage * columns).sum((1, 2)) / area
    y = (coverage * rows[:, None]).sum((1, 2)) / area
    return Track(x, y, area)


def motion_of(t: Track) -> str:
    """The motion that a track shows."""
    dx = t.x[-3:].mean() - t.x[:3].mean()
    dy = t.y[-3:].mean() - t.y[:3].mean()
    ratio = t.area[-3:].mean() / t.area[:3].mean()
    range_x, range_y = float(np.ptp(t.x)), float(np.ptp(t.y))
    along, across = (range_x, range_y) if abs(dx) > abs(dy) else (range_y, range_x)
    if max(abs(dx), abs(dy)) > _TRAVELLED and across < along / 2 and 1 / _RESIZED < ratio < _RESIZED:
        if abs(dx) > abs(dy):
            return "right" if dx > 0 else "left"
        return "down" if dy > 0 else "up"
    if ratio >= _RESIZED:
        return "growing"
    if ratio <= 1 / _RESIZED:
        return "shrinking"
    if range_x > _RETURNED and range_y > _RETURNED:
        return "orbiting"
    if range_y > _RETURNED:
        return "bouncing"
    return "spinning"


def see(frames: np.ndarray) -> Seen:
    """Measures RGB frames, uint8 [T, H, W, 3]."""
    pixels = frames.astype(np.float64)
    border = np.concatenate([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], axis=1)
    background = np.median(border.reshape(-1, 3), axis=0)
    name = _nearest(background, BACKGROUNDS)
    coverage = _coverage(pixels, background)
    if coverage is None:
        return Seen(None, name, None, None)
    core = coverage >= np.quantile(coverage[coverage > 0], 0.5)
    colour = _nearest(np.median(pixels[core], axis=0), COLOURS)
    path = track(coverage)
    if path is None:
        return Seen(colour, name, None, None)
    return Seen(colour, name, motion_of(path), (float(path.x[0]), float(path.y[0])))
