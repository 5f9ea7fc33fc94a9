"""Loads from the files of a run its VAE, its generators and its clips."""

from __future__ import annotations

from pathlib import Path

import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextEncoder
from zoetrope_export.data.toyworld import CPU, World
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.recipes.presets import Preset
from zoetrope_export.training import latents, products
from zoetrope_export.training.checkpoints import read_product
from zoetrope_export.training.products import GeneratorWeights, Product, Weights

_FRESH_CLIPS = 256


def training_clips(preset: Preset, run: Path, encoder: TextEncoder, device: torch.device = CPU) -> LatentDataset:
    """Returns the clips on which every generator trains; encodes them first if the run lacks their file."""
    return _clips(preset, run / "dataset.safetensors", encoder, device, preset.seed + 1, preset.dataset_clips)


def fresh_clips(preset: Preset, run: Path, encoder: TextEncoder, device: torch.device = CPU) -> LatentDataset:
    """Returns clips on which no stage trains; encodes them first if the run lacks their file."""
    return _clips(preset, run / "fresh.safetensors", encoder, device, preset.seed + 4, _FRESH_CLIPS)


def _clips(
    preset: Preset, file: Path, encoder: TextEncoder, device: torch.device, seed: int, count: int
) -> LatentDataset:
    vae = load_first_vae(preset, file.parent).to(device)
    stream = World(preset.dataset_world, seed, device=device, spinning_weight=preset.dataset_spinning)
    return latents.load_or_encode(file, vae=vae, encoder=encoder, stream=stream, count=count)


def load_first_vae(preset: Preset, run: Path) -> Vae:
    """Loads the VAE as it was before the second training of its decoder, when it encoded the generators' latents."""
    vae = Vae(preset.vae)
    vae.load_state_dict(read_product(run, products.VAE).vae)
    return vae.eval().requires_grad_(False)


def load_vae(preset: Preset, run: Path) -> Vae:
    """Loads the VAE with the decoder of its second training, for inference."""
    vae = load_first_vae(preset, run)
    vae.decoder.load_state_dict(read_product(run, products.DECODER).model)
    return vae


def load_generator(preset: Preset, run: Path, product: Product[GeneratorWeights] = products.APT) -> Mmdit:
    """Loads the averaged generator of a finished stage, for inference."""
    return generator_of(preset, read_product(run, product).ema)


def generator_of(preset: Preset, weights: Weights) -> Mmdit:
    """Returns a generator with these weights, for inference."""
    model = Mmdit(preset.generator)
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)
