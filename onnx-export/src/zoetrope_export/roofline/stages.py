"""The timed stages, each with a thin slice of its network that is compared with float64 on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from zoetrope_export.models.mmdit import Mmdit, MmditConfig
from zoetrope_export.roofline.decoder import DecoderConfig, Taps, VideoDecoder
from zoetrope_export.roofline.place import Place, relative_error
from zoetrope_export.roofline.preset import FullPreset, VideoSize
from zoetrope_export.roofline.text_encoder import T5Config, T5Encoder
from zoetrope_export.roofline.work import Work, decoder_work, generator_work, text_encoder_work

_CPU_DOUBLE = Place(torch.device("cpu"), torch.float64)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A network with its input and its operations at one size.

    `regions` are the parts of the network that are compiled separately. The blocks of a transformer share one
    compilation; compiling the whole transformer would take minutes.
    """

    name: str
    size: str
    work: Work
    make: Callable[[], nn.Module]
    inputs: Callable[[Place], tuple[torch.Tensor, ...]]
    run: Callable[[Any, tuple[torch.Tensor, ...]], torch.Tensor]
    regions: Callable[[Any], list[nn.Module]]
    bias_free_attention: bool = False
    slice: Stage | None = None

    @property
    def label(self) -> str:
        """The name and size, as in the report and in the progress lines."""
        return f"{self.name}, {self.size}"

    def attention(self, fastest: SDPBackend | None) -> AbstractContextManager[object]:
        """Returns a context in which attention without a bias uses the backend `fastest`."""
        return sdpa_kernel([fastest]) if fastest is not None and self.bias_free_attention else nullcontext()

    def error_of_slice(self, place: Place, fastest: SDPBackend | None) -> float:
        """Returns the relative error of the thin slice at a place against float64 on the CPU, from equal inputs."""
        if self.slice is None:
            raise ValueError(
                f"{self.label} has no slice, because it is a slice itself: compare the stage of which it is a part"
            )
        thin = self.slice
        model = place.build(thin.make)
        reference = _CPU_DOUBLE.build(thin.make, weights=model)
        with self.attention(fastest):
            out = thin.run(model, thin.inputs(place))
        # The reference gets the input as rounded for the device, so that only the arithmetic's error remains.
        exact = tuple(x.cpu().to(_CPU_DOUBLE.dtype) if x.is_floating_point() else x.cpu() for x in thin.inputs(place))
        return relative_error(out, thin.run(reference, exact))


def stages(preset: FullPreset) -> Iterator[Stage]:
    """Yields the stages, the most important first: the generator and the decoder at the paper's size."""
    first, *rest = preset.sizes
    yield _generator(preset, first)
    yield _decoder(preset, first)
    yield _text_encoder(preset)
    for size in rest:
        yield _generator(preset, size)
        yield _decoder(preset, size)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A stage's shapes, parameters and operations, computed on PyTorch's meta device without running it."""

    stage: str
    size: str
    parameters: int
    inputs: list[list[int]]
    output: list[int]
    work: Work
    counted: int  # operations by PyTorch's own counter


def shape_of(stage: Stage) -> Shape:
    """Returns a stage's shape: builds the network without weights and passes shapes through it."""
    with torch.device("meta"):
        model = stage.make()
        inputs = stage.inputs(Place(torch.device("meta"), torch.float32))
        with FlopCounterMode(display=False) as counter:
            out = stage.run(model, inputs)
    parameters = sum(p.numel() for p in model.parameters())
    shapes = [list(x.shape) for x in inputs]
    return Shape(
        stage=stage.name,
        size=stage.size,
        parameters=parameters,
        inputs=shapes,
        output=list(out.shape),
        work=stage.work,
        counted=counter.get_total_flops(),
    )


def with_taps(preset: FullPreset, taps: Taps) -> FullPreset:
    """Returns the preset with the decoder's convolutions computed in the given way."""
    return replace(preset, decoder=replace(preset.decoder, taps=taps))


def _generator(preset: FullPreset, size: VideoSize) -> Stage:
    whole = preset.generator(size)
    thin = replace(whole, depth=2, frames=3, height=8, width=12)
    return replace(
        _generator_at(whole, preset.text_tokens, str(size)),
        slice=_generator_at(thin, min(64, preset.text_tokens), "slice"),
    )


def _generator_at(config: MmditConfig, text_tokens: int, size: str) -> Stage:
    def inputs(place: Place) -> tuple[torch.Tensor, ...]:
        latents = place.random(1, config.channels, config.frames, config.height, config.width, seed=1)
        return latents, place.random(1, text_tokens, config.text_width, seed=2)

    def run(model: Mmdit, given: tuple[torch.Tensor, ...]) -> torch.Tensor:
        latents, text_embedding = given
        # At t = 1 the network's prediction is the one-step sample. One prompt alone has no padding, hence no mask.
        noise_level = torch.ones(1, device=latents.device, dtype=latents.dtype)
        no_frame = torch.zeros_like(latents[:, :, 0]), torch.zeros_like(noise_level)
        return model.predict(latents, noise_level, text_embedding, None, *no_frame)

    return Stage(
        name="generator",
        size=size,
        work=generator_work(config, text_tokens),
        make=lambda: Mmdit(config),
        inputs=inputs,
        run=run,
        regions=lambda model: list(model.blocks),
        bias_free_attention=True,
    )


def _decoder(preset: FullPreset, size: VideoSize) -> Stage:
    return replace(
        _decoder_at(preset.decoder, size.latent, str(size)), slice=_decoder_at(preset.decoder, (3, 2, 3), "slice")
    )


def _decoder_at(config: DecoderConfig, latent: tuple[int, int, int], size: str) -> Stage:
    return Stage(
        name="decoder",
        size=size,
        work=decoder_work(config, *latent),
        make=lambda: VideoDecoder(config),
        inputs=lambda place: (place.random(1, config.latent_channels, *latent, seed=3),),
        run=lambda model, given: model.decode(given[0]),
        # The whole piece at once. `start`, which decodes the clip's first frame, is not compiled.
        regions=lambda model: [model],
    )


def _text_encoder(preset: FullPreset) -> Stage:
    thin = replace(preset.text_encoder, layers=2)
    return replace(
        _text_encoder_at(preset.text_encoder, preset.text_tokens, f"{preset.text_tokens} tokens"),
        slice=_text_encoder_at(thin, min(64, preset.text_tokens), "slice"),
    )


def _text_encoder_at(config: T5Config, length: int, size: str) -> Stage:
    def inputs(place: Place) -> tuple[torch.Tensor, ...]:
        generator = torch.Generator().manual_seed(4)
        return (torch.randint(config.vocabulary, (1, length), generator=generator, device="cpu").to(place.device),)

    return Stage(
        name="text encoder",
        size=size,
        work=text_encoder_work(config, length),
        make=lambda: T5Encoder(config),
        inputs=inputs,
        run=lambda model, given: model(given[0]),
        regions=lambda model: list(model.layers),
    )
