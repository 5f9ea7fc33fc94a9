"""Whether another seed gives another clip: how far apart its clips start, against how far apart the world's do."""

from __future__ import annotations

import numpy as np
import torch

from zoetrope_export.data.toyworld import Scene, WorldConfig, captions, first_centres

Point = tuple[float, float]

# Held out, one a motion and a shape, in the first wording of each.
SCENES = (
    Scene("circle", "white", "dark blue", "small", "left"),
    Scene("square", "purple", "gray", "large", "spinning"),
    Scene("triangle", "green", "light blue", "small", "up"),
    Scene("star", "yellow", "gray", "small", "bouncing"),
    Scene("heart", "pink", "black", "large", "growing"),
    Scene("ring", "red", "gray", "small", "orbiting"),
)
_DRAWS = 20_000


def prompts() -> dict[str, Scene]:
    """The prompts whose clips are compared over seeds, and their scenes."""
    return {captions(scene)[0]: scene for scene in SCENES}


def spread(points: np.ndarray) -> float:
    """Standard deviation of places [N, 2] in pixels, over both axes together."""
    return float(np.sqrt(points.var(0, ddof=1).sum()))


def world_spread(scene: Scene, config: WorldConfig) -> float:
    """How far apart the clips of a scene start in the world."""
    rng = torch.Generator().manual_seed(0)
    return spread(first_centres(scene, _DRAWS, config, rng).double().numpy())


def ratio(scene: Scene, starts: list[Point | None], config: WorldConfig) -> float:
    """Spread of one prompt's clips over that of the world: 0 if every seed starts at one place, 1 if as the world does.

    Clips without a shape to read are left out; where they are the most, what the others do counts for nothing.
    """
    seen = [start for start in starts if start is not None]
    if len(seen) < 2 or len(seen) * 2 < len(starts):
        return 0.0
    return spread(np.array(seen)) / world_spread(scene, config)


def mean_ratio(starts: dict[Scene, list[Point | None]], config: WorldConfig) -> float:
    """The mean over prompts."""
    return float(np.mean([ratio(scene, of_scene, config) for scene, of_scene in starts.items()]))
