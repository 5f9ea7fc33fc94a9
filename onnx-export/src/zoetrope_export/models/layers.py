"""Initialisation that several networks share."""

from __future__ import annotations

from torch import nn


def start_at_zero(layer: nn.Conv2d | nn.Linear) -> None:
    """Sets all parameters of a layer to zero, so that the branch that ends in it contributes nothing at first."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
