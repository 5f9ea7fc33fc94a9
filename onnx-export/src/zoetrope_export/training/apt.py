"""Adversarial post-training: the one-step student trains against a discriminator (APT, sections 3.2 to 3.5).

        z, condition -> generator at t = 1 -> fake --+
                                                     +-> discriminator -> logits -> losses of both
        clip, the same condition ------------> real --+

    discriminator: softplus(-D(real)) + softplus(D(fake)) + weight * (D(real) - D(real + sigma n))^2     (equation 10)
    generator:     softplus(-D(fake))                                                                   (non-saturating)

At first, the discriminator trains alone. The gate opens once the discriminator's accuracy reaches a threshold, both on
the clips that it trains on and on fresh clips. Then both networks train. A generator learns nothing from a
discriminator that cannot separate its clips from real ones, and can drift in any direction against it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn import functional as F

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.discriminator import Discriminator, DiscriminatorConfig
from zoetrope_export.models.mmdit import Mmdit, MmditConfig, compile_blocks
from zoetrope_export.sampling.fields import velocity_field
from zoetrope_export.sampling.samplers import one_step, shift_timestep
from zoetrope_export.training.ema import Ema
from zoetrope_export.training.errors import StageFailedError
from zoetrope_export.training.optimisers import optimise
from zoetrope_export.training.precision import mixed_precision
from zoetrope_export.training.products import Weights
from zoetrope_export.training.schedule import Schedule

_FRESH_EVERY = 10  # updates between two measurements on fresh clips while the gate is shut
_ACCURACY_DECAY = 0.8  # decay of the running accuracy on training clips


@dataclass(frozen=True)
class Gate:
    """The condition under which the generator starts to train against the discriminator.

    The gate opens once the discriminator's running accuracy on training clips and its accuracy on fresh clips are both
    at least `accuracy`.
    """

    accuracy: float = 0.9
    at_most: int = 400  # updates of the discriminator alone; a gate still shut then, or at the last update, is an error


@dataclass(frozen=True)
class AptRecipe:
    """The parameters of adversarial post-training.

    The generator's learning rate is the schedule's. `trunk_scale` and `heads_scale` multiply it for the discriminator's
    trunk and heads. The schedule's `steps` include the updates before the gate opens.

    The paper has a rate of 5e-6 for images and 3e-6 for video, the same for both networks and all of their parameters;
    `shift` 1 for images and 12 for video; and `r1_sigma` 0.01 for images and 0.1 for video.
    """

    schedule: Schedule
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    gate: Gate = field(default_factory=Gate)
    trunk_scale: float = 1.0
    heads_scale: float = 1.0
    shift: float = 1.0
    r1_weight: float = 100.0
    r1_sigma: float = 0.1
    ema: float = 0.995
    drop_first_frame: float = 0.6
    begin_again: int | None = None  # the generator restarts once, this many updates after the gate opens; decision 0014
    pull: float = (
        0.0  # weight of the squared distance to the start generator's output for the same noise; not in the paper
    )
    compiled: bool = False  # see compile_blocks

    def __post_init__(self) -> None:
        if self.begin_again is None:
            return
        if self.schedule.minutes is not None:
            raise ValueError(
                f"begin_again, {self.begin_again}, counts updates, but the number of updates that fit into"
                f" schedule.minutes, {self.schedule.minutes:g}, is unknown in advance: leave one of them out"
            )
        if self.gate.at_most + self.begin_again >= self.schedule.steps:
            raise ValueError(
                f"gate.at_most, {self.gate.at_most}, and begin_again, {self.begin_again}, leave no update of"
                f" schedule.steps, {self.schedule.steps}, after the generator's restart: give more steps, or fewer"
                " updates before the restart"
            )


def discriminator_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Returns the mean of -log sigmoid(D(real)) - log(1 - sigmoid(D(fake))), from logits [B]."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(fake: torch.Tensor) -> torch.Tensor:
    """Returns the mean of -log sigmoid(D(fake)), from logits [B]."""
    return F.softplus(-fake).mean()


def approximated_r1(at_real: torch.Tensor, at_noised: torch.Tensor) -> torch.Tensor:
    """Returns the mean of (D(x) - D(x + sigma n))^2, from logits [B] (equation 10).

    It approximates sigma^2 |grad D(x)|^2 without a second derivative.
    """
    return (at_real - at_noised).square().mean()


def accuracy(real: torch.Tensor, fake: torch.Tensor) -> float:
    """Returns the share of logits with the correct sign.

    Real and fake clips have the same weight, whatever the number of each.
    """
    return ((real > 0).float().mean() + (fake < 0).float().mean()).item() / 2


class AptStage:
    """Trains a generator against a discriminator.

    `start` are the initial weights of the generator, `teacher` those of the discriminator's trunk. `fresh` holds clips
    that no stage trains on.
    """

    def __init__(
        self,
        *,
        name: str,
        config: MmditConfig,
        recipe: AptRecipe,
        teacher: Weights,
        start: Weights,
        dataset: LatentDataset,
        fresh: LatentDataset,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.name, self.recipe, self.schedule = name, recipe, recipe.schedule
        self.dataset, self.fresh = dataset, fresh
        device = self.device = dataset.device
        self.rng = torch.Generator(device).manual_seed(seed)
        self.model, self.start = Mmdit(config).to(device), Mmdit(config).to(device)
        for network in (self.model, self.start):
            network.load_state_dict(start)
        self.start.requires_grad_(False)
        self.ema = Ema(self.model, Mmdit(config).to(device), recipe.ema)
        self.discriminator = Discriminator(config, recipe.discriminator, teacher).to(device)
        self.generator_optimiser = torch.optim.RMSprop(self.model.parameters(), alpha=0.9)
        heads = self.discriminator.head_parameters()
        groups = [
            {"params": list(self.discriminator.trunk.parameters()), "scale": recipe.trunk_scale},
            {"params": heads, "scale": recipe.heads_scale},
        ]
        self.discriminator_optimiser = torch.optim.RMSprop(groups, alpha=0.9)
        if recipe.compiled:
            compile_blocks(self.model, self.discriminator.trunk)
        self.opened_at: int | None = None
        self.running_accuracy = self.fresh_accuracy = 0.5

    def update(self, step: int) -> dict[str, float]:
        """Does one update of the discriminator and, once the gate is open, one of the generator."""
        gate_is_open = self.opened_at is not None
        if self.opened_at is not None and step - self.opened_at == self.recipe.begin_again:
            self._restart_generator()
        x, text = self.dataset.draw(self.schedule.batch, self.rng)
        condition = self._condition(x, text)
        with mixed_precision(self.device), torch.set_grad_enabled(gate_is_open):
            z = self._noise(x)
            fake = one_step(velocity_field(self.model, condition), z)
        rate = self.schedule.rate(step)
        metrics = self._train_discriminator(x, fake.detach(), condition, rate)
        if gate_is_open:
            metrics |= self._train_generator(z, fake, condition, rate)
            metrics["fresh"] = self.fresh_accuracy
        else:
            metrics |= {"g_loss": 0.0, "fresh": self.update_gate(step)}
        return metrics

    def _restart_generator(self) -> None:
        """Resets the generator and its average to the start weights. The discriminator keeps its weights."""
        for network in (self.model, self.ema.shadow):
            network.load_state_dict(self.start.state_dict())
        self.generator_optimiser.state.clear()

    def _condition(self, x: torch.Tensor, text: TextBatch) -> Condition:
        keep = (torch.rand(len(x), generator=self.rng, device=x.device) >= self.recipe.drop_first_frame).float()
        return Condition.of_first_frame(text, x, keep)

    def _noise(self, x: torch.Tensor) -> torch.Tensor:
        return torch.randn(x.shape, generator=self.rng, device=x.device)

    def _logits(self, samples: list[torch.Tensor], condition: Condition) -> list[torch.Tensor]:
        """Returns the discriminator's logits for batches of samples, all at the same conditions and drawn timesteps."""
        drawn = torch.rand(len(condition), generator=self.rng, device=self.device)
        t = shift_timestep(drawn, self.recipe.shift)
        rows = torch.arange(len(condition), device=t.device).repeat(len(samples))
        logits: torch.Tensor = self.discriminator(torch.cat(samples), t[rows], condition[rows])
        return list(logits.chunk(len(samples)))

    # Autocast keeps bfloat16 copies of the weights until its context ends, and an optimiser's step makes them stale. So
    # each of the next two methods ends its context with the step.

    def _train_discriminator(
        self, x: torch.Tensor, fake: torch.Tensor, condition: Condition, rate: float
    ) -> dict[str, float]:
        noised = x + self.recipe.r1_sigma * self._noise(x)
        with mixed_precision(self.device):
            if self.recipe.r1_weight > 0:
                at_real, at_fake, at_noised = self._logits([x, fake, noised], condition)
                r1 = approximated_r1(at_real, at_noised)
            else:
                at_real, at_fake = self._logits([x, fake], condition)
                r1 = torch.zeros((), device=x.device)
            loss = discriminator_loss(at_real, at_fake)
            optimise([self.discriminator_optimiser], loss + self.recipe.r1_weight * r1, rate)
        batch_accuracy = accuracy(at_real, at_fake)
        self.running_accuracy = _ACCURACY_DECAY * self.running_accuracy + (1 - _ACCURACY_DECAY) * batch_accuracy
        return {
            "d_loss": loss.item(),
            "r1": r1.item(),
            "accuracy": self.running_accuracy,
            "right_real": (at_real > 0).float().mean().item(),
            "right_fake": (at_fake < 0).float().mean().item(),
            "logit_real": at_real.mean().item(),
            "logit_fake": at_fake.mean().item(),
        }

    def _train_generator(
        self, z: torch.Tensor, fake: torch.Tensor, condition: Condition, rate: float
    ) -> dict[str, float]:
        self.discriminator.requires_grad_(False)
        with mixed_precision(self.device):
            loss = adversarial = generator_loss(self._logits([fake], condition)[0])
            if self.recipe.pull > 0:
                start_output = one_step(velocity_field(self.start, condition), z)
                loss = loss + self.recipe.pull * (fake - start_output).square().mean()
            optimise([self.generator_optimiser], loss, rate)
        self.discriminator.requires_grad_(True)
        self.ema.update()
        return {"g_loss": adversarial.item()}

    def update_gate(self, step: int) -> float:
        """Opens the gate once the discriminator is accurate enough; returns its last accuracy on fresh clips.

        Raises `StageFailedError` if the gate is still shut after `Gate.at_most` updates or the schedule's last.
        """
        gate = self.recipe.gate
        if self.running_accuracy >= gate.accuracy and (step + 1) % _FRESH_EVERY == 0:
            self.fresh_accuracy = self.measure_fresh_accuracy()
            if self.fresh_accuracy >= gate.accuracy:
                self.opened_at = step + 1
        if self.opened_at is None and step + 1 >= min(gate.at_most, self.schedule.steps):
            raise StageFailedError(
                f"stage {self.name!r}: after {step + 1} updates the discriminator classifies"
                f" {self.running_accuracy:.0%} of its training clips and {self.fresh_accuracy:.0%} of fresh clips"
                f" correctly, the gate requires {gate.accuracy:.0%} of both: raise its learning rate, gate.at_most"
                f" ({gate.at_most}) or schedule.steps ({self.schedule.steps})"
            )
        return self.fresh_accuracy

    @torch.no_grad()
    def measure_fresh_accuracy(self) -> float:
        """Returns the discriminator's accuracy on clips that no stage trains on."""
        x, text = self.fresh.latents, TextBatch(self.fresh.text.embedding.float(), self.fresh.text.mask)
        condition = self._condition(x, text)
        # Eager: the batch size differs from the updates', and this runs too rarely to be worth a second compilation.
        with mixed_precision(self.device), torch.compiler.set_stance("force_eager"):
            fake = one_step(velocity_field(self.model, condition), self._noise(x))
            at_real, at_fake = self._logits([x, fake], condition)
        return accuracy(at_real, at_fake)

    def state(self) -> dict[str, Any]:
        """Returns both networks, the generator's average, both optimisers, the gate and the random number generator."""
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.shadow.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "generator_optimiser": self.generator_optimiser.state_dict(),
            "discriminator_optimiser": self.discriminator_optimiser.state_dict(),
            "gate": {
                "opened_at": self.opened_at,
                "running": self.running_accuracy,
                "on_fresh": self.fresh_accuracy,
            },
            "rng": self.rng.get_state(),
        }

    def load_with_open_gate(self, state: dict[str, Any]) -> None:
        """Loads the state of a stage whose discriminator trained alone, and opens the gate at update 0."""
        self.load({**state, "gate": {**state["gate"], "opened_at": 0}})

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.ema.shadow.load_state_dict(state["ema"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.generator_optimiser.load_state_dict(state["generator_optimiser"])
        self.discriminator_optimiser.load_state_dict(state["discriminator_optimiser"])
        gate = state["gate"]
        self.opened_at = gate["opened_at"]
        self.running_accuracy, self.fresh_accuracy = gate["running"], gate["on_fresh"]
        self.rng.set_state(state["rng"])
