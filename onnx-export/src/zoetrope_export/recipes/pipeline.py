"""The whole recipe, stage after stage: VAE, dataset, teacher, decoder, one-step student, APT, OSV.

Each is skipped once it is done. What a run was begun with stands in its `preset.json`: later stages stand on earlier
ones, so that it goes on with nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch

from zoetrope_export.data import dataset
from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch, TextEncoder
from zoetrope_export.data.toyworld import CPU, World
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.osv_discriminator import BackboneConfig, BackboneStage
from zoetrope_export.models.vae import Vae
from zoetrope_export.recipes import presets, start_from_bundle
from zoetrope_export.recipes.findings_recipe import FindingsRecipe
from zoetrope_export.recipes.presets import Preset, PresetError
from zoetrope_export.recipes.sample_images import Camera
from zoetrope_export.recipes.start_from_bundle import START
from zoetrope_export.training import trajectories
from zoetrope_export.training.apt import AptStage
from zoetrope_export.training.decoder import DecoderStage
from zoetrope_export.training.first_frames import clip_weights, image_config, image_dataset, image_weights
from zoetrope_export.training.loop import Stage, checkpoint, fit, is_done, read_checkpoint
from zoetrope_export.training.osv import OsvFirstStage, OsvSecondStage
from zoetrope_export.training.student import ConsistencyStage
from zoetrope_export.training.teacher import FlowStage
from zoetrope_export.training.vae import VaeStage

APT, APT_IMAGES = "apt", "apt-images"
_FRESH_CLIPS = 256
_MEMO = "preset.json"
_TEACHER_STEPS = 12  # of the pictures on the way
_MAY_CHANGE = {"two_evaluations", *(f"findings_recipe.{field.name}" for field in fields(FindingsRecipe))}


@dataclass(frozen=True)
class Run:
    """Where a preset is trained, and until when by the monotonic clock, if not to its end."""

    folder: Path
    until: float | None = None

    def fit(self, stage: Stage, watch: Callable[[int], None] | None = None) -> None:
        """Trains a stage that is not done yet."""
        fit(stage, self.folder, watch, self.until)

    def read(self, stage: str) -> dict[str, Any]:
        """The checkpoint of a stage that is done."""
        return read_checkpoint(self.folder, stage)


def begin(preset: Preset, folder: Path, bundle: Path) -> list[Path]:
    """Begins a run with the weights of a bundle; returns what it wrote. Raises `PresetError`."""
    _refuse_another(preset, folder)
    written = start_from_bundle.begin(bundle, preset, folder)
    _hold(preset, folder)
    return written


def train(
    preset: Preset, folder: Path, encoder: TextEncoder, device: torch.device = CPU, until: float | None = None
) -> None:
    """Trains what `folder` does not hold yet, on `device`. Interrupted at any moment, the next call goes on.

    Raises `PresetError` where the folder was begun with another preset, or without the bundle that the preset asks for.
    """
    if preset.begins_with is not None and not checkpoint(folder, START).exists():
        raise PresetError(
            f"{folder} has not begun yet: the preset {preset.name} begins with the bundle {preset.begins_with}; call"
            " python -m zoetrope_export begin with the same --preset and --bundle FOLDER first"
        )
    _hold(preset, folder)
    run = Run(folder, until)
    run.fit(VaeStage(preset.vae, preset.world, preset.vae_recipe, preset.seed, device))
    clips = training_clips(preset, folder, encoder, device)
    without = encoder.encode([""])
    camera = Camera(_first_vae(preset, folder).to(device), encoder, folder)
    start = None if preset.begins_with is None else run.read(START)["ema"]
    flow = FlowStage(preset.generator, preset.flow_recipe, clips, without, preset.seed + 2, start)
    run.fit(flow, camera.on(flow, _TEACHER_STEPS))
    _train_decoder(preset, run, encoder, device)
    camera = Camera(load_vae(preset, folder).to(device), encoder, folder)
    widths = BackboneConfig(channels=preset.generator.channels)
    run.fit(BackboneStage(widths, preset.osv_recipe.backbone, camera.vae, preset.world, preset.seed + 7))
    backbone = run.read(BackboneStage.name)["model"]
    if not is_done(folder, ConsistencyStage.name):
        _distil(preset, run, clips, without, backbone, start, camera)
    _post_train(preset, run, clips, fresh_clips(preset, folder, encoder, device), camera)
    _train_osv(preset, run, clips, backbone, camera)


def _hold(preset: Preset, folder: Path) -> None:
    """Holds the run in `folder` to what it was begun with; `preset.json` says it."""
    _refuse_another(preset, folder)
    memo = folder / _MEMO
    if not memo.exists():
        folder.mkdir(parents=True, exist_ok=True)
        memo.write_text(json.dumps(presets.flat(preset), indent=2) + "\n")


def _refuse_another(preset: Preset, folder: Path) -> None:
    """Raises `PresetError` where the run in `folder` was begun with another preset."""
    memo, now = folder / _MEMO, presets.flat(preset)
    began = json.loads(memo.read_text()) if memo.exists() else now
    changed = [key for key in {**began, **now} if key not in _MAY_CHANGE and began.get(key) != now.get(key)]
    if changed:
        told = "; ".join(f"{key} was {began.get(key, 'not there')}, is {now.get(key, 'not there')}" for key in changed)
        raise PresetError(
            f"{folder} was begun with another preset: {told}\nDelete the folder to begin again, or give the preset's"
            f" folder another name. To go on all the same, delete {memo} and the checkpoints that the change concerns."
        )


def _train_decoder(preset: Preset, run: Run, encoder: TextEncoder, device: torch.device) -> None:
    """The VAE's decoder once more, on latents as generators write them."""
    vae, teacher = _first_vae(preset, run.folder).to(device), load_generator(preset, run.folder, FlowStage.name)
    loss, seed = preset.vae_recipe, preset.seed + 10
    run.fit(DecoderStage(preset.decoder_recipe, loss, vae, teacher, encoder, preset.world, seed))


