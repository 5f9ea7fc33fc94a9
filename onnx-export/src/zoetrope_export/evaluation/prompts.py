"""Prompts of combinations of attributes that training never saw, and the scene that each caption describes."""

from __future__ import annotations

import torch

from zoetrope_export.data.toyworld import Scene, captions, scenes

PROMPTS_SEED = 3


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
