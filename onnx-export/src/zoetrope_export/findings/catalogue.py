"""The table of all findings, and the function that makes and reports them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from zoetrope_export.data.text import TextEncoder
from zoetrope_export.findings import apt, osv
from zoetrope_export.findings.evaluator import Evaluator
from zoetrope_export.findings.finding import Finding
from zoetrope_export.findings.findings_report import FindingsReport
from zoetrope_export.findings.variants import VariantTrainer
from zoetrope_export.recipes.presets import Preset
from zoetrope_export.training.errors import NotTrainedError

FINDINGS: dict[str, Callable[[VariantTrainer, Evaluator], Finding]] = {
    "no-ar1": apt.no_ar1,
    "heads": apt.heads,
    "ema": apt.ema,
    "batch": apt.batch,
    "guidance": osv.guidance,
    "samplers": osv.samplers,
    "stages": osv.stages,
}


def make(preset: Preset, run: Path, encoder: TextEncoder, out: Path, only: list[str] | None = None) -> FindingsReport:
    """Makes all findings, or those with the names `only`, and writes the report after each.

    Leaves out a finding if the run lacks one of its stages, or if a folder of its runs holds a run of another recipe.
    Then prints a line with the reason, and adds the finding's name to the report's `missing`.
    """
    trainer = VariantTrainer(preset, run, encoder)
    evaluator = Evaluator(trainer)
    report = FindingsReport(
        out,
        preset=preset,
        prompts=evaluator.prompts,
        order=list(FINDINGS),
        weight_digests=trainer.weight_digests(),
        world=evaluator.world(),
    )
    for name in only or list(FINDINGS):
        finding = FINDINGS[name](trainer, evaluator)
        try:
            evidence = finding.gather()
        except (NotTrainedError, RuntimeError) as missing:
            report.missing.append(name)
            print(f"left out the finding {name!r}: {missing}", flush=True)
            continue
        report.put(finding, evidence)
    return report
