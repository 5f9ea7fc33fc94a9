"""The exponential moving average of a network's weights."""

from __future__ import annotations

from typing import Generic, TypeVar

import torch
from torch import nn

M = TypeVar("M", bound=nn.Module)


class Ema(Generic[M]):
    """The exponential moving average of a module's parameters: e <- decay e + (1 - decay) p."""

    def __init__(self, source: M, shadow: M, decay: float) -> None:
        self.source, self.shadow, self.decay = source, shadow, decay
        shadow.load_state_dict(source.state_dict())
        shadow.requires_grad_(False)

    @torch.no_grad()
    def update(self, step: int | None = None) -> None:
        """Moves the average towards the source.

        With a `step`, the decay is lower in the first updates, so that the average covers only the steps done so far.
        Without one, the decay is constant, which suits a source that starts with trained weights.
        """
        decay = self.decay if step is None else min(self.decay, (1 + step) / (10 + step))
        for e, p in zip(self.shadow.parameters(), self.source.parameters(), strict=True):
            e.lerp_(p, 1 - decay)
