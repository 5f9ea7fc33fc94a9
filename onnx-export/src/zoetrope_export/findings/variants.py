"""The small runs that the findings measure: stages of a run's recipe, each with one change and in its own folder.

    <run>/findings/alone-3-4-6/    a discriminator that trains alone, with heads at blocks 3, 4 and 6
                  /apt/ ...        APT's adversarial training; each run starts from such a discriminator
                  /osv-.../        OSV's stages

After an interruption, the next call continues. A folder of another recipe is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

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
    Record,
    VaeWeights,
    Weights,
)

S = TypeVar("S", bound=Stage)

FOLDER = "findings"
_PRODUCTS = (
    products.DECODER,
    products.TEACHER,
    products.CONSISTENCY,
    products.BACKBONE,
    products.OSV_FIRST,
    products.OSV_SECOND,
)
_FINAL_SHARE = 0.2  # a run's final log is the mean over this share of its updates, the last ones


@dataclass(frozen=True)
class Snapshot:
    """A generator during training: its weights, and their exponential moving average."""

    model: Weights
    ema: Weights


@dataclass(frozen=True)
class Variant:
    """A finished small run. `stage` is the name of its checkpoint and log."""

    folder: Path
    stage: str

    def state(self) -> dict[str, Any]:
        """Returns the state in the run's checkpoint."""
        return read_state(self.folder, self.stage)

    def weights(self) -> Snapshot:
        """Returns the weights of the generator after the last update."""
        state = self.state()
        return Snapshot(model=state["model"], ema=state["ema"])

    def osv_weights(self) -> OsvWeights:
        """Returns the product of a run of an OSV stage."""
        return products.Product(self.stage, OsvWeights).of(self.state())

    def snapshot(self, after: int) -> Snapshot:
        """Returns the weights of the generator after `after` updates, which `keep_snapshot` wrote."""
        return Snapshot(**torch.load(self._snapshot(after), weights_only=True))

    def keep_snapshot(self, after: int, snapshot: Snapshot) -> None:
        """Writes the weights of the generator after `after` updates to a file."""
        torch.save(vars(snapshot), self._snapshot(after))

    def _snapshot(self, after: int) -> Path:
        return self.folder / f"{self.stage}-{after:06d}.pt"

    def log(self) -> dict[str, np.ndarray]:
        """Returns the logged metrics by name, each as [N, 2] of the number of updates and the value."""
        return read_log(self.folder / f"{self.stage}.jsonl")

    def final_log(self) -> dict[str, float]:
        """Returns the mean of each logged metric over the last fifth of the updates."""
        late = (1 - _FINAL_SHARE) * max(points[-1, 0] for points in self.log().values())
        return {name: float(points[points[:, 0] > late, 1].mean()) for name, points in self.log().items()}


class DiscriminatorStage(AptStage):
    """A stage of APT that trains only the discriminator, because its gate never opens."""

    def update_gate(self, step: int) -> float:
        """Returns the discriminator's accuracy on fresh clips. Measures it at the last update only."""
        if step + 1 == self.schedule.steps:
            self.fresh_accuracy = self.measure_fresh_accuracy()
        return self.fresh_accuracy


def _network(record: Record) -> Weights:
    """Returns the weights of a product's network, without those of a discriminator's heads."""
    match record:
        case GeneratorWeights(ema):
            return ema
        case DecoderWeights(model) | BackboneWeights(model):
            return model
        case VaeWeights(vae):
            return vae


def _digest(states: list[Mapping[str, torch.Tensor]]) -> str:
    """Returns the SHA-256 of the tensors' values, in order."""
    digest = hashlib.sha256()
    for state in states:
        for tensor in state.values():
            digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


