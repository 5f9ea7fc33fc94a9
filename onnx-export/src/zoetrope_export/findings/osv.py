"""The findings of OSV's Tables 1 and 2. The paper measures FVD; we measure the main report's Frechet distance."""

from __future__ import annotations

from typing import Any

from zoetrope_export.evaluation.rows import Sampler, sample_one_step, sample_time_travel
from zoetrope_export.findings.evaluator import Evaluator
from zoetrope_export.findings.finding import Check, Evidence, Finding, Line, Rows, greater
from zoetrope_export.findings.variants import Variant, VariantTrainer
from zoetrope_export.sampling.samplers import two_step
from zoetrope_export.training import products
from zoetrope_export.training.checkpoints import read_product
from zoetrope_export.training.products import GeneratorWeights

_GUIDANCE = (None, 1.5, 2.0, 3.0)
_STUDENTS: dict[str, products.Product[GeneratorWeights]] = {
    "consistency": products.CONSISTENCY,
    "OSV": products.OSV_SECOND,
}
ONE, TRAVEL, TWO = "one step", "one step with time travel", "two steps"
WHOLE, NO_FIRST, NO_SECOND = "both stages", "no stage 1", "no stage 2"
NO_GAN, ONE_SOLVER_STEP = "no adversarial loss", "one solver step"


def _guided(student: str, guidance: float | None) -> str:
    return f"{student}, guidance {guidance:g}" if guidance else f"{student}, no guidance"


def guidance(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Returns the finding of Table 2f: guidance of the distilled student."""

    def gather() -> Evidence:
        lines = []
        for student, product in _STUDENTS.items():
            weights = read_product(trainer.run, product).ema
            from_first_frame = product == products.OSV_SECOND
            lines += [
                evaluator.line(
                    _guided(student, g), weights, sampler=sample_one_step, guidance=g, from_first_frame=from_first_frame
                )
                for g in _GUIDANCE
            ]
        return Evidence(lines)

    def check(rows: Rows) -> list[Check]:
        pairs = [(student, g) for student in _STUDENTS for g in _GUIDANCE if g]
        return [greater(rows, "frechet", _guided(student, g), _guided(student, None)) for student, g in pairs]

    return Finding(
        name="guidance",
        claim="Guidance at inference makes the distilled student worse: FVD 335 without, 427 at 1.5, 531 at 3.",
        source="OSV, Table 2f",
        how="One step of the run's own students; nothing is trained. OSV's student gets the first frame.",
        gather=gather,
        check=check,
    )


def samplers(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Returns the finding of Table 1 and equation 11: one step, time travel, two steps."""

    def gather() -> Evidence:
        weights = read_product(trainer.run, products.OSV_SECOND).ema
        ways: dict[str, Sampler] = {ONE: sample_one_step, TRAVEL: sample_time_travel, TWO: two_step}
        return Evidence(
            [
                evaluator.line(title, weights, sampler=way, guidance=None, from_first_frame=True)
                for title, way in ways.items()
            ]
        )

    def check(rows: Rows) -> list[Check]:
        return [greater(rows, "frechet", *pair) for pair in ((ONE, TRAVEL), (TWO, TRAVEL), (ONE, TWO))]

    return Finding(
        name="samplers",
        claim="Time travel beats a plain step and two plain steps: FVD 171 against 335 and 182.",
        source="OSV, equation 11, Table 1",
        how="The run's own student with the first frame; nothing is trained.",
        gather=gather,
        check=check,
    )


def stages(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Returns the finding of Tables 2a to 2d: OSV without each of its parts."""
    paper = {ONE_SOLVER_STEP: 332, NO_FIRST: 222, NO_SECOND: 234, NO_GAN: 405}

    def trained() -> dict[str, Variant]:
        def two(name: str, **changes: Any) -> Variant:
            recipe = trainer.osv_recipe(**changes)
            return trainer.osv_second(f"{name}-2", recipe, trainer.osv_first(f"{name}-1", recipe))

        recipe = trainer.osv_recipe()
        first = trainer.osv_first("osv-1", recipe)
        return {
            WHOLE: two("osv"),
            NO_FIRST: trainer.osv_second("osv-no-first", recipe, None),
            NO_SECOND: first,
            NO_GAN: two("osv-no-gan", adversarial=0.0),
            ONE_SOLVER_STEP: trainer.osv_second("osv-one-solver-step", trainer.osv_recipe(solver_steps=1), first),
        }

    def gather() -> Evidence:
        runs = trained()
        lines = []
        for title, run in runs.items():
            line = evaluator.line(
                title, run.weights().ema, sampler=sample_time_travel, guidance=None, from_first_frame=True
            )
            lines.append(Line(line.measured, run.final_log()))
        logs = {title: run.log() for title, run in runs.items() if title != NO_SECOND}
        panels = {name: {title: log[name] for title, log in logs.items()} for name in ("distance", "d_accuracy")}
        return Evidence(lines, panels)

    def check(rows: Rows) -> list[Check]:
        return [greater(rows, "frechet", title, WHOLE) for title in paper]

    return Finding(
        name="stages",
        claim="Each part matters; of one step with time travel, FVD is 171 with all, "
        + ", ".join(f"{fvd} {title}" for title, fvd in paper.items())
        + ".",
        source="OSV, Tables 2a to 2d",
        how="One step with time travel, with the first frame. The two stages log different distances: from the student "
        "to real clips in stage 1, and from it to its own average one solver further in stage 2.",
        gather=gather,
        check=check,
    )
