"""OSV: image to video in one step, trained in two stages with the network and the teacher of APT.

Every clip is conditioned on its first frame.

Stage 1 (equations 6 and 7) trains low-rank adapters. Its losses are the Huber distance to the real clip and a hinge GAN
against real clips.

Stage 2 (equations 8 to 10) trains all weights of a few blocks. Its losses are the Huber distance between two predicted
clips, and a hinge GAN. The first clip is the student's, from x_{t_{n+m}}. The second is that of the student's moving
average, from x_{t_n}, which m steps of the teacher's solver reach from x_{t_{n+m}}. The GAN's real samples are the
average's clips, the teacher's data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.models.backbone import BackboneConfig
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.lora import adapt, fold
from zoetrope_export.models.mmdit import Mmdit, MmditConfig
from zoetrope_export.models.osv_discriminator import OsvDiscriminator
from zoetrope_export.sampling.fields import guided_field, predict_clean, velocity_field
from zoetrope_export.sampling.samplers import expand, shift_timestep
from zoetrope_export.training import products
from zoetrope_export.training.ema import Ema
from zoetrope_export.training.losses import hinge_fake, hinge_real, huber
from zoetrope_export.training.optimisers import optimise
from zoetrope_export.training.precision import in_mixed_precision
from zoetrope_export.training.products import OsvWeights, Weights
from zoetrope_export.training.schedule import Schedule


@dataclass(frozen=True)
class OsvRecipe:
    """The schedules of the backbone and of OSV's two stages, and the stages' parameters.

    `solver_steps` is m and `guidance` is w of equation 8's solver, which is guided away from the prediction without a
    first frame; a `guidance` of 1 means none. `adversarial` is the weight of the GAN loss; 0 removes it, for the
    ablation.
    """

    backbone: Schedule
    first: Schedule
    second: Schedule
    rank: int = 16
    adversarial: float = 1.0
    huber_c: float = 0.5
    timesteps: int = 100
    shift: float = 2.5
    from_noise: float = 0.5
    solver_steps: int = 5
    guidance: float = 1.0
    trained_blocks: int = 2
    target_ema: float = 0.97
    ema: float = 0.99
    discriminator_rate: float = 1e-3

    def __post_init__(self) -> None:
        if not 1 <= self.solver_steps <= self.timesteps:
            raise ValueError(
                f"solver_steps {self.solver_steps} of {self.timesteps} timesteps: give 1 or more, up to timesteps"
            )
        if min(self.rank, self.trained_blocks) < 1:
            raise ValueError(
                f"adapters of rank {self.rank} and {self.trained_blocks} trained_blocks: give 1 or more of each"
            )


class _OsvStage:
    """The shared part of both stages: the student, the discriminator, and their alternating updates.

    A subclass sets the student's `optimiser`.
    """

    name = ""
    optimiser: torch.optim.Optimizer

    def __init__(
        self,
        *,
        config: MmditConfig,
        recipe: OsvRecipe,
        schedule: Schedule,
        start: Weights,
        backbone: Weights,
        dataset: LatentDataset,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.recipe, self.schedule, self.dataset = recipe, schedule, dataset
        device = self.device = dataset.device
        self.rng = torch.Generator(device).manual_seed(seed)
        self.model = Mmdit(config).to(device)
        self.model.load_state_dict(start)
        self.discriminator = OsvDiscriminator(BackboneConfig(channels=config.channels), backbone).to(device)
        self.heads_optimiser = torch.optim.Adam(self.discriminator.head_parameters(), betas=(0.0, 0.9))
        times = shift_timestep(torch.linspace(0, 1, recipe.timesteps + 1), recipe.shift)
        self.times = times.to(device)  # t_0 = 0 .. t_N = 1

    def draw(self, lowest: int) -> tuple[torch.Tensor, Condition, torch.Tensor, torch.Tensor]:
        """Draws real clips x, their conditions, time indices n from `lowest` up, and the noised clips x_{t_n}."""
        x, text = self.dataset.draw(self.schedule.batch, self.rng)
        count = len(x)
        condition = Condition.of_first_frame(text, x, torch.ones(count, device=x.device))
        n = torch.randint(lowest, self.recipe.timesteps + 1, (count,), generator=self.rng, device=x.device)
        n = torch.where(
            torch.rand(count, generator=self.rng, device=x.device) < self.recipe.from_noise, self.recipe.timesteps, n
        )
        t = expand(self.times[n])
        return x, condition, n, (1 - t) * x + t * torch.randn(x.shape, generator=self.rng, device=x.device)

    def update_both(
        self, step: int, *, fake: torch.Tensor, real: torch.Tensor, distance: torch.Tensor
    ) -> dict[str, float]:
        """Does one update of the student, then one of the discriminator's heads. Returns the metrics to log."""
        rate, adversarial = self.schedule.rate(step), self.recipe.adversarial
        loss = distance
        if adversarial > 0:
            loss = loss + adversarial * hinge_real(self.discriminator(fake))
        optimise([self.optimiser], loss, rate)
        real_logits, fake_logits = self.discriminator(real), self.discriminator(fake.detach())
        d_loss = hinge_real(real_logits) + hinge_fake(fake_logits)
        optimise([self.heads_optimiser], d_loss, self.recipe.discriminator_rate)
        accuracy = ((real_logits.mean(1) > 0).float().mean() + (fake_logits.mean(1) < 0).float().mean()) / 2
        return {"distance": distance.item(), "d_loss": d_loss.item(), "d_accuracy": accuracy.item()}


