"""A small causal video autoencoder: 8x in space, 4x in time, 1 + 4k frames to 1 + k latent frames.

        video [B, 3, T, H, W]                                   latents [B, C, 1 + (T-1)/4, H/8, W/8]
              |  three more copies of the first frame in front         |
              v                                                        v
        [B*4G, 48, H/4, W/4]  blocks                             [B*G, 192, H/8, W/8]  blocks
              |  fold 4 frames into channels                           |  unfold space
        [B*G, 128, H/4, W/4]  block                              [B*G, 128, H/4, W/4]  blocks
              |  fold space                                            |  unfold time
        [B*G, 192, H/8, W/8]  blocks                             [B*4G, 64, H/4, W/4]  blocks
              |                                                        |  unfold space
              v                                                  [B*4G, 32, H/2, W/2]  blocks
           + a linear map of each 4x8x8 patch                          + a linear map to each 4x8x8 patch

G = 1 + (T-1)/4 is the number of groups of four frames. The linear maps start as the principal components of patches and
the blocks at zero: training starts from the best linear code. The network is causal: a latent frame depends on no later
frame, and a decoded frame on no later latent frame. Every convolution is 2D over frames; a 1x1 convolution over a frame
and the two before it mixes time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.models.layers import start_at_zero

SPATIAL, TEMPORAL = 8, 4
_FITTING_PATCHES = 24_576  # about this many patches are enough for principal components


@dataclass(frozen=True)
class VaeConfig:
    """The channels of the latents, and the widths of the blocks from the coarsest resolution to the finest."""

    latent_channels: int = 12
    coarse: int = 192
    middle: int = 128
    fine: int = 64
    finest: int = 32

    def __post_init__(self) -> None:
        if min(self.latent_channels, self.coarse, self.middle, self.fine, self.finest) < 1:
            raise ValueError(f"widths must be 1 or more: {self}")


class CausalBlock(nn.Module):
    """Computes x + f(x) on frames [B*T, C, H, W]; f starts at 0.

    f is a 3x3 convolution in space, then a causal mix of 3 frames.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.space = nn.Conv2d(channels, channels, 3, padding=1)
        self.time = nn.Conv2d(3 * channels, channels, 1)
        start_at_zero(self.time)

    def forward(self, x: torch.Tensor, frames: int) -> torch.Tensor:
        h = F.silu(self.space(F.silu(x)))
        v = h.view(-1, frames, *h.shape[1:])  # [B, T, C, H, W]
        first = v[:, :1]
        previous = torch.cat([first, v[:, :-1]], dim=1)
        before_previous = torch.cat([first, previous[:, :-1]], dim=1)
        return x + self.time(torch.cat([v, previous, before_previous], dim=2).flatten(0, 1))


def fold_time(x: torch.Tensor) -> torch.Tensor:
    """Folds groups of four frames into channels: [B*4G, C, H, W] -> [B*G, 4C, H, W]."""
    return x.reshape(-1, TEMPORAL * x.shape[1], x.shape[2], x.shape[3])


