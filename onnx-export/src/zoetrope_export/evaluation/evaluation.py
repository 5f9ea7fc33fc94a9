"""Measures clips against their prompts: clips sampled from a run's checkpoints, and the MP4 files of a demo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from zoetrope_export.data.codec import through_codec
from zoetrope_export.data.text import TextEncoder
from zoetrope_export.data.toyworld import CPU, WorldConfig
from zoetrope_export.evaluation import classifier
from zoetrope_export.evaluation.demo_results import Published
from zoetrope_export.evaluation.metrics import Metrics, Reference
from zoetrope_export.evaluation.prompts import scenes_by_caption
from zoetrope_export.evaluation.rows import ClipSampler, Row, rows, through_vae
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.recipes.presets import Preset
from zoetrope_export.recipes.run_files import load_generator, load_vae
from zoetrope_export.training import products
from zoetrope_export.training.errors import NotTrainedError

_SEED = 11  # seed of the world's clips and of the initial noise
WORLD_TITLES = ("rendered clips of the world", "the same clips, encoded", "the same clips, through the VAE")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A measured row of the table. `source` is the origin of its clips: the name of a stage, "world" or "demo"."""

    title: str
    source: str
    metrics: Metrics
    clips: np.ndarray

    def as_json(self) -> dict[str, Any]:
        """Returns the row as plain data, without its clips."""
        return {"title": self.title, "source": self.source, **asdict(self.metrics)}


class Evaluation:
    """Measures several sets of clips against the same prompts and the world's clips for them."""

    def __init__(self, prompts: list[str], config: WorldConfig, device: torch.device = CPU) -> None:
        scenes = scenes_by_caption()
        self.prompts, self.config, self.device = prompts, config, device
        self.reference = Reference(
            scenes=[scenes[prompt] for prompt in prompts], config=config, classifier=classifier.load(), seed=_SEED
        )

    def world(self) -> Iterator[Measured]:
        """Yields the rows of the world's own clips: as rendered, and after the job's video codec."""
        real = self.reference.frames
        yield Measured(title=WORLD_TITLES[0], source="world", metrics=self.reference.world(), clips=real)
        encoded = np.stack([through_codec(clip, self.config.frame_rate) for clip in real])
        yield Measured(
            title=WORLD_TITLES[1], source="world", metrics=self.reference.measure(encoded, None), clips=encoded
        )

    def published(self, published: Published, title: str) -> Measured:
        """Returns the row of a demo's clips. The demo and this evaluation must have the same prompts."""
        metrics = self.reference.measure(published.frames, published.starts or None)
        return Measured(title=title, source="demo", metrics=metrics, clips=published.frames)

    def reconstructed(self, preset: Preset, run: Path) -> Measured:
        """Returns the row of the world's clips through the VAE: an upper bound for every generator of its latents."""
        clips = through_vae(load_vae(preset, run).to(self.device), self.reference.frames)
        return Measured(
            title=WORLD_TITLES[2], source=products.VAE.stage, metrics=self.reference.measure(clips, None), clips=clips
        )

    def checkpoint(self, row: Row, preset: Preset, run: Path, encoder: TextEncoder, seeds: int) -> Measured:
        """Returns the row of a stage's averaged weights. Raises `NotTrainedError` if the run lacks the stage."""
        model = load_generator(preset, run, products.GENERATORS[row.stage]).to(self.device)
        sampler = ClipSampler(load_vae(preset, run).to(self.device), encoder)
        return self.sampled(row, model, sampler, seeds)

    def sampled(self, row: Row, model: Mmdit, sampler: ClipSampler, seeds: int) -> Measured:
        """Returns the row of a generator. Measures diversity only if `seeds` is above 0 and no first frame is given."""
        frames = sampler.clips(row, model, self.prompts, self.reference.frames[:, 0], _SEED)
        starts = None if row.from_first_frame or not seeds else sampler.start_positions(row, model, seeds)
        return Measured(title=row.title, source=row.stage, metrics=self.reference.measure(frames, starts), clips=frames)

    def checkpoints(
        self, preset: Preset, run: Path, encoder: TextEncoder, seeds: int, only: list[str] | None = None
    ) -> Iterator[Measured]:
        """Yields the rows of a run's finished stages; if `only` is given, only the rows with these titles.

        Prints a line for each row that is left out because its stage is not finished. Raises `ValueError` for a title
        in `only` that no row has.
        """
        measures: dict[str, Callable[[], Measured]] = {WORLD_TITLES[2]: partial(self.reconstructed, preset, run)}
        for row in rows(preset):
            measures[row.title] = partial(self.checkpoint, row, preset, run, encoder, seeds)
        unknown = set(only or ()) - set(measures)
        if unknown:
            raise ValueError(f"unknown rows {sorted(unknown)}; choose from {list(measures)}")
        for title, measure in measures.items():
            if only is not None and title not in only:
                continue
            try:
                yield measure()
            except NotTrainedError as missing:
                print(f"left out the row {title!r}: {missing}", flush=True)
