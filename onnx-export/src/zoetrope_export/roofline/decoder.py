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
the first two levels as in CogVideoX and Wan 2.1. A norm is over the channels of one pixel, as in Wan 2.1, not over a
group's pixels in all frames. So a frame depends on earlier frames only, and a clip can be decoded in pieces, for which
each convolution caches its last two input frames. `decode` decodes one latent frame at a time. The result is exactly
that of the whole clip at once, where one feature map at 1280x720 would take 23 GB.

The frames of a feature map [T, C, H, W] are its batch; channels are last in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import nn
from torch.nn import functional as F

Cache = tuple[torch.Tensor, ...]  # the last two input frames [2, C, H, W] of every convolution, in order
Taps = Literal["volume", "channels"]


@dataclass(frozen=True)
class DecoderConfig:
    """The decoder's widths, from the coarsest level to the finest. Every level but the last ends by doubling space."""

    latent_channels: int = 16
    widths: tuple[int, ...] = (512, 512, 256, 128)
    doubles_time: tuple[bool, ...] = (True, True, False)
    blocks: int = 3
    middle_blocks: int = 2
    taps: Taps = "volume"  # how a convolution is computed, see CausalConv; the numbers are the same


class CausalConv(nn.Module):
    """A 3x3x3 convolution over a frame and the two before it.

    "volume" computes it as one 3D convolution; "channels" as a 2D convolution over three frames stacked as channels,
    which reads more memory but has better tuned kernels on some devices. The ceilings measure which is faster.
    """

    def __init__(self, width: int, out: int, taps: Taps) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out, width, 3, 3, 3))
        self.bias = nn.Parameter(torch.empty(out))
        self.taps = taps

    def forward(self, x: torch.Tensor, before: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Convolves frames [T, C, H, W] that follow two frames `before`.

        Returns frames [T, out, H, W] and the last two input frames.
        """
        frames = torch.cat([before, x])  # [2 + T, C, H, W]
        if self.taps == "volume":
            volume = F.conv3d(frames.movedim(1, 0)[None], self.weight, self.bias, padding=(0, 1, 1))
            return volume[0].movedim(0, 1), frames[-2:]
        stacked = torch.cat([frames[:-2], frames[1:-1], frames[2:]], dim=1)  # [T, 3 C, H, W]
        return F.conv2d(stacked, self.weight.movedim(2, 1).flatten(1, 2), self.bias, padding=1), frames[-2:]


class CausalPass:
    """One pass through the convolutions, in order: gives each its cache, and collects the caches for the next piece.

    At the start of a clip the cache is None: the first frame replaces the two before it.
    """

    def __init__(self, cache: Cache | None) -> None:
        self.cache = cache
        self.next_cache: list[torch.Tensor] = []

    def apply(self, conv: nn.Module, x: torch.Tensor) -> torch.Tensor:
        before = torch.cat([x[:1], x[:1]]) if self.cache is None else self.cache[len(self.next_cache)]
        y, after = cast(CausalConv, conv)(x, before)
        self.next_cache.append(after)
        return y

    def double_time(self, x: torch.Tensor) -> torch.Tensor:
        """Repeats every frame, except the first of a clip."""
        if self.cache is None:
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

    def forward(self, x: torch.Tensor, causal: CausalPass) -> torch.Tensor:
        h = x
        for norm, conv in zip(self.norms, self.convs, strict=True):
            h = causal.apply(conv, norm(h))
        return self.shortcut(x) + h


class VideoDecoder(nn.Module):
    """The decoder. A call decodes the next latent frames [1, C, G, H/8, W/8] of a clip, given the last call's cache.

    The first latent frames of a clip are decoded by `start`.
    """

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

    def forward(self, latents: torch.Tensor, cache: Cache) -> tuple[torch.Tensor, Cache]:
        return self._advance(latents, CausalPass(cache))

    def start(self, latents: torch.Tensor) -> tuple[torch.Tensor, Cache]:
        """Decodes the first latent frames of a clip to video [1, 3, 1 + 4 (G - 1), H, W]; also returns the cache."""
        return self._advance(latents, CausalPass(None))

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Decodes a whole clip, one latent frame at a time."""
        first, *rest = torch.split(latents, 1, dim=2)
        piece, cache = self.start(first)
        pieces = [piece]
        for latent in rest:
            piece, cache = self(latent, cache)
            pieces.append(piece)
        return torch.cat(pieces, dim=2)

    def _advance(self, latents: torch.Tensor, causal: CausalPass) -> tuple[torch.Tensor, Cache]:
        x = latents[0].movedim(0, 1).contiguous(memory_format=torch.channels_last)
        h = causal.apply(self.enter, x)
        for block in self.middle:
            h = block(h, causal)
        for index, level in enumerate(self.levels):
            for block in cast(nn.ModuleList, level):
                h = block(h, causal)
            if index < len(self.doublings):
                if self.config.doubles_time[index]:
                    h = causal.double_time(h)
                h = causal.apply(self.doublings[index], F.interpolate(h, scale_factor=2, mode="nearest"))
        video = causal.apply(self.leave, self.norm_out(h))  # [T, 3, H, W]
        return video.movedim(1, 0)[None], tuple(causal.next_cache)
