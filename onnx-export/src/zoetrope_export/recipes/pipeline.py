"""The training pipeline, in the order of stages: VAE, clips, teacher, decoder, backbone, one-step student, APT, OSV.

A run skips its finished stages. Its file `preset.json` records the preset with which it started. It continues with that
preset only, because each stage depends on earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch, TextEncoder
from zoetrope_export.data.toyworld import CPU
from zoetrope_export.models.backbone import BackboneConfig
from zoetrope_export.recipes import presets, start_from_bundle
from zoetrope_export.recipes.findings_recipe import FindingsRecipe
from zoetrope_export.recipes.presets import Preset, PresetError
from zoetrope_export.recipes.run_files import (
    fresh_clips,
    generator_of,
    load_first_vae,
    load_generator,
    load_vae,
    training_clips,
)
from zoetrope_export.recipes.sample_images import SampleRecorder
from zoetrope_export.training import products, trajectories
from zoetrope_export.training.apt import AptStage
from zoetrope_export.training.backbone import BackboneStage
from zoetrope_export.training.checkpoints import checkpoint_path, is_finished, read_product
from zoetrope_export.training.consistency import ConsistencyStage
from zoetrope_export.training.decoder import DecoderStage
from zoetrope_export.training.first_frames import clip_weights, image_config, image_dataset, image_weights
from zoetrope_export.training.loop import Stage, fit
from zoetrope_export.training.osv import OsvFirstStage, OsvSecondStage
from zoetrope_export.training.products import BackboneWeights, GeneratorWeights
from zoetrope_export.training.teacher import TeacherStage
from zoetrope_export.training.vae import VaeStage

_RECORD = "preset.json"
_TEACHER_STEPS = 12  # Euler steps for a sample image of the teacher
# Parameters that no stage of training depends on.
_MAY_CHANGE = {"two_evaluations", *(f"findings_recipe.{field.name}" for field in fields(FindingsRecipe))}


@dataclass(frozen=True)
class Run:
    """A training run: its folder, and the time of the monotonic clock at which it stops, if any."""

    folder: Path
    until: float | None = None

    def fit(self, stage: Stage, watch: Callable[[int], None] | None = None) -> None:
        """Trains a stage to its end; does nothing if it is finished. Raises `OutOfTimeError` at `until`."""
        fit(stage, self.folder, watch, self.until)

    def generator(self, product: products.Product[GeneratorWeights]) -> products.Weights:
        """Returns the averaged weights of a generator, the product of a finished stage."""
        return read_product(self.folder, product).ema


def begin(preset: Preset, folder: Path, bundle: Path) -> list[Path]:
    """Starts a run with the weights of a bundle; returns the paths of the written files.

    Raises `PresetError` if the run started with another preset, or for the reasons that `write_start` names.
    """
    _refuse_another_preset(preset, folder)
    written = start_from_bundle.write_start(bundle, preset, folder)
    _record_preset(preset, folder)
    return written


def train(
    preset: Preset, folder: Path, encoder: TextEncoder, device: torch.device = CPU, until: float | None = None
) -> None:
    """Trains the stages that `folder` does not hold yet, on `device`. After an interruption, the next call continues.

    Raises `PresetError` if the run started with another preset, or if the preset starts from a bundle and `begin` has
    not written its weights yet. Raises `OutOfTimeError` at `until`, a time of the monotonic clock.
    """
    if preset.begins_with is not None and not checkpoint_path(folder, products.START.stage).exists():
        raise PresetError(
            f"{folder} has no start weights yet, and the preset {preset.name} starts from the bundle"
            f" {preset.begins_with}: call python -m zoetrope_export begin with the same --preset and --bundle FOLDER"
            " first"
        )
    _record_preset(preset, folder)
    run = Run(folder, until)
    run.fit(VaeStage(config=preset.vae, world=preset.world, recipe=preset.vae_recipe, seed=preset.seed, device=device))
    clips = training_clips(preset, folder, encoder, device)
    empty_text = encoder.encode([""])
    recorder = SampleRecorder(load_first_vae(preset, folder).to(device), encoder, folder)
    start = None if preset.begins_with is None else read_product(folder, products.START)
    teacher = TeacherStage(
        config=preset.generator,
        recipe=preset.flow_recipe,
        dataset=clips,
        empty_text=empty_text,
        seed=preset.seed + 2,
        start=None if start is None else start.ema,
    )
    run.fit(teacher, recorder.watch(teacher, _TEACHER_STEPS))
    _train_decoder(preset, run, encoder, device)
    recorder = SampleRecorder(load_vae(preset, folder).to(device), encoder, folder)
    run.fit(
        BackboneStage(
            config=BackboneConfig(channels=preset.generator.channels),
            schedule=preset.osv_recipe.backbone,
            vae=recorder.vae,
            world=preset.world,
            seed=preset.seed + 7,
        )
    )
    backbone = read_product(folder, products.BACKBONE)
    if not is_finished(folder, ConsistencyStage.name):
        _distil(preset, run, clips=clips, empty_text=empty_text, backbone=backbone, start=start, recorder=recorder)
    _train_apt(preset, run, clips=clips, fresh=fresh_clips(preset, folder, encoder, device), recorder=recorder)
    _train_osv(preset, run, clips=clips, backbone=backbone, recorder=recorder)


def _record_preset(preset: Preset, folder: Path) -> None:
    """Writes `preset.json` if it is missing. Raises `PresetError` if the run started with another preset."""
    _refuse_another_preset(preset, folder)
    record = folder / _RECORD
    if not record.exists():
        folder.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(presets.flat(preset), indent=2) + "\n")


def _refuse_another_preset(preset: Preset, folder: Path) -> None:
    """Raises `PresetError` if the run in `folder` started with another preset."""
    record, now = folder / _RECORD, presets.flat(preset)
    if not record.exists():
        return
    before = json.loads(record.read_text())
    changed = [key for key in {**before, **now} if key not in _MAY_CHANGE and before.get(key) != now.get(key)]
    if changed:
        changes = "; ".join(f"{key} was {before.get(key, 'absent')}, is {now.get(key, 'absent')}" for key in changed)
        raise PresetError(
            f"{folder} was started with another preset: {changes}\nDelete the folder to start again, or give the"
            f" preset's folder another name. To continue the run with this preset, delete {record} and the checkpoints"
            " that the change affects."
        )


def _train_decoder(preset: Preset, run: Run, encoder: TextEncoder, device: torch.device) -> None:
    """Trains the VAE's decoder a second time, on soft latents such as generators make."""
    stage = DecoderStage(
        recipe=preset.decoder_recipe,
        loss=preset.vae_recipe,
        vae=load_first_vae(preset, run.folder).to(device),
        teacher=load_generator(preset, run.folder, products.TEACHER),
        encoder=encoder,
        world=preset.world,
        seed=preset.seed + 10,
    )
    run.fit(stage)


