"""The generator's outer level: 3 x 3 convolutions on the grid of the latents, around the transformer on patches.

        latents, first frame [B, C, T, H, W] each
              | stem, blocks
              v
        features [B, F, T, H, W] --- patches ---> transformer --- unpatched [B, F, T, H, W] --+
              |                                                                               |
              +------------------------------------------------------------------------------>+
                                                                                              | blocks, last
                                                                                              v
                                                                       correction of x_hat [B, C, T, H, W]

A token of 4 x 4 latents represents its content well, but not how an outline continues in the next token. A convolution
crosses the border between tokens at a hundredth of the cost of four times as many tokens. A convolution behind a
transformer's last layer: Bao et al. 2022 (U-ViT). Levels of finer resolution around a transformer: Hoogeboom et al.
2023 (simple diffusion).
"""

from __future__ import annotations

from typing import cast

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.models.layers import start_at_zero

GROUPS = 8


class LocalBlock(nn.Module):
    """Computes x + f(x, condition) on frames [B*T, F, H, W]; f starts at 0."""

    def __init__(self, width: int, condition_width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width)
        self.modulation = nn.Linear(condition_width, 2 * width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        start_at_zero(self.modulation)
        start_at_zero(self.second)

    def forward(self, x: torch.Tensor, condition: torch.Tensor, frames: int) -> torch.Tensor:
        modulation = self.modulation(condition)[:, None].expand(-1, frames, -1).flatten(0, 1)  # [B*T, 2F]
        shift, scale = modulation[:, :, None, None].chunk(2, dim=1)
        h = F.silu(self.norm(x) * (1 + scale) + shift)
        return x + cast(torch.Tensor, self.second(F.silu(self.first(h))))


class LocalLevel(nn.Module):
    """The convolutions around the transformer. `blocks` are the numbers of blocks before and behind it."""

    def __init__(self, *, channels: int, width: int, blocks: tuple[int, int], condition_width: int) -> None:
        super().__init__()
        before, behind = blocks
        self.stem = nn.Conv2d(2 * channels, width, 3, padding=1)
        self.before = nn.ModuleList(LocalBlock(width, condition_width) for _ in range(before))
        self.behind = nn.ModuleList(LocalBlock(width, condition_width) for _ in range(behind))
        self.last = nn.Conv2d(width, channels, 3, padding=1)
        start_at_zero(self.last)

    def enter(self, inputs: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Maps latents and first frame [B, 2C, T, H, W] under a condition [B, D] to features [B, F, T, H, W]."""
        x = self.stem(_frames(inputs))
        return self._apply_blocks(self.before, x, condition, inputs.shape[2])

    def leave(self, features: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Maps features [B, F, T, H, W] to a correction of the clean latents [B, C, T, H, W]."""
        x = self._apply_blocks(self.behind, _frames(features), condition, features.shape[2])
        return _clips(self.last(F.silu(_frames(x))), features.shape[2])

    def _apply_blocks(
        self, blocks: nn.ModuleList, x: torch.Tensor, condition: torch.Tensor, frames: int
    ) -> torch.Tensor:
        activated = F.silu(condition)
        for block in blocks:
            x = block(x, activated, frames)
        return _clips(x, frames)


def _frames(x: torch.Tensor) -> torch.Tensor:
    """Returns the frames of clips, [B, C, T, H, W] -> [B*T, C, H, W], channels last: faster for convolutions."""
    return x.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)


def _clips(x: torch.Tensor, frames: int) -> torch.Tensor:
    """Returns the clips of frames: the inverse of `_frames`."""
    return x.reshape(-1, frames, *x.shape[1:]).transpose(1, 2)
