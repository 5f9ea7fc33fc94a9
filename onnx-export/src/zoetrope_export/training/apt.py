"""Adversarial post-training: the one-step student against a discriminator, on real clips (APT, sections 3.2 to 3.5).

        z, condition -> generator at t = 1 -> fake --+
                                                     +-> discriminator -> logits -> losses of both
        clip, the same condition ------------> real --+

    discriminator: softplus(-D(real)) + softplus(D(fake)) + weight * (D(real) - D(real + sigma n))^2     (equation 10)
    generator:     softplus(-D(fake))                                                                   (non-saturating)

The gate: a generator learns nothing from a discriminator that cannot tell its clips from real ones, and may be led
anywhere by it. So the discriminator trains alone first, and the game starts when it is right on the clips that it
trains on and on fresh ones.
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

_FRESH_EVERY = 10  # updates between two looks at fresh clips before the game
_FOLLOW = 0.8  # decay of the running accuracy on the clips of training


@dataclass(frozen=True)
class Gate:
    """The game starts once the discriminator's running accuracy, and that on fresh clips, exceed `accuracy`."""

    accuracy: float = 0.9
    at_most: int = 400  # updates of the discriminator alone; a gate still shut then, or at the last update, is an error


@dataclass(frozen=True)
class AptRecipe:
    """The generator learns at the schedule's rate, the discriminator at multiples of it; `steps` count the gate's too.

    The paper: rate 5e-6 (3e-6 for video) for both and all, shift 1 for images and 12 for video, r1_sigma 0.01 and 0.1.
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
    begin_again: int | None = None  # after so many updates of the game the generator is its start again; decision 0014
    pull: float = 0.0  # weight of the squared distance to what the start makes of the same noise; the paper has none
    compiled: bool = False  # see compile_blocks

    def __post_init__(self) -> None:
        if self.begin_again is None:
            return
        if self.schedule.minutes is not None:
            raise ValueError(
                f"begin_again, {self.begin_again}, counts updates, and nobody knows how many fit into"
                f" schedule.minutes, {self.schedule.minutes:g}: leave one of them out"
            )
        if self.gate.at_most + self.begin_again >= self.schedule.steps:
            raise ValueError(
                f"gate.at_most, {self.gate.at_most}, and begin_again, {self.begin_again}, leave no update of"
                f" schedule.steps, {self.schedule.steps}, for the second game: more steps, or fewer before it"
            )


def discriminator_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """-log sigmoid(D(real)) - log(1 - sigmoid(D(fake))), of logits [B]."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(fake: torch.Tensor) -> torch.Tensor:
    """-log sigmoid(D(fake)), of logits [B]."""
    return F.softplus(-fake).mean()


def approximated_r1(at_real: torch.Tensor, at_noised: torch.Tensor) -> torch.Tensor:
    """(D(x) - D(x + sigma n))^2, of logits [B]: about sigma^2 |grad D(x)|^2, without a second derivative."""
    return (at_real - at_noised).square().mean()


def accuracy(real: torch.Tensor, fake: torch.Tensor) -> float:
    """The share of logits on the right side of 0, real and fake counting the same."""
    return ((real > 0).float().mean() + (fake < 0).float().mean()).item() / 2


