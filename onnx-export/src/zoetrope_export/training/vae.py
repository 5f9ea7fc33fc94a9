"""Trains the VAE on the toy world. The loss compares pixels and their gradients, with more weight on the shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from zoetrope_export.data.toyworld import CPU, World, WorldConfig
from zoetrope_export.models.vae import Vae, VaeConfig
from zoetrope_export.training import products
from zoetrope_export.training.optimisers import optimise
from zoetrope_export.training.schedule import Schedule

_DILATION = 5  # pixels around the shape that also count as foreground


@dataclass(frozen=True)
class VaeRecipe:
    """The weights of the VAE's loss, and the parameters of its training.

    `latent_noise` is the standard deviation of noise on the latents; it makes the decoder robust against a generator's
    small errors. Principal components, shift and scale are computed from `fitting_clips` clips.
    """

    schedule: Schedule
    foreground: float = 3.0
    squared: float = 2.0
    gradient: float = 0.5
    latent_noise: float = 0.05
    latent_penalty: float = 1e-3
    fitting_clips: int = 96


def reconstruction_loss(
    video: torch.Tensor, truth: torch.Tensor, coverage: torch.Tensor, recipe: VaeRecipe
) -> torch.Tensor:
    """Returns weighted L1 + squared error + L1 of spatial gradients, over [B, 3, T, H, W].

    `coverage` [B, 1, T, H, W] is the shape's share of each pixel. The foreground is the shape and `_DILATION` // 2
    pixels around it.
    """
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
    """Trains encoder and decoder together; the last update also sets the latents' shift and scale."""

    name = products.VAE.stage

    def __init__(
        self, *, config: VaeConfig, world: WorldConfig, recipe: VaeRecipe, seed: int, device: torch.device = CPU
    ) -> None:
        torch.manual_seed(seed)
        self.recipe, self.schedule = recipe, recipe.schedule
        self.world = World(world, seed, device=device)
        self.vae = Vae(config).to(device)
        self.rng = torch.default_generator if device == CPU else torch.Generator(device).manual_seed(seed)
        self.optimiser = torch.optim.AdamW(self.vae.parameters(), betas=(0.9, 0.99), weight_decay=0.0)

    def update(self, step: int) -> dict[str, float]:
        """Does one update on fresh clips."""
        if step == 0:
            self.vae.start_from_principal_components(self.world.clips(self.recipe.fitting_clips).video)
        clips = self.world.clips(self.schedule.batch)
        z = self.vae.encoder(clips.video)
        video = self.vae.decoder(z + self.recipe.latent_noise * torch.empty_like(z).normal_(generator=self.rng))
        loss = reconstruction_loss(video, clips.video, clips.coverage, self.recipe)
        optimise([self.optimiser], loss + self.recipe.latent_penalty * z.square().mean(), self.schedule.rate(step))
        if step + 1 == self.schedule.steps:
            self.vae.fit_normalisation(self.world.clips(self.recipe.fitting_clips).video)
        psnr = -10 * torch.log10(((video.detach() - clips.video) / 2).square().mean())
        return {"loss": loss.item(), "psnr": psnr.item()}

    def state(self) -> dict[str, Any]:
        """Returns the weights, the optimiser, the stream of clips and the random generator."""
        return {
            "vae": self.vae.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "world": self.world.state(),
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        self.vae.load_state_dict(state["vae"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.world.load(state["world"])
        self.rng.set_state(state["rng"])
