"""What published models cost at their true sizes: operations, counted on their networks without weights.

PyTorch's counter runs on the networks that are exported, on tensors without data. A multiplication with an addition
counts as two operations. Seconds follow from a device's rates, which `measured_rates` measures.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from zoetrope_export.models.wan.text_encoder import TextEncoder, TextEncoderConfig
from zoetrope_export.models.wan.transformer import PATCH, TEXT_TOKENS, Transformer, TransformerConfig
from zoetrope_export.models.wan.vae import TEMPORAL, Stream, Vae, VaeConfig

UMT5_XXL = TextEncoderConfig(
    layers=24,
    heads=64,
    head_width=64,
    width=4096,
    ffn_width=10240,
    vocabulary=256384,
    buckets=32,
    max_distance=128,
    eps=1e-6,
)


def _transformer(layers: int, heads: int, ffn: int, channels: int, *, frame_timesteps: bool) -> TransformerConfig:
    return TransformerConfig(
        layers=layers,
        heads=heads,
        head_width=128,
        ffn_width=ffn,
        in_channels=channels,
        out_channels=channels,
        text_width=4096,
        time_width=256,
        eps=1e-6,
        positions=1024,
        frame_timesteps=frame_timesteps,
    )


def _vae(channels: int, encoder: int, decoder: int, *, residual: bool) -> VaeConfig:
    return VaeConfig(
        latent_channels=channels,
        encoder_width=encoder,
        decoder_width=decoder,
        widths=(1, 2, 4, 4),
        blocks=2,
        halves_time=(False, True, True),
        residual=residual,
        patch=2 if residual else 1,
        mean=(0.0,) * channels,
        deviation=(1.0,) * channels,
    )


WAN_1_3B = _transformer(30, 12, 8960, 16, frame_timesteps=False)
WAN_14B = _transformer(40, 40, 13824, 16, frame_timesteps=False)
WAN_TI2V_5B = _transformer(30, 24, 14336, 48, frame_timesteps=True)
VAE_2_1 = _vae(16, 96, 96, residual=False)
VAE_2_2 = _vae(48, 160, 256, residual=True)


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A model at the size of one video. Both experts of A14B cost as much as the 14B model."""

    name: str
    transformer: TransformerConfig
    vae: VaeConfig
    width: int
    height: int
    frames: int

    @property
    def latents(self) -> tuple[int, int, int]:
        """The latent frames, rows and columns."""
        side = self.vae.spatial
        return 1 + (self.frames - 1) // TEMPORAL, self.height // side, self.width // side

    @property
    def tokens(self) -> int:
        """The tokens of the video in the transformer."""
        t, rows, columns = self.latents
        return t * (rows // PATCH) * (columns // PATCH)


CLIPS = (
    Clip(name="Wan 2.1 1.3B", transformer=WAN_1_3B, vae=VAE_2_1, width=832, height=480, frames=81),
    Clip(name="Wan 2.1 14B, 2.2 A14B", transformer=WAN_14B, vae=VAE_2_1, width=832, height=480, frames=81),
    Clip(name="Wan 2.1 14B, 2.2 A14B", transformer=WAN_14B, vae=VAE_2_1, width=1280, height=720, frames=81),
    Clip(name="Wan 2.2 TI2V-5B", transformer=WAN_TI2V_5B, vae=VAE_2_2, width=1280, height=704, frames=121),
    Clip(name="Wan 2.2 TI2V-5B", transformer=WAN_TI2V_5B, vae=VAE_2_2, width=832, height=480, frames=81),
    Clip(name="Wan 2.1 1.3B", transformer=WAN_1_3B, vae=VAE_2_1, width=256, height=256, frames=17),
)


@dataclass(frozen=True, kw_only=True)
class Work:
    """Operations by kind: products with weights, attention (queries by keys, shares by values), convolutions."""

    products: int = 0
    attention: int = 0
    convolutions: int = 0

    @property
    def total(self) -> int:
        """All operations."""
        return self.products + self.attention + self.convolutions

    def seconds(self, rates: Rates) -> float:
        """Returns the seconds at a device's rates."""
        return (
            self.products / rates.products + self.attention / rates.attention + self.convolutions / rates.convolutions
        )


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The operations a second of a device, by kind."""

    products: float
    attention: float
    convolutions: float


def counted(module: nn.Module, run: Callable[[nn.Module], object]) -> Work:
    """Returns the operations of a run of a module on tensors without data."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), torch.device("meta"), counter:
        run(module.to("meta"))
    by_kind = {"addmm": "products", "mm": "products", "bmm": "attention", "convolution": "convolutions"}
    found = dict.fromkeys(by_kind.values(), 0)
    for operator, operations in counter.get_flop_counts()["Global"].items():
        found[by_kind[str(operator).removeprefix("aten.")]] += operations
    return Work(**found)


def work_of_pass(clip: Clip) -> Work:
    """Returns the operations of one pass of the transformer."""
    config = clip.transformer
    timesteps = clip.latents[0] if config.frame_timesteps else 1

    def run(network: nn.Module) -> object:
        latents = torch.empty(1, config.in_channels, *clip.latents)
        return network(latents, torch.empty(1, timesteps), torch.empty(1, TEXT_TOKENS, config.text_width))

    with torch.device("meta"):
        network = Transformer(config)
    return counted(network, run)


def work_of_decoder(clip: Clip) -> Work:
    """Returns the operations of the decoder: four frames for each latent frame, also for the first one."""
    frames, rows, columns = clip.latents

    def run(vae: nn.Module) -> object:
        chunk = torch.empty(1, clip.vae.latent_channels, 1, rows, columns)
        return vae.decode_chunk(chunk, Stream(torch.ones(1), None))  # type: ignore[operator]

    with torch.device("meta"):
        vae = Vae(clip.vae)
    one = counted(vae, run)
    return Work(
        products=frames * one.products, attention=frames * one.attention, convolutions=frames * one.convolutions
    )


def work_of_text(tokens: int) -> Work:
    """Returns the operations of umT5-xxl for a prompt, padded to a number of tokens."""

    def run(encoder: nn.Module) -> object:
        return encoder(torch.empty(1, tokens, dtype=torch.int64), torch.empty(1, tokens, dtype=torch.int64))

    with torch.device("meta"):
        encoder = TextEncoder(UMT5_XXL)
    return counted(encoder, run)


def measured_rates(device: str, dtype: torch.dtype, scale: int = 1) -> Rates:
    """Measures a device's rates at the shapes of TI2V-5B, with sides divided by `scale`. The fastest of five counts."""

    def rate(operations: float, run: Callable[[], object]) -> float:
        run()
        seconds = []
        for _ in range(5):
            began = time.perf_counter()
            run()
            if device == "cuda":
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - began)
        return operations / min(seconds)

    def fresh(*shape: int) -> torch.Tensor:
        return torch.randn(shape, device=device, dtype=dtype)

    rows, width, inner = 2048 // scale, 3072 // scale, 14336 // scale
    x, weight = fresh(rows, width), fresh(inner, width)
    q = fresh(1, 24, rows, 128)
    side, channels = 128 // scale, 256 // scale
    video, kernel = fresh(1, channels, 6, side, side), fresh(channels, channels, 3, 3, 3)
    with torch.no_grad():
        return Rates(
            products=rate(2 * rows * width * inner, lambda: F.linear(x, weight)),
            attention=rate(4 * 24 * rows**2 * 128, lambda: F.scaled_dot_product_attention(q, q, q)),
            convolutions=rate(2 * 27 * channels**2 * 4 * side**2, lambda: F.conv3d(video, kernel, padding=(0, 1, 1))),
        )


def table(rates: Rates, clips: tuple[Clip, ...] = CLIPS) -> str:
    """Returns what each clip costs, in Markdown: counted operations, and seconds computed from a device's rates."""
    lines = [
        "| model | video | tokens | TFLOP a pass: products + attention | seconds | TFLOP of the decoder | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for clip in clips:
        generator, decoder = work_of_pass(clip), work_of_decoder(clip)
        others = generator.products + generator.convolutions
        lines.append(
            f"| {clip.name} | {clip.width}x{clip.height}, {clip.frames} frames | {clip.tokens:,} |"
            f" {others / 1e12:,.0f} + {generator.attention / 1e12:,.0f} | {generator.seconds(rates):,.0f} |"
            f" {decoder.total / 1e12:,.0f} | {decoder.seconds(rates):,.0f} |"
        )
    text = [f"{tokens} tokens: {work_of_text(tokens).total / 1e12:.2f}" for tokens in (64, TEXT_TOKENS)]
    return "\n".join([*lines, "", f"TFLOP of umT5-xxl: {', '.join(text)}."])
