"""Measures the clips that the job really published: their MP4 files, decoded, against what their prompts asked for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
from PIL import Image, ImageDraw

from zoetrope_export.measure import Seen, see
from zoetrope_export.toyworld import VELOCITIES, Scene, World, WorldConfig, captions, scenes

_SHEET_COLUMNS, _SHEET_FRAMES, _SHEET_ZOOM = 3, 5, 2
_REAL_CLIPS = 200


def held_out_prompts(count: int, seed: int) -> list[str]:
    """`count` prompts of combinations that training never saw, in a random wording each."""
    rng = torch.Generator().manual_seed(seed)
    pool = [s for s in scenes() if s.held_out()]
    picks = [pool[i] for i in torch.randint(len(pool), (count,), generator=rng).tolist()]
    return [
        wordings[int(torch.randint(len(wordings), (1,), generator=rng))]
        for wordings in (captions(scene) for scene in picks)
    ]


def scenes_by_caption() -> dict[str, Scene]:
    """The scene that each wording describes."""
    return {caption: scene for scene in scenes() for caption in captions(scene)}


def decode(path: Path) -> np.ndarray:
    """Every frame of a video file, RGB uint8 [T, H, W, 3]."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


@dataclass(frozen=True)
class Accuracy:
    """Fractions of clips with the attribute right; `direction` is motion over the four directions alone."""

    clips: int
    colour: float
    background: float
    motion: float
    directional_clips: int
    direction: float


def accuracy(pairs: list[tuple[Scene, Seen]]) -> Accuracy:
    """Compares what was asked with what is seen."""
    directional = [(scene, seen) for scene, seen in pairs if scene.motion in VELOCITIES]
    return Accuracy(
        clips=len(pairs),
        colour=_share(pairs, "colour"),
        background=_share(pairs, "background"),
        motion=_share(pairs, "motion"),
        directional_clips=len(directional),
        direction=_share(directional, "motion"),
    )


def _share(pairs: list[tuple[Scene, Seen]], attribute: str) -> float:
    right = sum(getattr(scene, attribute) == getattr(seen, attribute) for scene, seen in pairs)
    return right / max(1, len(pairs))


def _by_motion(pairs: list[tuple[Scene, Seen]]) -> list[str]:
    asked = Counter(scene.motion for scene, _ in pairs)
    right = Counter(scene.motion for scene, seen in pairs if scene.motion == seen.motion)
    return [f"| {motion} | {asked[motion]} | {right[motion] / asked[motion]:.1%} |" for motion in sorted(asked)]


def real_accuracy(count: int, seed: int) -> Accuracy:
    """The measurement's own accuracy: on rendered clips of the held-out combinations."""
    world = World(WorldConfig(), seed, held_out=True)
    clips = world.clips(count)
    frames = ((clips.video + 1) * 127.5).round().byte().permute(0, 2, 3, 4, 1).numpy()
    return accuracy([(scene, see(f)) for scene, f in zip(clips.scenes, frames, strict=True)])


def contact_sheet(clips: list[tuple[str, np.ndarray]], path: Path) -> None:
    """A picture of clips under their prompts, a few frames each from first to last."""
    picks = np.linspace(0, len(clips[0][1]) - 1, _SHEET_FRAMES).round().astype(int)
    size = clips[0][1].shape[2] * _SHEET_ZOOM
    cell_width, cell_height = size * _SHEET_FRAMES + 16, size + 34
    rows = -(-len(clips) // _SHEET_COLUMNS)
    sheet = Image.new("RGB", (cell_width * _SHEET_COLUMNS + 16, cell_height * rows + 16), (24, 24, 28))
    draw = ImageDraw.Draw(sheet)
    for i, (prompt, frames) in enumerate(clips):
        x, y = 16 + (i % _SHEET_COLUMNS) * cell_width, 16 + (i // _SHEET_COLUMNS) * cell_height
        draw.text((x, y), prompt, fill=(230, 230, 230), font_size=14)
        for column, t in enumerate(picks):
            frame = Image.fromarray(frames[t]).resize((size, size), Image.Resampling.BICUBIC)
            sheet.paste(frame, (x + column * size, y + 20))
    sheet.save(path)


def evaluate(results: Path) -> tuple[Accuracy, list[str], list[tuple[str, np.ndarray]]]:
    """Accuracy over a demo's results.json, its rows by motion, and the decoded clips with their prompts."""
    known, pairs, clips = scenes_by_caption(), [], []
    for entry in json.loads(results.read_text()):
        prompt = entry["prompt"]
        if prompt not in known:
            raise ValueError(f"no scene of the toy world is worded {prompt!r}: make the prompts with `prompts`")
        if entry.get("file") is None:
            raise ValueError(f"request {entry['request_id']} has no video: {entry.get('failure')}")
        frames = decode(results.parent / entry["file"])
        pairs.append((known[prompt], see(frames)))
        clips.append((prompt, frames))
    return accuracy(pairs), _by_motion(pairs), clips


_REPORT = """\
# What the clips of {name} show

Held-out combinations of attributes, never trained on, published through the whole job and read back from the MP4 files.
Colour, background, and the track of the shape's centre are measured on pixels (`measure.py`); the second row is the
measurement's own accuracy, on clips of the world itself.

| clips | number | colour | background | motion | direction (left, right, up, down) |
|---|---|---|---|---|---|
{rows}

| motion asked for | clips | shown |
|---|---|---|
{motions}

![The first clips, from the first frame to the last]({name}.png)

Recipe: {recipe}.
Measured on {date} with, from the top folder,

```
{command}
```
"""
_COMMAND = """\
source onnx-export/.venv/bin/activate && cd onnx-export
python -m zoetrope_export prompts --count {count} > /tmp/prompts.txt
../zoetrope demo --prompts-file /tmp/prompts.txt --out /tmp/clips
python -m zoetrope_export evaluate /tmp/clips/results.json"""


def _row(title: str, a: Accuracy) -> str:
    direction = f"{a.direction:.1%} of {a.directional_clips}"
    return f"| {title} | {a.clips} | {a.colour:.1%} | {a.background:.1%} | {a.motion:.1%} | {direction} |"


def write_report(results: Path, folder: Path, manifest: dict[str, Any]) -> Accuracy:
    """Writes <bundle>.md, <bundle>.json and <bundle>.png under `folder`."""
    shown, by_motion, clips = evaluate(results)
    real = real_accuracy(_REAL_CLIPS, seed=11)
    folder.mkdir(parents=True, exist_ok=True)
    name = manifest["name"]
    contact_sheet(clips[: 8 * _SHEET_COLUMNS], folder / f"{name}.png")
    report = _REPORT.format(
        name=name,
        rows=_row(f"{name} {manifest['version']}, one step", shown) + "\n" + _row("rendered clips of the world", real),
        motions="\n".join(by_motion),
        recipe=manifest["provenance"]["recipe"],
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        command=_COMMAND.format(count=len(clips)),
    )
    (folder / f"{name}.md").write_text(report)
    (folder / f"{name}.json").write_text(json.dumps({"shown": asdict(shown), "real": asdict(real)}, indent=2) + "\n")
    return shown
