"""Trains the backbone of OSV's discriminator, as a classifier of a clip's attributes from single latent frames."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from zoetrope_export.data.toyworld import BACKGROUNDS, COLOURS, SHAPES, Scene, World, WorldConfig
from zoetrope_export.models.backbone import ATTRIBUTES, BackboneClassifier, BackboneConfig, frames_of
from zoetrope_export.models.vae import Vae
from zoetrope_export.training import products
from zoetrope_export.training.optimisers import optimise
from zoetrope_export.training.precision import in_mixed_precision
from zoetrope_export.training.schedule import Schedule


def labels_of(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    """Returns the class indices [B] of the scenes' attributes, by the attribute's name."""
    return {
        "shape": torch.tensor([SHAPES.index(s.shape) for s in scenes]),
        "colour": torch.tensor([list(COLOURS).index(s.colour) for s in scenes]),
        "background": torch.tensor([list(BACKGROUNDS).index(s.background) for s in scenes]),
    }


class BackboneStage:
    """Trains the backbone on latent frames of fresh clips."""

    name = products.BACKBONE.stage

    def __init__(self, *, config: BackboneConfig, schedule: Schedule, vae: Vae, world: WorldConfig, seed: int) -> None:
        torch.manual_seed(seed)
        self.schedule, self.vae = schedule, vae
        self.device = vae.device
        self.world = World(world, seed, device=self.device)
        self.model = BackboneClassifier(config).to(self.device)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), weight_decay=0.01)

    @in_mixed_precision
    def update(self, step: int) -> dict[str, float]:
        """Does one update on fresh clips; `accuracy` is that of the shape, before the update."""
        clips = self.world.clips(self.schedule.batch)
        with torch.no_grad():
            latents = self.vae.encode(clips.video)
        logits = self.model(frames_of(latents))
        labels = {name: label.to(self.device) for name, label in labels_of(clips.scenes).items()}
        targets = {name: label.repeat_interleave(latents.shape[2]) for name, label in labels.items()}
        loss = torch.stack([F.cross_entropy(logits[name].float(), targets[name]) for name in ATTRIBUTES]).sum()
        optimise([self.optimiser], loss, self.schedule.rate(step))
        accuracy = (logits["shape"].argmax(1) == targets["shape"]).float().mean()
        return {"loss": loss.item(), "accuracy": accuracy.item()}

    def state(self) -> dict[str, Any]:
        """Returns the weights, the optimiser and the stream of clips."""
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "world": self.world.state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restores what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.world.load(state["world"])
