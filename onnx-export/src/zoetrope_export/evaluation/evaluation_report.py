"""The evaluation as files: a table in Markdown, every row in JSON, a contact sheet a row."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from zoetrope_export.evaluation import classifier, diversity
from zoetrope_export.evaluation.evaluation import Measured
from zoetrope_export.evaluation.metrics import MEASURED

_SHEET_COLUMNS, _SHEET_FRAMES, _SHEET_SIZE = 3, 5, 128
_SHEET_CLIPS = 12

_REPORT = """\
# What the clips of {name} show

Prompts of held-out combinations of attributes, never trained on; every row answers the same ones. `{name}` is the
shipped bundle: published through the whole job and read back from its MP4 files. The rows above it come from the
stages' checkpoints, sampled in PyTorch. The first rows are the world itself: they are what the judges, the codec
and the VAE leave of perfection.

{table}

- **shape, colour, background, motion**: the share of clips that show what was asked, by the classifier / by pixels.
  The classifier is a network of {parameters} parameters, trained on rendered clips, some of them made soft, noisy and
  coarse; on {held} rendered clips of combinations that it never saw it is right on {stated}.
  By pixels is `pixels.py`: no network, only colours, areas, centres and outlines. The classifier has never seen a
  shape that stays as it is, and calls it spinning; by pixels a shape spins if it turns, and steadily.
- **Frechet distance** of the classifier's features, of all 17 frames together, from four other clips of the world a
  prompt. 0 is the same distribution; the first row is what the number of clips alone makes of it.
- **sharpness**: 1 / width of the shape's edge, over that of the world's clip of the same scene. 1 is as sharp as real.
- **diversity**: over {seeds} seeds of one prompt, the standard deviation of where the shape starts, over that of the
  world; mean of {diverse} prompts. 0: every seed starts at one place. 1: anywhere it may. A clip that was told its
  first frame has none.

| motion asked for | {motion_titles} |
|---|{motion_rule}
{motions}

By the classifier / by pixels.

{sheets}

{bundle}Measured on {date} with, from the top folder,

