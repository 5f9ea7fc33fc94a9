"""OSV's losses: the pseudo-Huber distance, and the hinge losses of its GAN."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def hinge_real(logits: torch.Tensor) -> torch.Tensor:
    """Returns E[max(0, 1 - D)]: the discriminator's loss on real clips, and the generator's on generated clips.

    OSV, equations 6 and 7.
    """
    return F.relu(1 - logits).mean()


def hinge_fake(logits: torch.Tensor) -> torch.Tensor:
    """Returns E[max(0, 1 + D)]: the discriminator's loss on generated clips (OSV, equation 6)."""
    return F.relu(1 + logits).mean()


def huber(x: torch.Tensor, y: torch.Tensor, c: float) -> torch.Tensor:
    """Returns the pseudo-Huber distance sqrt(|x - y|^2 + c^2) - c, averaged over the rows of x and y [B, ...].

    OSV, after equation 7.
    """
    squared = (x - y).square().flatten(1).sum(1)
    return (torch.sqrt(squared + c**2) - c).mean()
