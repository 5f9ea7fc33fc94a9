"""Low-rank adaptation (Hu et al. 2021): W + B A on frozen weights W. The adapters B A are folded into W at the end."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import parametrize


class LowRank(nn.Module):
    """Maps W to W + B A. A [rank, in] starts random and B [out, rank] starts at zero, so the result starts as W."""

    def __init__(self, weight: torch.Tensor, rank: int) -> None:
        super().__init__()
        self.a = nn.Parameter((torch.randn(rank, weight.shape[1]) / weight.shape[1] ** 0.5).to(weight.device))
        self.b = nn.Parameter(torch.zeros(weight.shape[0], rank, device=weight.device))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight + self.b @ self.a


def adapt(module: nn.Module, rank: int) -> list[nn.Parameter]:
    """Freezes `module`, adds an adapter to every linear layer in it, and returns the adapters' parameters."""
    module.requires_grad_(False)
    linears = [m for m in module.modules() if isinstance(m, nn.Linear)]
    trained: list[nn.Parameter] = []
    for linear in linears:
        adapter = LowRank(linear.weight, rank)
        parametrize.register_parametrization(linear, "weight", adapter)
        trained += [adapter.a, adapter.b]
    return trained


def fold(module: nn.Module) -> None:
    """Adds every adapter to its weight and removes it. The module has its structure from before `adapt`."""
    for m in module.modules():
        if isinstance(m, nn.Linear) and parametrize.is_parametrized(m, "weight"):
            parametrize.remove_parametrizations(m, "weight", leave_parametrized=True)
