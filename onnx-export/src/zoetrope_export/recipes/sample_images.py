"""What a stage's averaged weights make of the same prompts and noise as training goes on, as PNG files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from PIL import Image

from zoetrope_export.data.text import TextBatch, TextEncoder
from zoetrope_export.data.toyworld import to_frames
from zoetrope_export.models.condition import Condition, plain
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.recipes.curves import SAMPLES
from zoetrope_export.sampling.samplers import euler, one_step
from zoetrope_export.training.loop import Ema, Schedule

PROMPTS = (
    "a large red heart bouncing on a cream background",
    "a small yellow star moving right on a dark blue background",
    "a green square spinning on a black background",
    "a white ring orbiting on a gray background",
)
_TIMES = 10  # over a stage's updates
_FRAMES = 3
_SHIFT = 1.8


class Averaged(Protocol):
    """A stage of training that keeps an average of its generator's weights."""

    @property
    def name(self) -> str: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def ema(self) -> Ema[Mmdit]: ...


@dataclass(frozen=True)
class Camera:
    """Takes pictures in `folder` of what the stages of a run make."""

    vae: Vae
    encoder: TextEncoder
    folder: Path

    def on(self, stage: Averaged, steps: int = 1) -> Pictures:
        """Of one stage: a distilled one in one step, a teacher in more."""
        text = self.encoder.encode(list(PROMPTS))
        every = max(1, stage.schedule.steps // _TIMES)
        return Pictures(stage.ema.shadow, self.vae, text, self.folder / SAMPLES, stage.name, every, steps)


class Pictures:
    """To be called after each update: every so often it writes samples/<stage>-<updates>.png, of one seed, unguided."""

    def __init__(
        self, model: Mmdit, vae: Vae, text: TextBatch, folder: Path, stage: str, every: int, steps: int
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
        field = plain(self.model, Condition.of_text(self.text, self.noise))
        one = self.steps == 1
        latents = one_step(field, self.noise) if one else euler(field, self.noise, self.steps, _SHIFT)
        clips = to_frames(self.vae.decode(latents))
        picks = np.unique(np.linspace(0, clips.shape[1] - 1, _FRAMES).round().astype(int))  # an image has one frame
        strip = np.concatenate([clip[t] for clip in clips for t in picks], axis=1)  # [H, clips * frames * W, 3]
        self.folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(strip).save(self.folder / f"{self.stage}-{done:06d}.png", optimize=True)
