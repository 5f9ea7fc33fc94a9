"""Trains the teacher: flow matching on latents, with the text and the first frame each dropped from some clips.

Clips without text train the prediction that classifier-free guidance needs. Clips without a first frame train text to
video, clips with one train image to video.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import T_MIN, Mmdit, MmditConfig, compile_blocks
from zoetrope_export.sampling.samplers import expand, shift_timestep
from zoetrope_export.training import products
from zoetrope_export.training.ema import Ema
from zoetrope_export.training.optimisers import optimise, optimisers_of
from zoetrope_export.training.precision import in_mixed_precision
from zoetrope_export.training.products import Weights
from zoetrope_export.training.schedule import Schedule


@dataclass(frozen=True)
class TeacherRecipe:
    """The parameters of the teacher's training.

    Timesteps are logit-normal, shifted towards the noise by `shift`; the fraction `from_noise` of them is set to 1.
    `drop_text` and `drop_first_frame` are fractions of the clips.
    """

    schedule: Schedule
    shift: float = 1.8
    from_noise: float = 0.25
    drop_text: float = 0.1
    drop_first_frame: float = 0.6
    ema: float = 0.995
    compiled: bool = False  # see compile_blocks


class TeacherStage:
    """Minimises |v - (z - x)|^2 over clips x, noise z and timesteps, from the weights `start` or from random ones."""

    name = products.TEACHER.stage

    def __init__(
        self,
        *,
        config: MmditConfig,
        recipe: TeacherRecipe,
        dataset: LatentDataset,
        empty_text: TextBatch,
        seed: int,
        start: Weights | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.recipe, self.schedule, self.dataset = recipe, recipe.schedule, dataset
        device = self.device = dataset.device
        self.empty_text = empty_text.to(device)
        self.rng = torch.Generator(device).manual_seed(seed)
        self.model = Mmdit(config).to(device)
        if start is not None:
            self.model.load_state_dict(start)
        self.ema = Ema(self.model, Mmdit(config).to(device), recipe.ema)
        if recipe.compiled:
            compile_blocks(self.model)
        self.optimisers = optimisers_of(self.model)

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """Does one update on a random batch."""
        x, text = self.dataset.draw(self.schedule.batch, self.rng)
        count, length = text.mask.shape
        drop = torch.rand(count, generator=self.rng, device=x.device) < self.recipe.drop_text
        embedding = torch.where(drop[:, None, None], self.empty_text.embedding[:, :length], text.embedding)
        mask = torch.where(drop[:, None], self.empty_text.mask[:, :length], text.mask)
        keep = (torch.rand(count, generator=self.rng, device=x.device) >= self.recipe.drop_first_frame).float()
        condition = Condition.of_first_frame(TextBatch(embedding, mask), x, keep)
        t = shift_timestep(torch.sigmoid(torch.randn(count, generator=self.rng, device=x.device)), self.recipe.shift)
        t = torch.where(torch.rand(count, generator=self.rng, device=x.device) < self.recipe.from_noise, 1.0, t)
        z = torch.randn(x.shape, generator=self.rng, device=x.device)
        x_t = (1 - expand(t)) * x + expand(t) * z
        x_hat = self.model.predict(x_t, t, embedding, mask, condition.first_frame, condition.first_frame_mask)
        loss = ((x_hat - x) / expand(t.clamp(min=T_MIN))).square().mean()
        optimise(self.optimisers, loss, self.schedule.rate(step))
        self.ema.update(step)
        return {"loss": loss.item(), "error": (x_hat.detach() - x).square().mean().item()}

    def state(self) -> dict[str, Any]:
        """Returns the weights, their average, the optimisers and the random generator."""
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.shadow.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.ema.shadow.load_state_dict(state["ema"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.rng.set_state(state["rng"])
