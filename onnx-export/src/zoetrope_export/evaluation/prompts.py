"""Prompts for held-out combinations of attributes, and the scene that each caption describes."""

from __future__ import annotations

import torch

from zoetrope_export.data.toyworld import Scene, captions, scenes

PROMPTS_SEED = 3  # seed of the prompts of every report


def held_out_prompts(count: int, seed: int) -> list[str]:
    """Returns `count` prompts for random held-out scenes, each a random one of its scene's captions."""
    rng = torch.Generator().manual_seed(seed)
    pool = [s for s in scenes() if s.held_out()]
    picks = [pool[i] for i in torch.randint(len(pool), (count,), generator=rng).tolist()]
    return [
        texts[int(torch.randint(len(texts), (1,), generator=rng))] for texts in (captions(scene) for scene in picks)
    ]


def scenes_by_caption() -> dict[str, Scene]:
    """Returns the scene that each caption describes."""
    return {caption: scene for scene in scenes() for caption in captions(scene)}
