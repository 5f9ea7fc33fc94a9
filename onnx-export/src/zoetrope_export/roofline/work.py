"""The number of floating-point operations of each stage, by formula.

A multiplication with an addition counts as two. Only matrix products, convolutions and attention are counted, as by
PyTorch's own counter. Tests and `--shapes` check that the formulas equal that counter.
"""

from __future__ import annotations

from dataclasses import dataclass

from zoetrope_export.models.mmdit import MmditConfig
from zoetrope_export.roofline.decoder import DecoderConfig
from zoetrope_export.roofline.text_encoder import T5Config

_TAPS = 27  # weights of a 3x3x3 convolution per pair of channels


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
        """Returns the seconds at the given rates, which are in operations per second."""
        return self.weights / product_rate + self.attention / attention_rate


def text_encoder_work(config: T5Config, length: int) -> Work:
    """Returns the operations for one prompt of `length` tokens."""
    inner = config.heads * config.head_width
    layer = config.width * (4 * inner + 3 * config.mlp_width)
    return Work(2 * length * config.layers * layer, 4 * length**2 * inner * config.layers)


def generator_work(config: MmditConfig, text_tokens: int) -> Work:
    """Returns the operations of one step for one clip.

    Per token and layer: 4 D^2 products for queries, keys, values and projection, and 8 D^2 for the MLP.
    """
    width, tokens = config.model_width, config.tokens + text_tokens
    blocks = config.depth * 12 * width**2 * tokens
    # enter, which also takes the first frame and its mask, and leave
    ends = config.tokens * (3 * config.token_width + 1) * width
    text = text_tokens * config.text_width * (width + 1)  # enter_text and the mean over tokens
    condition = config.text_width * width + (2 + 12 + 2) * width**2  # enter_pooled, time, modulation, modulation_out
    return Work(2 * (blocks + ends + text + condition), config.depth * 4 * tokens**2 * width)


def decoder_work(config: DecoderConfig, latent_frames: int, height: int, width: int) -> Work:
    """Returns the operations for one clip of latents.

    The first latent frame becomes one frame; every other one doubles at each level that doubles time.
    """
    multiplied = 1  # frames at this level per latent frame, except the first
    pixels = latent_frames * height * width  # pixels of all frames of the feature map at this level
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
