"""Trains the VAE on the toy world: pixels and their gradients, with more weight on the shape than on its background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from zoetrope_export.toyworld import World, WorldConfig
from zoetrope_export.training import Schedule, optimise
from zoetrope_export.vae import Vae, VaeConfig

_FITTING_CLIPS = 96  # for the principal components, and for shift and scale
_DILATION = 5  # pixels around the shape that also count as foreground


@dataclass(frozen=True)
class VaeRecipe:
    """Loss weights; `latent_noise` makes the decoder forgiving of a generator's small errors."""

    schedule: Schedule
    foreground: float = 3.0
    squared: float = 2.0
    gradient: float = 0.5
    latent_noise: float = 0.05
    latent_penalty: float = 1e-3


def reconstruction_loss(
    video: torch.Tensor, truth: torch.Tensor, coverage: torch.Tensor, recipe: VaeRecipe
) -> torch.Tensor:
    """Weighted L1 + squared error + L1 of spatial gradients, over [B, 3, T, H, W]."""
    frames = coverage.transpose(1, 2).flatten(0, 1)
    near = F.max_pool2d(frames, _DILATION, 1, _DILATION // 2).view(coverage.transpose(1, 2).shape).transpose(1, 2)
    weight = 1 + recipe.foreground * near
    weight = weight / weight.mean()
    error = video - truth
    across = (error[..., 1:] - error[..., :-1]).abs() * weight[..., 1:]
    down = (error[..., 1:, :] - error[..., :-1, :]).abs() * weight[..., 1:, :]
    pixels = (weight * (error.abs() + recipe.squared * error**2)).mean()
    return pixels + recipe.gradient * (across.mean() + down.mean())


class VaeStage:
    """Trains encoder and decoder together; the last update also fixes the latents' shift and scale."""

    name = "vae"

    def __init__(self, config: VaeConfig, world: WorldConfig, recipe: VaeRecipe, seed: int) -> None:
        torch.manual_seed(seed)
        self.recipe, self.schedule = recipe, recipe.schedule
        self.world = World(world, seed)
        self.vae = Vae(config)
        self.optimiser = torch.optim.AdamW(self.vae.parameters(), betas=(0.9, 0.99), weight_decay=0.0)

    def update(self, step: int) -> dict[str, float]:
        """One update on fresh clips."""
        if step == 0:
            self.vae.start_from_principal_components(self.world.clips(_FITTING_CLIPS).video)
        clips = self.world.clips(self.schedule.batch)
        z = self.vae.encoder(clips.video)
        video = self.vae.decoder(z + self.recipe.latent_noise * torch.randn_like(z))
        loss = reconstruction_loss(video, clips.video, clips.coverage, self.recipe)
        optimise([self.optimiser], loss + self.recipe.latent_penalty * z.square().mean(), self.schedule.rate(step))
        if step + 1 == self.schedule.steps:
            self.vae.normalise(self.world.clips(_FITTING_CLIPS).video)
        psnr = -10 * torch.log10(((video.detach() - clips.video) / 2).square().mean())
        return {"loss": loss.item(), "psnr": psnr.item()}

    def state(self) -> dict[str, Any]:
        """Weights, optimiser, generators."""
        return {
            "vae": self.vae.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "world": self.world.state(),
            "rng": torch.get_rng_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.vae.load_state_dict(state["vae"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.world.load(state["world"])
        torch.set_rng_state(state["rng"])
