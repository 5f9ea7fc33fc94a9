"""Trains the VAE's decoder a second time, on latents that are as soft as those of generators.

        clip --> encoder --> z --> x_t = (1 - t) z + t noise --> the teacher's one-step prediction of z --> decoder
                                                                                                              |
        loss: the VAE's reconstruction loss between the decoder's output and the clip <-----------------------+

The fewer steps a generator takes, the softer are its latents. A decoder that was trained on sharp latents only draws
wavering outlines and shadows from soft ones. From a timestep well below 1 the teacher's prediction still shows the
original clip's content in its place, so the clip is the decoder's target (decision 0012). The encoder and its latents
do not change, so the stages that were trained on these latents stay valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from zoetrope_export.data.text import TextEncoder
from zoetrope_export.data.toyworld import World, WorldConfig
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.sampling.fields import predict_clean
from zoetrope_export.sampling.samplers import expand
from zoetrope_export.training import products
from zoetrope_export.training.optimisers import optimise
from zoetrope_export.training.precision import in_mixed_precision
from zoetrope_export.training.schedule import Schedule
from zoetrope_export.training.vae import VaeRecipe, reconstruction_loss


@dataclass(frozen=True)
class DecoderRecipe:
    """The parameters of the decoder's second training.

    `guessed` is the fraction of a batch's latents that the teacher predicts, from a timestep drawn from 0 to `latest`.
    """

    schedule: Schedule
    guessed: float = 0.5
    latest: float = 0.7


class DecoderStage:
    """Trains the decoder of `vae` and keeps its encoder; `loss` has the weights of the VAE's reconstruction loss."""

    name = products.DECODER.stage

    def __init__(
        self,
        *,
        recipe: DecoderRecipe,
        loss: VaeRecipe,
        vae: Vae,
        teacher: Mmdit,
        encoder: TextEncoder,
        world: WorldConfig,
        seed: int,
    ) -> None:
        self.recipe, self.schedule, self.loss = recipe, recipe.schedule, loss
        device = self.device = vae.device
        self.vae, self.teacher, self.encoder = vae.requires_grad_(False), teacher.to(device), encoder
        self.world = World(world, seed, device=device)
        self.rng = torch.Generator(device).manual_seed(seed)
        self.vae.decoder.requires_grad_(True)
        self.optimiser = torch.optim.AdamW(self.vae.decoder.parameters(), betas=(0.9, 0.99), weight_decay=0.0)

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """Does one update on fresh clips."""
        clips = self.world.clips(self.schedule.batch)
        with torch.no_grad():
            z = self._partly_predicted(self.vae.encode(clips.video), clips.captions)
        video = self.vae.decode(z).float()
        loss = reconstruction_loss(video, clips.video, clips.coverage, self.loss)
        optimise([self.optimiser], loss, self.schedule.rate(step))
        psnr = -10 * torch.log10(((video.detach() - clips.video) / 2).square().mean())
        return {"loss": loss.item(), "psnr": psnr.item()}

    def _partly_predicted(self, z: torch.Tensor, captions: list[str]) -> torch.Tensor:
        """Returns the first latents of a batch unchanged, and the teacher's predictions of the others."""
        first = round(len(z) * (1 - self.recipe.guessed))
        kept, z = z[:first], z[first:]
        t = self.recipe.latest * torch.rand(len(z), generator=self.rng, device=self.device)
        noise = torch.empty_like(z).normal_(generator=self.rng)
        text = self.encoder.encode(captions[first:]).to(self.device)
        x_t = (1 - expand(t)) * z + expand(t) * noise
        return torch.cat([kept, predict_clean(self.teacher, x_t, t, Condition.of_text(text, z))])

    def state(self) -> dict[str, Any]:
        """Returns the decoder's weights, the optimiser, the stream of clips and the random generator."""
        return {
            "model": self.vae.decoder.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "world": self.world.state(),
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        self.vae.decoder.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.world.load(state["world"])
        self.rng.set_state(state["rng"])
