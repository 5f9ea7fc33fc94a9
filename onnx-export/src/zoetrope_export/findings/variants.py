"""The small runs behind the findings: stages of the recipe with one change each, in their own folders.

    <run>/findings/alone-3-4-6/    a discriminator that trains alone, with heads at blocks 3, 4 and 6
                  /apt/ ...        adversarial training of APT, each from such a discriminator
                  /osv-.../        OSV's stages

A call that is interrupted can be repeated, and continues. A folder that another recipe made is refused.
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
_LAST = 0.2  # share of the updates, the last ones, whose mean is a run's final log


@dataclass(frozen=True)
class Snapshot:
    """A generator during training: its weights, and their exponential moving average."""

    model: Weights
    ema: Weights


@dataclass(frozen=True)
class Variant:
    """A finished small run: its folder and the name of its stage."""

    folder: Path
    stage: str

    def state(self) -> dict[str, Any]:
        """Returns the state in the checkpoint."""
        return read_state(self.folder, self.stage)

    def weights(self) -> Snapshot:
        """Returns the generator after the last update."""
        state = self.state()
        return Snapshot(model=state["model"], ema=state["ema"])

    def osv_weights(self) -> OsvWeights:
        """Returns the product of a run of an OSV stage."""
        return products.Product(self.stage, OsvWeights).of(self.state())

    def snapshot(self, after: int) -> Snapshot:
        """Returns the generator after `after` updates, kept by `keep_snapshot`."""
        return Snapshot(**torch.load(self._snapshot(after), weights_only=True))

    def keep_snapshot(self, after: int, snapshot: Snapshot) -> None:
        """Writes the generator after `after` updates to a file."""
        torch.save(vars(snapshot), self._snapshot(after))

    def _snapshot(self, after: int) -> Path:
        return self.folder / f"{self.stage}-{after:06d}.pt"

    def log(self) -> dict[str, np.ndarray]:
        """Returns the logged values over updates, each [N, 2]."""
        return read_log(self.folder / f"{self.stage}.jsonl")

    def final_log(self) -> dict[str, float]:
        """Returns the mean of each logged value over the last fifth of the updates."""
        late = (1 - _LAST) * max(points[-1, 0] for points in self.log().values())
        return {name: float(points[points[:, 0] > late, 1].mean()) for name, points in self.log().items()}


class DiscriminatorStage(AptStage):
    """A stage of APT that trains the discriminator only: the gate never opens."""

    def update_gate(self, step: int) -> float:
        """Returns the discriminator's accuracy on fresh clips, which is measured at the last update."""
        if step + 1 == self.schedule.steps:
            self.fresh_accuracy = self.measure_fresh_accuracy()
        return self.fresh_accuracy


def _network(record: VaeWeights | DecoderWeights | BackboneWeights | GeneratorWeights) -> Weights:
    """Returns the weights of the network in a product."""
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
    """Trains variants of a run's stages, each once."""

    def __init__(self, preset: Preset, run: Path, encoder: TextEncoder) -> None:
        self.preset, self.run, self.encoder = preset, run, encoder
        self.recipe = preset.findings_recipe
        self.folder = run / FOLDER

    @cached_property
    def teacher(self) -> Weights:
        """The averaged weights of the teacher."""
        return read_product(self.run, products.TEACHER).ema

    @cached_property
    def start(self) -> Weights:
        """The averaged weights of the one-step student, from which every run of APT starts."""
        return read_product(self.run, products.CONSISTENCY).ema

    def weights(self) -> dict[str, str]:
        """Returns digests of the weights of the run's finished stages, from which the findings are made."""
        digests = {}
        for product in _PRODUCTS:
            with suppress(NotTrainedError):
                digests[product.stage] = _digest([_network(read_product(self.run, product))])
        return digests

    @cached_property
    def clips(self) -> LatentDataset:
        """The clips that every variant trains on."""
        return run_files.training_clips(self.preset, self.run, self.encoder)

    @cached_property
    def _fresh(self) -> LatentDataset:
        return run_files.fresh_clips(self.preset, self.run, self.encoder)

    def apt_run(self, name: str, *, batch: int | None = None, snapshots: int = 0, **changes: Any) -> Variant:
        """Trains by APT with the given fields of the recipe changed; keeps `snapshots` snapshots of the generator."""
        recipe = replace(self._apt_recipe(self.recipe.updates, batch), **changes)
        variant = Variant(self.folder / name, products.APT.stage)
        every = self.recipe.updates // snapshots if snapshots else self.recipe.updates + 1

        def make() -> AptStage:
            discriminator = self.trained_discriminator(recipe.discriminator).state()
            stage = self._apt(AptStage, recipe)
            stage.load_with_open_gate(discriminator)
            made.append(stage)
            return stage

        def watch(done: int) -> None:
            if done % every == 0:
                stage = made[0]
                variant.keep_snapshot(done, Snapshot(stage.model.state_dict(), stage.ema.shadow.state_dict()))

        made: list[AptStage] = []
        return self._fitted(variant, recipe, [self.teacher, self.start], make, watch)

    def trained_discriminator(self, heads: DiscriminatorConfig) -> Variant:
        """Trains a discriminator with the given heads alone, once for all runs of APT with these heads."""
        recipe = replace(self._apt_recipe(self.recipe.alone), discriminator=heads)
        blocks = "-".join(str(block) for block in heads.blocks(self.preset.generator.depth))
        return self._fitted(
            Variant(self.folder / f"alone-{blocks}", products.APT.stage),
            recipe,
            [self.teacher, self.start],
            lambda: self._apt(DiscriminatorStage, recipe),
        )

    def _apt_recipe(self, steps: int, batch: int | None = None) -> AptRecipe:
        """Returns the preset's recipe without its restart and, as in the paper, without its pull to the start.

        The pull would hide the effect of a change on the adversarial training.
        """
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
        """Returns the preset's recipe of OSV with the findings' number of updates and the given fields changed."""
        recipe, steps = self.preset.osv_recipe, self.recipe.osv_updates
        first, second = replace(recipe.first, steps=steps), replace(recipe.second, steps=steps)
        return replace(recipe, first=first, second=second, **changes)

    def osv_first(self, name: str, recipe: OsvRecipe) -> Variant:
        """Trains OSV's first stage; returns the run's own where the recipe is the preset's."""
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
        """Trains OSV's second stage, from a first stage or, for None, from the teacher.

        Returns the run's own stage where the recipe and the first stage are the run's.
        """
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
        """Trains the variant unless it is finished; `starts` are the weights that it starts from.

        Raises `RuntimeError` where the folder holds a run of another recipe or from other weights.
        """
        memo, text = variant.folder / "recipe.txt", f"{recipe!r}\nfrom {_digest(list(starts))}\n"
        if memo.exists() and memo.read_text() != text:
            raise RuntimeError(
                f"{variant.folder} holds a run of another recipe or from other weights: delete the folder"
            )
        variant.folder.mkdir(parents=True, exist_ok=True)
        memo.write_text(text)
        try:
            variant.state()
        except NotTrainedError:
            print(f"training {variant.folder.name}", flush=True)
            fit(make(), variant.folder, watch)
        return variant
