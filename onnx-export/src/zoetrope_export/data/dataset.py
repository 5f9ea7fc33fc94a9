"""The dataset that the generator trains on: clips as latents, with their text."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from zoetrope_export.data.text import TextBatch


@dataclass(frozen=True)
class LatentDataset:
    """`latents` [N, C, T, H, W] of N clips and `text` of the same N clips."""

    latents: torch.Tensor
    text: TextBatch

    def __len__(self) -> int:
        return len(self.latents)

    @property
    def device(self) -> torch.device:
        """The device of the clips. A training stage computes on the device of its clips."""
        return self.latents.device

    def draw(self, count: int, rng: torch.Generator) -> tuple[torch.Tensor, TextBatch]:
        """Draws `count` clips at random, with replacement."""
        rows = torch.randint(len(self), (count,), generator=rng, device=self.device)
        text = self.text[rows]
        return self.latents[rows], TextBatch(text.embedding.float(), text.mask)
