"""A text encoder of the usual size: the encoder of T5 v1.1 (Raffel et al. 2020; gated MLP: Shazeer 2020).

        tokens [B, L] -> embedding [B, L, D] -> layers x (attention with a bias by distance; gated MLP) -> [B, L, D]

One deviation: attention is scaled by 1 / sqrt(head), which T5 folds into its initial weights. The cost is the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torch.nn import functional as F

_BUCKETS, _FARTHEST = 32, 128  # distances have 32 buckets, the last from 128 tokens on


@dataclass(frozen=True)
class T5Config:
    """The encoder's sizes; the defaults are T5 v1.1 XXL's."""

    vocabulary: int = 32128
    width: int = 4096
    layers: int = 24
    heads: int = 64
    head_width: int = 64
    mlp_width: int = 10240


def distance_buckets(length: int, device: torch.device) -> torch.Tensor:
    """Returns the bucket [L, L] of the distance from each query to each key: exact if near, logarithmic if far."""
    position = torch.arange(length, device=device)
    distance = position[None, :] - position[:, None]
    half, exact = _BUCKETS // 2, _BUCKETS // 4
    near = distance.abs()
    ratio = torch.log(near.clamp(min=1).float() / exact) / math.log(_FARTHEST / exact)
    far = (exact + ratio * (half - exact)).long().clamp(max=half - 1)
    return torch.where(near < exact, near, far) + half * (distance > 0)


class T5Layer(nn.Module):
    def __init__(self, config: T5Config) -> None:
        super().__init__()
        inner = config.heads * config.head_width
        self.heads = config.heads
        self.norm_attention, self.norm_mlp = nn.RMSNorm(config.width), nn.RMSNorm(config.width)
        self.qkv = nn.Linear(config.width, 3 * inner, bias=False)
        self.project = nn.Linear(inner, config.width, bias=False)
        self.gate_and_value = nn.Linear(config.width, 2 * config.mlp_width, bias=False)
        self.leave = nn.Linear(config.mlp_width, config.width, bias=False)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(self.norm_attention(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)  # [B, heads, L, head]
        x = x + self.project(attended.transpose(1, 2).flatten(2))
        gate, value = self.gate_and_value(self.norm_mlp(x)).chunk(2, dim=-1)
        return x + self.leave(F.gelu(gate, approximate="tanh") * value)


class T5Encoder(nn.Module):
    """The encoder of tokens [B, L] to text embeddings [B, L, D]."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.by_distance = nn.Embedding(_BUCKETS, config.heads)
        self.layers = nn.ModuleList(T5Layer(config) for _ in range(config.layers))
        self.norm_out = nn.RMSNorm(config.width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.embedding(tokens)
        bias = self.by_distance(distance_buckets(tokens.shape[1], tokens.device)).permute(2, 0, 1)[None].contiguous()
        for layer in self.layers:
            x = cast(T5Layer, layer)(x, bias)
        return self.norm_out(x)
