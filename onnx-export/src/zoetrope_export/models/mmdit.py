"""The generator: a multimodal diffusion transformer (MMDiT). Video and text have separate weights and joint attention.

        latents [B, C, T, H, W]     timestep [B]      text_embedding [B, L, E], text_mask [B, L]
        + first_frame, its mask          |                    |                 |
              | LocalLevel, if any;      |                    |                 |
              | patches 1 x P x P        |                    |                 |
              v                          v                    v                 |
        video tokens [B, N, D]      condition [B, D] <- masked mean        text tokens [B, L, D]
              |                          |                    |                 |
              +------------- depth x Block (joint attention) -+ <---------------+
              | patches to grid; LocalLevel, if any
              v
        x_hat [B, C, T, H, W]  ->  velocity = (latents - x_hat) / max(t, t_min)

The network predicts the clean sample x. Under flow matching (x_t = (1 - t) x + t z, velocity v = z - x) its velocity is
(x_t - x) / t. A token is only as wide as the network. If the network predicts x instead of v, its tokens have to carry
the little information in x rather than all of the noise. At t = 1 the velocity is z - x_hat: one step,
G(z, c) = z - v(z, 1, c), is the network's own prediction.

For image-to-video generation every video token also gets, as channels, the patch of the first frame at its position and
a mask that is 1 if there is a first frame. (OSV distils such a model, Stable Video Diffusion.)

Diffusion transformers with adaptive norms: Peebles and Xie 2023; joint attention and RMS norms of queries and keys:
Esser et al. 2024; one modulation for all blocks plus a learned offset per block: Chen et al. 2023 (PixArt-alpha).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.models.layers import start_at_zero
from zoetrope_export.models.local_level import GROUPS, LocalLevel

T_MIN = 0.1  # the divisor of the velocity does not fall below this, so that the velocity stays bounded
_MAX_PERIOD = 10_000.0


@dataclass(frozen=True)
class MmditConfig:
    """The sizes of the network. Latents [channels, frames, height, width] are cut into patches of 1 x patch x patch.

    `local_width` is the width of the `LocalLevel`, the convolutions on the grid of the latents; `local_blocks` are the
    numbers of its blocks before and behind the transformer. With `local_width` 0 the network has no such level. The
    papers' networks have none, because their patches are small.
    """

    channels: int = 12
    frames: int = 5
    height: int = 8
    width: int = 8
    patch: int = 4
    model_width: int = 192
    depth: int = 6
    heads: int = 6
    text_width: int = 384
    local_width: int = 0
    local_blocks: tuple[int, int] = (1, 2)

    def __post_init__(self) -> None:
        sizes = (self.channels, self.frames, self.height, self.width, self.patch, self.model_width, self.depth)
        if min(*sizes, self.heads, self.text_width) < 1 or min(self.local_width, *self.local_blocks) < 0:
            raise ValueError(f"sizes must be 1 or more, and those of the local level 0 or more: {self}")
        if self.height % self.patch or self.width % self.patch:
            raise ValueError(
                f"latents of {self.height}x{self.width} cannot be cut into patches of {self.patch}x{self.patch}: give a"
                " patch that divides both"
            )
        if self.model_width % (2 * self.heads):
            raise ValueError(
                f"model_width {self.model_width} over {self.heads} heads is not an even number per head, which rotary"
                f" positions need: give a multiple of {2 * self.heads}, or other heads"
            )
        if self.local_width % GROUPS:
            raise ValueError(
                f"local_width {self.local_width} does not divide into {GROUPS} groups: give a multiple of {GROUPS}"
            )

    @property
    def tokens(self) -> int:
        """The number of video tokens of a clip."""
        return self.frames * (self.height // self.patch) * (self.width // self.patch)

    @property
    def token_width(self) -> int:
        """The number of latent values in a video token."""
        return self.channels * self.patch**2


def timestep_embedding(timestep: torch.Tensor, width: int) -> torch.Tensor:
    """Returns cosines and sines of t in [0, 1], scaled by 1000: [B] -> [B, width]."""
    half = width // 2
    index = torch.arange(half, dtype=torch.float32, device=timestep.device)
    frequency = torch.exp(-math.log(_MAX_PERIOD) * index / half)
    angle = 1000.0 * timestep[:, None] * frequency
    return torch.cat([torch.cos(angle), torch.sin(angle)], dim=1)


def rotary_angles(config: MmditConfig) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns cosine and sine [N, head/2] of rotary positions; the pairs of a head are split over t, y and x."""
    pairs = config.model_width // config.heads // 2
    rows, columns = config.height // config.patch, config.width // config.patch
    grid = torch.meshgrid(torch.arange(config.frames), torch.arange(rows), torch.arange(columns), indexing="ij")
    position = torch.stack([g.flatten() for g in grid], dim=1).float()  # [N, 3]
    share = [pairs - 2 * (pairs // 3), pairs // 3, pairs // 3]
    angles = [
        position[:, axis, None] * torch.exp(-math.log(100.0) * torch.arange(count) / count)
        for axis, count in enumerate(share)
    ]
    angle = torch.cat(angles, dim=1)
    return torch.cos(angle), torch.sin(angle)


def rotate(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    """Rotates pairs of values of [B, heads, N, head]: value i of the first half with value i of the second half."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cosine - b * sine, a * sine + b * cosine], dim=-1)


class RmsNorm(nn.Module):
    """Computes x / rms(x) * weight over the last axis."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6) * self.weight


class Stream(nn.Module):
    """The weights of one modality in one block: norms, projections, MLP, and an offset to the shared modulation."""

    def __init__(self, config: MmditConfig) -> None:
        super().__init__()
        width, head = config.model_width, config.model_width // config.heads
        self.heads = config.heads
        self.norm_attention = nn.LayerNorm(width, elementwise_affine=False)
        self.norm_mlp = nn.LayerNorm(width, elementwise_affine=False)
        self.qkv = nn.Linear(width, 3 * width)
        self.norm_q, self.norm_k = RmsNorm(head), RmsNorm(head)
        self.project = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width))
        self.offset = nn.Parameter(torch.zeros(6, width))

    def queries_keys_values(self, x: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor) -> list[torch.Tensor]:
        """Returns queries, keys and values [B, heads, N, head] of tokens [B, N, D]."""
        h = self.qkv(self.norm_attention(x) * (1 + scale) + shift)
        q, k, v = h.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # 3 x [B, heads, N, head]
        return [self.norm_q(q), self.norm_k(k), v]

    def add_residuals(
        self, x: torch.Tensor, attended: torch.Tensor, modulation: tuple[torch.Tensor, ...]
    ) -> torch.Tensor:
        """Adds the outputs of the attention and of the MLP to the residual stream [B, N, D]."""
        gate_attention, shift, scale, gate_mlp = modulation
        x = x + gate_attention * self.project(attended.transpose(1, 2).flatten(2))
        return x + gate_mlp * self.mlp(self.norm_mlp(x) * (1 + scale) + shift)


class Block(nn.Module):
    """A transformer block: joint attention over video and text tokens. Each stream has its own weights."""

    def __init__(self, config: MmditConfig) -> None:
        super().__init__()
        self.video, self.text = Stream(config), Stream(config)

    def forward(
        self,
        video: torch.Tensor,
        text: torch.Tensor,
        modulation: torch.Tensor,
        bias: torch.Tensor | None,
        cosine: torch.Tensor,
        sine: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        mv = (modulation[:, 0] + self.video.offset).unsqueeze(2).unbind(1)  # 6 x [B, 1, D]
        mt = (modulation[:, 1] + self.text.offset).unsqueeze(2).unbind(1)
        qv, kv, vv = self.video.queries_keys_values(video, mv[0], mv[1])
        qt, kt, vt = self.text.queries_keys_values(text, mt[0], mt[1])
        q = torch.cat([rotate(qv, cosine, sine), qt], dim=2)
        k = torch.cat([rotate(kv, cosine, sine), kt], dim=2)
        attended = F.scaled_dot_product_attention(q, k, torch.cat([vv, vt], dim=2), attn_mask=bias)
        tokens = video.shape[1]
        video = self.video.add_residuals(video, attended[:, :, :tokens], mv[2:])
        text = self.text.add_residuals(text, attended[:, :, tokens:], mt[2:])
        return video, text


class Hidden(NamedTuple):
    """The hidden state of the network.

    `video` holds the video tokens [B, N, D] after each block, `condition` is [B, D], and `features` [B, F, T, H, W] are
    what `patchify` cuts into tokens.
    """

    video: list[torch.Tensor]
    condition: torch.Tensor
    features: torch.Tensor


class Mmdit(nn.Module):
    """The generator network. It computes the velocity v(x_t, t, condition) of the flow."""

    cosine: torch.Tensor
    sine: torch.Tensor

    def __init__(self, config: MmditConfig) -> None:
        super().__init__()
        self.config = config
        width = config.model_width
        feature_width = config.local_width or 2 * config.channels
        self.enter = nn.Linear(feature_width * config.patch**2 + 1, width)
        self.position = nn.Parameter(0.02 * torch.randn(config.tokens, width))
        self.enter_text = nn.Linear(config.text_width, width)
        self.enter_pooled = nn.Linear(config.text_width, width)
        self.time = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * 6 * width))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.norm_out = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation_out = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))
        self.leave = nn.Linear(width, config.token_width)
        self.local: LocalLevel | None = None
        if config.local_width:
            self.local = LocalLevel(
                channels=config.channels,
                width=config.local_width,
                blocks=config.local_blocks,
                condition_width=width,
            )
            self.leave_locally = nn.Linear(width, config.local_width * config.patch**2)
        cosine, sine = rotary_angles(config)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)
        for branch in (self.modulation, self.modulation_out):
            start_at_zero(cast(nn.Linear, branch[1]))
        start_at_zero(self.leave)

    def patchify(self, features: torch.Tensor) -> torch.Tensor:
        """Cuts features into tokens: [B, F, T, H, W] -> [B, T * H/P * W/P, F * P * P]."""
        c, width = self.config, features.shape[1]
        x = features.reshape(-1, width, c.frames, c.height // c.patch, c.patch, c.width // c.patch, c.patch)
        return x.permute(0, 2, 3, 5, 1, 4, 6).reshape(-1, c.tokens, width * c.patch**2)

    def unpatchify(self, tokens: torch.Tensor) -> torch.Tensor:
        """Puts tokens together into features: the inverse of `patchify`."""
        c, width = self.config, tokens.shape[2] // self.config.patch**2
        x = tokens.reshape(-1, c.frames, c.height // c.patch, c.width // c.patch, width, c.patch, c.patch)
        return x.permute(0, 4, 1, 2, 5, 3, 6).reshape(-1, width, c.frames, c.height, c.width)

    def _features(
        self, latents: torch.Tensor, first_frame: torch.Tensor, first_frame_mask: torch.Tensor, condition: torch.Tensor
    ) -> torch.Tensor:
        """Returns the features [B, F, T, H, W] that are cut into patches.

        They are the noisy latents, with the first frame's latents as further channels of every frame, and after the
        `LocalLevel` if the network has one.
        """
        frame = (first_frame * first_frame_mask[:, None, None, None])[:, :, None]
        inputs = torch.cat([latents, frame.expand(-1, -1, self.config.frames, -1, -1)], dim=1)
        return inputs if self.local is None else self.local.enter(inputs, condition)

    def hidden(
        self,
        latents: torch.Tensor,
        timestep: torch.Tensor,
        text_embedding: torch.Tensor,
        text_mask: torch.Tensor | None,
        first_frame: torch.Tensor,
        first_frame_mask: torch.Tensor,
    ) -> Hidden:
        """Returns the hidden state of the network. The inputs are those of `predict`."""
        c = self.config
        mask = torch.ones_like(text_embedding[..., 0]) if text_mask is None else text_mask.to(latents.dtype)  # [B, L]
        # A matrix product, not a sum over L: runtimes sum in another order in a batch of one than in a larger batch,
        # and a clip has to be equal, bit for bit, in every batch.
        pooled = ((mask / mask.sum(1, keepdim=True))[:, None] @ text_embedding).squeeze(1)  # [B, E]
        times = timestep_embedding(timestep, c.model_width).to(latents.dtype)
        condition = self.time(times) + self.enter_pooled(pooled)
        modulation = self.modulation(condition).unflatten(1, (2, 6, c.model_width))
        # [B, 1, 1, N + L]
        bias = None if text_mask is None else F.pad((1 - mask) * -1e4, (c.tokens, 0))[:, None, None, :]
        features = self._features(latents, first_frame, first_frame_mask, condition)
        mask_channel = first_frame_mask[:, None, None].expand(-1, c.tokens, -1)
        video = self.enter(torch.cat([self.patchify(features), mask_channel], dim=2)) + self.position
        text = self.enter_text(text_embedding)
        after_blocks = []
        for block in self.blocks:
            video, text = block(video, text, modulation, bias, self.cosine, self.sine)
            after_blocks.append(video)
        return Hidden(after_blocks, condition, features)

    def predict(
        self,
        latents: torch.Tensor,
        timestep: torch.Tensor,
        text_embedding: torch.Tensor,
        text_mask: torch.Tensor | None,
        first_frame: torch.Tensor,
        first_frame_mask: torch.Tensor,
    ) -> torch.Tensor:
        """Returns the clean latents x_hat [B, C, T, H, W] that the network predicts from x_t.

        `text_mask` [B, L] is 1 on real tokens and 0 on padding, which does not affect the result. None means that every
        token is real: attention then runs without a bias, for which GPUs have faster kernels. `first_frame_mask` [B] is
        1 if the clip has to start with `first_frame` [B, C, H, W]; if it is 0, those latents do not affect the result.
        """
        hidden = self.hidden(latents, timestep, text_embedding, text_mask, first_frame, first_frame_mask)
        shift, scale = self.modulation_out(hidden.condition).unsqueeze(1).chunk(2, dim=-1)
        video = self.norm_out(hidden.video[-1]) * (1 + scale) + shift
        x_hat = self.unpatchify(self.leave(video))
        if self.local is None:
            return x_hat
        features = hidden.features + self.unpatchify(self.leave_locally(video))
        return x_hat + self.local.leave(features, hidden.condition)

    def forward(
        self,
        latents: torch.Tensor,
        timestep: torch.Tensor,
        text_embedding: torch.Tensor,
        text_mask: torch.Tensor | None,
        first_frame: torch.Tensor,
        first_frame_mask: torch.Tensor,
    ) -> torch.Tensor:
        """Returns the velocity [B, C, T, H, W] at x_t = `latents`, t = `timestep` [B] in [0, 1].

        The other arguments are those of `predict`.
        """
        x_hat = self.predict(latents, timestep, text_embedding, text_mask, first_frame, first_frame_mask)
        return (latents - x_hat) / timestep.clamp(min=T_MIN)[:, None, None, None, None]


def compile_blocks(*networks: Mmdit) -> None:
    """Compiles the blocks with torch.compile.

    On a CPU, the first update then takes a minute or two, and later updates take about half as long as without.

    The weights keep their names. All batches must have the same size.
    """
    for network in networks:
        for block in network.blocks:
            block.compile(dynamic=False)
