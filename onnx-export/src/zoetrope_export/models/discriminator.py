"""The discriminator of adversarial post-training: the teacher's network with logit heads (APT, section 3.3).

        clean sample [B, C, T, H, W]   timestep [B]   condition
              |                            |              |
              v                            v              v
        Mmdit block 1 .. 3 .... 4 .... 6      (16/36, 26/36 and 36/36 of the depth, to the nearest block)
                         |      |      |
                         v      v      v
                       head   head   head     each with one learned query token -> [B, D]
                         |      |      |
                         +-- concatenated, LayerNorm, Linear -> logit [B]

The sample is never noised. Only the timestep argument of the network is random, so that no single timestep decides
which of its features count (equation 6). All weights of the network are trained further.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torch.nn import functional as F

from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import Mmdit, MmditConfig, RmsNorm


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The positions of the heads: `heads_at` are fractions of the depth. Blocks after the last head are left out."""

    heads_at: tuple[float, ...] = (16 / 36, 26 / 36, 36 / 36)

    def __post_init__(self) -> None:
        if not self.heads_at or not all(0 < fraction <= 1 for fraction in self.heads_at):
            raise ValueError(f"heads_at {list(self.heads_at)}: give fractions of the depth, above 0 and up to 1")

    def blocks(self, depth: int) -> list[int]:
        """Returns the numbers, from 1, of the blocks with a head. Fractions that round to one block share a head."""
        return sorted({max(1, round(depth * fraction)) for fraction in self.heads_at})


class Head(nn.Module):
    """One learned query token that attends to all video tokens, then an MLP: [B, N, D] -> [B, D]."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        # The query starts small. It is the same in every clip, and a large one would hide the attended values from the
        # LayerNorm. The RMS norm of queries restores its scale in the attention.
        self.query = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.norm_query, self.norm_tokens, self.norm_mlp = RmsNorm(width), RmsNorm(width), RmsNorm(width)
        self.q, self.kv, self.project = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        self.norm_q, self.norm_k = RmsNorm(width // heads), RmsNorm(width // heads)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        q = self.q(self.norm_query(self.query)).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # [1, heads, 1, head]
        k, v = self.kv(self.norm_tokens(tokens)).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(self.norm_q(q).expand(len(k), -1, -1, -1), self.norm_k(k), v)
        x = self.query + self.project(attended.transpose(1, 2).flatten(2))  # [B, 1, D]
        return cast(torch.Tensor, x + self.mlp(self.norm_mlp(x))).squeeze(1)


class Discriminator(nn.Module):
    """Computes the logit of a clip being real under its condition. Its network starts from the teacher's `weights`."""

    def __init__(
        self, generator: MmditConfig, config: DiscriminatorConfig, weights: Mapping[str, torch.Tensor]
    ) -> None:
        super().__init__()
        self.trunk = Mmdit(generator)
        self.trunk.load_state_dict(weights)
        self.blocks = config.blocks(generator.depth)
        self.trunk.blocks = self.trunk.blocks[: self.blocks[-1]]
        del self.trunk.leave, self.trunk.modulation_out  # they map to latents, which the discriminator does not predict
        if self.trunk.local is not None:
            del self.trunk.leave_locally, self.trunk.local.behind, self.trunk.local.last
        self.heads = nn.ModuleList(Head(generator.model_width, generator.heads) for _ in self.blocks)
        width = len(self.blocks) * generator.model_width
        self.norm, self.logit = nn.LayerNorm(width), nn.Linear(width, 1)

    def head_parameters(self) -> list[nn.Parameter]:
        """Returns the parameters that the teacher does not have."""
        return [p for part in (self.heads, self.norm, self.logit) for p in part.parameters()]

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, condition: Condition) -> torch.Tensor:
        """Returns logits [B] of clean samples [B, C, T, H, W].

        The samples have no noise; `timestep` [B] is only an argument of the network.
        """
        text = condition.text
        hidden = self.trunk.hidden(
            sample, timestep, text.embedding, text.mask, condition.first_frame, condition.first_frame_mask
        )
        # Approximated R1 is a small difference of two logits: the heads stay in float32.
        with torch.autocast(sample.device.type, enabled=False):
            out = [head(hidden.video[block - 1].float()) for head, block in zip(self.heads, self.blocks, strict=True)]
            return cast(torch.Tensor, self.logit(self.norm(torch.cat(out, dim=1)))).squeeze(1)
