"""Images for adversarial training: the first latent frame of each clip, as a clip of one frame.

A causal VAE encodes a clip's first frame independently of later frames, so this latent frame is an image's latents. The
tokens of a clip are in the order of its frames, so the network for images is the network for clips with the positional
embeddings of its first tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.models.mmdit import MmditConfig

_PER_TOKEN = "position"


def image_config(config: MmditConfig) -> MmditConfig:
    """Returns the configuration of the network for images."""
    return replace(config, frames=1)


def image_weights(weights: Mapping[str, torch.Tensor], config: MmditConfig) -> dict[str, torch.Tensor]:
    """Converts the weights of a network for clips, which has `config`, to those of its network for images."""
    return {**weights, _PER_TOKEN: weights[_PER_TOKEN][: image_config(config).tokens]}


def clip_weights(images: Mapping[str, torch.Tensor], clips: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Converts the weights of a network for images to those of a network for clips.

    Later frames keep the positional embeddings of `clips`.
    """
    first = images[_PER_TOKEN]
    return {**images, _PER_TOKEN: torch.cat([first, clips[_PER_TOKEN][len(first) :]])}


def image_dataset(dataset: LatentDataset) -> LatentDataset:
    """Returns every clip's first latent frame, [N, C, 1, H, W], with the clip's text."""
    return LatentDataset(dataset.latents[:, :, :1], dataset.text)
