"""Diversity over seeds: the spread of the shape's first position in a prompt's clips, over that in the world's clips.

A generator that ignores the seed has 0; one that places shapes as the world does has 1.
"""

from __future__ import annotations

import numpy as np
import torch

from zoetrope_export.data.toyworld import Scene, WorldConfig, captions, first_centres

Point = tuple[float, float]  # x and y in pixels

# Held-out scenes: every shape once, each with another motion. Their prompts are their first captions.
SCENES = (
    Scene(shape="circle", colour="white", background="dark blue", size="small", motion="left"),
    Scene(shape="square", colour="purple", background="gray", size="large", motion="spinning"),
    Scene(shape="triangle", colour="green", background="light blue", size="small", motion="up"),
    Scene(shape="star", colour="yellow", background="gray", size="small", motion="bouncing"),
    Scene(shape="heart", colour="pink", background="black", size="large", motion="growing"),
    Scene(shape="ring", colour="red", background="gray", size="small", motion="orbiting"),
)
_DRAWS = 20_000  # number of first positions from which the world's spread is computed


def prompts() -> dict[str, Scene]:
    """Returns the scenes of the prompts that measure diversity, by prompt."""
    return {captions(scene)[0]: scene for scene in SCENES}


def spread(points: np.ndarray) -> float:
    """Returns the standard deviation of points [N, 2] in pixels, over both axes together."""
    return float(np.sqrt(points.var(0, ddof=1).sum()))


def world_spread(scene: Scene, config: WorldConfig) -> float:
    """Returns the spread of the first positions of a scene's clips in the world, in pixels."""
    rng = torch.Generator().manual_seed(0)
    return spread(first_centres(scene, _DRAWS, config, rng).double().numpy())


def ratio(scene: Scene, starts: list[Point | None], config: WorldConfig) -> float:
    """Returns the spread of one prompt's clips over the world's: 0 for equal positions, 1 for the world's variation.

    Clips without a measurable shape (None) are left out. If they are more than half of the clips, the result is 0.
    """
    known = [start for start in starts if start is not None]
    if len(known) < 2 or len(known) * 2 < len(starts):
        return 0.0
    return spread(np.array(known)) / world_spread(scene, config)


def mean_ratio(starts: dict[Scene, list[Point | None]], config: WorldConfig) -> float:
    """Returns the mean of `ratio` over prompts."""
    return float(np.mean([ratio(scene, of_scene, config) for scene, of_scene in starts.items()]))
