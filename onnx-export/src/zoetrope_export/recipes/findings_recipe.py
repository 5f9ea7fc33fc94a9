"""How long the small runs behind the findings are, and on how much they are measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FindingsRecipe:
    """Every game of APT starts from a discriminator that trained alone for `alone` updates, right or not, so that all
    variants have had the same; how often it was right then is told beside the recipe's gate.

    `ema` is the paper's 0.995 made shorter, as the games are: 1 - ema is as much of `updates` as in its 350 updates.
    """

    prompts: int = 120
    seeds: int = 32
    alone: int = 300
    updates: int = 150
    snapshots: int = 4
    small_batch: int = 8
    ema: float = 0.988
    osv_updates: int = 200
