"""Presets of models: the paper's at its full size, and a small one for any CPU."""

from __future__ import annotations

from dataclasses import dataclass

from zoetrope_export.models.mmdit import MmditConfig
from zoetrope_export.roofline.decoder import DecoderConfig
from zoetrope_export.roofline.text_encoder import T5Config

SPATIAL, TEMPORAL = 8, 4  # pixels along a latent's side, frames of a latent frame


@dataclass(frozen=True)
class VideoSize:
    """The size of a clip: 1 + 4k frames, with sides that are multiples of 16 pixels."""

    width: int
    height: int
    frames: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}x{self.frames}"

    @property
    def latent(self) -> tuple[int, int, int]:
        """The frames, height and width of the latents."""
        return 1 + (self.frames - 1) // TEMPORAL, self.height // SPATIAL, self.width // SPATIAL


@dataclass(frozen=True)
class FullPreset:
    """A text encoder, a generator and a decoder, and the clip sizes at which they are timed."""

    name: str
    text_encoder: T5Config
    text_tokens: int
    generator_depth: int
    generator_width: int
    generator_heads: int
    generator_patch: int
    decoder: DecoderConfig
    sizes: tuple[VideoSize, ...]

    def generator(self, size: VideoSize) -> MmditConfig:
        """Returns the generator's configuration for one clip size, which fixes its learned positions."""
        frames, height, width = size.latent
        return MmditConfig(
            channels=self.decoder.latent_channels,
            frames=frames,
            height=height,
            width=width,
            patch=self.generator_patch,
            model_width=self.generator_width,
            depth=self.generator_depth,
            heads=self.generator_heads,
            text_width=self.text_encoder.width,
        )


# Seaweed-APT (arXiv 2501.08316) states 36 layers and 8 B parameters; width 3072 gives that number. It states neither
# its text encoder nor its decoder's widths. The ones here are usual: T5 v1.1 XXL, and 128 to 512 channels.
APT_8B = FullPreset(
    name="apt-8b",
    text_encoder=T5Config(),
    text_tokens=512,
    generator_depth=36,
    generator_width=3072,
    generator_heads=24,
    generator_patch=2,
    decoder=DecoderConfig(),
    sizes=(VideoSize(1280, 720, 49), VideoSize(832, 480, 81)),
)

# Runs the same code in seconds on a CPU. It tests the program; its times mean nothing.
APT_SMOKE = FullPreset(
    name="apt-smoke",
    text_encoder=T5Config(vocabulary=128, width=64, layers=2, heads=2, head_width=32, mlp_width=128),
    text_tokens=16,
    generator_depth=2,
    generator_width=96,
    generator_heads=4,
    generator_patch=2,
    decoder=DecoderConfig(widths=(32, 32, 16, 8), blocks=1),
    sizes=(VideoSize(64, 48, 9), VideoSize(48, 64, 5)),
)

PRESETS = {preset.name: preset for preset in (APT_8B, APT_SMOKE)}
