"""OSV's discriminator: a frozen image backbone over upsampled latents, under small trainable heads.

        latents [B, C, T, H, W]
              | upsample x4, no VAE decoder        (OSV, "Latent GAN Pretraining")
              v
        images [B*T, C, 4H, 4W] -> frozen backbone -> features of three resolutions
                                                        |                    |
                                            spatial heads: 2D convolutions   temporal heads: 1D convolutions over T
                                                        `---- logits --------'

The paper's backbone is DINOv2; ours is trained here, on what the toy world's latent frames show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.data.toyworld import BACKGROUNDS, COLOURS, SHAPES, Scene, World, WorldConfig
from zoetrope_export.models.vae import Vae
from zoetrope_export.training.loop import Schedule, in_mixed_precision, optimise

UPSAMPLING = 4
_GROUPS = 8
ATTRIBUTES = {"shape": len(SHAPES), "colour": len(COLOURS), "background": len(BACKGROUNDS)}


@dataclass(frozen=True)
class BackboneConfig:
    """`widths` of the three resolutions, each half of the one before."""

    channels: int = 12
    widths: tuple[int, int, int] = (48, 96, 128)


class Backbone(nn.Module):
    """Features [N, widths[i], 2H / 2^i, 2W / 2^i] of latent frames [N, C, H, W], which are upsampled first."""

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
                    nn.GroupNorm(_GROUPS, wider),  # or the heads would see next to nothing of a clip
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
    """What the backbone learns from: the attributes that a single frame shows."""

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.backbone = Backbone(config)
        self.heads = nn.ModuleDict({name: nn.Linear(config.widths[-1], size) for name, size in ATTRIBUTES.items()})

    def forward(self, frames: torch.Tensor) -> dict[str, torch.Tensor]:
        last = self.backbone(frames)[-1].amax((2, 3))
        return {name: head(last) for name, head in self.heads.items()}


def trained_backbone(config: BackboneConfig, weights: dict[str, Any]) -> Backbone:
    """The backbone of a trained classifier, frozen."""
    trained = BackboneClassifier(config)
    trained.load_state_dict(weights)
    return trained.backbone.requires_grad_(False)


def labels_of(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    """Indices [B] of the scenes' attributes."""
    return {
        "shape": torch.tensor([SHAPES.index(s.shape) for s in scenes]),
        "colour": torch.tensor([list(COLOURS).index(s.colour) for s in scenes]),
        "background": torch.tensor([list(BACKGROUNDS).index(s.background) for s in scenes]),
    }


def frames_of(latents: torch.Tensor) -> torch.Tensor:
    """[B, C, T, H, W] -> [B*T, C, H, W]."""
    return latents.transpose(1, 2).flatten(0, 1)


class BackboneStage:
    """Trains the backbone on latent frames of fresh clips."""

    name = "osv-backbone"

    def __init__(self, config: BackboneConfig, schedule: Schedule, vae: Vae, world: WorldConfig, seed: int) -> None:
        torch.manual_seed(seed)
        self.schedule, self.vae = schedule, vae
        self.device = vae.device
        self.world = World(world, seed, device=self.device)
        self.model = BackboneClassifier(config).to(self.device)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), weight_decay=0.01)

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """One update; `accuracy` is that of the shape, before the update."""
        clips = self.world.clips(self.schedule.batch)
        with torch.no_grad():
            latents = self.vae.encode(clips.video)
        told = self.model(frames_of(latents))
        labels = {name: label.to(self.device) for name, label in labels_of(clips.scenes).items()}
        wanted = {name: label.repeat_interleave(latents.shape[2]) for name, label in labels.items()}
        loss = torch.stack([F.cross_entropy(told[name].float(), wanted[name]) for name in ATTRIBUTES]).sum()
        optimise([self.optimiser], loss, self.schedule.rate(step))
        accuracy = (told["shape"].argmax(1) == wanted["shape"]).float().mean()
        return {"loss": loss.item(), "accuracy": accuracy.item()}

    def state(self) -> dict[str, Any]:
        """Weights, optimiser, stream of clips."""
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "world": self.world.state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.world.load(state["world"])


def _spatial_head(width: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(width, 64, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(64, 1, 1))


def _temporal_head(width: int) -> nn.Module:
    return nn.Sequential(nn.Conv1d(width, 64, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv1d(64, 1, 1))


class OsvDiscriminator(nn.Module):
    """Logits [B, K] of latents [B, C, T, H, W]: real is positive. Only the heads have gradients."""

    def __init__(self, config: BackboneConfig, backbone: dict[str, Any]) -> None:
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
            line = features.unflatten(0, (count, time)).permute(0, 3, 4, 2, 1)  # [B, h, w, C, T]
            logits.append(temporal(line.flatten(0, 2)).view(count, -1))
        return torch.cat(logits, dim=1).float()

    def trained(self) -> list[nn.Parameter]:
        """The heads' parameters."""
        return [*self.spatial.parameters(), *self.temporal.parameters()]

    def heads_state(self) -> dict[str, Any]:
        """What training changes."""
        return {"spatial": self.spatial.state_dict(), "temporal": self.temporal.state_dict()}

    def load_heads(self, state: dict[str, Any]) -> None:
        """The inverse of `heads_state`."""
        cast(nn.Module, self.spatial).load_state_dict(state["spatial"])
        cast(nn.Module, self.temporal).load_state_dict(state["temporal"])


def hinge_real(logits: torch.Tensor) -> torch.Tensor:
    """E[max(0, 1 - D)]: the discriminator's loss on what is real, and the generator's on its own (OSV, 6 and 7)."""
    return F.relu(1 - logits).mean()


def hinge_fake(logits: torch.Tensor) -> torch.Tensor:
    """E[max(0, 1 + D)]: the discriminator's loss on what is generated (OSV, 6)."""
    return F.relu(1 + logits).mean()


def huber(x: torch.Tensor, y: torch.Tensor, c: float) -> torch.Tensor:
    """Pseudo-Huber distance sqrt(|x - y|^2 + c^2) - c of each row [B, ...], averaged (OSV, after 7)."""
    squared = (x - y).square().flatten(1).sum(1)
    return (torch.sqrt(squared + c**2) - c).mean()
