"""Images for a network of clips: the first latent frame alone, as a clip of one frame.

A causal VAE codes a clip's first frame by itself, so it is an image's code; the tokens of a clip come frame by frame,
so the network of images is that of clips with the positions of its first tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.models.mmdit import MmditConfig

_PER_TOKEN = "position"


def image_config(config: MmditConfig) -> MmditConfig:
    """The network of images."""
    return replace(config, frames=1)


def image_weights(weights: Mapping[str, torch.Tensor], config: MmditConfig) -> dict[str, torch.Tensor]:
    """The weights of a network of clips as those of its network of images; `config` is that of clips."""
    return {**weights, _PER_TOKEN: weights[_PER_TOKEN][: image_config(config).tokens]}


def clip_weights(images: Mapping[str, torch.Tensor], clips: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of a network of images as those of a network of clips; later frames keep the positions of `clips`."""
    first = images[_PER_TOKEN]
    return {**images, _PER_TOKEN: torch.cat([first, clips[_PER_TOKEN][len(first) :]])}


def image_dataset(dataset: LatentDataset) -> LatentDataset:
    """Every clip's first latent frame [N, C, 1, H, W]."""
    return LatentDataset(dataset.latents[:, :, :1], dataset.text)
