"""An image backbone over single, upsampled latent frames: it returns features of three resolutions.

OSV's discriminator uses the frozen backbone as its feature extractor. The paper's backbone is DINOv2; this one is
trained here, to classify the attributes of the toy world in a latent frame. The student's perceptual distance uses the
same features.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.data.toyworld import BACKGROUNDS, COLOURS, SHAPES

UPSAMPLING = 4
_GROUPS = 8
ATTRIBUTES = {"shape": len(SHAPES), "colour": len(COLOURS), "background": len(BACKGROUNDS)}


@dataclass(frozen=True)
class BackboneConfig:
    """The channels of the latents, and the `widths` at three resolutions. A resolution is half of the one before."""

    channels: int = 12
    widths: tuple[int, int, int] = (48, 96, 128)


class Backbone(nn.Module):
    """Computes features [N, widths[i], 2H / 2^i, 2W / 2^i] of latent frames [N, C, H, W], which it upsamples first."""

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.levels = nn.ModuleList()
        width = config.channels
        for wider in config.widths:
            self.levels.append(
                nn.Sequential(
                    nn.Conv2d(width, wider, 3, stride=2, padding=1),
                    nn.GroupNorm(_GROUPS, wider),
                    nn.SiLU(),
                    nn.Conv2d(wider, wider, 3, padding=1),
                    nn.GroupNorm(_GROUPS, wider),  # without it the clip's content would hardly reach the heads
                    nn.SiLU(),
                )
            )
            width = wider

    def forward(self, frames: torch.Tensor) -> list[torch.Tensor]:
        h = F.interpolate(frames, scale_factor=UPSAMPLING, mode="bilinear", align_corners=False)
        features = []
        for level in self.levels:
            h = level(h)
            features.append(h)
        return features


class BackboneClassifier(nn.Module):
    """The classifier that the backbone is trained in: it predicts the attributes that a single frame shows."""

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.backbone = Backbone(config)
        self.heads = nn.ModuleDict({name: nn.Linear(config.widths[-1], size) for name, size in ATTRIBUTES.items()})

    def forward(self, frames: torch.Tensor) -> dict[str, torch.Tensor]:
        last = self.backbone(frames)[-1].amax((2, 3))
        return {name: head(last) for name, head in self.heads.items()}


def trained_backbone(config: BackboneConfig, weights: dict[str, torch.Tensor]) -> Backbone:
    """Returns the frozen backbone of a trained classifier, whose state is `weights`."""
    trained = BackboneClassifier(config)
    trained.load_state_dict(weights)
    return trained.backbone.requires_grad_(False)


def frames_of(latents: torch.Tensor) -> torch.Tensor:
    """Returns the frames of clips: [B, C, T, H, W] -> [B*T, C, H, W]."""
    return latents.transpose(1, 2).flatten(0, 1)
