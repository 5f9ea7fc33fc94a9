"""The Wan video transformer: self-attention of video tokens, cross-attention to text, one modulation for all blocks.

        latents [B, C, T, H, W]        timestep [B, G]         text_embedding [B, 512, E]
              | patches 1 x 2 x 2           |                        |
              v                             v                        v
        video tokens [B, N, D]     modulation [B, G, 6, D]     text tokens [B, 512, D]
              |                             |                        |
              +---------- layers x Block <--+------------------------+
              | modulated norm, patches to grid
              v
        velocity [B, C', T, H, W]

N = T * H/2 * W/2. A timestep belongs to the whole clip (G = 1) or to each latent frame (G = T). The second form keeps a
first frame clean: its tokens have timestep 0 (Wan 2.2 TI2V). The text has no mask in cross-attention. Its padding rows
are zeros, which the text embedder maps to a constant that the model was trained with.

Wan: "Open and Advanced Large-Scale Video Generative Models", arXiv 2503.20314. Rotary positions over t, y and x: Su et
al. 2021; RMS norm of queries and keys, here over all heads together: Dehghani et al. 2023; one modulation for all
blocks plus a learned offset for each: Chen et al. 2023 (PixArt-alpha).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.models.wan.attention import attention

TEXT_TOKENS = 512  # the transformer reads this many rows of text: the prompt's, then zeros
PATCH = 2  # the side of a patch of latents
_ROTARY_BASE = 10_000.0
_MAX_PERIOD = 10_000.0


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """The sizes of the network.

    `in_channels` exceeds `out_channels` if the condition of an image comes as further channels. `frame_timesteps` says
    whether a timestep belongs to each latent frame. `positions` is the largest number of patches along an axis.
    """

    layers: int
    heads: int
    head_width: int
    ffn_width: int
    in_channels: int
    out_channels: int
    text_width: int
    time_width: int
    eps: float
    positions: int
    frame_timesteps: bool

    @property
    def width(self) -> int:
        """The width of a token."""
        return self.heads * self.head_width

    @property
    def condition_channels(self) -> int:
        """The channels of an image condition; 0 if there are none."""
        return self.in_channels - self.out_channels


class RmsNorm(nn.Module):
    """Computes x / rms(x) * weight over the last axis."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


