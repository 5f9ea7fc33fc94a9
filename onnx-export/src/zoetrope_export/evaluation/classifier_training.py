"""Training of the classifier, on rendered clips with blur, noise and requantising, as by generators and codecs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from zoetrope_export.data.toyworld import World, WorldConfig, to_frames
from zoetrope_export.evaluation.classifier import ATTRIBUTES, STATED_CLIPS, Classifier, ClassifierConfig, classify, save
from zoetrope_export.evaluation.damage import blur, requantise
from zoetrope_export.training.loop import fit
from zoetrope_export.training.optimisers import optimise
from zoetrope_export.training.schedule import Schedule

_BATCH = 32
_SEED = 5


@dataclass(frozen=True)
class ClassifierRecipe:
    """The schedule, and the largest strength of each degradation. A degradation affects `share` of the clips."""

    schedule: Schedule
    share: float = 0.4
    blur: float = 1.3  # standard deviation in pixels
    noise: float = 0.1  # standard deviation, of pixels in [-1, 1]
    quantisation: float = 0.25  # step of the cosine coefficients, of pixels in [-1, 1]


RECIPE = ClassifierRecipe(Schedule(steps=500, batch=32, learning_rate=3e-3, decay_from=0.4))


class ClassifierStage:
    """The classifier's training stage: cross-entropy summed over attributes, on fresh clips of the training split."""

    name = "classifier"

    def __init__(self, *, world: WorldConfig, recipe: ClassifierRecipe, seed: int) -> None:
        torch.manual_seed(seed)
        self.recipe, self.schedule = recipe, recipe.schedule
        self.world = World(world, seed)
        self.rng = torch.Generator().manual_seed(seed)
        self.classifier = Classifier(ClassifierConfig(world.frame_count, world.size))
        self.optimiser = torch.optim.AdamW(self.classifier.parameters(), weight_decay=0.01)

    def _draw(self, most: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Draws the clips that get a degradation, as a mask [B], and its strength on each of them, from 0 to `most`."""
        hit = torch.rand(self.schedule.batch, generator=self.rng) < self.recipe.share
        return hit, most * torch.rand(int(hit.sum()), generator=self.rng)

    def _degraded(self, video: torch.Tensor) -> torch.Tensor:
        video = video.clone()
        hit, deviation = self._draw(self.recipe.blur)
        video[hit] = blur(video[hit], deviation)
        hit, deviation = self._draw(self.recipe.noise)
        noise = torch.randn(video[hit].shape, generator=self.rng)
        video[hit] = video[hit] + deviation[:, None, None, None, None] * noise
        hit, step = self._draw(self.recipe.quantisation)
        video[hit] = requantise(video[hit], step)
        return video.clamp(-1, 1)

    def update(self, step: int) -> dict[str, float]:
        """Does one update on fresh clips. Returns the loss, and the batch's accuracy for each attribute."""
        clips = self.world.clips(self.schedule.batch)
        video = self._degraded(clips.video)
        self.classifier.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.classifier(video)
        loss, right = torch.zeros(()), {}
        for name, values in ATTRIBUTES.items():
            target = torch.tensor([values.index(getattr(scene, name)) for scene in clips.scenes])
            loss = loss + F.cross_entropy(logits[name].float(), target)
            right[name] = (logits[name].argmax(1) == target).float().mean().item()
        optimise([self.optimiser], loss, self.schedule.rate(step))
        return {"loss": loss.item(), **right}

    def state(self) -> dict[str, Any]:
        """Returns the weights and the states of the optimiser and of the random generators."""
        return {
            "classifier": self.classifier.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "world": self.world.state(),
            "rng": self.rng.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Loads what `state` returned."""
        self.classifier.load_state_dict(state["classifier"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.world.load(state["world"])
        self.rng.set_state(state["rng"])


def held_out_accuracy(classifier: Classifier, world: WorldConfig, count: int, seed: int) -> dict[str, float]:
    """Returns the accuracy for each attribute on `count` rendered clips of held-out combinations of attributes."""
    stream, right = World(world, seed, held_out=True), dict.fromkeys(ATTRIBUTES, 0)
    for first in range(0, count, _BATCH):
        clips = stream.clips(min(_BATCH, count - first))
        for name, share in classify(classifier, to_frames(clips.video)).accuracy(clips.scenes).items():
            right[name] += round(share * len(clips.scenes))
    return {name: number / count for name, number in right.items()}


def train(world: WorldConfig, recipe: ClassifierRecipe, folder: Path, weights: Path) -> dict[str, float]:
    """Trains the classifier, and writes its weights with their accuracy to the file `weights`. Returns the accuracy.

    Checkpoints and the log are in `folder`; an interrupted training continues from there.
    """
    stage = ClassifierStage(world=world, recipe=recipe, seed=_SEED)
    fit(stage, folder)
    accuracy = held_out_accuracy(stage.classifier, world, STATED_CLIPS, _SEED + 1)
    save(stage.classifier, weights, accuracy)
    return accuracy
