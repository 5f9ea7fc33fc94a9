"""The optimisers of the generator, and one update of any optimisers."""

from __future__ import annotations

import torch

from zoetrope_export.models.mmdit import Mmdit


def optimisers_of(model: Mmdit) -> list[torch.optim.Optimizer]:
    """Returns Muon for the matrices of the blocks and AdamW for all other parameters."""
    width = model.config.model_width
    matrices = [p for p in model.blocks.parameters() if p.ndim == 2 and min(p.shape) >= width]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, betas=(0.9, 0.99), weight_decay=0.01),
    ]


def optimise(optimisers: list[torch.optim.Optimizer], loss: torch.Tensor, rate: float) -> None:
    """Does one update at learning rate `rate`, multiplied by `scale` in a parameter group that has this key.

    The optimisers' parameters must be disjoint.
    """
    for optimiser in optimisers:
        optimiser.zero_grad(set_to_none=True)
    loss.backward()
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group.get("scale", 1.0)
        optimiser.step()