class OsvFirstStage(_OsvStage):
    """OSV's first stage: latent GAN pretraining with adapters. Its product has the adapters folded into the weights."""

    name = products.OSV_FIRST.stage

    def __init__(
        self,
        *,
        config: MmditConfig,
        recipe: OsvRecipe,
        teacher: Weights,
        backbone: Weights,
        dataset: LatentDataset,
        seed: int,
    ) -> None:
        super().__init__(
            config=config,
            recipe=recipe,
            schedule=recipe.first,
            start=teacher,
            backbone=backbone,
            dataset=dataset,
            seed=seed,
        )
        self.config = config
        self.adapters = adapt(self.model, recipe.rank)
        self.optimiser = torch.optim.Adam(self.adapters, betas=(0.0, 0.9))

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """Does one update on a random batch."""
        x, condition, n, x_t = self.draw(lowest=1)
        fake = predict_clean(self.model, x_t, self.times[n], condition)
        return self.update_both(step, fake=fake, real=x, distance=huber(fake, x, self.recipe.huber_c))

    def folded(self) -> Weights:
        """Returns the student's weights with the adapters folded in."""
        copy = Mmdit(self.config).to(self.device)
        adapt(copy, self.recipe.rank)
        copy.load_state_dict(self.model.state_dict())
        fold(copy)
        return copy.state_dict()

    def state(self) -> dict[str, Any]:
        """Returns the adapted student, the product, the discriminator's heads, the optimisers and the random generator.

        The product "ema" is the student's weights with the adapters folded in.
        """
        return {
            "model": self.model.state_dict(),
            "ema": self.folded(),
            "heads": self.discriminator.heads_state(),
            "optimisers": [self.optimiser.state_dict(), self.heads_optimiser.state_dict()],
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.discriminator.load_heads(state["heads"])
        for optimiser, saved in zip((self.optimiser, self.heads_optimiser), state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.rng.set_state(state["rng"])


class OsvSecondStage(_OsvStage):
    """OSV's second stage: adversarial consistency latent distillation with a solver of m steps."""

    name = products.OSV_SECOND.stage

    def __init__(
        self,
        *,
        config: MmditConfig,
        recipe: OsvRecipe,
        teacher: Weights,
        first: OsvWeights,
        backbone: Weights,
        dataset: LatentDataset,
        seed: int,
    ) -> None:
        super().__init__(
            config=config,
            recipe=recipe,
            schedule=recipe.second,
            start=first.ema,
            backbone=backbone,
            dataset=dataset,
            seed=seed,
        )
        self.discriminator.load_heads(first.heads)
        self.teacher = Mmdit(config).to(self.device)
        self.teacher.load_state_dict(teacher)
        self.teacher.requires_grad_(False)
        self.model.requires_grad_(False)
        trained = [*self.model.blocks[-recipe.trained_blocks :], self.model.modulation_out, self.model.leave]
        if self.model.local is not None:
            trained += [self.model.leave_locally, self.model.local.behind, self.model.local.last]
        parameters = [p.requires_grad_(True) for part in trained for p in part.parameters()]
        self.target = Ema(self.model, Mmdit(config).to(self.device), recipe.target_ema)
        self.ema = Ema(self.model, Mmdit(config).to(self.device), recipe.ema)
        self.optimiser = torch.optim.Adam(parameters, betas=(0.0, 0.9))

    @torch.no_grad()
    def solve(self, x: torch.Tensor, n: torch.Tensor, condition: Condition) -> torch.Tensor:
        """Takes m guided Euler steps of the teacher from t_n to t_{n-m} (equation 8)."""
        field, guidance = velocity_field(self.teacher, condition), self.recipe.guidance
        if guidance != 1:
            field = guided_field(self.teacher, condition, condition.without_first_frame(), guidance)
        for k in range(self.recipe.solver_steps):
            t, s = self.times[n - k], self.times[n - k - 1]
            x = x + expand(s - t) * field(x, t)
        return x

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """Does one update on a random batch."""
        m = self.recipe.solver_steps
        _, condition, n, x_t = self.draw(lowest=m)
        with torch.no_grad():
            solved = self.solve(x_t, n, condition)
            target = predict_clean(self.target.shadow, solved, self.times[n - m], condition)
        fake = predict_clean(self.model, x_t, self.times[n], condition)
        metrics = self.update_both(step, fake=fake, real=target, distance=huber(fake, target, self.recipe.huber_c))
        self.target.update(step)
        self.ema.update(step)
        return metrics

    def state(self) -> dict[str, Any]:
        """Returns the student, its averages, the heads, the optimisers and the random generator."""
        return {
            "model": self.model.state_dict(),
            "target": self.target.shadow.state_dict(),
            "ema": self.ema.shadow.state_dict(),
            "heads": self.discriminator.heads_state(),
            "optimisers": [self.optimiser.state_dict(), self.heads_optimiser.state_dict()],
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.target.shadow.load_state_dict(state["target"])
        self.ema.shadow.load_state_dict(state["ema"])
        self.discriminator.load_heads(state["heads"])
        for optimiser, saved in zip((self.optimiser, self.heads_optimiser), state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.rng.set_state(state["rng"])