class RotaryTables(nn.Module):
    """Cosine and sine of rotary positions. The pairs of a head are split over t, y and x.

    The tables are computed in float64 and stored in float32: ONNX Runtime has no cosine of doubles.
    """

    def __init__(self, head_width: int, positions: int) -> None:
        super().__init__()
        spatial = 2 * (head_width // 6)
        for axis, width in (("t", head_width - 2 * spatial), ("y", spatial), ("x", spatial)):
            exponent = torch.arange(0, width, 2, dtype=torch.float64, device="cpu") / width
            position = torch.arange(positions, dtype=torch.float64, device="cpu")
            angle = position[:, None] * _ROTARY_BASE**-exponent
            self.register_buffer(f"{axis}_cosine", angle.cos().float(), persistent=False)
            self.register_buffer(f"{axis}_sine", angle.sin().float(), persistent=False)

    def forward(self, t: int, y: int, x: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns cosine and sine [N, 1, head/2] of a grid of t * y * x = N tokens."""
        return self._grid("cosine", t, y, x), self._grid("sine", t, y, x)

    def _grid(self, kind: str, t: int, y: int, x: int) -> torch.Tensor:
        along_t, along_y, along_x = (self.get_buffer(f"{axis}_{kind}") for axis in "tyx")
        parts = [
            along_t[:t, None, None].expand(-1, y, x, -1),
            along_y[None, :y, None].expand(t, -1, x, -1),
            along_x[None, None, :x].expand(t, y, -1, -1),
        ]
        return torch.cat(parts, dim=-1).flatten(0, 2)[:, None]


def rotate(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor, heads: int) -> torch.Tensor:
    """Rotates neighbouring pairs of values of each head of [B, N, D]."""
    a, b = x.unflatten(-1, (heads, -1, 2)).unbind(-1)  # [B, N, heads, head/2]
    return torch.stack([a * cosine - b * sine, a * sine + b * cosine], dim=-1).flatten(2)


class Attention(nn.Module):
    """Multi-head attention. Queries and keys are normalised over all heads together, before the split into heads."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width) for _ in range(3))
        self.norm_q, self.norm_k = RmsNorm(width, config.eps), RmsNorm(width, config.eps)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(
        self, x: torch.Tensor, context: torch.Tensor, rotation: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> torch.Tensor:
        q, k, v = self.norm_q(self.to_q(x)), self.norm_k(self.to_k(context)), self.to_v(context)
        if rotation is not None:
            q, k = rotate(q, *rotation, self.heads), rotate(k, *rotation, self.heads)
        return self.to_out[0](attention(q, k, v, self.heads))


class Projection(nn.Module):
    """A linear map; its name in the checkpoints has this level."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.proj = nn.Linear(inputs, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.proj(x)


class FeedForward(nn.Module):
    """Two linear maps with GELU between them."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.net = nn.Sequential(Projection(width, inner), nn.GELU(approximate="tanh"), nn.Linear(inner, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


def modulate(x: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor, groups: int) -> torch.Tensor:
    """Returns x (1 + scale) + shift for tokens [B, N, D] and modulations [B, G, 1, D] of G equal groups of tokens."""
    return (grouped(x, groups) * (1 + scale) + shift).flatten(1, 2)


def gated(x: torch.Tensor, gate: torch.Tensor, groups: int) -> torch.Tensor:
    """Returns x gate for tokens [B, N, D] and gates [B, G, 1, D]."""
    return (grouped(x, groups) * gate).flatten(1, 2)


def grouped(x: torch.Tensor, groups: int) -> torch.Tensor:
    """Splits tokens into equal groups: [B, N, D] -> [B, G, N/G, D]."""
    return x.reshape(x.shape[0], groups, -1, x.shape[2])


class Block(nn.Module):
    """A transformer block: self-attention, cross-attention to the text, feed-forward network."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.norm1 = nn.LayerNorm(width, config.eps, elementwise_affine=False)
        self.attn1 = Attention(config)
        self.norm2 = nn.LayerNorm(width, config.eps)
        self.attn2 = Attention(config)
        self.norm3 = nn.LayerNorm(width, config.eps, elementwise_affine=False)
        self.ffn = FeedForward(width, config.ffn_width)
        self.scale_shift_table = nn.Parameter(torch.zeros(1, 6, width))

    def forward(
        self,
        x: torch.Tensor,
        text: torch.Tensor,
        modulation: torch.Tensor,
        rotation: tuple[torch.Tensor, torch.Tensor],
        groups: int,
    ) -> torch.Tensor:
        offsets = modulation + self.scale_shift_table[:, None]  # [B, G, 6, D]
        shift_1, scale_1, gate_1, shift_3, scale_3, gate_3 = offsets.unsqueeze(3).unbind(2)  # 6 x [B, G, 1, D]
        h = modulate(self.norm1(x), shift_1, scale_1, groups)
        x = x + gated(self.attn1(h, h, rotation), gate_1, groups)
        x = x + self.attn2(self.norm2(x), text)
        return x + gated(self.ffn(modulate(self.norm3(x), shift_3, scale_3, groups)), gate_3, groups)


class Mlp(nn.Module):
    """Two linear maps with an activation between them."""

    def __init__(self, inputs: int, width: int, activation: nn.Module) -> None:
        super().__init__()
        self.linear_1, self.linear_2 = nn.Linear(inputs, width), nn.Linear(width, width)
        self.activation = activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear_2(self.activation(self.linear_1(x)))


class ConditionEmbedder(nn.Module):
    """Embeds the timestep and the text."""

    frequency: torch.Tensor

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        half = config.time_width // 2
        index = torch.arange(half, dtype=torch.float32, device="cpu")
        frequency = torch.exp(-math.log(_MAX_PERIOD) * index / half)
        self.register_buffer("frequency", frequency, persistent=False)
        self.time_embedder = Mlp(config.time_width, config.width, nn.SiLU())
        self.time_proj = nn.Linear(config.width, 6 * config.width)
        self.text_embedder = Mlp(config.text_width, config.width, nn.GELU(approximate="tanh"))


def timestep_embedding(timestep: torch.Tensor, frequency: torch.Tensor) -> torch.Tensor:
    """Returns cosines, then sines, of a timestep from 0 to 1000: [B, G] -> [B, G, width]."""
    angle = timestep[..., None] * frequency
    return torch.cat([torch.cos(angle), torch.sin(angle)], dim=-1)


def pad_text(text_embedding: torch.Tensor, text_mask: torch.Tensor) -> torch.Tensor:
    """Sets padding rows to zero and adds rows of zeros: [B, L, E] and a mask [B, L] -> [B, 512, E]."""
    real = text_embedding * text_mask.to(text_embedding.dtype)[..., None]
    return F.pad(real, (0, 0, 0, TEXT_TOKENS))[:, :TEXT_TOKENS]  # not 512 - L rows, of which an export makes cases


class Transformer(nn.Module):
    """The network. It computes the velocity of the flow x_t = (1 - sigma) x + sigma z."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.rotary = RotaryTables(config.head_width, config.positions)
        self.patch_embedding = nn.Conv3d(config.in_channels, width, (1, PATCH, PATCH), (1, PATCH, PATCH))
        self.condition_embedder = ConditionEmbedder(config)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm_out = nn.LayerNorm(width, config.eps, elementwise_affine=False)
        self.proj_out = nn.Linear(width, config.out_channels * PATCH**2)
        self.scale_shift_table = nn.Parameter(torch.zeros(1, 2, width))

    def forward(self, latents: torch.Tensor, timestep: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """Returns the velocity [B, C', T, H, W].

        `latents` are [B, C, T, H, W], with the channels of a condition behind those of the noisy latents. `timestep`
        is [B, G], from 0 to 1000: G is T if it belongs to each frame, else 1. `text` is that of
        `pad_text`: [B, 512, E].
        """
        _, _, t, height, width = latents.shape
        rows, columns = height // PATCH, width // PATCH
        groups = t if self.config.frame_timesteps else 1
        embedder = self.condition_embedder
        time = embedder.time_embedder(timestep_embedding(timestep, embedder.frequency))  # [B, G, D]
        modulation = embedder.time_proj(F.silu(time)).unflatten(-1, (6, -1))  # [B, G, 6, D]
        context = embedder.text_embedder(text)
        rotation = self.rotary(t, rows, columns)
        x = self.patch_embedding(latents).flatten(2).transpose(1, 2)  # [B, N, D]
        for block in self.blocks:
            x = block(x, context, modulation, rotation, groups)
        shift, scale = (time[:, :, None] + self.scale_shift_table[:, None]).unsqueeze(3).unbind(2)  # 2 x [B, G, 1, D]
        patches = self.proj_out(modulate(self.norm_out(x), shift, scale, groups))
        grid = patches.reshape(-1, t, rows, columns, PATCH, PATCH, self.config.out_channels)
        return grid.permute(0, 6, 1, 2, 4, 3, 5).reshape(-1, self.config.out_channels, t, height, width)
