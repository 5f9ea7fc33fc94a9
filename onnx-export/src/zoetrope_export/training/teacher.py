"""Trains the teacher: flow matching on latents, with text and first frame dropped at times.

Without its text the teacher can be guided; without its first frame it is text to video, with it image to video.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import T_MIN, Mmdit, MmditConfig, compile_blocks
from zoetrope_export.sampling.samplers import shift_timestep
from zoetrope_export.training.loop import Ema, Schedule, in_mixed_precision, optimise


@dataclass(frozen=True)
class FlowRecipe:
    """Timesteps are logit-normal, shifted towards the noise by `shift`; `from_noise` of them are 1."""

    schedule: Schedule
    shift: float = 1.8
    from_noise: float = 0.25
    drop_text: float = 0.1
    drop_first_frame: float = 0.6
    ema: float = 0.995
    compiled: bool = False  # see compile_blocks


def expand(t: torch.Tensor) -> torch.Tensor:
    """[B] -> [B, 1, 1, 1, 1]."""
    return t[:, None, None, None, None]


def optimisers_of(model: Mmdit) -> list[torch.optim.Optimizer]:
    """Muon for the blocks' matrices, AdamW for all else."""
    width = model.config.model_width
    matrices = [p for p in model.blocks.parameters() if p.ndim == 2 and min(p.shape) >= width]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, betas=(0.9, 0.99), weight_decay=0.01),
    ]


class FlowStage:
    """Minimises |v - (z - x)|^2 over clips, noise and timesteps; `start` are weights to begin with."""

    name = "teacher"

    def __init__(
        self,
        config: MmditConfig,
        recipe: FlowRecipe,
        dataset: LatentDataset,
        without: TextBatch,
        seed: int,
        start: dict[str, torch.Tensor] | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.recipe, self.schedule, self.dataset = recipe, recipe.schedule, dataset
        device = self.device = dataset.device
        self.without = without.to(device)
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
        """One update on a random batch."""
        x, text = self.dataset.draw(self.schedule.batch, self.rng)
        count, length = text.mask.shape
        drop = torch.rand(count, generator=self.rng, device=x.device) < self.recipe.drop_text
        embedding = torch.where(drop[:, None, None], self.without.embedding[:, :length], text.embedding)
        mask = torch.where(drop[:, None], self.without.mask[:, :length], text.mask)
        keep = (torch.rand(count, generator=self.rng, device=x.device) >= self.recipe.drop_first_frame).float()
        told = Condition.of_first_frame(TextBatch(embedding, mask), x, keep)
        t = shift_timestep(torch.sigmoid(torch.randn(count, generator=self.rng, device=x.device)), self.recipe.shift)
        t = torch.where(torch.rand(count, generator=self.rng, device=x.device) < self.recipe.from_noise, 1.0, t)
        z = torch.randn(x.shape, generator=self.rng, device=x.device)
        x_t = (1 - expand(t)) * x + expand(t) * z
        x_hat = self.model.predict(x_t, t, embedding, mask, told.first_frame, told.first_frame_mask)
        loss = ((x_hat - x) / expand(t.clamp(min=T_MIN))).square().mean()
        optimise(self.optimisers, loss, self.schedule.rate(step))
        self.ema.update(step)
        return {"loss": loss.item(), "error": (x_hat.detach() - x).square().mean().item()}

    def state(self) -> dict[str, Any]:
        """Weights, their average, optimiser, generator."""
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.shadow.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.model.load_state_dict(state["model"])
        self.ema.shadow.load_state_dict(state["ema"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.rng.set_state(state["rng"])
