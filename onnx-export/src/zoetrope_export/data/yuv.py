"""Conversion of RGB to the input format of video encoders: 8-bit planar YUV 4:2:0, BT.709, limited range."""

from __future__ import annotations

import torch
from torch.nn import functional as F

KR, KG, KB = 0.2126, 0.7152, 0.0722  # ITU-R BT.709-6, item 3.2


def to_yuv(video: torch.Tensor) -> torch.Tensor:
    """Converts video [B, 3, T, H, W] in [-1, 1] to uint8 [B, T, H * 3/2, W]: the rows of Y, then of U, then of V.

    A chroma sample is the mean of its 2x2 pixels. Values are quantised as in BT.709-6, item 4.6: Y in 16..235, U and V
    in 16..240.
    """
    _, _, t, h, w = video.shape
    red, green, blue = ((video.clamp(-1, 1) + 1) / 2).unbind(1)  # [B, T, H, W]
    luma = KR * red + KG * green + KB * blue
    chroma = torch.stack([(blue - luma) / (2 * (1 - KB)), (red - luma) / (2 * (1 - KR))], dim=2)  # [B, T, 2, H, W]
    halved = F.avg_pool2d(chroma.reshape(-1, 2, h, w), 2)  # [B*T, 2, H/2, W/2]
    y = 16 + 219 * luma.reshape(-1, h, w)
    uv = (128 + 224 * halved).reshape(-1, h // 2, w)  # the rows of U, then of V: a quarter of H each
    return torch.cat([y, uv], dim=1).reshape(-1, t, h * 3 // 2, w).round().clamp(0, 255).to(torch.uint8)
