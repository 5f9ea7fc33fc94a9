"""The condition of a clip: its text and, in image-to-video generation, its first frame."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from zoetrope_export.data.text import TextBatch


@dataclass(frozen=True)
class Condition:
    """The conditions of B clips: `text`, `first_frame` [B, C, H, W] and `first_frame_mask` [B].

    Where the mask is 1, `first_frame` holds the latents of the clip's first frame. Where it is 0, the latents are 0 and
    the text alone conditions the clip.
    """

    text: TextBatch
    first_frame: torch.Tensor
    first_frame_mask: torch.Tensor

    @staticmethod
    def of_text(text: TextBatch, like: torch.Tensor) -> Condition:
        """Returns a text-to-video condition for clips with the shape and device of `like` [B, C, T, H, W]."""
        return Condition(text, torch.zeros_like(like[:, :, 0]), torch.zeros(len(like), device=like.device))

    @staticmethod
    def of_first_frame(text: TextBatch, clips: torch.Tensor, mask: torch.Tensor) -> Condition:
        """Returns a condition with the clips' own first frames where `mask` [B] is 1, and with text alone elsewhere.

        Latent frame 0 depends on no later frame, because the VAE is causal.
        """
        return Condition(text, clips[:, :, 0] * mask[:, None, None, None], mask)

    def without_text(self, empty: TextBatch) -> Condition:
        """Returns the same first frames with `empty`, one row of text that encodes the empty prompt."""
        return Condition(repeated(empty, len(self)), self.first_frame, self.first_frame_mask)

    def without_first_frame(self) -> Condition:
        """Returns the same texts without first frames."""
        return Condition(self.text, torch.zeros_like(self.first_frame), torch.zeros_like(self.first_frame_mask))

    def __len__(self) -> int:
        return len(self.first_frame_mask)

    def __getitem__(self, rows: torch.Tensor | slice) -> Condition:
        return Condition(self.text[rows], self.first_frame[rows], self.first_frame_mask[rows])


def concatenated(a: Condition, b: Condition) -> Condition:
    """Concatenates two batches and pads their texts to one length."""
    length = max(a.text.mask.shape[1], b.text.mask.shape[1])
    texts = [padded(condition.text, length) for condition in (a, b)]
    return Condition(
        TextBatch(torch.cat([t.embedding for t in texts]), torch.cat([t.mask for t in texts])),
        torch.cat([a.first_frame, b.first_frame]),
        torch.cat([a.first_frame_mask, b.first_frame_mask]),
    )


def padded(text: TextBatch, length: int) -> TextBatch:
    """Returns the same text with padding tokens up to `length`."""
    missing = length - text.mask.shape[1]
    return TextBatch(F.pad(text.embedding, (0, 0, 0, missing)), F.pad(text.mask, (0, missing)))


def repeated(text: TextBatch, count: int) -> TextBatch:
    """Repeats one row of text for `count` clips."""
    return TextBatch(text.embedding.expand(count, -1, -1), text.mask.expand(count, -1))
