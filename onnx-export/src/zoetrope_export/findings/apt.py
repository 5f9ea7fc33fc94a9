"""The findings of APT's section 5, and what guidance does to its student."""

from __future__ import annotations

import numpy as np

from zoetrope_export.findings.evaluator import Evaluator
from zoetrope_export.findings.finding import Check, Evidence, Finding, Line, Rows, beyond, exceeds, figure, greater
from zoetrope_export.findings.variants import Variant, VariantTrainer
from zoetrope_export.models.discriminator import DiscriminatorConfig

START = "the start of every game"
WITH_R1, WITHOUT_R1 = "with aR1", "without aR1"
ALL_DEPTHS, LAST_LAYER, HALF_DEPTH = "heads at 44, 72, 100%", "head at 100%", "half the depth, heads at 39, 44, 50%"
_LAST_LAYER, _HALF_DEPTH = DiscriminatorConfig((1.0,)), DiscriminatorConfig((14 / 36, 16 / 36, 18 / 36))
_NOTHING_LEFT = 0.1  # of a discriminator's loss; one that knows nothing has 2 log 2
_GAME = ("d_loss", "accuracy", "logit_real", "logit_fake")


def _baseline(trainer: VariantTrainer) -> Variant:
    return trainer.game("apt", snapshots=trainer.recipe.snapshots)


def _curves(games: dict[str, Variant]) -> dict[str, dict[str, np.ndarray]]:
    logs = {title: game.log() for title, game in games.items()}
    return {name: {title: log[name] for title, log in logs.items()} for name in _GAME}


def _game_began(rows: Rows, gate: float) -> list[Check]:
    """How far the discriminators were when their games began."""
    told = ", ".join(f"{figure(row, 'fresh'):.0%} {title}" for title, row in rows.items() if row["logged"])
    return [Check(f"right on fresh clips when the game began, where the recipe's gate asks {gate:.0%}: {told}", None)]


def _start(trainer: VariantTrainer, evaluator: Evaluator, varied: bool = False) -> Line:
    return evaluator.line(START, trainer.start, varied=varied)


def _beside_the_start(rows: Rows) -> Check:
    """Whether any game led anywhere: of games that all did harm, the best is the one that did least."""
    start = figure(rows[START], "frechet")
    nearest = min(figure(row, "frechet") for title, row in rows.items() if title != START)
    side = "nearer" if nearest < start else "no nearer"
    told = f"the best of these rows is {side} to real clips than {START}: Frechet distance {nearest:.2f}, {start:.2f}"
    return Check(told, None)


