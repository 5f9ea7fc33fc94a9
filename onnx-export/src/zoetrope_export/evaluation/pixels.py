"""What a clip of the toy world shows, by plain pixel measurement: no network, only colours, areas, centres, outlines.

The background is the median of the frame's border, the shape is what differs from it; the shape's colour is that of its
most different pixels, its motion is read from the track of its centre and from its area. To tell which shape it is,
each frame's coverage, moved to the middle and scaled to one area, is laid over that of every shape in every rotation.
A shape that stays where it is spins if the rotations that fit best go round at one speed; else it shows no motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from zoetrope_export.data.toyworld import BACKGROUNDS, COLOURS, SHAPES, SYMMETRIC, silhouettes

_FAINT = 25.0  # RGB distance below which nothing counts as a shape
_FRAME = 64  # pixels; lengths below are of a frame of that size
_TRAVELLED = 6.0  # pixels of displacement that make a direction
_RETURNED = 6.0
_RESIZED = 1.6  # ratio of areas
_STENCIL = 24  # samples along one side of a shape that is scaled to one area
_STENCIL_REACH = 1.05  # from its middle to its side, where the area is 1
_ROTATIONS = 48
_FOLDS = {"square": 4, "triangle": 3, "star": 5, "heart": 1}  # in so many rotations a shape looks the same
_TURNED = (0.55 * np.pi, 2.2 * np.pi)  # radians from first frame to last that count as spinning, at least and at most
_STEADY = 0.9  # of the mean phasor, 1 for a turn at one speed; a heart that stays has 0.87 of the slowest that counts
_SOFTEST = 0.1  # change of coverage a pixel below which nothing counts as an edge


@dataclass(frozen=True)
class PixelMeasurement:
    """Attributes read off a clip, None where there is nothing to read, the shape's centre in the first frame,
    and how sharp its edge is: 1 / the width in pixels over which background becomes shape.
    """

    colour: str | None
    background: str
    motion: str | None
    shape: str | None
    start: tuple[float, float] | None
    sharpness: float | None


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
    if area.min() < 4 * (coverage.shape[2] / _FRAME) ** 2:
        return None
    columns, rows = np.arange(coverage.shape[2]) + 0.5, np.arange(coverage.shape[1]) + 0.5
    x = (coverage * columns).sum((1, 2)) / area
    y = (coverage * rows[:, None]).sum((1, 2)) / area
    return Track(x, y, area)


def motion_of(t: Track, size: int = _FRAME) -> str | None:
    """The motion that a track shows in frames of `size` pixels a side; None where it stays."""
    travelled, returned = _TRAVELLED * size / _FRAME, _RETURNED * size / _FRAME
    dx = t.x[-3:].mean() - t.x[:3].mean()
    dy = t.y[-3:].mean() - t.y[:3].mean()
    ratio = t.area[-3:].mean() / t.area[:3].mean()
    range_x, range_y = float(np.ptp(t.x)), float(np.ptp(t.y))
    along, across = (range_x, range_y) if abs(dx) > abs(dy) else (range_y, range_x)
    if max(abs(dx), abs(dy)) > travelled and across < along / 2 and 1 / _RESIZED < ratio < _RESIZED:
        if abs(dx) > abs(dy):
            return "right" if dx > 0 else "left"
        return "down" if dy > 0 else "up"
    if ratio >= _RESIZED:
        return "growing"
    if ratio <= 1 / _RESIZED:
        return "shrinking"
    if range_x > returned and range_y > returned:
        return "orbiting"
    if range_y > returned:
        return "bouncing"
    return None


def stencils(coverage: np.ndarray, t: Track) -> np.ndarray:
    """Coverage [T, H, W] moved to the middle and scaled to one area: [T, S * S]."""
    axis = ((np.arange(_STENCIL) + 0.5) / _STENCIL * 2 - 1) * _STENCIL_REACH
    scale = np.sqrt(t.area)
    x = np.clip(t.x[:, None] + scale[:, None] * axis - 0.5, 0, coverage.shape[2] - 1.001)[:, None, :]  # [T, 1, S]
    y = np.clip(t.y[:, None] + scale[:, None] * axis - 0.5, 0, coverage.shape[1] - 1.001)[:, :, None]  # [T, S, 1]
    left, top = x.astype(int), y.astype(int)
    right_of, below = x - left, y - top
    frame = np.arange(len(coverage))[:, None, None]
    upper = (1 - right_of) * coverage[frame, top, left] + right_of * coverage[frame, top, left + 1]
    lower = (1 - right_of) * coverage[frame, top + 1, left] + right_of * coverage[frame, top + 1, left + 1]
    return ((1 - below) * upper + below * lower).reshape(len(coverage), -1)


@cache
def _known_stencils() -> dict[str, np.ndarray]:
    """[rotations, S * S] of each shape of the world."""
    known = {}
    for index, name in enumerate(SHAPES):
        turns = 1 if name in SYMMETRIC else _ROTATIONS
        middle, radius = torch.full((1, turns), 64.0), torch.full((1, turns), 48.0)
        rotation = torch.arange(turns)[None] * (2 * np.pi / turns)
        large = silhouettes(torch.tensor([index]), middle, middle, radius, rotation, size=128)[0].double().numpy()
        path = track(large)
        assert path is not None
        known[name] = stencils(large, path)
    return known


def _left_over(outlines: np.ndarray, name: str) -> np.ndarray:
    """Squared difference of each frame's stencil [T, S * S] from a shape's in each rotation: [T, rotations]."""
    known = _known_stencils()[name]
    return np.square(outlines).sum(1)[:, None] + np.square(known).sum(1)[None] - 2 * outlines @ known.T


def shape_of(outlines: np.ndarray, t: Track) -> str:
    """The shape whose stencil, in the best rotation for each frame, leaves least over; large ones count for more."""
    weight = t.area / t.area.sum()
    rest = {name: float((weight * _left_over(outlines, name).min(1)).sum()) for name in SHAPES}
    return min(rest, key=lambda name: rest[name])


def turns(outlines: np.ndarray, name: str) -> bool:
    """Whether a shape in stencils [T, S * S] turns, and steadily.

    The rotation that fits best, as a phasor that does not tell a shape from itself turned by one of its folds, is
    turned back at every speed that counts: one that brings all frames to one phase is the shape's.
    """
    if name in SYMMETRIC:
        return False
    angle = _left_over(outlines, name).argmin(1) * (2 * np.pi / _ROTATIONS)
    way = np.linspace(*_TURNED, 100)
    turned = np.concatenate([way, -way])[:, None] * np.linspace(0, 1, len(outlines))  # [speeds, T]
    phasors = np.exp(1j * _FOLDS[name] * (angle - turned))
    return bool(np.abs(phasors.mean(1)).max() >= _STEADY)


def _sharpness(pixels: np.ndarray, background: np.ndarray, shape: np.ndarray) -> float | None:
    """The quotient sum |grad c|^2 / sum |grad c|, where c is 0 on the background's colour and 1 on the shape's.

    Across an edge of width w the gradient is 1/w over w pixels: it is 1/w, whatever the edge's length and
    the colours. Gradients that noise could make are left out.
    """
    towards = shape - background
    c = (pixels - background) @ towards / max(1.0, float(towards @ towards))  # [T, H, W]
    steepness = np.hypot(c[:, 1:, 1:] - c[:, 1:, :-1], c[:, 1:, 1:] - c[:, :-1, 1:])
    edge = steepness[steepness > _SOFTEST]
    return float(np.square(edge).sum() / edge.sum()) if len(edge) else None


def measure_pixels(frames: np.ndarray) -> PixelMeasurement:
    """Measures RGB frames, uint8 [T, H, W, 3]."""
    pixels = frames.astype(np.float64)
    border = np.concatenate([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], axis=1)
    background = np.median(border.reshape(-1, 3), axis=0)
    name = _nearest(background, BACKGROUNDS)
    coverage = _coverage(pixels, background)
    if coverage is None:
        return PixelMeasurement(None, name, None, None, None, None)
    core = coverage >= np.quantile(coverage[coverage > 0], 0.5)
    inside = np.median(pixels[core], axis=0)
    colour, sharpness = _nearest(inside, COLOURS), _sharpness(pixels, background, inside)
    path = track(coverage)
    if path is None:
        return PixelMeasurement(colour, name, None, None, None, sharpness)
    outlines = stencils(coverage, path)
    shape, motion = shape_of(outlines, path), motion_of(path, frames.shape[2])
    if motion is None and turns(outlines, shape):
        motion = "spinning"
    return PixelMeasurement(colour, name, motion, shape, (float(path.x[0]), float(path.y[0])), sharpness)