class VariantTrainer:
    """Trains variants of the stages of a run. Trains a variant once; later calls return its finished run."""

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

    def weight_digests(self) -> dict[str, str]:
        """Returns the SHA-256 of the weights of each finished stage that findings start from, by stage."""
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
        """Trains by APT, with the fields `changes` of the recipe. Keeps `snapshots` snapshots of the generator."""
        recipe = replace(self._apt_recipe(self.recipe.updates, batch), **changes)
        variant = Variant(self.folder / name, products.APT.stage)
        every = self.recipe.updates // snapshots if snapshots else self.recipe.updates + 1

        def make() -> AptStage:
            discriminator = self.trained_discriminator(recipe.discriminator).state()
            stage = self._apt(AptStage, recipe)
            stage.load_with_open_gate(discriminator)
            return stage

        def watch(stage: AptStage, done: int) -> None:
            if done % every == 0:
                snapshot = Snapshot(model=stage.model.state_dict(), ema=stage.ema.shadow.state_dict())
                variant.keep_snapshot(done, snapshot)

        return self._fitted(variant, recipe=recipe, starts=[self.teacher, self.start], make=make, watch=watch)

    def trained_discriminator(self, heads: DiscriminatorConfig) -> Variant:
        """Trains a discriminator alone. All runs of APT with the same heads start from the same one."""
        recipe = replace(self._apt_recipe(self.recipe.alone), discriminator=heads)
        blocks = "-".join(str(block) for block in heads.blocks(self.preset.generator.depth))
        return self._fitted(
            Variant(self.folder / f"alone-{blocks}", products.APT.stage),
            recipe=recipe,
            starts=[self.teacher, self.start],
            make=lambda: self._apt(DiscriminatorStage, recipe),
        )

    def _apt_recipe(self, steps: int, batch: int | None = None) -> AptRecipe:
        """Returns the preset's recipe for `steps` updates, without the restart and without the pull to the start.

        The paper has no pull, and it would hide the effect of a change on the adversarial training.
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
        """Returns the preset's recipe of OSV with the findings' number of updates and with the fields `changes`."""
        recipe, steps = self.preset.osv_recipe, self.recipe.osv_updates
        first, second = replace(recipe.first, steps=steps), replace(recipe.second, steps=steps)
        return replace(recipe, first=first, second=second, **changes)

    def osv_first(self, name: str, recipe: OsvRecipe) -> Variant:
        """Trains OSV's first stage. Returns the run's own stage if the recipe is the preset's."""
        if recipe == self.preset.osv_recipe:
            return Variant(self.run, OsvFirstStage.name)
        config, seed = self.preset.generator, self.preset.seed + 8
        return self._fitted(
            Variant(self.folder / name, OsvFirstStage.name),
            recipe=recipe,
            starts=[self.teacher, self._backbone],
            make=lambda: OsvFirstStage(
                config=config,
                recipe=recipe,
                teacher=self.teacher,
                backbone=self._backbone,
                dataset=self.clips,
                seed=seed,
            ),
        )

    def osv_second(self, name: str, recipe: OsvRecipe, first: Variant | None) -> Variant:
        """Trains OSV's second stage, from the stage `first` or, if that is None, from the teacher.

        Returns the run's own stage if both the recipe and the first stage are the run's.
        """
        if recipe == self.preset.osv_recipe and first == Variant(self.run, OsvFirstStage.name):
            return Variant(self.run, OsvSecondStage.name)
        config, seed = self.preset.generator, self.preset.seed + 9
        start = first.osv_weights() if first else self._teacher_as_first_stage()
        return self._fitted(
            Variant(self.folder / name, OsvSecondStage.name),
            recipe=recipe,
            starts=[self.teacher, self._backbone, start.ema],
            make=lambda: OsvSecondStage(
                config=config,
                recipe=recipe,
                teacher=self.teacher,
                first=start,
                backbone=self._backbone,
                dataset=self.clips,
                seed=seed,
            ),
        )

    @cached_property
    def _backbone(self) -> Weights:
        return read_product(self.run, products.BACKBONE).model

    def _teacher_as_first_stage(self) -> OsvWeights:
        """Returns the teacher's weights and untrained heads, in place of the product of a first stage."""
        torch.manual_seed(self.preset.seed + 8)
        heads = OsvDiscriminator(BackboneConfig(channels=self.preset.generator.channels), self._backbone)
        return OsvWeights(ema=self.teacher, heads=heads.heads_state())

    @staticmethod
    def _fitted(
        variant: Variant,
        *,
        recipe: object,
        starts: list[Weights],
        make: Callable[[], S],
        watch: Callable[[S, int], None] | None = None,
    ) -> Variant:
        """Trains the stage that `make` returns, from the weights `starts`, unless the variant is finished.

        Calls `watch` after each update with the stage and the number of updates done. Raises `RuntimeError` if the
        variant's folder holds a run of another recipe or from other weights.
        """
        record, text = variant.folder / "recipe.txt", f"{recipe!r}\nfrom {_digest(list(starts))}\n"
        if record.exists() and record.read_text() != text:
            raise RuntimeError(
                f"{variant.folder} holds a run of another recipe or from other weights: delete the folder"
            )
        variant.folder.mkdir(parents=True, exist_ok=True)
        record.write_text(text)
        try:
            variant.state()
        except NotTrainedError:
            print(f"training {variant.folder.name}", flush=True)
            stage = make()
            fit(stage, variant.folder, partial(watch, stage) if watch else None)
        return variant
