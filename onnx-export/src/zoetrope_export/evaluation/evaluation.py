"""Measures clips against what their prompts asked for: those of the stages' checkpoints, made here, and those that the
job really published, decoded from their MP4 files. One table of all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from zoetrope_export.data.codec import decode, through_codec
from zoetrope_export.data.text import TextEncoder
from zoetrope_export.data.toyworld import CPU, Scene, WorldConfig, captions, scenes
from zoetrope_export.evaluation import classifier, diversity
from zoetrope_export.evaluation.figures import Figures, Reference
from zoetrope_export.evaluation.pixels import see
from zoetrope_export.evaluation.rows import Row, Studio, rows, through_vae
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.recipes import pipeline
from zoetrope_export.recipes.presets import Preset
from zoetrope_export.training.loop import NotTrainedError
from zoetrope_export.training.vae import VaeStage

_SEED = 11  # of the world's clips and of the noise
PROMPTS_SEED = 3
WORLD_TITLES = ("rendered clips of the world", "the same clips, encoded", "the same clips, through the VAE")


def held_out_prompts(count: int, seed: int) -> list[str]:
    """`count` prompts of combinations that training never saw, in a random wording each."""
    rng = torch.Generator().manual_seed(seed)
    pool = [s for s in scenes() if s.held_out()]
    picks = [pool[i] for i in torch.randint(len(pool), (count,), generator=rng).tolist()]
    return [
        wordings[int(torch.randint(len(wordings), (1,), generator=rng))]
        for wordings in (captions(scene) for scene in picks)
    ]


def scenes_by_caption() -> dict[str, Scene]:
    """The scene that each wording describes."""
    return {caption: scene for scene in scenes() for caption in captions(scene)}


@dataclass(frozen=True)
class Measured:
    """One row of the table: its figures, where its clips come from, and a few of the clips for the picture."""

    title: str
    source: str
    figures: Figures
    clips: np.ndarray

    def as_json(self) -> dict[str, Any]:
        """What --json tells of it."""
        return {"title": self.title, "source": self.source, **asdict(self.figures)}


@dataclass(frozen=True)
class Published:
    """A demo's results.json: a clip for each of `prompts`, and where those of a few prompts start, over seeds."""

    prompts: list[str]
    frames: np.ndarray
    starts: dict[Scene, list[diversity.Point | None]]
    sampler: str


def read_results(results: Path, seeds: int) -> Published:
    """Decodes every clip of a demo.

    The last `seeds` of a prompt that measures variety do so; an earlier one was asked for by chance, like any other.
    """
    known, repeated = scenes_by_caption(), diversity.prompts()
    entries = json.loads(results.read_text())
    by_chance = Counter(entry["prompt"] for entry in entries if entry["prompt"] in repeated)
    by_chance.subtract(dict.fromkeys(by_chance, seeds))
    if any(count < 0 for count in by_chance.values()):
        raise ValueError(
            f"the demo has {sorted({count + seeds for count in by_chance.values()})} clips of one prompt, --seeds says "
            f"{seeds}: give its number"
        )
    prompts, clips, samplers = [], [], set()
    starts: dict[Scene, list[diversity.Point | None]] = {}
    for entry in entries:
        prompt = entry["prompt"]
        if prompt not in known:
            raise ValueError(f"no scene of the toy world is worded {prompt!r}: make the prompts with `prompts`")
        if entry.get("file") is None:
            raise ValueError(f"request {entry['request_id']} has no video: {entry.get('failure')}")
        samplers.add(entry["sampler"])
        frames = decode(results.parent / entry["file"])
        if prompt in repeated and by_chance[prompt] == 0:
            starts.setdefault(repeated[prompt], []).append(see(frames[:1]).start)
        else:
            by_chance[prompt] -= prompt in repeated
            prompts.append(prompt)
            clips.append(frames)
    if not clips:
        raise ValueError(f"{results} holds no clip but those that measure variety: make the prompts with `prompts`")
    return Published(prompts, np.stack(clips), starts, " and ".join(sorted(samplers)))


class Evaluation:
    """Everything that is measured against the same prompts."""

    def __init__(self, prompts: list[str], config: WorldConfig, device: torch.device = CPU) -> None:
        known = scenes_by_caption()
        self.prompts, self.config, self.device = prompts, config, device
        self.reference = Reference([known[p] for p in prompts], config, classifier.load(), _SEED)

    def world(self) -> Iterator[Measured]:
        """The world's own clips, as they are and encoded as the job encodes them."""
        real = self.reference.frames
        yield Measured(WORLD_TITLES[0], "world", self.reference.world(), real)
        encoded = np.stack([through_codec(clip, self.config.frame_rate) for clip in real])
        yield Measured(WORLD_TITLES[1], "world", self.reference.figures(encoded, None), encoded)

    def published(self, published: Published, title: str) -> Measured:
        """The clips of a demo, whose prompts are those of this evaluation."""
        figures = self.reference.figures(published.frames, published.starts or None)
        return Measured(title, "demo", figures, published.frames)

    def reconstructed(self, preset: Preset, run: Path) -> Measured:
        """The world's own clips, encoded to latents and decoded: what no generator of these latents can exceed."""
        clips = through_vae(pipeline.load_vae(preset, run).to(self.device), self.reference.frames)
        return Measured(WORLD_TITLES[2], VaeStage.name, self.reference.figures(clips, None), clips)

    def checkpoint(self, row: Row, preset: Preset, run: Path, encoder: TextEncoder, seeds: int) -> Measured:
        """The clips of a stage's weights, sampled in PyTorch."""
        model = pipeline.load_generator(preset, run, row.stage).to(self.device)
        studio = Studio(pipeline.load_vae(preset, run).to(self.device), encoder)
        return self.sampled(row, model, studio, seeds)

    def sampled(self, row: Row, model: Mmdit, studio: Studio, seeds: int) -> Measured:
        """The clips of a generator. Without `seeds`, or shown its first frames, its variety is not measured."""
        frames = studio.film(row, model, self.prompts, self.reference.frames[:, 0], _SEED)
        starts = None if row.from_first_frame or not seeds else studio.starts(row, model, seeds)
        return Measured(row.title, row.stage, self.reference.figures(frames, starts), frames)

    def checkpoints(
        self, preset: Preset, run: Path, encoder: TextEncoder, seeds: int, only: list[str] | None = None
    ) -> Iterator[Measured]:
        """Every row whose checkpoint is there and done; of the others, a line says what is missing."""
        measures: dict[str, Callable[[], Measured]] = {WORLD_TITLES[2]: partial(self.reconstructed, preset, run)}
        for row in rows(preset):
            measures[row.title] = partial(self.checkpoint, row, preset, run, encoder, seeds)
        unknown = set(only or ()) - set(measures)
        if unknown:
            raise ValueError(f"there are no rows {sorted(unknown)}, but {list(measures)}")
        for title, measure in measures.items():
            if only is not None and title not in only:
                continue
            try:
                yield measure()
            except NotTrainedError as missing:
                print(f"no row {title!r}: {missing}", flush=True)
