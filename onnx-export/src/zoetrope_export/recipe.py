"""The whole recipe, stage after stage: VAE, dataset, teacher, one-step student, APT, OSV.

Each is skipped once it is done.
"""

from __future__ import annotations

from pathlib import Path

import torch

from zoetrope_export import dataset
from zoetrope_export.apt_training import AptStage
from zoetrope_export.consistency_training import ConsistencyStage
from zoetrope_export.dataset import LatentDataset
from zoetrope_export.first_frames import clip_weights, image_config, image_dataset, image_weights
from zoetrope_export.flow_training import FlowStage
from zoetrope_export.mmdit import Mmdit
from zoetrope_export.osv_discriminator import BackboneConfig, BackboneStage
from zoetrope_export.osv_training import OsvFirstStage, OsvSecondStage
from zoetrope_export.pictures import Camera
from zoetrope_export.presets import Preset
from zoetrope_export.text import TextEncoder
from zoetrope_export.training import fit, read_checkpoint
from zoetrope_export.vae import Vae
from zoetrope_export.vae_training import VaeStage

APT, APT_IMAGES = "apt", "apt-images"
_FRESH_CLIPS = 256
_TEACHER_STEPS = 12  # of the pictures on the way


def train(preset: Preset, folder: Path, encoder: TextEncoder) -> None:
    """Trains what `folder` does not hold yet. Interrupted at any moment, the next call goes on."""
    fit(VaeStage(preset.vae, preset.world, preset.vae_recipe, preset.seed), folder)
    vae = load_vae(preset, folder)
    clips = training_clips(preset, folder, encoder)
    without = encoder.encode([""])
    camera = Camera(vae, encoder, folder)
    flow = FlowStage(preset.generator, preset.flow_recipe, clips, without, preset.seed + 2)
    fit(flow, folder, camera.on(flow, _TEACHER_STEPS))
    teacher = read_checkpoint(folder, FlowStage.name)
    student = ConsistencyStage(preset.generator, preset.consistency_recipe, teacher, clips, without, preset.seed + 3)
    fit(student, folder, camera.on(student))
    _post_train(preset, folder, clips, fresh_clips(preset, folder, encoder), camera)
    _train_osv(preset, folder, clips, camera)


def _post_train(preset: Preset, folder: Path, clips: LatentDataset, fresh: LatentDataset, camera: Camera) -> None:
    """Images first, where the preset has them, then clips; each with a discriminator afresh from the teacher."""
    config = preset.generator
    teacher = read_checkpoint(folder, FlowStage.name)["ema"]
    start = read_checkpoint(folder, ConsistencyStage.name)["ema"]
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
        fit(images, folder, camera.on(images))
        start = clip_weights(read_checkpoint(folder, APT_IMAGES)["ema"], start)
    video = AptStage(APT, config, preset.apt_recipe, teacher, start, clips, fresh, preset.seed + 6)
    fit(video, folder, camera.on(video))


def _train_osv(preset: Preset, folder: Path, clips: LatentDataset, camera: Camera) -> None:
    """OSV's backbone and its two stages, from the same teacher as APT's."""
    config, osv = preset.generator, preset.osv_recipe
    widths = BackboneConfig(channels=config.channels)
    fit(BackboneStage(widths, osv.backbone, camera.vae, preset.world, preset.seed + 7), folder)
    backbone = read_checkpoint(folder, BackboneStage.name)["model"]
    teacher = read_checkpoint(folder, FlowStage.name)
    fit(OsvFirstStage(config, osv, teacher, backbone, clips, preset.seed + 8), folder)
    first = read_checkpoint(folder, OsvFirstStage.name)
    second = OsvSecondStage(config, osv, teacher, first, backbone, clips, preset.seed + 9)
    fit(second, folder, camera.on(second))


def training_clips(preset: Preset, folder: Path, encoder: TextEncoder) -> LatentDataset:
    """What every generator trains on, in the run's file or made there."""
    file, count = folder / "dataset.safetensors", preset.dataset_clips
    return dataset.build(file, load_vae(preset, folder), encoder, preset.dataset_world, count, preset.seed + 1)


def fresh_clips(preset: Preset, folder: Path, encoder: TextEncoder) -> LatentDataset:
    """Clips that no stage trains on, in the run's file or made there."""
    file, vae = folder / "fresh.safetensors", load_vae(preset, folder)
    return dataset.build(file, vae, encoder, preset.dataset_world, _FRESH_CLIPS, preset.seed + 4)


def load_vae(preset: Preset, folder: Path) -> Vae:
    """The trained VAE, ready to use."""
    vae = Vae(preset.vae)
    vae.load_state_dict(read_checkpoint(folder, VaeStage.name)["vae"])
    return vae.eval().requires_grad_(False)


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
