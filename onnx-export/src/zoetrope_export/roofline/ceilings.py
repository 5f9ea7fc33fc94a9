"""The device's measured maxima: matrix product, attention, copy and convolution, on random numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from zoetrope_export.roofline.decoder import CausalConv, Taps
from zoetrope_export.roofline.place import Place, Timing
from zoetrope_export.roofline.preset import FullPreset

_REPEATS = 10
_GPU_BACKENDS = (SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION)
_CPU_BACKENDS = (SDPBackend.FLASH_ATTENTION, SDPBackend.MATH)


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """A measured rate: operations per second; for a copy, bytes read and written per second.

    `way` is the kernel or layout. `refused` is the device's error if it cannot run it; the rate is then 0.
    """

    kind: str
    way: str
    shape: str
    rate: float
    timing: Timing | None
    refused: str = ""


def measure_ceilings(preset: FullPreset, place: Place) -> Iterator[Ceiling]:
    """Yields the ceilings at the shapes of the preset's first size of clip, which has the most operations."""
    config = preset.generator(preset.sizes[0])
    tokens, width = config.tokens + preset.text_tokens, config.model_width
    side = 8192 if place.on_gpu else 256
    yield _copy(place, 2**32 if place.on_gpu else 2**22)
    yield _product(place, side, side, side)
    yield _product(place, tokens, width, 4 * width)
    yield _product(place, tokens, 4 * width, width)
    for backend in _GPU_BACKENDS if place.on_gpu else _CPU_BACKENDS:
        yield _attention(place, backend, config.heads, tokens, width // config.heads)
    size = preset.sizes[0]
    for taps in ("volume", "channels"):
        yield _convolution(place, taps, preset.decoder.widths[-1], size.height, size.width)


def best(ceilings: list[Ceiling], kind: str) -> Ceiling | None:
    """Returns the fastest ceiling of a kind; None where none was measured."""
    ways = [c for c in ceilings if c.kind == kind and not c.refused]
    return max(ways, key=lambda c: c.rate, default=None)


def _measured(
    kind: str, way: str, shape: str, amount: float, place: Place, run: Callable[[], object], repeats: int = _REPEATS
) -> Ceiling:
    """Times `run` after three warm-up runs. If the device refuses it, the row has the error and no rate."""
    try:
        for _ in range(3):
            run()
        timing = place.timed(run, repeats)
    except RuntimeError as refused:
        return Ceiling(kind=kind, way=way, shape=shape, rate=0.0, timing=None, refused=str(refused).splitlines()[0])
    return Ceiling(kind=kind, way=way, shape=shape, rate=amount / timing.median, timing=timing)


def _copy(place: Place, numbers: int) -> Ceiling:
    source = place.fresh(numbers)
    target = torch.empty_like(source)
    bytes_moved = 2 * source.numel() * source.element_size()
    return _measured("copy", "read and written", f"{numbers}", bytes_moved, place, lambda: target.copy_(source))


def _product(place: Place, rows: int, inner: int, columns: int) -> Ceiling:
    a, b = place.fresh(rows, inner), place.fresh(columns, inner)
    shape = f"{rows} x {inner} x {columns}"
    return _measured("product", "linear", shape, 2.0 * rows * inner * columns, place, lambda: F.linear(a, b))


def _attention(place: Place, backend: SDPBackend, heads: int, tokens: int, head: int) -> Ceiling:
    q, k, v = (place.fresh(1, heads, tokens, head) for _ in range(3))

    def run() -> None:
        with sdpa_kernel([backend]):
            F.scaled_dot_product_attention(q, k, v)

    shape = f"{heads} heads, {tokens} x {head}"
    return _measured("attention", backend.name, shape, 4.0 * tokens**2 * heads * head, place, run)


def _convolution(place: Place, taps: Taps, channels: int, height: int, width: int) -> Ceiling:
    """Measures the decoder's largest convolution: four frames, of one latent frame, at its finest level."""
    conv = place.build(lambda: CausalConv(channels, channels, taps))
    x, before = (
        place.fresh(frames, channels, height, width).contiguous(memory_format=torch.channels_last) for frames in (4, 2)
    )
    operations = 2.0 * 27 * channels**2 * 4 * height * width
    shape = f"{channels} channels, 4 x {height} x {width}"
    return _measured("convolution", taps, shape, operations, place, lambda: conv(x, before))
