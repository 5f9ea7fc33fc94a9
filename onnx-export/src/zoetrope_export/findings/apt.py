"""The findings of APT's section 5."""

from __future__ import annotations

import numpy as np

from zoetrope_export.findings.evaluator import Evaluator
from zoetrope_export.findings.finding import Check, Evidence, Finding, Line, Rows, beyond, exceeds, greater, metric
from zoetrope_export.findings.variants import Variant, VariantTrainer
from zoetrope_export.models.discriminator import DiscriminatorConfig

START = "the start of every run"
WITH_R1, WITHOUT_R1 = "with aR1", "without aR1"
ALL_DEPTHS, LAST_LAYER, HALF_DEPTH = "heads at 44, 72, 100%", "head at 100%", "half the depth, heads at 39, 44, 50%"
_LAST_LAYER, _HALF_DEPTH = DiscriminatorConfig((1.0,)), DiscriminatorConfig((14 / 36, 16 / 36, 18 / 36))
_VANISHED = 0.1  # a discriminator's loss below this has fallen to zero; random logits of 0 give 2 log 2
_LOGGED = ("d_loss", "accuracy", "logit_real", "logit_fake")


def _baseline(trainer: VariantTrainer) -> Variant:
    return trainer.apt_run("apt", snapshots=trainer.recipe.snapshots)


def _curves(runs: dict[str, Variant]) -> dict[str, dict[str, np.ndarray]]:
    logs = {title: run.log() for title, run in runs.items()}
    return {name: {title: log[name] for title, log in logs.items()} for name in _LOGGED}


def _discriminators_at_start(rows: Rows, gate: float) -> Check:
    """Remarks how accurate the discriminators were when the generator's training began."""
    shares = ", ".join(f"{metric(row, 'fresh'):.0%} {title}" for title, row in rows.items() if row.logged)
    text = f"the discriminator's accuracy on fresh clips when the generator's training began: {shares}"
    return Check(f"{text}; the recipe's gate requires {gate:.0%}", None)


def _start(trainer: VariantTrainer, evaluator: Evaluator, diversity: bool = False) -> Line:
    return evaluator.line(START, trainer.start, diversity=diversity)


def _best_against_start(rows: Rows) -> Check:
    """Remarks whether any run came nearer to real clips than its start. If none did, the best is the least harmful."""
    start = metric(rows[START], "frechet")
    nearest = min(metric(row, "frechet") for title, row in rows.items() if title != START)
    side = "nearer" if nearest < start else "no nearer"
    text = f"the best of these rows is {side} to real clips than {START}: Frechet distance {nearest:.2f}, {start:.2f}"
    return Check(text, None)


