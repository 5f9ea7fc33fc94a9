"""The findings of OSV's Tables 1 and 2. Where theirs is FVD, ours is the main report's Frechet distance."""

from __future__ import annotations

from typing import Any

from zoetrope_export.evaluation.rows import Sampler, one, travel
from zoetrope_export.findings.bench import Bench
from zoetrope_export.findings.finding import Check, Evidence, Finding, Line, Rows, greater
from zoetrope_export.findings.variants import Variant, Workshop
from zoetrope_export.sampling.samplers import two_step
from zoetrope_export.training.loop import read_checkpoint
from zoetrope_export.training.osv import OsvSecondStage
from zoetrope_export.training.student import ConsistencyStage

_GUIDANCE = (None, 1.5, 2.0, 3.0)
_STUDENTS = {"consistency": ConsistencyStage.name, "OSV": OsvSecondStage.name}
ONE, TRAVEL, TWO = "one step", "one step with time travel", "two steps"
WHOLE, NO_FIRST, NO_SECOND = "both stages", "no stage 1", "no stage 2"
NO_GAN, ONE_SOLVER_STEP = "no adversarial loss", "one solver step"


def _guided(student: str, guidance: float | None) -> str:
    return f"{student}, guidance {guidance:g}" if guidance else f"{student}, no guidance"


def guidance(shop: Workshop, bench: Bench) -> Finding:
    """Table 2f."""

    def gather() -> Evidence:
        lines = []
        for student, stage in _STUDENTS.items():
            weights = read_checkpoint(shop.run, stage)["ema"]
            shown = stage == OsvSecondStage.name
            lines += [bench.line(_guided(student, g), weights, one, g, shown) for g in _GUIDANCE]
        return Evidence(lines)

    def judge(rows: Rows) -> list[Check]:
        pairs = [(student, g) for student in _STUDENTS for g in _GUIDANCE if g]
        return [greater(rows, "frechet", _guided(student, g), _guided(student, None)) for student, g in pairs]

    return Finding(
        "guidance",
        "Guidance at inference makes the distilled student worse: FVD 335 without, 427 at 1.5, 531 at 3.",
        "OSV, Table 2f",
        "One step of the run's own students, nothing trained; OSV's is shown the first frame.",
        gather,
        judge,
    )


def samplers(shop: Workshop, bench: Bench) -> Finding:
    """Table 1, equation 11."""

    def gather() -> Evidence:
        weights = read_checkpoint(shop.run, OsvSecondStage.name)["ema"]
        ways: dict[str, Sampler] = {ONE: one, TRAVEL: travel, TWO: two_step}
        return Evidence([bench.line(title, weights, way, None, True) for title, way in ways.items()])

    def judge(rows: Rows) -> list[Check]:
        return [greater(rows, "frechet", *pair) for pair in ((ONE, TRAVEL), (TWO, TRAVEL), (ONE, TWO))]

    return Finding(
        "samplers",
        "Time travel beats a plain step and two plain steps: FVD 171 against 335 and 182.",
        "OSV, equation 11, Table 1",
        "The run's own student, shown the first frame, nothing trained.",
        gather,
        judge,
    )


def stages(shop: Workshop, bench: Bench) -> Finding:
    """Tables 2a to 2d."""
    paper = {ONE_SOLVER_STEP: 332, NO_FIRST: 222, NO_SECOND: 234, NO_GAN: 405}

    def trained() -> dict[str, Variant]:
        def two(name: str, **changes: Any) -> Variant:
            recipe = shop.osv_recipe(**changes)
            return shop.osv_second(f"{name}-2", recipe, shop.osv_first(f"{name}-1", recipe))

        recipe = shop.osv_recipe()
        first = shop.osv_first("osv-1", recipe)
        return {
            WHOLE: two("osv"),
            NO_FIRST: shop.osv_second("osv-no-first", recipe, None),
            NO_SECOND: first,
            NO_GAN: two("osv-no-gan", adversarial=0.0),
            ONE_SOLVER_STEP: shop.osv_second("osv-one-solver-step", shop.osv_recipe(solver_steps=1), first),
        }

    def gather() -> Evidence:
        runs = trained()
        lines = []
        for title, run in runs.items():
            line = bench.line(title, run.state()["ema"], travel, None, True)
            lines.append(Line(line.measured, run.at_the_end()))
        logs = {title: run.log() for title, run in runs.items() if title != NO_SECOND}
        panels = {name: {title: log[name] for title, log in logs.items()} for name in ("distance", "d_accuracy")}
        return Evidence(lines, panels)

    def judge(rows: Rows) -> list[Check]:
        return [greater(rows, "frechet", title, WHOLE) for title in paper]

    return Finding(
        "stages",
        "Each part matters; of one step with time travel, FVD is 171 with all, "
        + ", ".join(f"{fvd} {title}" for title, fvd in paper.items())
        + ".",
        "OSV, Tables 2a to 2d",
        "One step with time travel, shown the first frame. The two stages log other distances: of the student "
        "to real clips in stage 1, of it to its own average one solver further in stage 2.",
        gather,
        judge,
    )