def _distil(
    preset: Preset,
    run: Run,
    clips: LatentDataset,
    without: TextBatch,
    backbone: dict[str, Any],
    start: dict[str, torch.Tensor] | None,
    camera: Camera,
) -> None:
    """The one-step student, from `start` or else from its teacher."""
    config, recipe = preset.generator, preset.consistency_recipe
    weights = run.read(FlowStage.name)["ema"]
    teacher, file = generator(preset, weights).to(clips.device), run.folder / "trajectories.safetensors"
    taught = trajectories.build(file, teacher, clips, without.to(clips.device), recipe.solver, preset.seed + 11)
    begun = weights if start is None else start
    student = ConsistencyStage(config, recipe, begun, backbone, taught, preset.seed + 3)
    run.fit(student, camera.on(student))


def _post_train(preset: Preset, run: Run, clips: LatentDataset, fresh: LatentDataset, camera: Camera) -> None:
    """Images first, where the preset has them, then clips; each with a discriminator afresh from the teacher."""
    config = preset.generator
    teacher = run.read(FlowStage.name)["ema"]
    start = run.read(ConsistencyStage.name)["ema"]
    if preset.apt_image_recipe is not None:
        images = AptStage(
            APT_IMAGES,
            image_config(config),
            preset.apt_image_recipe,
            image_weights(teacher, config),
            image_weights(start, config),
            image_dataset(clips),
            image_dataset(fresh),
            preset.seed + 5,
        )
        run.fit(images, camera.on(images))
        start = clip_weights(run.read(APT_IMAGES)["ema"], start)
    video = AptStage(APT, config, preset.apt_recipe, teacher, start, clips, fresh, preset.seed + 6)
    run.fit(video, camera.on(video))


def _train_osv(preset: Preset, run: Run, clips: LatentDataset, backbone: dict[str, Any], camera: Camera) -> None:
    """OSV's two stages, from the same teacher as APT's."""
    config, osv = preset.generator, preset.osv_recipe
    teacher = run.read(FlowStage.name)
    run.fit(OsvFirstStage(config, osv, teacher, backbone, clips, preset.seed + 8))
    first = run.read(OsvFirstStage.name)
    second = OsvSecondStage(config, osv, teacher, first, backbone, clips, preset.seed + 9)
    run.fit(second, camera.on(second))


def training_clips(preset: Preset, folder: Path, encoder: TextEncoder, device: torch.device = CPU) -> LatentDataset:
    """What every generator trains on, in the run's file or made there."""
    file, vae = folder / "dataset.safetensors", _first_vae(preset, folder).to(device)
    world = World(preset.dataset_world, preset.seed + 1, device=device, spinning=preset.dataset_spinning)
    return dataset.build(file, vae, encoder, world, preset.dataset_clips)


def fresh_clips(preset: Preset, folder: Path, encoder: TextEncoder, device: torch.device = CPU) -> LatentDataset:
    """Clips that no stage trains on, in the run's file or made there."""
    file, vae = folder / "fresh.safetensors", _first_vae(preset, folder).to(device)
    world = World(preset.dataset_world, preset.seed + 4, device=device, spinning=preset.dataset_spinning)
    return dataset.build(file, vae, encoder, world, _FRESH_CLIPS)


def _first_vae(preset: Preset, folder: Path) -> Vae:
    """The VAE as the generators' latents were made with it, before its decoder was trained once more."""
    vae = Vae(preset.vae)
    vae.load_state_dict(read_checkpoint(folder, VaeStage.name)["vae"])
    return vae.eval().requires_grad_(False)


def load_vae(preset: Preset, folder: Path) -> Vae:
    """The trained VAE, ready to use."""
    vae = _first_vae(preset, folder)
    vae.decoder.load_state_dict(read_checkpoint(folder, DecoderStage.name)["model"])
    return vae


def load_generator(preset: Preset, folder: Path, stage: str = APT) -> Mmdit:
    """The averaged weights of a generator stage: the product."""
    return generator(preset, read_checkpoint(folder, stage)["ema"])


def generator(preset: Preset, weights: dict[str, torch.Tensor]) -> Mmdit:
    """A generator of these weights, ready to use."""
    model = Mmdit(preset.generator)
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)


def deterministic() -> None:
    """Asks PyTorch for the same weights from the same seed on the same machine."""
    torch.use_deterministic_algorithms(True)