def unfold_time(x: torch.Tensor) -> torch.Tensor:
    """Unfolds channels into groups of four frames: [B*G, 4C, H, W] -> [B*4G, C, H, W]."""
    return x.reshape(-1, x.shape[1] // TEMPORAL, x.shape[2], x.shape[3])


class Encoder(nn.Module):
    """Maps video [B, 3, T, H, W] to latents [B, C, G, H/8, W/8]: a linear code of patches plus a learned correction."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.linear = nn.Conv2d(3 * TEMPORAL * SPATIAL**2, config.latent_channels, 1)
        self.enter = nn.Conv2d(48, config.fine, 3, padding=1)
        self.fine = nn.ModuleList(CausalBlock(config.fine) for _ in range(2))
        self.to_middle = nn.Conv2d(TEMPORAL * config.fine, config.middle, 1)
        self.middle = nn.ModuleList(CausalBlock(config.middle) for _ in range(1))
        self.to_coarse = nn.Conv2d(4 * config.middle, config.coarse, 1)
        self.coarse = nn.ModuleList(CausalBlock(config.coarse) for _ in range(2))
        self.leave = nn.Conv2d(config.coarse, config.latent_channels, 1)
        start_at_zero(self.leave)

    def forward(self, video: torch.Tensor) -> torch.Tensor:
        groups = 1 + (video.shape[2] - 1) // TEMPORAL
        first = video[:, :, :1].expand(-1, -1, TEMPORAL - 1, -1, -1)
        x = torch.cat([first, video], dim=2).transpose(1, 2).flatten(0, 1)  # [B*4G, 3, H, W]
        linear = self.linear(patchify(x))
        h = self.enter(F.pixel_unshuffle(x, 4))
        for block in self.fine:
            h = block(h, TEMPORAL * groups)
        h = self.to_middle(fold_time(h))
        for block in self.middle:
            h = block(h, groups)
        h = self.to_coarse(F.pixel_unshuffle(h, 2))
        for block in self.coarse:
            h = block(h, groups)
        z = linear + self.leave(F.silu(h))  # [B*G, C, H/8, W/8]
        return z.view(-1, groups, *z.shape[1:]).transpose(1, 2)


class Decoder(nn.Module):
    """Maps latents [B, C, G, H/8, W/8] to video [B, 3, 1 + 4(G-1), H, W]: linear patches plus a learned correction."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.linear = nn.Conv2d(config.latent_channels, 3 * TEMPORAL * SPATIAL**2, 1)
        self.enter = nn.Conv2d(config.latent_channels, config.coarse, 3, padding=1)
        self.coarse = nn.ModuleList(CausalBlock(config.coarse) for _ in range(3))
        self.to_middle = nn.Conv2d(config.coarse, 4 * config.middle, 1)
        self.middle = nn.ModuleList(CausalBlock(config.middle) for _ in range(2))
        self.to_fine = nn.Conv2d(config.middle, TEMPORAL * config.fine, 1)
        self.fine = nn.ModuleList(CausalBlock(config.fine) for _ in range(2))
        self.to_finest = nn.Conv2d(config.fine, 4 * config.finest, 1)
        self.finest = nn.ModuleList(CausalBlock(config.finest) for _ in range(2))
        self.leave = nn.Conv2d(config.finest, 12, 3, padding=1)
        start_at_zero(self.leave)

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        groups = latents.shape[2]
        z = latents.transpose(1, 2).flatten(0, 1)  # [B*G, C, H/8, W/8]
        h = self.enter(z)
        for block in self.coarse:
            h = block(h, groups)
        h = F.pixel_shuffle(self.to_middle(h), 2)
        for block in self.middle:
            h = block(h, groups)
        h = unfold_time(self.to_fine(h))
        for block in self.fine:
            h = block(h, TEMPORAL * groups)
        h = F.pixel_shuffle(self.to_finest(h), 2)
        for block in self.finest:
            h = block(h, TEMPORAL * groups)
        x = unpatchify(self.linear(z)) + F.pixel_shuffle(self.leave(F.silu(h)), 2)  # [B*4G, 3, H, W]
        video = x.view(-1, TEMPORAL * groups, *x.shape[1:]).transpose(1, 2)
        return video[:, :, TEMPORAL - 1 :]


def patchify(frames: torch.Tensor) -> torch.Tensor:
    """Cuts frames [B*4G, 3, H, W] into 4x8x8 patches [B*G, 768, H/8, W/8]."""
    return fold_time(F.pixel_unshuffle(frames, SPATIAL))


def unpatchify(x: torch.Tensor) -> torch.Tensor:
    """Puts patches together into frames: the inverse of `patchify`."""
    return F.pixel_shuffle(unfold_time(x), SPATIAL)


class Vae(nn.Module):
    """The encoder, the decoder, and `shift` and `scale`, which give latents mean 0 and deviation 1 per channel.

    `encode` returns and `decode` takes normalised latents: z = (encoder(video) - shift) * scale.
    """

    shift: torch.Tensor
    scale: torch.Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.register_buffer("shift", torch.zeros(config.latent_channels))
        self.register_buffer("scale", torch.ones(config.latent_channels))

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return self.shift.device

    def encode(self, video: torch.Tensor) -> torch.Tensor:
        """Encodes video [B, 3, T, H, W] in [-1, 1] to normalised latents [B, C, G, H/8, W/8]."""
        z = self.encoder(video)
        return (z - self.shift[:, None, None, None]) * self.scale[:, None, None, None]

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Decodes normalised latents [B, C, G, H/8, W/8] to video [B, 3, 1 + 4(G-1), H, W] in about [-1, 1]."""
        z = latents / self.scale[:, None, None, None] + self.shift[:, None, None, None]
        return self.decoder(z)

    @torch.no_grad()
    def start_from_principal_components(self, video: torch.Tensor) -> None:
        """Sets both linear maps from the principal components of the patches of `video`; the code is whitened."""
        x = video[:, :, 1:].transpose(1, 2).flatten(0, 1)
        rows = patchify(x).movedim(1, -1).flatten(0, 2)  # [N, 768]
        rows = rows[:: max(1, len(rows) // _FITTING_PATCHES)]
        mean = rows.mean(0)
        _, deviation, components = torch.linalg.svd(rows - mean, full_matrices=False)
        channels = self.encoder.linear.out_channels
        spread = deviation[:channels] / len(rows) ** 0.5
        basis = components[:channels]
        self.encoder.linear.weight.copy_((basis / spread[:, None])[..., None, None])
        cast(torch.Tensor, self.encoder.linear.bias).copy_(-(basis @ mean) / spread)
        self.decoder.linear.weight.copy_((basis * spread[:, None]).T[..., None, None])
        cast(torch.Tensor, self.decoder.linear.bias).copy_(mean)

    @torch.no_grad()
    def fit_normalisation(self, video: torch.Tensor) -> None:
        """Sets `shift` and `scale` from the mean and deviation of the latents of `video`."""
        z = self.encoder(video)
        self.shift.copy_(z.mean((0, 2, 3, 4)))
        self.scale.copy_(1 / z.std((0, 2, 3, 4)))