```
{command}
```
"""
_COMMAND = """\
source onnx-export/.venv/bin/activate && cd onnx-export
python -m zoetrope_export prompts --count {count} --seeds {seeds} > /tmp/prompts.txt
../zoetrope demo --bundle bundles/{name} --prompts-file /tmp/prompts.txt --out /tmp/clips
python -m zoetrope_export evaluate /tmp/clips/results.json --preset {preset} --bundle bundles/{name}"""


def contact_sheet(clips: list[tuple[str, np.ndarray]], path: Path, size: int = _SHEET_SIZE) -> None:
    """A picture of clips under their prompts, a few frames of `size` pixels each from first to last."""
    picks = np.linspace(0, len(clips[0][1]) - 1, _SHEET_FRAMES).round().astype(int)
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
    sheet.save(path, optimize=True)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def prompts_digest(prompts: list[str]) -> str:
    """By which a report knows whether its rows were measured on the same prompts."""
    return hashlib.sha256("\n".join(prompts).encode()).hexdigest()


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as `Measured.as_json` gives them, in Markdown."""
    titles = ["clips", "number", *MEASURED, "Frechet distance", "sharpness", "diversity"]
    lines = [" | ".join(titles), " | ".join("---" for _ in titles), *(_row(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


class ReportError(Exception):
    """Rows that cannot stand in one table."""


class EvaluationReport:
    """The report of a bundle's name in a folder, on certain prompts; `preset` is what its checkpoints are of.

    A row measured again replaces its old one; the others stay. Rows stand as `titles` do, those of the shipped bundle
    last. The files are whole after every row. Raises `ReportError` where the folder holds rows on other prompts.
    """

    def __init__(
        self, folder: Path, *, name: str, preset: str, prompts: list[str], titles: list[str], seeds: int
    ) -> None:
        self.folder, self.name, self.preset = folder, name, preset
        self.prompts, self.seeds = prompts, seeds
        self._place = {title: i for i, title in enumerate(titles)}
        self._file = folder / f"{name}.json"
        self._asked = prompts_digest(prompts)
        saved = json.loads(self._file.read_text()) if self._file.exists() else {}
        if saved and saved["prompts_sha256"] != self._asked:
            raise ReportError(
                f"{self._file} holds rows on other prompts than these {len(prompts)}: give --reports another folder, or"
                " delete it to begin anew"
            )
        self.rows: list[dict[str, Any]] = saved.get("rows", [])
        self._shown: dict[str, float] = saved.get("shown", {})
        self._bundle: str = saved.get("bundle", "")

    def put(self, measured: Measured) -> None:
        """Takes a row, draws its sheet, and writes the report."""
        self.folder.mkdir(parents=True, exist_ok=True)
        row = {**measured.as_json(), "sheet": f"{self.name}-{_slug(measured.title)}.png"}
        if measured.source == "demo":
            row["sheet"] = f"{self.name}.png"
        shown = list(zip(self.prompts, measured.clips, strict=False))[:_SHEET_CLIPS]
        contact_sheet(shown, self.folder / row["sheet"])
        self.rows = [*(other for other in self.rows if other["title"] != row["title"]), row]
        self.rows.sort(key=lambda row: self._place.get(row["title"], len(self._place)))
        self._write()

    def shipped(self, measured: Measured, told: str) -> None:
        """Takes the row of the bundle, with what is told of it."""
        self._shown, self._bundle = measured.metrics.flat(), told
        self.put(measured)

    def table(self) -> str:
        """Every row, in Markdown."""
        return table(self.rows)

    def as_json(self) -> dict[str, Any]:
        """All rows, and the figures of the shipped bundle alone, as its manifest tells them."""
        return {
            "shown": self._shown,
            "bundle": self._bundle,
            "prompts_sha256": self._asked,
            "classifier": classifier.stated_accuracy(),
            "rows": self.rows,
        }

    def _write(self) -> None:
        """Writes <name>.md and <name>.json."""
        stated = ", ".join(f"{name} {share:.1%}" for name, share in classifier.stated_accuracy().items())
        motions = sorted({motion for row in self.rows for motion in row["motions"]})
        network = classifier.load()
        text = _REPORT.format(
            name=self.name,
            table=self.table(),
            parameters=f"{sum(p.numel() for p in network.parameters()):,}",
            held=classifier.STATED_CLIPS,
            stated=stated,
            seeds=self.seeds,
            diverse=len(diversity.SCENES),
            motion_titles=" | ".join(row["title"] for row in self.rows),
            motion_rule="---|" * len(self.rows),
            motions="\n".join(
                f"| {motion} | " + " | ".join(_motion(row, motion) for row in self.rows) + " |" for motion in motions
            ),
            sheets="\n\n".join(f"![{row['title']}, first to last frame]({row['sheet']})" for row in self.rows),
            bundle=f"The bundle is {self._bundle}.\n" if self._bundle else "",
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            command=_COMMAND.format(name=self.name, preset=self.preset, count=len(self.prompts), seeds=self.seeds),
        )
        (self.folder / f"{self.name}.md").write_text(text)
        self._file.write_text(json.dumps(self.as_json(), indent=2) + "\n")


def _motion(row: dict[str, Any], motion: str) -> str:
    """The share of a row's clips that show a motion, by the classifier / by pixels."""
    return f"{row['motions'][motion]:.0%} / {row['motions_by_pixels'][motion]:.0%}"


def _row(row: dict[str, Any]) -> str:
    shares = " | ".join(f"{row['classifier'][name]:.1%} / {row['pixels'][name]:.1%}" for name in MEASURED)
    diverse = "" if row["diversity"] is None else f"{row['diversity']:.2f}"
    return f"{row['title']} | {row['clips']} | {shares} | {row['frechet']:.2f} | {row['sharpness']:.3f} | {diverse}"
