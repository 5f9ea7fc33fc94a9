"""Reads the clips of a demo from its results.json and its MP4 files."""

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
    """The clips of a demo.

    `frames`, uint8 [N, T, H, W, 3], holds a clip for each of `prompts`. `starts` holds the first position of the shape
    in each clip of the prompts that are repeated over seeds. `sampler` names the samplers of all clips.
    """

    prompts: list[str]
    frames: np.ndarray
    starts: dict[Scene, list[diversity.Point | None]]
    sampler: str


def read_results(results: Path, seeds: int) -> Published:
    """Decodes every clip of a demo that ran the prompts of the command `prompts`.

    A prompt that measures diversity may also be among the random prompts. So its last `seeds` clips measure diversity,
    and an earlier one counts as a clip of a random prompt. Raises `ValueError` for a file with other prompts, with a
    failed request, or with fewer clips of a prompt than `seeds`.
    """
    known, repeated = scenes_by_caption(), diversity.prompts()
    entries = json.loads(results.read_text())
    random_clips = Counter(entry["prompt"] for entry in entries if entry["prompt"] in repeated)
    random_clips.subtract(dict.fromkeys(random_clips, seeds))
    if any(count < 0 for count in random_clips.values()):
        raise ValueError(
            f"the demo has {sorted({count + seeds for count in random_clips.values()})} clips of one prompt, --seeds"
            f" requires {seeds}: give --seeds the number with which `prompts` printed the demo's prompts"
        )
    prompts, clips, samplers = [], [], set()
    starts: dict[Scene, list[diversity.Point | None]] = {}
    for entry in entries:
        prompt = entry["prompt"]
        if prompt not in known:
            raise ValueError(f"no scene of the toy world has the caption {prompt!r}: make the prompts with `prompts`")
        if entry.get("file") is None:
            raise ValueError(f"request {entry['request_id']} has no video: {entry.get('failure')}; run the demo again")
        samplers.add(entry["sampler"])
        frames = decode(results.parent / entry["file"])
        if prompt in repeated and random_clips[prompt] == 0:
            starts.setdefault(repeated[prompt], []).append(measure_pixels(frames[:1]).start)
        else:
            random_clips[prompt] -= prompt in repeated
            prompts.append(prompt)
            clips.append(frames)
    if not clips:
        raise ValueError(f"{results} has no clips except those that measure diversity: make the prompts with `prompts`")
    return Published(prompts=prompts, frames=np.stack(clips), starts=starts, sampler=" and ".join(sorted(samplers)))
