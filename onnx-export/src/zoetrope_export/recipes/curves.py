"""Draws a run's logs as images: every metric of a stage over its updates, and its sample clips during training."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageDraw

from zoetrope_export.training.errors import NotTrainedError

_PANEL_WIDTH, _PANEL_HEIGHT, _LEFT, _TOP, _BOTTOM, _GAP = 560, 200, 62, 26, 26, 18
_PAPER, _INK, _GRID, _RAW, _LINE = "#ffffff", "#333333", "#e4e4e4", "#c5d6ee", "#1f5fb4"
_COLOURS = ("#1f5fb4", "#d1495b", "#2e8b57", "#e08e0b", "#7b4fa3", "#555555")  # colours of the series in a shared panel
_WINDOWS = 25  # length of a curve, in time constants of its exponential average
_TICKS = 5
_CAPTION = 18
SAMPLES = "samples"

T = TypeVar("T")


def read_log(log: Path) -> dict[str, np.ndarray]:
    """Reads a stage's log: each metric by its name, as [N, 2] of the number of updates and the value.

    A stage that was interrupted repeats a few updates; the later line of an update is used.
    """
    lines = {(entry := json.loads(line))["step"]: entry for line in log.read_text().splitlines() if line}
    names = dict.fromkeys(name for entry in lines.values() for name in entry if name != "step")
    return {
        name: np.array([(step, lines[step][name]) for step in sorted(lines) if name in lines[step]], dtype=float)
        for name in names
    }


def smoothed(values: np.ndarray) -> np.ndarray:
    """Returns an exponential average over earlier and later values, so that it does not lag."""
    keep = max(0.0, 1 - _WINDOWS / len(values))

    def sums(ordered: np.ndarray) -> np.ndarray:
        total, out = 0.0, []
        for value in ordered:
            total = keep * total + value
            out.append(total)
        return np.array(out)

    both = sums(values) + sums(values[::-1])[::-1]
    return both / (sums(np.ones(len(values))) + sums(np.ones(len(values)))[::-1])


def ticks(low: float, high: float) -> list[float]:
    """Returns a few round numbers from `low` to `high`."""
    rough = (high - low) / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= 0.75 * rough)
    first = math.ceil(low / step)
    return [step * n for n in range(first, math.floor(high / step) + 1)]


def _axes(
    draw: ImageDraw.ImageDraw, top: int, name: str, across: tuple[float, float], up: tuple[float, float]
) -> Callable[[np.ndarray, np.ndarray], list[tuple[float, float]]]:
    """Draws an empty panel with two ranges; returns the function from steps and values to pixels.

    Values outside the panel are moved to its edge.
    """
    (first, last), (low, high) = across, up
    if high <= low:
        low, high = low - 0.5, high + 0.5
    inner = (_LEFT, top + _TOP, _LEFT + _PANEL_WIDTH, top + _TOP + _PANEL_HEIGHT)

    def pixel(step: float, value: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return inner[0] + (step - first) / max(1.0, last - first) * _PANEL_WIDTH, inner[3] - share * _PANEL_HEIGHT

    draw.text((inner[0], top + 6), name, fill=_INK, font_size=13)
    for tick in ticks(low, high):
        _, y = pixel(first, tick)
        draw.line([(inner[0], y), (inner[2], y)], fill=_GRID)
        draw.text((inner[0] - 8, y), f"{tick:.3g}", fill=_INK, font_size=11, anchor="rm")
    for tick in ticks(first, max(first + 1, last)):
        x, _ = pixel(tick, low)
        draw.text((x, inner[3] + 6), f"{tick:g}", fill=_INK, font_size=11, anchor="mt")
    draw.rectangle(inner, outline=_INK)
    return lambda steps, values: [pixel(s, v) for s, v in zip(steps, values, strict=True)]


def _panel(draw: ImageDraw.ImageDraw, top: int, name: str, points: np.ndarray) -> None:
    steps, values = points[:, 0], points[:, 1]
    low, high = np.quantile(values, [0.0, 0.99]) if len(values) > 50 else (values.min(), values.max())
    to_pixels = _axes(draw, top, name, (steps[0], steps[-1]), (low, high))
    for line, colour, width in ((values, _RAW, 1), (smoothed(values), _LINE, 2)):
        draw.line(to_pixels(steps, line), fill=colour, width=width)


def _shared_panel(draw: ImageDraw.ImageDraw, top: int, name: str, series: dict[str, np.ndarray]) -> None:
    points_of_all = np.concatenate(list(series.values()))
    (first, low), (last, high) = points_of_all.min(0), points_of_all.max(0)
    to_pixels, x = _axes(draw, top, name, (first, last), (low, high)), float(_LEFT + _PANEL_WIDTH)
    for (title, points), colour in reversed(list(zip(series.items(), _COLOURS, strict=False))):
        line = to_pixels(points[:, 0], points[:, 1])
        draw.line(line, fill=colour, width=2)
        for px, py in line:
            draw.ellipse((px - 2, py - 2, px + 2, py + 2), fill=colour)
        draw.text((x, top + 6), title, fill=colour, font_size=12, anchor="ra")
        x -= draw.textlength(title, font_size=12) + 14


def _stack(panels: dict[str, T], draw_panel: Callable[[ImageDraw.ImageDraw, int, str, T], None], path: Path) -> None:
    height = _TOP + _PANEL_HEIGHT + _BOTTOM
    picture = Image.new("RGB", (_LEFT + _PANEL_WIDTH + _GAP, height * len(panels) + _GAP), _PAPER)
    draw = ImageDraw.Draw(picture)
    for i, (name, panel) in enumerate(panels.items()):
        draw_panel(draw, i * height, name, panel)
    picture.save(path, optimize=True)


def plot(metrics: dict[str, np.ndarray], path: Path) -> None:
    """Draws one panel per metric: its values in a faint colour and their average.

    Of more than 50 values, cuts off the highest 1%.
    """
    _stack(metrics, _panel, path)


def compare(panels: dict[str, dict[str, np.ndarray]], path: Path) -> None:
    """Draws panels that share an axis between several series, [N, 2] by title, each in its colour and not smoothed."""
    _stack(panels, _shared_panel, path)


def over_time(samples: list[Path], path: Path) -> None:
    """Stacks the images <stage>-<updates>.png, each under a line with its number of updates."""
    strips = [Image.open(sample).convert("RGB") for sample in samples]
    height = sum(strip.height + _CAPTION for strip in strips)
    picture = Image.new("RGB", (max(strip.width for strip in strips), height), _PAPER)
    draw, top = ImageDraw.Draw(picture), 0
    for sample, strip in zip(samples, strips, strict=True):
        draw.text((4, top + 2), f"after {int(sample.stem.rsplit('-', 1)[1])} updates", fill=_INK, font_size=12)
        picture.paste(strip, (0, top + _CAPTION))
        top += strip.height + _CAPTION
    picture.save(path, optimize=True)


def draw(run: Path, out: Path) -> list[Path]:
    """Draws <stage>.png for every log in `run`, and <stage>-samples.png for stages with samples; returns the files.

    Raises `NotTrainedError` if no stage has a log.
    """
    drawn = []
    out.mkdir(parents=True, exist_ok=True)
    for log in sorted(run.glob("*.jsonl")):
        metrics = read_log(log)
        if metrics:
            plot(metrics, out / f"{log.stem}.png")
            drawn.append(out / f"{log.stem}.png")
        samples = sorted((run / SAMPLES).glob(f"{log.stem}-[0-9]*.png"))
        if samples:
            over_time(samples, out / f"{log.stem}-samples.png")
            drawn.append(out / f"{log.stem}-samples.png")
    if not drawn:
        raise NotTrainedError(f"no stage in {run} has a log yet; a log gets a line every ten updates: train it first")
    return drawn
