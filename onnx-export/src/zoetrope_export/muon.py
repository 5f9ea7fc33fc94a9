"""Muon (Jordan et al. 2024) in single precision: momentum, orthogonalised, for the matrices of a transformer's blocks.

The shipped bundle was trained with it. torch.optim.Muon follows the same formula, its iteration in bfloat16.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic that drives singular values to about 1
_ITERATIONS = 5


def orthogonalise(matrices: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz: U V^T, about, of each matrix U S V^T in [N, rows, columns]."""
    a, b, c = _COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.transpose(1, 2) if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(_ITERATIONS):
        gram = x @ x.transpose(1, 2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.transpose(1, 2) if tall else x


class Muon(torch.optim.Optimizer):
    """Steps of lr 0.2 sqrt(max(rows, columns)) along the orthogonalised Nesterov momentum: as large as AdamW's."""

    def __init__(self, matrices: Iterable[torch.Tensor], lr: float = 3e-3, momentum: float = 0.95) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Updates every matrix that has a gradient, those of one shape together."""
        for group in self.param_groups:
            alike = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    alike[p.shape].append(p)
            for shape, matrices in alike.items():
                momenta = []
                for p in matrices:
                    buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    buffer.lerp_(p.grad, 1 - group["momentum"])
                    momenta.append(p.grad.lerp(buffer, group["momentum"]))
                size = 0.2 * max(shape) ** 0.5
                for p, direction in zip(matrices, orthogonalise(torch.stack(momenta)), strict=True):
                    p.sub_(direction, alpha=group["lr"] * size)