def no_ar1(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Figure 5."""

    def gather() -> Evidence:
        games = {WITH_R1: _baseline(trainer), WITHOUT_R1: trainer.game("apt-no-ar1", r1_weight=0.0)}
        lines = [_start(trainer, evaluator, varied=True)]
        lines += [evaluator.variant(title, game, raw=True, varied=True) for title, game in games.items()]
        return Evidence(lines, _curves(games))

    def check(rows: Rows) -> list[Check]:
        return [
            beyond(rows, "d_loss", WITHOUT_R1, _NOTHING_LEFT, above=False),
            beyond(rows, "d_loss", WITH_R1, _NOTHING_LEFT, above=True),
            greater(rows, "frechet", WITHOUT_R1, WITH_R1),
            _beside_the_start(rows),
            *_game_began(rows, trainer.preset.apt_recipe.gate.accuracy),
        ]

    return Finding(
        name="no-ar1",
        claim="Without approximated R1 the discriminator's loss falls to zero and the generator collapses; with it "
        "neither.",
        source="APT, section 5.1 and Figure 5",
        how="The weights as they are, not their average. Both games go on from one discriminator, trained with aR1.",
        gather=gather,
        check=check,
    )


def heads(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Figures 6 and 7."""

    def gather() -> Evidence:
        games = {
            ALL_DEPTHS: _baseline(trainer),
            LAST_LAYER: trainer.game("apt-last-layer", discriminator=_LAST_LAYER),
            HALF_DEPTH: trainer.game("apt-half-depth", discriminator=_HALF_DEPTH),
        }
        lines = [_start(trainer, evaluator), *(evaluator.variant(title, game) for title, game in games.items())]
        return Evidence(lines, _curves(games))

    def check(rows: Rows) -> list[Check]:
        worse = [greater(rows, "frechet", title, ALL_DEPTHS) for title in (HALF_DEPTH, LAST_LAYER)]
        return [*worse, _beside_the_start(rows), *_game_began(rows, trainer.preset.apt_recipe.gate.accuracy)]

    return Finding(
        name="heads",
        claim="A discriminator of the whole depth gives better clips than one of half of it, and one with heads at "
        "several depths better ones than one with a head at the last layer alone.",
        source="APT, section 5.2, Figures 6 and 7",
        how="Each discriminator first trained alone, for as many updates. Heads that fall on one block of a network of "
        "few are one.",
        gather=gather,
        check=check,
    )


def ema(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Figure 8."""
    every = trainer.recipe.updates // trainer.recipe.snapshots
    after = [every * (i + 1) for i in range(trainer.recipe.snapshots)]
    titles = {kind: [f"{kind}, {n} updates" for n in after] for kind in ("average", "raw")}

    def gather() -> Evidence:
        game, lines = _baseline(trainer), [_start(trainer, evaluator)]
        for i, updates in enumerate(after):
            kept = game.snapshot(updates)
            lines += [evaluator.line(titles["average"][i], kept.ema), evaluator.line(titles["raw"][i], kept.model)]
        return Evidence(lines, _over_updates(lines))

    def _over_updates(lines: list[Line]) -> dict[str, dict[str, np.ndarray]]:
        rows = {line.measured.title: line.as_json() for line in lines}
        return {
            name: {
                kind: np.array([(n, figure(rows[title], key)) for n, title in zip(after, of_kind, strict=True)])
                for kind, of_kind in titles.items()
            }
            for name, key in (("Frechet distance", "frechet"), ("shape", "shape"), ("sharpness", "sharpness"))
        }

    def check(rows: Rows) -> list[Check]:
        distances = {kind: [figure(rows[title], "frechet") for title in of_kind] for kind, of_kind in titles.items()}
        average, raw = (float(np.mean(distances[kind])) for kind in ("average", "raw"))
        nearest = after[int(np.argmin(distances["average"]))]
        return [
            exceeds("Frechet distance, mean of all snapshots", ("raw", raw), ("average", average)),
            Check(f"the average is nearest to real clips after {nearest} of {after[-1]} updates", None),
            _beside_the_start(rows),
        ]

    return Finding(
        name="ema",
        claim="The averaged weights are better than the weights as they are. (They are best after 350 of 650 updates.)",
        source="APT, section 5.3 and Figure 8",
        how="Snapshots along the game with all heads.",
        gather=gather,
        check=check,
    )


def batch(trainer: VariantTrainer, evaluator: Evaluator) -> Finding:
    """Figure 9."""
    large, small = (f"batch {n}" for n in (trainer.preset.apt_recipe.schedule.batch, trainer.recipe.small_batch))

    def gather() -> Evidence:
        games = {large: _baseline(trainer), small: trainer.game("apt-small-batch", batch=trainer.recipe.small_batch)}
        variants = (evaluator.variant(title, game, varied=True) for title, game in games.items())
        return Evidence([_start(trainer, evaluator, varied=True), *variants], _curves(games))

    def check(rows: Rows) -> list[Check]:
        collapses = [greater(rows, "diversity", large, small), greater(rows, "frechet", small, large)]
        return [*collapses, _beside_the_start(rows)]

    return Finding(
        name="batch",
        claim="A small batch collapses modes, across prompts and seeds; a large one does not.",
        source="APT, section 5.4 and Figure 9",
        how="As many updates of each, at one learning rate, from one discriminator, trained with the large batch.",
        gather=gather,
        check=check,
    )
