"""The umT5 text encoder: a T5 encoder with a table of relative positions in every layer.

        input_ids [B, L] -> rows of the embedding table -> layers x (attention, feed-forward) -> norm -> [B, L, E]

T5: Raffel et al. 2020. Its attention has no division by sqrt(head) and adds a learned bias for each head and relative
position instead of positions in the input. In umT5 (Chung et al. 2023) each layer has its own biases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.models.wan.transformer import TEXT_TOKENS, RmsNorm


@dataclass(frozen=True, kw_only=True)
class TextEncoderConfig:
    """The sizes of the network. A relative position beyond `max_distance` shares the last of `buckets`."""

    layers: int
    heads: int
    head_width: int
    width: int
    ffn_width: int
    vocabulary: int
    buckets: int
    max_distance: int
    eps: float


def position_buckets(buckets: int, max_distance: int) -> torch.Tensor:
    """Returns the bucket of each relative position from -511 to 511: [1023].

    Half of the buckets are for keys behind the query. Of each half, the first half are single positions and the others
    grow with the logarithm of the distance.
    """
    half = buckets // 2
    single = half // 2
    relative = torch.arange(1 - TEXT_TOKENS, TEXT_TOKENS, device="cpu")
    distance = relative.abs()
    growth = torch.log(distance.clamp(min=1).float() / single) / math.log(max_distance / single)
    far = (single + (growth * (half - single)).long()).clamp(max=half - 1)
    return torch.where(relative > 0, half, 0) + torch.where(distance < single, distance, far)


class SelfAttention(nn.Module):
    """Attention without scaling, with a learned bias for each head and relative position."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        inner = config.heads * config.head_width
        self.heads = config.heads
        self.q, self.k, self.v = (nn.Linear(config.width, inner, bias=False) for _ in range(3))
        self.o = nn.Linear(inner, config.width, bias=False)
        self.relative_attention_bias = nn.Embedding(config.buckets, config.heads)

    def forward(self, x: torch.Tensor, bucket: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        # 3 x [B, heads, L, head]
        q, k, v = (f(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.q, self.k, self.v))
        bias = self.relative_attention_bias(bucket).permute(2, 0, 1) + mask  # [B, heads, L, L]
        scores = q @ k.transpose(2, 3) + bias
        return self.o((torch.softmax(scores, dim=-1) @ v).transpose(1, 2).flatten(2))


class GatedFeedForward(nn.Module):
    """Computes wo(gelu(wi_0 x) * wi_1 x)."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.wi_0, self.wi_1 = (nn.Linear(config.width, config.ffn_width, bias=False) for _ in range(2))
        self.wo = nn.Linear(config.ffn_width, config.width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.wo(F.gelu(self.wi_0(x), approximate="tanh") * self.wi_1(x))


class AttentionLayer(nn.Module):
    """Adds the attention of the normalised input."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.SelfAttention = SelfAttention(config)  # this and other names are those of the checkpoints
        self.layer_norm = RmsNorm(config.width, config.eps)

    def forward(self, x: torch.Tensor, bucket: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return x + self.SelfAttention(self.layer_norm(x), bucket, mask)


class FeedForwardLayer(nn.Module):
    """Adds the feed-forward network of the normalised input."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.DenseReluDense = GatedFeedForward(config)
        self.layer_norm = RmsNorm(config.width, config.eps)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.DenseReluDense(self.layer_norm(x))


class Layer(nn.Module):
    """One layer: attention, then the feed-forward network."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList([AttentionLayer(config), FeedForwardLayer(config)])

    def forward(self, x: torch.Tensor, bucket: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.layer[1](self.layer[0](x, bucket, mask))


class Layers(nn.Module):
    """All layers and the last norm."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.block = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.final_layer_norm = RmsNorm(config.width, config.eps)


class TextEncoder(nn.Module):
    """The network. It returns one row for each token."""

    bucket: torch.Tensor
    position: torch.Tensor

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.shared = nn.Embedding(config.vocabulary, config.width)
        self.encoder = Layers(config)
        table = position_buckets(config.buckets, config.max_distance)
        self.register_buffer("bucket", table, persistent=False)
        self.register_buffer("position", torch.arange(TEXT_TOKENS, device="cpu"), persistent=False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Returns embeddings [B, L, E] of tokens [B, L] with a mask that is 1 on real tokens and 0 on padding.

        The rows of padding have no meaning.
        """
        position = self.position[: input_ids.shape[1]]
        bucket = self.bucket[position[None, :] - position[:, None] + TEXT_TOKENS - 1]  # [L, L]
        mask = (1 - attention_mask.float())[:, None, None, :] * torch.finfo(torch.float32).min
        x = self.shared(input_ids)
        for layer in self.encoder.block:
            x = layer(x, bucket, mask)
        return self.encoder.final_layer_norm(x)
