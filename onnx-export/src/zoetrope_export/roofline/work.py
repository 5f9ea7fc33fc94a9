"""How many floating-point operations each stage must do, by formula.

A multiplication and an addition count two. Only matrix products, convolutions and attention are counted, as PyTorch's
own counter does; the formulas are held equal to that counter by tests and by `--shapes`.
"""

from __future__ import annotations

from dataclasses import dataclass

from zoetrope_export.models.mmdit import MmditConfig
from zoetrope_export.roofline.decoder import DecoderConfig
from zoetrope_export.roofline.text_encoder import T5Config

_TAPS = 27  # of a 3x3x3 convolution


@dataclass(frozen=True)
class Work:
    """Operations in weights (linear layers, convolutions) and in attention (queries by keys, weights by values)."""

    weights: int
    attention: int = 0

    @property
    def total(self) -> int:
        """All operations."""
        return self.weights + self.attention

    def floor(self, product_rate: float, attention_rate: float) -> float:
        """Seconds at the given rates, in operations a second."""
        return self.weights / product_rate + self.attention / attention_rate


def text_encoder_work(config: T5Config, length: int) -> Work:
    """One prompt of `length` tokens."""
    inner = config.heads * config.head_width
    layer = config.width * (4 * inner + 3 * config.mlp_width)
    return Work(2 * length * config.layers * layer, 4 * length**2 * inner * config.layers)


def generator_work(config: MmditConfig, text_tokens: int) -> Work:
    """One step for one clip: queries, keys, values and projection 4 D^2, MLP 8 D^2 a token and layer."""
    width, tokens = config.model_width, config.tokens + text_tokens
    blocks = config.depth * 12 * width**2 * tokens
    # enter, which also takes the first frame and its mask, and leave
    ends = config.tokens * (3 * config.token_width + 1) * width
    text = text_tokens * config.text_width * (width + 1)  # enter_text and the mean over tokens
    condition = config.text_width * width + (2 + 12 + 2) * width**2  # enter_pooled, time, modulation, modulation_out
    return Work(2 * (blocks + ends + text + condition), config.depth * 4 * tokens**2 * width)


def decoder_work(config: DecoderConfig, latent_frames: int, height: int, width: int) -> Work:
    """One clip of latents; the first latent frame makes one frame, every other as many as time is doubled."""
    multiplied = 1  # frames that a latent frame but the first has become
    pixels = latent_frames * height * width  # of all frames of a feature map
    wide = config.widths[0]
    total = _TAPS * config.latent_channels * wide * pixels + config.middle_blocks * 2 * _TAPS * wide**2 * pixels
    before = wide
    for index, channels in enumerate(config.widths):
        total += _TAPS * (before + (2 * config.blocks - 1) * channels) * channels * pixels
        if before != channels:
            total += before * channels * pixels  # the shortcut
        if index < len(config.widths) - 1:
            multiplied *= 2 if config.doubles_time[index] else 1
            height, width = 2 * height, 2 * width
            pixels = (1 + multiplied * (latent_frames - 1)) * height * width
            total += _TAPS * channels**2 * pixels
        before = channels
    total += _TAPS * before * 3 * pixels
    return Work(2 * total)
