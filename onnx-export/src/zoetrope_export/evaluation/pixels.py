"""Measures the attributes of a toy-world clip from its pixels: no network, only colours, areas, centres and outlines.

The background is the median colour of the frame's border. The shape is the pixels that differ from it, and its colour
is that of the most different ones. The motion is measured from the track of the shape's centre and from its area. To
find the shape, each frame's coverage is centred, scaled to one area, and compared with every shape in every rotation.
A shape that stays in place spins if its best-fitting rotation turns at a constant speed; otherwise it has no motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from zoetrope_export.data.toyworld import BACKGROUNDS, COLOURS, SHAPES, SYMMETRIC, silhouettes

_FAINT = 25.0  # RGB distance below which nothing counts as a shape
_FRAME = 64  # pixels along a frame's side, for which the lengths below are given
_TRAVELLED = 6.0  # least displacement in pixels from first to last frames that counts as a direction
_RETURNED = 6.0  # least range in pixels of a track that returns, as bouncing and orbiting do
_RESIZED = 1.6  # least ratio of areas that counts as growing, and its inverse as shrinking
_STENCIL = 24  # samples along a side of a stencil, the shape scaled to one area
_STENCIL_REACH = 1.05  # half of a stencil's side, in units of the square root of the shape's area
_ROTATIONS = 48
_FOLDS = {"square": 4, "triangle": 3, "star": 5, "heart": 1}  # number of rotations in which a shape looks the same
_TURNED = (0.55 * np.pi, 2.2 * np.pi)  # least and largest angle in radians, first to last frame, of a spin
_STEADY = 0.9  # least |mean phasor| of a spin; 1 is a constant speed, and a heart that stays has 0.87 at the slowest
_SOFTEST = 0.1  # change of coverage per pixel below which nothing counts as an edge


@dataclass(frozen=True, kw_only=True)
class PixelMeasurement:
    """The measured attributes of a clip. An attribute that cannot be measured is None.

    `start` is the shape's centre in the first frame, x and y in pixels. `sharpness` is 1 / the width in pixels over
    which background becomes shape.
    """

    background: str
    colour: str | None = None
    motion: str | None = None
    shape: str | None = None
    start: tuple[float, float] | None = None
    sharpness: float | None = None


@dataclass(frozen=True)
class Track:
    """The shape's centre x and y in pixels, and its area as a sum of coverage, in each frame: each [T]."""

    x: np.ndarray
    y: np.ndarray
    area: np.ndarray


def _nearest(colour: np.ndarray, names: dict[str, tuple[int, int, int]]) -> str:
    return min(names, key=lambda name: float(np.square(colour - np.array(names[name])).sum()))


def _coverage(frames: np.ndarray, background: np.ndarray) -> np.ndarray | None:
    """Returns the share of each pixel [T, H, W] that the shape covers, by colour distance; None without a shape."""
    distance = np.sqrt(np.square(frames - background).sum(-1))
    peak = float(np.percentile(distance, 99))
    if peak < _FAINT:
        return None
    return np.clip((distance / peak - 0.35) / 0.4, 0, 1)


def track(coverage: np.ndarray) -> Track | None:
    """Returns the shape's centres and areas; None where a frame lacks the shape."""
    area = coverage.sum((1, 2))
    if area.min() < 4 * (coverage.shape[2] / _FRAME) ** 2:
        return None
    columns, rows = np.arange(coverage.shape[2]) + 0.5, np.arange(coverage.shape[1]) + 0.5
    x = (coverage * columns).sum((1, 2)) / area
    y = (coverage * rows[:, None]).sum((1, 2)) / area
    return Track(x, y, area)


def motion_of(t: Track, size: int = _FRAME) -> str | None:
    """Returns the motion of a track in frames of `size` x `size` pixels; None where it stays in place."""
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
    """Returns coverage [T, H, W] centred and scaled to one area, S = 24 samples a side: [T, S * S]."""
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
    """Returns the stencils [rotations, S * S] of each shape of the world."""
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
    """Returns the squared difference of each frame's stencil [T, S * S] from a shape's: [T, rotations]."""
    known = _known_stencils()[name]
    return np.square(outlines).sum(1)[:, None] + np.square(known).sum(1)[None] - 2 * outlines @ known.T


def shape_of(outlines: np.ndarray, t: Track) -> str:
    """Returns the shape whose stencils, each in its best rotation, differ least; larger areas count more."""
    weight = t.area / t.area.sum()
    rest = {name: float((weight * _left_over(outlines, name).min(1)).sum()) for name in SHAPES}
    return min(rest, key=lambda name: rest[name])


def turns(outlines: np.ndarray, name: str) -> bool:
    """Returns whether a shape in stencils [T, S * S] turns steadily.

    Each frame's best rotation is a phasor, in which rotations that look the same are equal. The phasors are turned back
    at every speed that counts as a spin. If one speed brings all frames to one phase, the shape turns at that speed.
    """
    if name in SYMMETRIC:
        return False
    angle = _left_over(outlines, name).argmin(1) * (2 * np.pi / _ROTATIONS)
    angles = np.linspace(*_TURNED, 100)
    turned = np.concatenate([angles, -angles])[:, None] * np.linspace(0, 1, len(outlines))  # [speeds, T]
    phasors = np.exp(1j * _FOLDS[name] * (angle - turned))
    return bool(np.abs(phasors.mean(1)).max() >= _STEADY)


def _sharpness(pixels: np.ndarray, background: np.ndarray, shape: np.ndarray) -> float | None:
    """Returns sum |grad c|^2 / sum |grad c|, where c is 0 on the background's colour and 1 on the shape's.

    Across an edge of width w the gradient is 1/w over w pixels. So the quotient is 1/w, independent of the edge's
    length and of the colours. Gradients as small as noise makes them are left out.
    """
    towards = shape - background
    c = (pixels - background) @ towards / max(1.0, float(towards @ towards))  # [T, H, W]
    steepness = np.hypot(c[:, 1:, 1:] - c[:, 1:, :-1], c[:, 1:, 1:] - c[:, :-1, 1:])
    edge = steepness[steepness > _SOFTEST]
    return float(np.square(edge).sum() / edge.sum()) if len(edge) else None


def measure_pixels(frames: np.ndarray) -> PixelMeasurement:
    """Measures a clip of RGB frames, uint8 [T, H, W, 3]."""
    pixels = frames.astype(np.float64)
    border = np.concatenate([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], axis=1)
    background = np.median(border.reshape(-1, 3), axis=0)
    background_name = _nearest(background, BACKGROUNDS)
    coverage = _coverage(pixels, background)
    if coverage is None:
        return PixelMeasurement(background=background_name)
    core = coverage >= np.quantile(coverage[coverage > 0], 0.5)
    inside = np.median(pixels[core], axis=0)
    colour, sharpness = _nearest(inside, COLOURS), _sharpness(pixels, background, inside)
    path = track(coverage)
    if path is None:
        return PixelMeasurement(background=background_name, colour=colour, sharpness=sharpness)
    outlines = stencils(coverage, path)
    shape, motion = shape_of(outlines, path), motion_of(path, frames.shape[2])
    if motion is None and turns(outlines, shape):
        motion = "spinning"
    return PixelMeasurement(
        background=background_name,
        colour=colour,
        motion=motion,
        shape=shape,
        start=(float(path.x[0]), float(path.y[0])),
        sharpness=sharpness,
    )
