"""The clips of a demo, read back from its results.json and its MP4 files."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoetrope_export.data.codec import decode
from zoetrope_export.data.toyworld import Scene
from zoetrope_export.evaluation import diversity
from zoetrope_export.evaluation.pixels import measure_pixels
from zoetrope_export.evaluation.prompts import scenes_by_caption


@dataclass(frozen=True, kw_only=True)
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
            starts.setdefault(repeated[prompt], []).append(measure_pixels(frames[:1]).start)
        else:
            by_chance[prompt] -= prompt in repeated
            prompts.append(prompt)
            clips.append(frames)
    if not clips:
        raise ValueError(f"{results} holds no clip but those that measure variety: make the prompts with `prompts`")
    return Published(prompts=prompts, frames=np.stack(clips), starts=starts, sampler=" and ".join(sorted(samplers)))
