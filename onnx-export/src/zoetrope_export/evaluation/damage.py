"""Degradations of clips, as by generators and codecs.

The classifier has to be right in spite of them, and tests check that the metrics show them.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F

_BLOCK = 8  # pixels along a block of the cosine transform, which imitates a codec's


def blur(video: torch.Tensor, deviation: torch.Tensor) -> torch.Tensor:
    """Blurs every frame of video [B, 3, T, H, W] by a Gaussian of standard deviation `deviation` [B] in pixels."""
    if len(video) == 0:
        return video
    reach = torch.arange(-4, 5).float()
    kernel = torch.exp(-0.5 * (reach / deviation.clamp(min=0.05)[:, None]) ** 2)
    kernel = kernel / kernel.sum(1, keepdim=True)  # [B, 9]
    b, c, t, h, w = video.shape
    x = F.pad(video.transpose(0, 2).reshape(t * c, b, h, w), (4, 4, 4, 4), mode="replicate")
    x = F.conv2d(x, kernel[:, None, None, :], groups=b)
    x = F.conv2d(x, kernel[:, None, :, None], groups=b)
    return x.view(t, c, b, h, w).transpose(0, 2)


def _cosines() -> torch.Tensor:
    """Returns the matrix [frequency, sample] of the orthonormal 8-point discrete cosine transform."""
    k, n = torch.arange(_BLOCK)[:, None], torch.arange(_BLOCK)[None, :]
    rows = torch.cos(torch.pi / _BLOCK * (n + 0.5) * k) * (2 / _BLOCK) ** 0.5
    rows[0] /= 2**0.5
    return rows


def requantise(video: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """Rounds the cosine coefficients of each frame's 8x8 blocks to multiples of `step` [B], as a codec does."""
    b, c, t, h, w = video.shape
    cosines = _cosines()
    blocks = video.reshape(b, c * t, h // _BLOCK, _BLOCK, w // _BLOCK, _BLOCK)
    coefficients = torch.einsum("bfhiwj,ki,lj->bfhkwl", blocks, cosines, cosines)
    step = step[:, None, None, None, None, None].clamp(min=1e-3)
    rounded = (coefficients / step).round() * step
    return torch.einsum("bfhkwl,ki,lj->bfhiwj", rounded, cosines, cosines).reshape(b, c, t, h, w)
