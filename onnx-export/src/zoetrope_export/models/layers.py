"""What several networks share."""

from __future__ import annotations

from torch import nn


def start_at_zero(layer: nn.Conv2d | nn.Linear) -> None:
    """Zeroes a layer, so that the branch it ends starts as nothing."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
