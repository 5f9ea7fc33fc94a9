"""Distils the teacher to one step: discrete-time consistency distillation (APT, section 3.1), with OSV's distance.

The student has to predict the same clean sample at two times of the teacher's guided trajectory. The loss is
huber(f(x_n, t_n), f_target(x_{n+m}, t_{n+m})), with f(x, t) = x - t v(x, t). f_target is a moving average of the
student, and x_{n+m} is the result of m guided Euler steps of the teacher from x_n (OSV, equation 8). A second term is
the distance between features of both samples; the features separate shapes and colours (decision 0013). Adversarial
training starts from the student, which is already a one-step generator, but its clips are softer than its teacher's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from zoetrope_export.models.backbone import Backbone, BackboneConfig, frames_of, trained_backbone
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import Mmdit, MmditConfig, compile_blocks
from zoetrope_export.sampling.fields import predict_clean
from zoetrope_export.training import products
from zoetrope_export.training.ema import Ema
from zoetrope_export.training.losses import huber
from zoetrope_export.training.optimisers import optimise, optimisers_of
from zoetrope_export.training.precision import in_mixed_precision
from zoetrope_export.training.products import Weights
from zoetrope_export.training.schedule import Schedule
from zoetrope_export.training.trajectories import Solver, Trajectories


@dataclass(frozen=True)
class ConsistencyRecipe:
    """The parameters of consistency distillation.

    The teacher computes `trajectories` of `timesteps` steps. The student learns to jump over `solver_steps` (m) steps.
    `from_noise` is the fraction of a batch that starts at t = 1, where a one-step sample evaluates the student.
    `perceptual` is the weight of the distance between features.
    """

    schedule: Schedule
    trajectories: int = 8192
    timesteps: int = 8
    solver_steps: int = 8
    shift: float = 1.8
    guidance: float = 2.0
    perceptual: float = 0.5
    huber_c: float = 0.3
    target_ema: float = 0.97
    ema: float = 0.995
    from_noise: float = 0.75
    drop_first_frame: float = 0.6
    compiled: bool = False  # see compile_blocks

    def __post_init__(self) -> None:
        if min(self.solver_steps, self.timesteps, self.trajectories) < 1:
            raise ValueError(
                f"{self.solver_steps} solver_steps of {self.timesteps} timesteps of {self.trajectories} trajectories:"
                " give 1 or more of each"
            )

    @property
    def solver(self) -> Solver:
        """The solver that computes the teacher's trajectories."""
        return Solver(
            count=self.trajectories,
            timesteps=self.timesteps,
            shift=self.shift,
            guidance=self.guidance,
            drop_first_frame=self.drop_first_frame,
        )


def position_vectors(latents: torch.Tensor) -> torch.Tensor:
    """Returns the vector of channels at each position of latents: [B, C, T, H, W] -> [B*T*H*W, C]."""
    return latents.movedim(1, -1).flatten(0, 3)


def perceptual_distance(backbone: Backbone, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Returns the squared distance between the unit features of two batches of latents [B, C, T, H, W].

    It is averaged over positions, then over the backbone's levels. This is LPIPS (Zhang et al. 2018, equation 1)
    without learned weights. Song et al. 2023 use LPIPS as the metric of consistency models.
    """
    levels = [
        (F.normalize(a.float(), dim=1) - F.normalize(b.float(), dim=1)).square().sum(1).mean()
        for a, b in zip(backbone(frames_of(x)), backbone(frames_of(y)), strict=True)
    ]
    return torch.stack(levels).mean()


class ConsistencyStage:
    """Trains a student from the weights `start`. `backbone` holds the weights of a `BackboneClassifier`."""

    name = products.CONSISTENCY.stage

    def __init__(
        self,
        *,
        config: MmditConfig,
        recipe: ConsistencyRecipe,
        start: Weights,
        backbone: Weights,
        trajectories: Trajectories,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.recipe, self.schedule, self.trajectories = recipe, recipe.schedule, trajectories
        device = self.device = trajectories.dataset.device
        self.rng = torch.Generator(device).manual_seed(seed)
        self.backbone = trained_backbone(BackboneConfig(channels=config.channels), backbone).to(device)
        self.model = Mmdit(config).to(device)
        self.model.load_state_dict(start)
        self.target = Ema(self.model, Mmdit(config).to(device), recipe.target_ema)
        self.ema = Ema(self.model, Mmdit(config).to(device), recipe.ema)
        if recipe.compiled:
            compile_blocks(self.model, self.target.shadow)
        self.optimisers = optimisers_of(self.model)
        self.times = recipe.solver.times().to(device)

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """Does one update on a random batch."""
        count, last = self.schedule.batch, self.recipe.timesteps
        n = torch.randint(last, (count,), generator=self.rng, device=self.device)
        n = torch.where(torch.rand(count, generator=self.rng, device=self.device) < self.recipe.from_noise, 0, n)
        later = (n + self.recipe.solver_steps).clamp(max=last)
        x, solved, condition = self.trajectories.draw(n, later, self.rng)
        target = self.clean_target(solved, later, condition)
        predicted = predict_clean(self.model, x, self.times[n], condition)
        loss = huber(position_vectors(predicted), position_vectors(target), self.recipe.huber_c)
        perceptual = perceptual_distance(self.backbone, predicted, target)
        optimise(self.optimisers, loss + self.recipe.perceptual * perceptual, self.schedule.rate(step))
        self.target.update(step)
        self.ema.update(step)
        return {"loss": loss.item(), "perceptual": perceptual.item()}

    @torch.no_grad()
    def clean_target(self, solved: torch.Tensor, n: torch.Tensor, condition: Condition) -> torch.Tensor:
        """Returns the averaged student's clean samples for points `solved` at t_n.

        If the solver's steps always reach the end of a trajectory, these are the points themselves.
        """
        if self.recipe.solver_steps >= self.recipe.timesteps:
            return solved
        return predict_clean(self.target.shadow, solved, self.times[n], condition)

    def state(self) -> dict[str, Any]:
        """Returns the student, its averages, the optimisers and the random generator."""
        return {
            "model": self.model.state_dict(),
            "target": self.target.shadow.state_dict(),
            "ema": self.ema.shadow.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.target.shadow.load_state_dict(state["target"])
        self.ema.shadow.load_state_dict(state["ema"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.rng.set_state(state["rng"])
