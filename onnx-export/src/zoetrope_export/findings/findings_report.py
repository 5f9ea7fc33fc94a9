"""Writes the findings as files: for each a verdict, a table, curves and clips, and all rows in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zoetrope_export.evaluation.evaluation import Measured
from zoetrope_export.evaluation.evaluation_report import contact_sheet, prompts_digest, table
from zoetrope_export.findings.finding import MARGIN, Check, Evidence, Finding, FindingRow, verdict
from zoetrope_export.recipes import presets
from zoetrope_export.recipes.curves import compare
from zoetrope_export.recipes.presets import Preset

_SHOWN = 3  # clips of each row
_REPORT = """\
# The papers' findings, on {name}

The ablations of APT and OSV, each repeated as small runs. Every row is measured on {count} held-out prompts. In a run
of APT the discriminator trains alone for {alone} updates, then generator and discriminator train for {updates}, without
a pull of the generator to its start. A stage of OSV trains for {osv} updates. Everything is run once, with one seed. A
finding agrees if all its checks hold. A difference below {margin:.0%} does not count.

| finding | source | ours |
|---|---|---|
{summary}

{world}

The columns are those of the main report. The pictures show each row's clips of the same {shown} prompts: {prompts}.
{findings}
Measured on {date} with, from the top folder,

```
source onnx-export/.venv/bin/activate && cd onnx-export
python -m zoetrope_export findings --preset {name}
```
"""
_FINDING = """\

## {name}: {verdict}

> {claim} ({source})

{how}

{table}
{logged}
{checks}
{pictures}"""
_MARKS = {True: "holds", False: "does not hold", None: "remark"}


@dataclass(frozen=True, kw_only=True)
class ReportedFinding:
    """A finding in the report.

    `pictures` holds file names by kind. `weights` holds the digests of the weights from which the finding was made, by
    stage.
    """

    verdict: str
    claim: str
    source: str
    how: str
    rows: list[FindingRow]
    checks: list[Check]
    pictures: dict[str, str]
    weights: dict[str, str]

    @staticmethod
    def of_json(finding: Mapping[str, Any]) -> ReportedFinding:
        """Returns a finding of the report's JSON file."""
        rows = [FindingRow.of_json(row) for row in finding["rows"]]
        checks = [Check.of_json(check) for check in finding["checks"]]
        return ReportedFinding(**{**finding, "rows": rows, "checks": checks})

    def as_json(self) -> dict[str, Any]:
        """Returns the finding as plain data, for the report's JSON file."""
        rows, checks = [row.as_json() for row in self.rows], [check.as_json() for check in self.checks]
        return {**vars(self), "rows": rows, "checks": checks}


class FindingsReport:
    """The report of one preset in a folder.

    A finding that is made again replaces the old one. The report keeps the others, unless they were measured on other
    prompts, made with other recipes, or made from other weights of the run. `weight_digests` holds a digest of the
    weights of each finished stage of the run. `world` is the row of the world's own clips. `missing` has the names of
    the findings that could not be made.
    """

    def __init__(
        self,
        folder: Path,
        *,
        preset: Preset,
        prompts: list[str],
        order: list[str],
        weight_digests: dict[str, str],
        world: Measured,
    ) -> None:
        self.folder, self.recipe, self.prompts, self.order = folder, preset.findings_recipe, prompts, order
        self.name, self._file = preset.name, folder / f"{preset.name}-findings.json"
        self.missing: list[str] = []
        self._made_by = {"prompts_sha256": prompts_digest(prompts), "preset": presets.flat(preset)}
        self._weight_digests, self._world = weight_digests, world
        saved = json.loads(self._file.read_text()) if self._file.exists() else {}
        if any(saved.get(key) != value for key, value in self._made_by.items()):
            saved = {}
        kept = {name: ReportedFinding.of_json(finding) for name, finding in saved.get("findings", {}).items()}
        self.findings = {name: made for name, made in kept.items() if made.weights.items() <= weight_digests.items()}

    def put(self, finding: Finding, evidence: Evidence) -> None:
        """Adds or replaces a finding: checks its claim, draws its pictures, and writes the report."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = evidence.rows()
        checks, stem = finding.check(rows), f"{self.name}-findings-{finding.name}"
        pictures = {"clips": f"{stem}-clips.png"}
        clips = [(line.measured.title, clip) for line in evidence.lines for clip in line.measured.clips[:_SHOWN]]
        contact_sheet(clips, self.folder / pictures["clips"], size=64)
        if evidence.panels:
            pictures = {"curves": f"{stem}.png", **pictures}
            compare(evidence.panels, self.folder / pictures["curves"])
        self.findings[finding.name] = ReportedFinding(
            verdict=verdict(checks),
            claim=finding.claim,
            source=finding.source,
            how=finding.how,
            rows=list(rows.values()),
            checks=checks,
            pictures=pictures,
            weights=self._weight_digests,
        )
        self._write()

    def summary(self) -> str:
        """Returns a line of the summary's table for each finding, in Markdown."""
        findings = {name: self.findings[name] for name in self.order if name in self.findings}
        return "\n".join(f"| {name} | {made.source} | {made.verdict} |" for name, made in findings.items())

    def _write(self) -> None:
        """Writes NAME-findings.md and NAME-findings.json."""
        recipe = self.recipe
        text = _REPORT.format(
            name=self.name,
            count=recipe.prompts,
            updates=recipe.updates,
            alone=recipe.alone,
            osv=recipe.osv_updates,
            margin=MARGIN,
            summary=self.summary(),
            world=table({self._world.title: self._world.metrics}),
            shown=_SHOWN,
            prompts="; ".join(self.prompts[:_SHOWN]),
            findings="".join(_section(name, self.findings[name]) for name in self.order if name in self.findings),
            date=f"{datetime.now(UTC):%Y-%m-%d}",
        )
        (self.folder / f"{self.name}-findings.md").write_text(text)
        findings = {name: finding.as_json() for name, finding in self.findings.items()}
        saved = {**self._made_by, "world": self._world.as_json(), "findings": findings}
        self._file.write_text(json.dumps(saved, indent=2) + "\n")


def _section(name: str, finding: ReportedFinding) -> str:
    """Returns the section of a finding, in Markdown."""
    return _FINDING.format(
        name=name,
        verdict=finding.verdict,
        claim=finding.claim,
        source=finding.source,
        how=finding.how,
        table=table({row.title: row.metrics for row in finding.rows}),
        logged=_logged(finding.rows),
        checks="\n".join(f"- {_MARKS[check.holds]}: {check.text}" for check in finding.checks),
        pictures="".join(f"\n![{name}, {kind}]({file})\n" for kind, file in finding.pictures.items()),
    )


def _logged(rows: list[FindingRow]) -> str:
    """Returns a Markdown table of the ends of the rows' logs, or an empty text if no row has a log."""
    trained = [row for row in rows if row.logged]
    names = list(dict.fromkeys(name for row in trained for name in row.logged))
    if not names:
        return ""
    lines = [["mean of the last fifth of the updates", *names], ["---"] * (len(names) + 1)]
    lines += [[row.title, *(f"{row.logged.get(name, 0):.4g}" for name in names)] for row in trained]
    return "\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