class AptStage:
    """Trains a generator that starts as `start`, against a discriminator that starts as `teacher`.

    Both are weights; `fresh` are clips that no stage trains on.
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
        self.running = self.fresh_accuracy = 0.5

    def update(self, step: int) -> dict[str, float]:
        """One update of the discriminator and, behind the gate, one of the generator."""
        if self.opened_at is not None and step - self.opened_at == self.recipe.begin_again:
            self._begin_again()
        x, text = self.dataset.draw(self.schedule.batch, self.rng)
        condition = self._condition(x, text)
        playing = self.opened_at is not None
        with mixed_precision(self.device), torch.set_grad_enabled(playing):
            z = self._noise(x)
            fake = one_step(velocity_field(self.model, condition), z)
        rate = self.schedule.rate(step)
        figures = self._train_discriminator(x, fake.detach(), condition, rate)
        if playing:
            figures |= self._train_generator(z, fake, condition, rate)
            figures["fresh"] = self.fresh_accuracy
        else:
            figures |= {"g_loss": 0.0, "fresh": self.update_gate(step)}
        return figures

    def _begin_again(self) -> None:
        """The generator as it was before the game, against a discriminator that knows what a game comes to."""
        for network in (self.model, self.ema.shadow):
            network.load_state_dict(self.start.state_dict())
        self.generator_optimiser.state.clear()

    def _condition(self, x: torch.Tensor, text: TextBatch) -> Condition:
        keep = (torch.rand(len(x), generator=self.rng, device=x.device) >= self.recipe.drop_first_frame).float()
        return Condition.of_first_frame(text, x, keep)

    def _noise(self, x: torch.Tensor) -> torch.Tensor:
        return torch.randn(x.shape, generator=self.rng, device=x.device)

    def _judge(self, samples: list[torch.Tensor], condition: Condition) -> list[torch.Tensor]:
        """Logits of batches of samples under the same conditions, at the same drawn timesteps."""
        drawn = torch.rand(len(condition), generator=self.rng, device=self.device)
        t = shift_timestep(drawn, self.recipe.shift)
        times = len(samples)
        rows = torch.arange(len(condition), device=t.device).repeat(times)
        logits: torch.Tensor = self.discriminator(torch.cat(samples), t[rows], condition[rows])
        return list(logits.chunk(times))

    # Autocast keeps bfloat16 copies of weights while its context lasts: it must end where an optimiser changes them.

    def _train_discriminator(
        self, x: torch.Tensor, fake: torch.Tensor, condition: Condition, rate: float
    ) -> dict[str, float]:
        noised = x + self.recipe.r1_sigma * self._noise(x)
        with mixed_precision(self.device):
            if self.recipe.r1_weight > 0:
                at_real, at_fake, at_noised = self._judge([x, fake, noised], condition)
                r1 = approximated_r1(at_real, at_noised)
            else:
                at_real, at_fake = self._judge([x, fake], condition)
                r1 = torch.zeros((), device=x.device)
            loss = discriminator_loss(at_real, at_fake)
            optimise([self.discriminator_optimiser], loss + self.recipe.r1_weight * r1, rate)
        right = accuracy(at_real, at_fake)
        self.running = _FOLLOW * self.running + (1 - _FOLLOW) * right
        return {
            "d_loss": loss.item(),
            "r1": r1.item(),
            "accuracy": self.running,
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
            loss = adversarial = generator_loss(self._judge([fake], condition)[0])
            if self.recipe.pull > 0:
                began = one_step(velocity_field(self.start, condition), z)
                loss = loss + self.recipe.pull * (fake - began).square().mean()
            optimise([self.generator_optimiser], loss, rate)
        self.discriminator.requires_grad_(True)
        self.ema.update()
        return {"g_loss": adversarial.item()}

    def update_gate(self, step: int) -> float:
        """Opens the gate when the discriminator is good enough, and returns its last accuracy on fresh clips."""
        gate = self.recipe.gate
        if self.running >= gate.accuracy and (step + 1) % _FRESH_EVERY == 0:
            self.fresh_accuracy = self.measure_fresh_accuracy()
            if self.fresh_accuracy >= gate.accuracy:
                self.opened_at = step + 1
        if self.opened_at is None and step + 1 >= min(gate.at_most, self.schedule.steps):
            raise StageFailedError(
                f"stage {self.name!r}: after {step + 1} updates the discriminator is right on {self.running:.0%} of "
                f"the clips it trains on and {self.fresh_accuracy:.0%} of fresh ones, the game needs {gate.accuracy:.0%}: "
                f"raise its learning rate, gate.at_most ({gate.at_most}) or the updates in all ({self.schedule.steps})"
            )
        return self.fresh_accuracy

    @torch.no_grad()
    def measure_fresh_accuracy(self) -> float:
        """How often the discriminator is right on clips that it does not train on."""
        x, text = self.fresh.latents, TextBatch(self.fresh.text.embedding.float(), self.fresh.text.mask)
        condition = self._condition(x, text)
        # Another batch than the updates', and seldom: not worth compiling for.
        with mixed_precision(self.device), torch.compiler.set_stance("force_eager"):
            fake = one_step(velocity_field(self.model, condition), self._noise(x))
            at_real, at_fake = self._judge([x, fake], condition)
        return accuracy(at_real, at_fake)

    def state(self) -> dict[str, Any]:
        """Both networks, the generator's average, both optimisers, the gate, generator of random numbers."""
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.shadow.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "generator_optimiser": self.generator_optimiser.state_dict(),
            "discriminator_optimiser": self.discriminator_optimiser.state_dict(),
            "gate": {"opened_at": self.opened_at, "running": self.running, "on_fresh": self.fresh_accuracy},
            "rng": self.rng.get_state(),
        }

    def load_with_open_gate(self, state: dict[str, Any]) -> None:
        """Sets a state whose discriminator was trained alone, and opens the gate at update 0."""
        self.load({**state, "gate": {**state["gate"], "opened_at": 0}})

    def load(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.model.load_state_dict(state["model"])
        self.ema.shadow.load_state_dict(state["ema"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.generator_optimiser.load_state_dict(state["generator_optimiser"])
        self.discriminator_optimiser.load_state_dict(state["discriminator_optimiser"])
        gate = state["gate"]
        self.opened_at, self.running, self.fresh_accuracy = gate["opened_at"], gate["running"], gate["on_fresh"]
        self.rng.set_state(state["rng"])