def _distil(
    preset: Preset,
    run: Run,
    *,
    clips: LatentDataset,
    empty_text: TextBatch,
    backbone: BackboneWeights,
    start: GeneratorWeights | None,
    recorder: SampleRecorder,
) -> None:
    """Trains the one-step student, from the weights `start` or, if `start` is None, from the teacher's weights."""
    recipe, weights = preset.consistency_recipe, run.generator(products.TEACHER)
    student = ConsistencyStage(
        config=preset.generator,
        recipe=recipe,
        trajectories=trajectories.load_or_solve(
            run.folder / "trajectories.safetensors",
            teacher=generator_of(preset, weights).to(clips.device),
            dataset=clips,
            empty_text=empty_text.to(clips.device),
            solver=recipe.solver,
            seed=preset.seed + 11,
        ),
        start=weights if start is None else start.ema,
        backbone=backbone.model,
        seed=preset.seed + 3,
    )
    run.fit(student, recorder.watch(student))


def _train_apt(
    preset: Preset, run: Run, *, clips: LatentDataset, fresh: LatentDataset, recorder: SampleRecorder
) -> None:
    """Trains on images first, if the preset has a recipe for them, then on clips.

    Both discriminators start from the teacher's weights.
    """
    config = preset.generator
    teacher, start = run.generator(products.TEACHER), run.generator(products.CONSISTENCY)
    if preset.apt_image_recipe is not None:
        images = AptStage(
            name=products.APT_IMAGES.stage,
            config=image_config(config),
            recipe=preset.apt_image_recipe,
            teacher=image_weights(teacher, config),
            start=image_weights(start, config),
            dataset=image_dataset(clips),
            fresh=image_dataset(fresh),
            seed=preset.seed + 5,
        )
        run.fit(images, recorder.watch(images))
        start = clip_weights(run.generator(products.APT_IMAGES), start)
    video = AptStage(
        name=products.APT.stage,
        config=config,
        recipe=preset.apt_recipe,
        teacher=teacher,
        start=start,
        dataset=clips,
        fresh=fresh,
        seed=preset.seed + 6,
    )
    run.fit(video, recorder.watch(video))


def _train_osv(
    preset: Preset, run: Run, *, clips: LatentDataset, backbone: BackboneWeights, recorder: SampleRecorder
) -> None:
    """Trains OSV's two stages, with the same teacher as APT."""
    config, osv, teacher = preset.generator, preset.osv_recipe, run.generator(products.TEACHER)
    run.fit(
        OsvFirstStage(
            config=config, recipe=osv, teacher=teacher, backbone=backbone.model, dataset=clips, seed=preset.seed + 8
        )
    )
    second = OsvSecondStage(
        config=config,
        recipe=osv,
        teacher=teacher,
        first=read_product(run.folder, products.OSV_FIRST),
        backbone=backbone.model,
        dataset=clips,
        seed=preset.seed + 9,
    )
    run.fit(second, recorder.watch(second))


def make_deterministic() -> None:
    """Makes PyTorch deterministic: the same seed gives the same weights on the same machine."""
    torch.use_deterministic_algorithms(True)
