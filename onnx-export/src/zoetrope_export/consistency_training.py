"""Distils the teacher to one step: discrete-time consistency distillation (APT, section 3.1), with OSV's distance.

Along the teacher's guided trajectory, two times must give the same clean sample:
huber(f(x_n, t_n), f_target(x_{n+m}, t_{n+m})), with f(x, t) = x - t v(x, t), f_target an average of the student, and
x_{n+m} what m guided Euler steps of the teacher make of x_n (OSV, equation 8). Besides, features of both that tell
shapes and colours must be alike (decision 0013). What comes out is the start of adversarial training, and by itself a
generator whose clips are softer than its teacher's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from zoetrope_export.condition import Condition, clean, guided
from zoetrope_export.dataset import LatentDataset
from zoetrope_export.flow_training import expand, optimisers_of
from zoetrope_export.mmdit import Mmdit, MmditConfig, compile_blocks
from zoetrope_export.osv_discriminator import Backbone, BackboneConfig, frames_of, huber, trained_backbone
from zoetrope_export.samplers import shift_timestep
from zoetrope_export.text import TextBatch
from zoetrope_export.training import Ema, Schedule, in_mixed_precision, optimise


@dataclass(frozen=True)
class ConsistencyRecipe:
    """`timesteps` shifted times below 1, of which the teacher's solver does `solver_steps` (m) an update.

    `from_noise` of a batch start at t = 1, where the student will be used. `perceptual` weighs the features.
    """

    schedule: Schedule
    timesteps: int = 8
    solver_steps: int = 4
    shift: float = 1.8
    guidance: float = 2.0
    perceptual: float = 0.5
    huber_c: float = 0.3
    target_ema: float = 0.97
    ema: float = 0.995
    from_noise: float = 0.5
    drop_first_frame: float = 0.6
    compiled: bool = False  # see compile_blocks

    def __post_init__(self) -> None:
        if min(self.solver_steps, self.timesteps) < 1:
            raise ValueError(f"{self.solver_steps} solver_steps of {self.timesteps} timesteps: give 1 or more of each")


def places_of(latents: torch.Tensor) -> torch.Tensor:
    """[B, C, T, H, W] -> [B*T*H*W, C]."""
    return latents.movedim(1, -1).flatten(0, 3)


def perceptual_distance(backbone: Backbone, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Squared distance of unit features at each place, averaged over places and levels, of latents [B, C, T, H, W].

    Zhang et al. 2018 (LPIPS, equation 1) without learned weights; as a consistency model's metric: Song et al. 2023.
    """
    levels = [
        (F.normalize(a.float(), dim=1) - F.normalize(b.float(), dim=1)).square().sum(1).mean()
        for a, b in zip(backbone(frames_of(x)), backbone(frames_of(y)), strict=True)
    ]
    return torch.stack(levels).mean()


class ConsistencyStage:
    """Trains a student that starts as its teacher, or as `start`; `backbone` is a `BackboneClassifier`'s weights."""

    name = "consistency"

    def __init__(
        self,
        config: MmditConfig,
        recipe: ConsistencyRecipe,
        teacher: dict[str, Any],
        backbone: dict[str, Any],
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
        self.backbone = trained_backbone(BackboneConfig(channels=config.channels), backbone).to(device)
        self.teacher, self.model = Mmdit(config).to(device), Mmdit(config).to(device)
        self.teacher.load_state_dict(teacher["ema"])
        self.model.load_state_dict(teacher["ema"] if start is None else start)
        self.teacher.requires_grad_(False)
        self.target = Ema(self.model, Mmdit(config).to(device), recipe.target_ema)
        self.ema = Ema(self.model, Mmdit(config).to(device), recipe.ema)
        if recipe.compiled:
            compile_blocks(self.teacher, self.model, self.target.shadow)
        self.optimisers = optimisers_of(self.model)
        times = shift_timestep(torch.linspace(1, 0, recipe.timesteps + 1), recipe.shift)
        self.times = times.to(device)  # t_0 = 1 .. t_N = 0

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """One update on a random batch."""
        x, text = self.dataset.draw(self.schedule.batch, self.rng)
        count = len(x)
        n = torch.randint(self.recipe.timesteps, (count,), generator=self.rng, device=x.device)
        n = torch.where(torch.rand(count, generator=self.rng, device=x.device) < self.recipe.from_noise, 0, n)
        t = self.times[n]
        z = torch.randn(x.shape, generator=self.rng, device=x.device)
        x_t = (1 - expand(t)) * x + expand(t) * z
        keep = (torch.rand(count, generator=self.rng, device=x.device) >= self.recipe.drop_first_frame).float()
        condition = Condition.of_first_frame(text, x, keep)
        with torch.no_grad():
            solved, s = self.solve(x_t, n, condition)
            wanted = clean(self.target.shadow, solved, s, condition)
        guessed = clean(self.model, x_t, t, condition)
        loss = huber(places_of(guessed), places_of(wanted), self.recipe.huber_c)
        perceptual = perceptual_distance(self.backbone, guessed, wanted)
        optimise(self.optimisers, loss + self.recipe.perceptual * perceptual, self.schedule.rate(step))
        self.target.update(step)
        self.ema.update(step)
        return {"loss": loss.item(), "perceptual": perceptual.item()}

    def solve(self, x: torch.Tensor, n: torch.Tensor, condition: Condition) -> tuple[torch.Tensor, torch.Tensor]:
        """Guided Euler steps of the teacher from x at t_n: what is there at t_{n+m}, or at 0 if that comes first."""
        field = guided(self.teacher, condition, condition.without_text(self.without), self.recipe.guidance)
        t = self.times[n]
        for k in range(1, self.recipe.solver_steps + 1):
            s = self.times[(n + k).clamp(max=self.recipe.timesteps)]
            x, t = x + expand(s - t) * field(x, t), s
        return x, t

    def state(self) -> dict[str, Any]:
        """Student, its averages, optimiser, generator."""
        return {
            "model": self.model.state_dict(),
            "target": self.target.shadow.state_dict(),
            "ema": self.ema.shadow.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.model.load_state_dict(state["model"])
        self.target.shadow.load_state_dict(state["target"])
        self.ema.shadow.load_state_dict(state["ema"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.rng.set_state(state["rng"])
