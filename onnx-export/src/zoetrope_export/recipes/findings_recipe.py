"""The parameters of the findings: the lengths of their small runs, and how much is generated to measure them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FindingsRecipe:
    """The lengths of the small runs, and the prompts and seeds on which they are measured.

    Every adversarial run of APT starts with a discriminator that trained alone for `alone` updates. No accuracy is
    required of it, so that all variants start alike. The report states its accuracy and that of the recipe's gate.

    `ema` adapts the paper's 0.995 to these shorter runs: (1 - ema) * `updates` is about as large as in the paper's 350
    updates.
    """

    prompts: int = 120
    seeds: int = 32
    alone: int = 300
    updates: int = 150
    snapshots: int = 4
    small_batch: int = 8
    ema: float = 0.988
    osv_updates: int = 200
