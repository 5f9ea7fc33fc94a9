"""The small runs behind the findings: stages of the recipe with one thing changed, in folders of their own.

    <run>/findings/alone-3-4-6/    the discriminator alone, before a game
                  /apt/ ...        games, each from such a discriminator
                  /osv-.../        OSV's stages

Interrupted at any moment, the next call goes on. A folder that holds what another recipe made is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextEncoder
from zoetrope_export.models.backbone import BackboneConfig
from zoetrope_export.models.discriminator import DiscriminatorConfig
from zoetrope_export.models.osv_discriminator import OsvDiscriminator
from zoetrope_export.recipes import run_files
from zoetrope_export.recipes.curves import read_log
from zoetrope_export.recipes.presets import Preset
from zoetrope_export.training import products
from zoetrope_export.training.apt import AptRecipe, AptStage
from zoetrope_export.training.checkpoints import read_product, read_state
from zoetrope_export.training.errors import NotTrainedError
from zoetrope_export.training.loop import Stage, fit
from zoetrope_export.training.osv import OsvFirstStage, OsvRecipe, OsvSecondStage
from zoetrope_export.training.products import (
    BackboneWeights,
    DecoderWeights,
    GeneratorWeights,
    OsvWeights,
    VaeWeights,
    Weights,
)

FOLDER = "findings"
_PRODUCTS = (
    products.DECODER,
    products.TEACHER,
    products.CONSISTENCY,
    products.BACKBONE,
    products.OSV_FIRST,
    products.OSV_SECOND,
)
_LAST = 0.2  # of the updates: what a game's log says at its end is their mean


@dataclass(frozen=True)
class Snapshot:
    """A generator during training: its weights, and their exponential moving average."""

    model: Weights
    ema: Weights


@dataclass(frozen=True)
class Variant:
    """A finished small run."""

    folder: Path
    stage: str

    def state(self) -> dict[str, Any]:
        """The state in its checkpoint."""
        return read_state(self.folder, self.stage)

    def weights(self) -> Snapshot:
        """Its generator after the last update."""
        state = self.state()
        return Snapshot(model=state["model"], ema=state["ema"])

    def osv_weights(self) -> OsvWeights:
        """Its product, where it is a run of an OSV stage."""
        return products.Product(self.stage, OsvWeights).of(self.state())

    def snapshot(self, after: int) -> Snapshot:
        """Its generator after some updates."""
        return Snapshot(**torch.load(self._snapshot(after), weights_only=True))

    def keep_snapshot(self, after: int, snapshot: Snapshot) -> None:
        """Writes the generator after some updates to a file."""
        torch.save(vars(snapshot), self._snapshot(after))

    def _snapshot(self, after: int) -> Path:
        return self.folder / f"{self.stage}-{after:06d}.pt"

    def log(self) -> dict[str, np.ndarray]:
        """Its figures over updates."""
        return read_log(self.folder / f"{self.stage}.jsonl")

    def at_the_end(self) -> dict[str, float]:
        """The mean of each figure over the last updates."""
        late = (1 - _LAST) * max(points[-1, 0] for points in self.log().values())
        return {name: float(points[points[:, 0] > late, 1].mean()) for name, points in self.log().items()}


class AloneStage(AptStage):
    """The discriminator alone: the gate never opens, and the last update looks at fresh clips."""

    def update_gate(self, step: int) -> float:
        """The accuracy on fresh clips, once it is known."""
        if step + 1 == self.schedule.steps:
            self.fresh_accuracy = self.measure_fresh_accuracy()
        return self.fresh_accuracy


def _network(record: VaeWeights | DecoderWeights | BackboneWeights | GeneratorWeights) -> Weights:
    """The weights of the network in a product."""
    match record:
        case GeneratorWeights(ema):
            return ema
        case DecoderWeights(model) | BackboneWeights(model):
            return model
        case VaeWeights(vae):
            return vae


def _digest(states: list[Mapping[str, torch.Tensor]]) -> str:
    digest = hashlib.sha256()
    for state in states:
        for tensor in state.values():
            digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


class VariantTrainer:
    """Makes variants of the stages of a run, each once."""

    def __init__(self, preset: Preset, run: Path, encoder: TextEncoder) -> None:
        self.preset, self.run, self.encoder = preset, run, encoder
        self.recipe = preset.findings_recipe
        self.folder = run / FOLDER

    @cached_property
    def teacher(self) -> Weights:
        """The teacher's averaged weights."""
        return read_product(self.run, products.TEACHER).ema

    @cached_property
    def start(self) -> Weights:
        """The one-step student that every game begins with."""
        return read_product(self.run, products.CONSISTENCY).ema

    def weights(self) -> dict[str, str]:
        """Digests of what those of the run's stages that are done have made, which the findings stand on."""
        digests = {}
        for product in _PRODUCTS:
            with suppress(NotTrainedError):
                digests[product.stage] = _digest([_network(read_product(self.run, product))])
        return digests

    @cached_property
    def clips(self) -> LatentDataset:
        """What every variant trains on."""
        return run_files.training_clips(self.preset, self.run, self.encoder)

    @cached_property
    def _fresh(self) -> LatentDataset:
        return run_files.fresh_clips(self.preset, self.run, self.encoder)

    def game(self, name: str, *, batch: int | None = None, snapshots: int = 0, **changes: Any) -> Variant:
        """A game of APT with these fields of its recipe changed; keeps the generator as it was `snapshots` times."""
        recipe = replace(self._game_recipe(self.recipe.updates, batch), **changes)
        variant = Variant(self.folder / name, products.APT.stage)
        every = self.recipe.updates // snapshots if snapshots else self.recipe.updates + 1

        def make() -> AptStage:
            alone = self.alone(recipe.discriminator).state()
            stage = self._apt(AptStage, recipe)
            stage.load_with_open_gate(alone)
            made.append(stage)
            return stage

        def watch(done: int) -> None:
            if done % every == 0:
                stage = made[0]
                variant.keep_snapshot(done, Snapshot(stage.model.state_dict(), stage.ema.shadow.state_dict()))

        made: list[AptStage] = []
        return self._fitted(variant, recipe, [self.teacher, self.start], make, watch)

    def alone(self, heads: DiscriminatorConfig) -> Variant:
        """The discriminator with these heads before its game, the same for every game that has them."""
        recipe = replace(self._game_recipe(self.recipe.alone), discriminator=heads)
        blocks = "-".join(str(block) for block in heads.blocks(self.preset.generator.depth))
        return self._fitted(
            Variant(self.folder / f"alone-{blocks}", products.APT.stage),
            recipe,
            [self.teacher, self.start],
            lambda: self._apt(AloneStage, recipe),
        )

    def _game_recipe(self, steps: int, batch: int | None = None) -> AptRecipe:
        """The paper's, which has no pull to where the generator began: it would hide what a change does to the game."""
        recipe = self.preset.apt_recipe
        batch = batch or recipe.schedule.batch
        schedule = replace(recipe.schedule, steps=steps, batch=batch, decay_from=1.0, minutes=None)
        return replace(recipe, schedule=schedule, ema=self.recipe.ema, begin_again=None, pull=0.0)

    def _apt(self, kind: type[AptStage], recipe: AptRecipe) -> AptStage:
        config, seed = self.preset.generator, self.preset.seed + 6
        return kind(
            name=products.APT.stage,
            config=config,
            recipe=recipe,
            teacher=self.teacher,
            start=self.start,
            dataset=self.clips,
            fresh=self._fresh,
            seed=seed,
        )

    def osv_recipe(self, **changes: Any) -> OsvRecipe:
        """OSV's, as long as the findings' and with these fields changed."""
        recipe, steps = self.preset.osv_recipe, self.recipe.osv_updates
        first, second = replace(recipe.first, steps=steps), replace(recipe.second, steps=steps)
        return replace(recipe, first=first, second=second, **changes)

    def osv_first(self, name: str, recipe: OsvRecipe) -> Variant:
        """OSV's first stage; the run's own where the recipe is its."""
        if recipe == self.preset.osv_recipe:
            return Variant(self.run, OsvFirstStage.name)
        config, seed = self.preset.generator, self.preset.seed + 8
        return self._fitted(
            Variant(self.folder / name, OsvFirstStage.name),
            recipe,
            [self.teacher, self._backbone],
            lambda: OsvFirstStage(
                config=config,
                recipe=recipe,
                teacher=self.teacher,
                backbone=self._backbone,
                dataset=self.clips,
                seed=seed,
            ),
        )

    def osv_second(self, name: str, recipe: OsvRecipe, first: Variant | None) -> Variant:
        """OSV's second stage, after a first or, without one, from the teacher; the run's own where it is just that."""
        if recipe == self.preset.osv_recipe and first == Variant(self.run, OsvFirstStage.name):
            return Variant(self.run, OsvSecondStage.name)
        config, seed = self.preset.generator, self.preset.seed + 9
        started = first.osv_weights() if first else self._no_first_stage()
        return self._fitted(
            Variant(self.folder / name, OsvSecondStage.name),
            recipe,
            [self.teacher, self._backbone, started.ema],
            lambda: OsvSecondStage(
                config=config,
                recipe=recipe,
                teacher=self.teacher,
                first=started,
                backbone=self._backbone,
                dataset=self.clips,
                seed=seed,
            ),
        )

    @cached_property
    def _backbone(self) -> Weights:
        return read_product(self.run, products.BACKBONE).model

    def _no_first_stage(self) -> OsvWeights:
        torch.manual_seed(self.preset.seed + 8)
        heads = OsvDiscriminator(BackboneConfig(channels=self.preset.generator.channels), self._backbone)
        return OsvWeights(ema=self.teacher, heads=heads.heads_state())

    @staticmethod
    def _fitted(
        variant: Variant,
        recipe: object,
        starts: list[Weights],
        make: Callable[[], Stage],
        watch: Callable[[int], None] | None = None,
    ) -> Variant:
        """Trains the variant unless it is done; `starts` are the weights that it begins with."""
        memo, told = variant.folder / "recipe.txt", f"{recipe!r}\nfrom {_digest(list(starts))}\n"
        if memo.exists() and memo.read_text() != told:
            raise RuntimeError(f"{variant.folder} holds what another recipe or other weights made: delete it")
        variant.folder.mkdir(parents=True, exist_ok=True)
        memo.write_text(told)
        try:
            variant.state()
        except NotTrainedError:
            print(f"training {variant.folder.name}", flush=True)
            fit(make(), variant.folder, watch)
        return variant
