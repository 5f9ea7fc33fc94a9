"""OSV's discriminator: a frozen image backbone over upsampled latents, with small trainable heads on its features.

        latents [B, C, T, H, W]
              | upsample x4, no VAE decoder        (OSV, "Latent GAN Pretraining")
              v
        images [B*T, C, 4H, 4W] -> frozen backbone -> features of three resolutions
                                                        |                    |
                                            spatial heads: 2D convolutions   temporal heads: 1D convolutions over T
                                                        `---- logits --------'

The backbone is defined in `models.backbone`.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from zoetrope_export.models.backbone import BackboneConfig, frames_of, trained_backbone


def _spatial_head(width: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(width, 64, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(64, 1, 1))


def _temporal_head(width: int) -> nn.Module:
    return nn.Sequential(nn.Conv1d(width, 64, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv1d(64, 1, 1))


class OsvDiscriminator(nn.Module):
    """Computes logits [B, K] of latents [B, C, T, H, W]; real is positive. Only the heads have gradients."""

    def __init__(self, config: BackboneConfig, backbone: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.backbone = trained_backbone(config, backbone)
        self.spatial = nn.ModuleList(_spatial_head(width) for width in config.widths)
        self.temporal = nn.ModuleList(_temporal_head(width) for width in config.widths)

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        count, time = latents.shape[0], latents.shape[2]
        logits = []
        for features, spatial, temporal in zip(
            self.backbone(frames_of(latents)), self.spatial, self.temporal, strict=True
        ):
            logits.append(spatial(features).view(count, -1))
            over_time = features.unflatten(0, (count, time)).permute(0, 3, 4, 2, 1)  # [B, h, w, C, T]
            logits.append(temporal(over_time.flatten(0, 2)).view(count, -1))
        return torch.cat(logits, dim=1).float()

    def head_parameters(self) -> list[nn.Parameter]:
        """Returns the heads' parameters: all that is trained."""
        return [*self.spatial.parameters(), *self.temporal.parameters()]

    def heads_state(self) -> dict[str, dict[str, torch.Tensor]]:
        """Returns the heads' state, which is all that training changes."""
        return {"spatial": self.spatial.state_dict(), "temporal": self.temporal.state_dict()}

    def load_heads(self, state: dict[str, dict[str, torch.Tensor]]) -> None:
        """Loads a state that `heads_state` returned."""
        cast(nn.Module, self.spatial).load_state_dict(state["spatial"])
        cast(nn.Module, self.temporal).load_state_dict(state["temporal"])