def no_ar1(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Returns the finding of Figure 5: training without approximated R1."""

    def gather() -> Evidence:
        runs = {WITH_R1: _baseline(trainer), WITHOUT_R1: trainer.apt_run("apt-no-ar1", r1_weight=0.0)}
        lines = [_start(trainer, evaluator, diversity=True)]
        lines += [evaluator.variant(title, run, raw=True, diversity=True) for title, run in runs.items()]
        return Evidence(lines, _curves(runs))

    def check(rows: Rows) -> list[Check]:
        return [
            beyond(rows, "d_loss", WITHOUT_R1, _VANISHED, above=False),
            beyond(rows, "d_loss", WITH_R1, _VANISHED, above=True),
            greater(rows, "frechet", WITHOUT_R1, WITH_R1),
            _best_against_start(rows),
            _discriminators_at_start(rows, trainer.preset.apt_recipe.gate.accuracy),
        ]

    return Finding(
        name="no-ar1",
        claim="Without approximated R1 the discriminator's loss falls to zero and the generator collapses; with it "
        "neither.",
        source="APT, section 5.1 and Figure 5",
        how="The raw weights, not their average. Both runs continue from one discriminator, trained with aR1.",
        gather=gather,
        check=check,
    )


def heads(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Returns the finding of Figures 6 and 7: the depth of the discriminator and of its heads."""

    def gather() -> Evidence:
        runs = {
            ALL_DEPTHS: _baseline(trainer),
            LAST_LAYER: trainer.apt_run("apt-last-layer", discriminator=_LAST_LAYER),
            HALF_DEPTH: trainer.apt_run("apt-half-depth", discriminator=_HALF_DEPTH),
        }
        lines = [_start(trainer, evaluator), *(evaluator.variant(title, run) for title, run in runs.items())]
        return Evidence(lines, _curves(runs))

    def check(rows: Rows) -> list[Check]:
        worse = [greater(rows, "frechet", title, ALL_DEPTHS) for title in (HALF_DEPTH, LAST_LAYER)]
        return [
            *worse,
            _best_against_start(rows),
            _discriminators_at_start(rows, trainer.preset.apt_recipe.gate.accuracy),
        ]

    return Finding(
        name="heads",
        claim="A discriminator of the whole depth gives better clips than one of half of it, and one with heads at "
        "several depths better ones than one with a head at the last layer alone.",
        source="APT, section 5.2, Figures 6 and 7",
        how="Each discriminator first trains alone, for the same number of updates. Heads at the same block of a "
        "shallow network are one head.",
        gather=gather,
        check=check,
    )


def ema(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Returns the finding of Figure 8: averaged weights against raw ones."""
    every = trainer.recipe.updates // trainer.recipe.snapshots
    after = [every * (i + 1) for i in range(trainer.recipe.snapshots)]
    titles = {kind: [f"{kind}, {n} updates" for n in after] for kind in ("average", "raw")}

    def gather() -> Evidence:
        run, lines = _baseline(trainer), [_start(trainer, evaluator)]
        for i, updates in enumerate(after):
            kept = run.snapshot(updates)
            lines += [evaluator.line(titles["average"][i], kept.ema), evaluator.line(titles["raw"][i], kept.model)]
        return Evidence(lines, _over_updates(lines))

    def _over_updates(lines: list[Line]) -> dict[str, dict[str, np.ndarray]]:
        rows = Evidence(lines).rows()
        return {
            name: {
                kind: np.array([(n, metric(rows[title], key)) for n, title in zip(after, of_kind, strict=True)])
                for kind, of_kind in titles.items()
            }
            for name, key in (("Frechet distance", "frechet"), ("shape", "shape"), ("sharpness", "sharpness"))
        }

    def check(rows: Rows) -> list[Check]:
        distances = {kind: [metric(rows[title], "frechet") for title in of_kind] for kind, of_kind in titles.items()}
        average, raw = (float(np.mean(distances[kind])) for kind in ("average", "raw"))
        nearest = after[int(np.argmin(distances["average"]))]
        return [
            exceeds("Frechet distance, mean of all snapshots", ("raw", raw), ("average", average)),
            Check(f"the average is nearest to real clips after {nearest} of {after[-1]} updates", None),
            _best_against_start(rows),
        ]

    return Finding(
        name="ema",
        claim="The averaged weights are better than the raw ones. (They are best after 350 of 650 updates.)",
        source="APT, section 5.3 and Figure 8",
        how="Snapshots of the run with all heads.",
        gather=gather,
        check=check,
    )


def batch(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Returns the finding of Figure 9: a small batch."""
    large, small = (f"batch {n}" for n in (trainer.preset.apt_recipe.schedule.batch, trainer.recipe.small_batch))

    def gather() -> Evidence:
        runs = {large: _baseline(trainer), small: trainer.apt_run("apt-small-batch", batch=trainer.recipe.small_batch)}
        variants = (evaluator.variant(title, run, diversity=True) for title, run in runs.items())
        return Evidence([_start(trainer, evaluator, diversity=True), *variants], _curves(runs))

    def check(rows: Rows) -> list[Check]:
        collapses = [greater(rows, "diversity", large, small), greater(rows, "frechet", small, large)]
        return [*collapses, _best_against_start(rows)]

    return Finding(
        name="batch",
        claim="A small batch collapses modes, across prompts and seeds; a large one does not.",
        source="APT, section 5.4 and Figure 9",
        how="The same number of updates and the same learning rate for both. Both continue from one discriminator, "
        "trained with the large batch.",
        gather=gather,
        check=check,
    )
