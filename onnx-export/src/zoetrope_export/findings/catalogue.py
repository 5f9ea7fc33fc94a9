"""The table of all findings, and `make`, which makes and reports some of them."""

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

    A finding whose stages the run lacks, or whose folder holds other runs, is left out: a line says why, and the
    report's `missing` has its name.
    """
    trainer = VariantTrainer(preset, run, encoder)
    evaluator = Evaluator(trainer)
    report = FindingsReport(
        out, preset=preset, prompts=evaluator.prompts, order=list(FINDINGS), weights=trainer.weights()
    )
    report.world(evaluator.world())
    for name in only or list(FINDINGS):
        finding = FINDINGS[name](trainer, evaluator)
        try:
            evidence = finding.gather()
        except (NotTrainedError, RuntimeError) as missing:
            report.missing.append(name)
            print(f"no finding {name!r}: {missing}", flush=True)
            continue
        report.put(finding, evidence)
    return report
