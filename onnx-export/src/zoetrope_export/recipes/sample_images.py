"""Writes images of clips that a stage's averaged weights generate during training, from the same prompts and noise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from PIL import Image

from zoetrope_export.data.text import TextBatch, TextEncoder
from zoetrope_export.data.toyworld import to_frames
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.recipes.curves import SAMPLES
from zoetrope_export.sampling.fields import velocity_field
from zoetrope_export.sampling.samplers import euler, one_step
from zoetrope_export.training.ema import Ema
from zoetrope_export.training.schedule import Schedule

PROMPTS = (
    "a large red heart bouncing on a cream background",
    "a small yellow star moving right on a dark blue background",
    "a green square spinning on a black background",
    "a white ring orbiting on a gray background",
)
_IMAGES = 10  # images per stage
_FRAMES = 3  # frames per clip
_SHIFT = 1.8


class Averaged(Protocol):
    """A training stage that keeps an average of its generator's weights."""

    @property
    def name(self) -> str: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def ema(self) -> Ema[Mmdit]: ...


@dataclass(frozen=True)
class SampleRecorder:
    """Writes sample images of a run's stages to the run's folder."""

    vae: Vae
    encoder: TextEncoder
    folder: Path

    def watch(self, stage: Averaged, steps: int = 1) -> SampleImages:
        """Returns the `watch` argument of `fit` for a stage.

        A clip takes `steps` steps: 1 for a distilled generator, more for a teacher.
        """
        return SampleImages(
            stage.ema.shadow,
            vae=self.vae,
            text=self.encoder.encode(list(PROMPTS)),
            folder=self.folder / SAMPLES,
            stage=stage.name,
            every=max(1, stage.schedule.steps // _IMAGES),
            steps=steps,
        )


class SampleImages:
    """Writes samples/<stage>-<updates>.png after every `every` updates, from one seed and without guidance."""

    def __init__(
        self, model: Mmdit, *, vae: Vae, text: TextBatch, folder: Path, stage: str, every: int, steps: int
    ) -> None:
        self.model, self.vae, self.text, self.folder = model, vae, text.to(vae.device), folder
        self.stage, self.every, self.steps = stage, every, steps
        c = model.config
        rng = torch.Generator().manual_seed(0)
        noise = torch.randn((len(text.mask), c.channels, c.frames, c.height, c.width), generator=rng)
        self.noise = noise.to(vae.device)

    @torch.no_grad()
    def __call__(self, done: int) -> None:
        if done % self.every:
            return
        field = velocity_field(self.model, Condition.of_text(self.text, self.noise))
        one = self.steps == 1
        latents = one_step(field, self.noise) if one else euler(field, self.noise, self.steps, _SHIFT)
        clips = to_frames(self.vae.decode(latents))
        picks = np.unique(np.linspace(0, clips.shape[1] - 1, _FRAMES).round().astype(int))  # an image has one frame
        strip = np.concatenate([clip[t] for clip in clips for t in picks], axis=1)  # [H, clips * frames * W, 3]
        self.folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(strip).save(self.folder / f"{self.stage}-{done:06d}.png", optimize=True)
