"""A video decoder of the usual cost: causal 3D convolutions, 8x in space, 4x in time, G latent frames to 1 + 4 (G - 1).

        latents [1, C, G, H/8, W/8]
              |  3x3x3, 2 blocks
              v
        [G, 512, H/8, W/8]     3 blocks, time and space doubled
        [., 512, H/4, W/4]     3 blocks, time and space doubled
        [T, 512, H/2, W/2]     3 blocks (256 channels), space doubled
        [T, 256, H, W]         3 blocks (128 channels)
              |  3x3x3
              v
        video [1, 3, T, H, W]

The widths are those of the latent video models of 2024 (CogVideoX, HunyuanVideo: 128, 256, 512, 512); time doubles in
the first two levels as in CogVideoX and Wan 2.1. Norms are taken over the channels of one pixel, as in Wan 2.1, not
over a group's pixels in all frames: so a frame depends on earlier frames only, and a clip may be decoded piece by
piece, each convolution keeping the last two frames that it has seen. `decode` does so, one latent frame at a time, to
exactly what the whole clip at once would give: at 1280x720 one feature map of the whole clip would take 23 GB.

Frames lie as the batch of a feature map [T, C, H, W], channels last in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import nn
from torch.nn import functional as F

Past = tuple[torch.Tensor, ...]  # of every convolution, in order: the last two frames it has seen [2, C, H, W]
Taps = Literal["volume", "channels"]


@dataclass(frozen=True)
class DecoderConfig:
    """Widths of the levels from the coarsest to the finest; a level but the last ends by doubling space."""

    latent_channels: int = 16
    widths: tuple[int, ...] = (512, 512, 256, 128)
    doubles_time: tuple[bool, ...] = (True, True, False)
    blocks: int = 3
    middle_blocks: int = 2
    taps: Taps = "volume"  # how a convolution is computed, see CausalConv; the numbers are the same


class CausalConv(nn.Module):
    """A 3x3x3 convolution over a frame and the two before it.

    "volume" computes it as one 3D convolution; "channels" as a 2D convolution over three frames stacked as channels,
    which reads more but meets kernels that are tuned better on some devices. Measure which.
    """

    def __init__(self, width: int, out: int, taps: Taps) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out, width, 3, 3, 3))
        self.bias = nn.Parameter(torch.empty(out))
        self.taps = taps

    def forward(self, x: torch.Tensor, before: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Frames [T, C, H, W] after two frames `before` -> frames [T, out, H, W] and the last two frames seen."""
        seen = torch.cat([before, x])  # [2 + T, C, H, W]
        if self.taps == "volume":
            volume = F.conv3d(seen.movedim(1, 0)[None], self.weight, self.bias, padding=(0, 1, 1))
            return volume[0].movedim(0, 1), seen[-2:]
        stacked = torch.cat([seen[:-2], seen[1:-1], seen[2:]], dim=1)  # [T, 3 C, H, W]
        return F.conv2d(stacked, self.weight.movedim(2, 1).flatten(1, 2), self.bias, padding=1), seen[-2:]


class Tape:
    """Hands each convolution, in order, what it kept of the past, and collects what it keeps for the next piece.

    At the start of a clip there is no past: the first frame stands for the two before it.
    """

    def __init__(self, past: Past | None) -> None:
        self.past = past
        self.kept: list[torch.Tensor] = []

    def through(self, conv: nn.Module, x: torch.Tensor) -> torch.Tensor:
        before = torch.cat([x[:1], x[:1]]) if self.past is None else self.past[len(self.kept)]
        y, after = cast(CausalConv, conv)(x, before)
        self.kept.append(after)
        return y

    def double_time(self, x: torch.Tensor) -> torch.Tensor:
        """Every frame twice, but the first of a clip once."""
        if self.past is None:
            return torch.cat([x[:1], x[1:].repeat_interleave(2, dim=0)])
        return x.repeat_interleave(2, dim=0)


class PixelNorm(nn.Module):
    """SiLU of the RMS norm over the channels of each pixel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.silu(self.norm(x.movedim(1, -1)).movedim(-1, 1))


class ResidualBlock(nn.Module):
    """x + f(x), f two convolutions, each after its norm; a 1x1 convolution on x where the width changes."""

    def __init__(self, width: int, out: int, taps: Taps) -> None:
        super().__init__()
        self.norms = nn.ModuleList([PixelNorm(width), PixelNorm(out)])
        self.convs = nn.ModuleList([CausalConv(width, out, taps), CausalConv(out, out, taps)])
        self.shortcut = nn.Identity() if width == out else nn.Conv2d(width, out, 1)

    def forward(self, x: torch.Tensor, tape: Tape) -> torch.Tensor:
        h = x
        for norm, conv in zip(self.norms, self.convs, strict=True):
            h = tape.through(conv, norm(h))
        return self.shortcut(x) + h


class VideoDecoder(nn.Module):
    """Calling it decodes the next latent frames [1, C, G, H/8, W/8] of a clip, given what `start` or it kept."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        wide, taps = config.widths[0], config.taps
        self.enter = CausalConv(config.latent_channels, wide, taps)
        self.middle = nn.ModuleList(ResidualBlock(wide, wide, taps) for _ in range(config.middle_blocks))
        self.levels = nn.ModuleList()
        for before, width in zip((wide, *config.widths), config.widths, strict=False):
            first = ResidualBlock(before, width, taps)
            self.levels.append(
                nn.ModuleList([first, *(ResidualBlock(width, width, taps) for _ in range(config.blocks - 1))])
            )
        self.doublings = nn.ModuleList(CausalConv(width, width, taps) for width in config.widths[:-1])
        self.norm_out = PixelNorm(config.widths[-1])
        self.leave = CausalConv(config.widths[-1], 3, taps)

    def forward(self, latents: torch.Tensor, past: Past) -> tuple[torch.Tensor, Past]:
        return self._advance(latents, Tape(past))

    def start(self, latents: torch.Tensor) -> tuple[torch.Tensor, Past]:
        """The first latent frames of a clip -> their video [1, 3, 1 + 4 (G - 1), H, W], and what must be kept."""
        return self._advance(latents, Tape(None))

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """The video of a whole clip, decoded one latent frame at a time."""
        first, *rest = torch.split(latents, 1, dim=2)
        piece, past = self.start(first)
        pieces = [piece]
        for latent in rest:
            piece, past = self(latent, past)
            pieces.append(piece)
        return torch.cat(pieces, dim=2)

    def _advance(self, latents: torch.Tensor, tape: Tape) -> tuple[torch.Tensor, Past]:
        x = latents[0].movedim(0, 1).contiguous(memory_format=torch.channels_last)
        h = tape.through(self.enter, x)
        for block in self.middle:
            h = block(h, tape)
        for index, level in enumerate(self.levels):
            for block in cast(nn.ModuleList, level):
                h = block(h, tape)
            if index < len(self.doublings):
                if self.config.doubles_time[index]:
                    h = tape.double_time(h)
                h = tape.through(self.doublings[index], F.interpolate(h, scale_factor=2, mode="nearest"))
        video = tape.through(self.leave, self.norm_out(h))  # [T, 3, H, W]
        return video.movedim(1, 0)[None], tuple(tape.kept)
