"""The condition of a clip: its text and, for image to video, its first frame."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from zoetrope_export.data.text import TextBatch


@dataclass(frozen=True)
class Condition:
    """`first_frame` [B, C, H, W] are the latents of the clip's first frame where `first_frame_mask` [B] is 1.

    Where the mask is 0 the clip follows the text alone, and the latents are 0.
    """

    text: TextBatch
    first_frame: torch.Tensor
    first_frame_mask: torch.Tensor

    @staticmethod
    def of_text(text: TextBatch, like: torch.Tensor) -> Condition:
        """Text to video, for clips of the shape of `like` [B, C, T, H, W]."""
        return Condition(text, torch.zeros_like(like[:, :, 0]), torch.zeros(len(like), device=like.device))

    @staticmethod
    def of_first_frame(text: TextBatch, clips: torch.Tensor, mask: torch.Tensor) -> Condition:
        """Image to video where `mask` [B] is 1: the clips' own first frames. Frame 0 sees no later one (causal VAE)."""
        return Condition(text, clips[:, :, 0] * mask[:, None, None, None], mask)

    def without_text(self, empty: TextBatch) -> Condition:
        """The same first frames under `empty`, the text of no prompt in one row."""
        return Condition(repeated(empty, len(self)), self.first_frame, self.first_frame_mask)

    def without_first_frame(self) -> Condition:
        """The same texts alone."""
        return Condition(self.text, torch.zeros_like(self.first_frame), torch.zeros_like(self.first_frame_mask))

    def __len__(self) -> int:
        return len(self.first_frame_mask)

    def __getitem__(self, rows: torch.Tensor | slice) -> Condition:
        return Condition(self.text[rows], self.first_frame[rows], self.first_frame_mask[rows])


def concatenated(a: Condition, b: Condition) -> Condition:
    """Two batches as one, their texts padded to one length."""
    length = max(a.text.mask.shape[1], b.text.mask.shape[1])
    texts = [padded(condition.text, length) for condition in (a, b)]
    return Condition(
        TextBatch(torch.cat([t.embedding for t in texts]), torch.cat([t.mask for t in texts])),
        torch.cat([a.first_frame, b.first_frame]),
        torch.cat([a.first_frame_mask, b.first_frame_mask]),
    )


def padded(text: TextBatch, length: int) -> TextBatch:
    """The same text with rows of padding up to `length`."""
    more = length - text.mask.shape[1]
    return TextBatch(F.pad(text.embedding, (0, 0, 0, more)), F.pad(text.mask, (0, more)))


def repeated(text: TextBatch, count: int) -> TextBatch:
    """One row of text for each of `count` clips."""
    return TextBatch(text.embedding.expand(count, -1, -1), text.mask.expand(count, -1))
