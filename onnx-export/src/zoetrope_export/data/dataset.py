"""Clips as the generator trains on them: latents and text."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from zoetrope_export.data.text import TextBatch


@dataclass(frozen=True)
class LatentDataset:
    """`latents` [N, C, T, H, W] and the text of each."""

    latents: torch.Tensor
    text: TextBatch

    def __len__(self) -> int:
        return len(self.latents)

    @property
    def device(self) -> torch.device:
        """The device of the clips, on which every stage that trains on them computes."""
        return self.latents.device

    def draw(self, count: int, rng: torch.Generator) -> tuple[torch.Tensor, TextBatch]:
        """`count` clips at random."""
        rows = torch.randint(len(self), (count,), generator=rng, device=self.device)
        text = self.text[rows]
        return self.latents[rows], TextBatch(text.embedding.float(), text.mask)
