"""The rows of the evaluation report, and the sampling of their clips in PyTorch.

A row measures the weights of one stage with one sampler.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

import numpy as np
import torch

from zoetrope_export.data.text import TextBatch, TextEncoder
from zoetrope_export.data.toyworld import Scene, to_frames
from zoetrope_export.evaluation import diversity
from zoetrope_export.evaluation.pixels import measure_pixels
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.recipes.presets import Preset
from zoetrope_export.sampling.fields import guided_field, velocity_field
from zoetrope_export.sampling.samplers import Velocity, euler, one_step, time_travel, two_step
from zoetrope_export.training import products

_BATCH = 64
_TEACHER_STEPS = 25

# Maps the velocity field, the initial noise and the noise of a second step to latents.
Sampler = Callable[[Velocity, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Row:
    """A row of the report: the averaged weights of a stage, and the sampler of its clips.

    `guidance` is the scale of classifier-free guidance; None means none. With `from_first_frame`, the row measures
    image-to-video generation: the generator gets a real first frame of the scene as well as its text.
    """

    title: str
    stage: str
    sampler: Sampler
    _: KW_ONLY
    guidance: float | None = None
    from_first_frame: bool = False


def sample_one_step(velocity: Velocity, noise: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    """Samples in one evaluation; the second noise is unused."""
    return one_step(velocity, noise)


def sample_time_travel(velocity: Velocity, noise: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    """Samples in one step with time travel; the second noise is unused."""
    return time_travel(velocity, noise)


def rows(preset: Preset) -> list[Row]:
    """Returns every row, in the order of the report."""
    recipe = preset.consistency_recipe

    def sample_euler(velocity: Velocity, noise: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        return euler(velocity, noise, _TEACHER_STEPS, recipe.shift)

    teacher, student, apt, osv = (
        product.stage for product in (products.TEACHER, products.CONSISTENCY, products.APT, products.OSV_SECOND)
    )
    return [
        Row(f"teacher, {_TEACHER_STEPS} steps, CFG", teacher, sample_euler, guidance=recipe.guidance),
        Row("consistency, one step", student, sample_one_step),
        Row("APT, one step", apt, sample_one_step),
        Row("APT, two steps", apt, two_step),
        Row(
            f"teacher, {_TEACHER_STEPS} steps, CFG, first frame",
            teacher,
            sample_euler,
            guidance=recipe.guidance,
            from_first_frame=True,
        ),
        Row("APT, one step, first frame", apt, sample_one_step, from_first_frame=True),
        Row("OSV, one step, first frame", osv, sample_one_step, from_first_frame=True),
        Row("OSV, one step with time travel, first frame", osv, sample_time_travel, from_first_frame=True),
        Row("OSV, two steps, first frame", osv, two_step, from_first_frame=True),
    ]


@torch.no_grad()
def through_vae(vae: Vae, frames: np.ndarray) -> np.ndarray:
    """Encodes clips, uint8 [N, T, H, W, 3], to latents, and returns the clips that the VAE decodes from them."""
    parts = [torch.from_numpy(frames[i : i + _BATCH]) for i in range(0, len(frames), _BATCH)]
    videos = [part.to(vae.device).permute(0, 4, 1, 2, 3) / 127.5 - 1 for part in parts]
    return np.concatenate([to_frames(vae.decode(vae.encode(video))) for video in videos])


class ClipSampler:
    """Samples clips of prompts on the device of `vae`. A seed gives the same noise on every device."""

    def __init__(self, vae: Vae, encoder: TextEncoder) -> None:
        self.vae, self.encoder = vae, encoder
        self.empty_text = encoder.encode([""]).to(vae.device)

    @torch.no_grad()
    def _latents(self, row: Row, model: Mmdit, text: TextBatch, first: torch.Tensor | None, seed: int) -> torch.Tensor:
        c, count = model.config, len(text.mask)
        rng = torch.Generator().manual_seed(seed)
        shape = (count, c.channels, c.frames, c.height, c.width)
        noise, second_noise = (torch.randn(shape, generator=rng).to(self.vae.device) for _ in range(2))
        condition = Condition.of_text(text, noise)
        if first is not None:
            condition = Condition(text, first, torch.ones(count, device=first.device))
        field = velocity_field(model, condition)
        if row.guidance:
            field = guided_field(model, condition, condition.without_text(self.empty_text), row.guidance)
        return row.sampler(field, noise, second_noise)

    @torch.no_grad()
    def clips(self, row: Row, model: Mmdit, prompts: list[str], first_frames: np.ndarray, seed: int) -> np.ndarray:
        """Samples one clip for each prompt, uint8 [N, T, H, W, 3].

        Only rows with `from_first_frame` use `first_frames`, uint8 [N, H, W, 3].
        """
        clips = []
        for start in range(0, len(prompts), _BATCH):
            part = slice(start, start + _BATCH)
            first = None
            if row.from_first_frame:
                pixels = torch.from_numpy(first_frames[part]).to(self.vae.device)
                image = pixels.permute(0, 3, 1, 2)[:, :, None] / 127.5 - 1
                first = self.vae.encode(image)[:, :, 0]
            text = self.encoder.encode(prompts[part]).to(self.vae.device)
            clips.append(to_frames(self.vae.decode(self._latents(row, model, text, first, seed + start))))
        return np.concatenate(clips)

    @torch.no_grad()
    def start_positions(self, row: Row, model: Mmdit, seeds: int) -> dict[Scene, list[diversity.Point | None]]:
        """Returns the shape's first position in `seeds` clips of each prompt that measures diversity.

        Decodes the first latent frame only, because the decoder is causal: later frames do not change the first.
        """
        starts: dict[Scene, list[diversity.Point | None]] = {}
        for number, (prompt, scene) in enumerate(diversity.prompts().items()):
            text = self.encoder.encode([prompt] * seeds).to(self.vae.device)
            latents = self._latents(row, model, text, None, seed=1_000_003 * (number + 1))
            starts[scene] = [measure_pixels(clip).start for clip in to_frames(self.vae.decode(latents[:, :, :1]))]
        return starts
