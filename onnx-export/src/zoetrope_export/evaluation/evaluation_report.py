"""Writes the evaluation as files: a table in Markdown, every row in JSON, and a contact sheet for each row."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from zoetrope_export.evaluation import classifier, diversity
from zoetrope_export.evaluation.evaluation import Measured
from zoetrope_export.evaluation.metrics import MEASURED_ATTRIBUTES, Metrics

_SHEET_COLUMNS, _SHEET_FRAMES, _SHEET_SIZE = 3, 5, 128
_SHEET_CLIPS = 12

_REPORT = """\
# What the clips of {name} show

The prompts are of held-out combinations of attributes, which no stage trains on. Every row has clips of the same
prompts. `{name}` is the shipped bundle: its clips are published by the whole job and read back from MP4 files. The rows
above it are checkpoints of the stages, sampled in PyTorch. The first rows are the world's own clips: they show how far
from perfect the measurement, the codec and the VAE alone are.

{table}

- **shape, colour, background, motion**: the share of clips that show their prompt's, by the classifier / by pixels.
  The classifier is a network of {parameters} parameters. It is trained on rendered clips, some of them with blur, noise
  and requantising. On {held} rendered clips of held-out combinations its accuracy is {stated}.
  The measurement by pixels (`pixels.py`) uses no network, only colours, areas, centres and outlines. No clip of the
  classifier's training has a shape that stays still, and it classifies one as spinning; by pixels a shape spins if it
  turns steadily.
- **Frechet distance** of the classifier's features, of all 17 frames together, from four other clips of the world per
  prompt. 0 is the same distribution; the first row shows the effect of the number of clips alone.
- **sharpness**: 1 / width of the shape's edge, over that of the world's clip of the same scene. 1 is as sharp as real.
- **diversity**: over {seeds} seeds of one prompt, the standard deviation of the shape's first position, over that of
  the world; mean of {diverse} prompts. 0: the same position for every seed. 1: positions as varied as the world's. Rows
  with a given first frame have none.

| motion of the prompt | {motion_titles} |
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
    """Draws clips under their titles into one PNG: a few frames of each, from first to last, of `size` pixels."""
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
    """Returns the SHA-256 of prompts. Equal digests show that two reports' rows were measured on the same prompts."""
    return hashlib.sha256("\n".join(prompts).encode()).hexdigest()


def table(rows: Mapping[str, Metrics]) -> str:
    """Returns metrics, by the titles of their rows, as a Markdown table."""
    titles = ["clips", "number", *MEASURED_ATTRIBUTES, "Frechet distance", "sharpness", "diversity"]
    lines = [
        " | ".join(titles),
        " | ".join("---" for _ in titles),
        *(_row(title, metrics) for title, metrics in rows.items()),
    ]
    return "\n".join(f"| {line} |" for line in lines)


class ReportError(Exception):
    """The rows of a report were measured on different prompts, so one table cannot compare them."""


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """A row of the report. `source` is that of `Measured`, `sheet` the file name of the row's contact sheet."""

    title: str
    source: str
    metrics: Metrics
    sheet: str

    @staticmethod
    def of_json(row: Mapping[str, Any]) -> ReportRow:
        """Returns a row of the report's JSON file."""
        return ReportRow(title=row["title"], source=row["source"], metrics=Metrics.of_json(row), sheet=row["sheet"])

    def as_json(self) -> dict[str, Any]:
        """Returns the row as plain data, for the report's JSON file."""
        return {"title": self.title, "source": self.source, **asdict(self.metrics), "sheet": self.sheet}


