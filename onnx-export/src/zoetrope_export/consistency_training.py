"""Distils the teacher to one step: discrete-time consistency distillation with squared error (APT, section 3.1).

Along the teacher's guided trajectory, two neighbouring times must give the same clean sample:
|f(x_n, t_n) - f_target(x_{n+1}, t_{n+1})|^2, with f(x, t) = x - t v(x, t), x_{n+1} one guided Euler step of the teacher
from x_n, and f_target an average of the student. What comes out is the start of adversarial training, and by itself a
generator whose clips are softer than its teacher's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from zoetrope_export.condition import Condition, clean, guided
from zoetrope_export.dataset import LatentDataset
from zoetrope_export.flow_training import expand
from zoetrope_export.mmdit import Mmdit, MmditConfig, compile_blocks
from zoetrope_export.samplers import shift_timestep
from zoetrope_export.text import TextBatch
from zoetrope_export.training import Ema, Schedule, in_mixed_precision, optimise


@dataclass(frozen=True)
class ConsistencyRecipe:
    """`solver_steps` teacher steps on shifted times; `from_noise` of a batch starts at t = 1, where it will be used."""

    schedule: Schedule
    solver_steps: int = 16
    shift: float = 1.8
    guidance: float = 2.0
    target_ema: float = 0.97
    ema: float = 0.995
    from_noise: float = 0.3
    drop_first_frame: float = 0.6
    compiled: bool = False  # see compile_blocks


class ConsistencyStage:
    """Trains a student that starts as its teacher."""

    name = "consistency"

    def __init__(
        self,
        config: MmditConfig,
        recipe: ConsistencyRecipe,
        teacher: dict[str, Any],
        dataset: LatentDataset,
        without: TextBatch,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.recipe, self.schedule, self.dataset = recipe, recipe.schedule, dataset
        device = self.device = dataset.device
        self.without = without.to(device)
        self.rng = torch.Generator(device).manual_seed(seed)
        self.teacher, self.model = Mmdit(config).to(device), Mmdit(config).to(device)
        for network in (self.teacher, self.model):
            network.load_state_dict(teacher["ema"])
        self.teacher.requires_grad_(False)
        self.target = Ema(self.model, Mmdit(config).to(device), recipe.target_ema)
        self.ema = Ema(self.model, Mmdit(config).to(device), recipe.ema)
        if recipe.compiled:
            compile_blocks(self.teacher, self.model, self.target.shadow)
        self.optimiser = torch.optim.Adam(self.model.parameters(), betas=(0.9, 0.99))
        self.times = shift_timestep(torch.linspace(1, 0, recipe.solver_steps + 1), recipe.shift).to(device)

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """One update on a random batch."""
        x, text = self.dataset.draw(self.schedule.batch, self.rng)
        count = len(x)
        n = torch.randint(self.recipe.solver_steps, (count,), generator=self.rng, device=x.device)
        n = torch.where(torch.rand(count, generator=self.rng, device=x.device) < self.recipe.from_noise, 0, n)
        t, s = self.times[n], self.times[n + 1]
        z = torch.randn(x.shape, generator=self.rng, device=x.device)
        x_t = (1 - expand(t)) * x + expand(t) * z
        keep = (torch.rand(count, generator=self.rng, device=x.device) >= self.recipe.drop_first_frame).float()
        condition = Condition.of_first_frame(text, x, keep)
        with torch.no_grad():
            velocity = guided(self.teacher, condition, self.without, self.recipe.guidance)(x_t, t)
            wanted = clean(self.target.shadow, x_t + expand(s - t) * velocity, s, condition)
        loss = (clean(self.model, x_t, t, condition) - wanted).square().mean()
        optimise([self.optimiser], loss, self.schedule.rate(step))
        self.target.update(step)
        self.ema.update(step)
        return {"loss": loss.item()}

    def state(self) -> dict[str, Any]:
        """Student, its averages, optimiser, generator."""
        return {
            "model": self.model.state_dict(),
            "target": self.target.shadow.state_dict(),
            "ema": self.ema.shadow.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.model.load_state_dict(state["model"])
        self.target.shadow.load_state_dict(state["target"])
        self.ema.shadow.load_state_dict(state["ema"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.rng.set_state(state["rng"])