class EvaluationReport:
    """The report NAME.md, NAME.json and their pictures in a folder. `preset` is the preset of the checkpoints.

    A row that is measured again replaces the old one; the report keeps the others. Rows are in the order of `titles`,
    and the shipped bundle's row is last. The files are complete after every row. Raises `ReportError` if the folder
    holds rows on other prompts.
    """

    def __init__(
        self, folder: Path, *, name: str, preset: str, prompts: list[str], titles: list[str], seeds: int
    ) -> None:
        self.folder, self.name, self.preset = folder, name, preset
        self.prompts, self.seeds = prompts, seeds
        self._order = {title: i for i, title in enumerate(titles)}
        self._file = folder / f"{name}.json"
        self._prompts_sha256 = prompts_digest(prompts)
        saved = json.loads(self._file.read_text()) if self._file.exists() else {}
        if saved and saved["prompts_sha256"] != self._prompts_sha256:
            raise ReportError(
                f"{self._file} holds rows on other prompts than these {len(prompts)}: give --reports another folder, or"
                " delete the file to start again"
            )
        self.rows = [ReportRow.of_json(row) for row in saved.get("rows", [])]
        self._bundle_metrics: dict[str, float] = saved.get("shown", {})
        self._bundle: str = saved.get("bundle", "")

    def put(self, measured: Measured) -> None:
        """Adds or replaces a row, draws its contact sheet, and writes the report."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sheet = f"{self.name}.png" if measured.source == "demo" else f"{self.name}-{_slug(measured.title)}.png"
        clips = list(zip(self.prompts, measured.clips, strict=False))[:_SHEET_CLIPS]
        contact_sheet(clips, self.folder / sheet)
        row = ReportRow(title=measured.title, source=measured.source, metrics=measured.metrics, sheet=sheet)
        self.rows = [*(other for other in self.rows if other.title != row.title), row]
        self.rows.sort(key=lambda row: self._order.get(row.title, len(self._order)))
        self._write()

    def put_bundle(self, measured: Measured, description: str) -> None:
        """Adds or replaces the row of the shipped bundle, with the bundle's description."""
        self._bundle_metrics, self._bundle = measured.metrics.flat(), description
        self.put(measured)

    def table(self) -> str:
        """Returns every row as a Markdown table."""
        return table({row.title: row.metrics for row in self.rows})

    def as_json(self) -> dict[str, Any]:
        """Returns the report as plain data. "shown" has the shipped bundle's metrics as in its manifest."""
        return {
            "shown": self._bundle_metrics,
            "bundle": self._bundle,
            "prompts_sha256": self._prompts_sha256,
            "classifier": classifier.stated_accuracy(),
            "rows": [row.as_json() for row in self.rows],
        }

    def _write(self) -> None:
        """Writes NAME.md and NAME.json."""
        stated = ", ".join(f"{name} {share:.1%}" for name, share in classifier.stated_accuracy().items())
        motions = sorted({motion for row in self.rows for motion in row.metrics.motions})
        network = classifier.load()
        text = _REPORT.format(
            name=self.name,
            table=self.table(),
            parameters=f"{sum(p.numel() for p in network.parameters()):,}",
            held=classifier.STATED_CLIPS,
            stated=stated,
            seeds=self.seeds,
            diverse=len(diversity.SCENES),
            motion_titles=" | ".join(row.title for row in self.rows),
            motion_rule="---|" * len(self.rows),
            motions="\n".join(
                f"| {motion} | " + " | ".join(_motion(row.metrics, motion) for row in self.rows) + " |"
                for motion in motions
            ),
            sheets="\n\n".join(f"![{row.title}, first to last frame]({row.sheet})" for row in self.rows),
            bundle=f"The bundle is {self._bundle}.\n" if self._bundle else "",
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            command=_COMMAND.format(name=self.name, preset=self.preset, count=len(self.prompts), seeds=self.seeds),
        )
        (self.folder / f"{self.name}.md").write_text(text)
        self._file.write_text(json.dumps(self.as_json(), indent=2) + "\n")


def _motion(metrics: Metrics, motion: str) -> str:
    """Returns the shares of a motion's clips that show it, by the classifier / by pixels, as text."""
    return f"{metrics.motions[motion]:.0%} / {metrics.motions_by_pixels[motion]:.0%}"


def _row(title: str, metrics: Metrics) -> str:
    """Returns a line of the table, without its outer bars."""
    shares = " | ".join(f"{metrics.classifier[name]:.1%} / {metrics.pixels[name]:.1%}" for name in MEASURED_ATTRIBUTES)
    diverse = "" if metrics.diversity is None else f"{metrics.diversity:.2f}"
    return f"{title} | {metrics.clips} | {shares} | {metrics.frechet:.2f} | {metrics.sharpness:.3f} | {diverse}"
