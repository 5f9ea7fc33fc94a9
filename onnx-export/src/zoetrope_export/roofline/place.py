"""A device and a precision, with random inputs and networks on the device, and timing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn

from zoetrope_export.models.mmdit import Mmdit, rotary_angles

M = TypeVar("M", bound=nn.Module)
_GIB = 2**30


@dataclass(frozen=True)
class Timing:
    """Seconds of one run over several repeats."""

    median: float
    low: float
    high: float
    repeats: int


@dataclass(frozen=True)
class Place:
    """A device and a floating-point type."""

    device: torch.device
    dtype: torch.dtype

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a GPU, which runs asynchronously to the program."""
        return self.device.type == "cuda"

    def random(self, *shape: int, seed: int) -> torch.Tensor:
        """Draws normal numbers on the CPU: the same at every place, except for their precision."""
        drawn = torch.randn(shape, generator=torch.Generator().manual_seed(seed), device="cpu")
        return drawn.to(self.device, self.dtype)

    def fresh(self, *shape: int) -> torch.Tensor:
        """Draws normal numbers on the device, which is fast at any size. Zeros would run faster than real data."""
        return torch.randn(shape, device=self.device, dtype=self.dtype)

    def build(self, make: Callable[[], M], weights: nn.Module | None = None) -> M:
        """Builds the network of `make` with random weights drawn on the device, or with those of another network."""
        with torch.device("meta"):
            model = make()
        model = model.to(self.dtype).to_empty(device=self.device).eval().requires_grad_(False)
        if isinstance(model, Mmdit):  # its positions are computed, not drawn
            model.cosine, model.sine = (b.to(self.device, self.dtype) for b in rotary_angles(model.config))
        if weights is None:
            _draw(model)
        else:
            model.load_state_dict(weights.state_dict())
        for parameter in model.parameters():
            if parameter.dim() in {4, 5}:
                layout = torch.channels_last if parameter.dim() == 4 else torch.channels_last_3d
                parameter.data = parameter.data.contiguous(memory_format=layout)
        return model

    def wait(self) -> None:
        """Blocks until the device has finished all submitted work."""
        if self.on_gpu:
            torch.cuda.synchronize(self.device)

    def timed(self, run: Callable[[], object], repeats: int) -> Timing:
        """Times `run`, which has to be warmed up: by the GPU's events, on a CPU by the clock."""
        seconds = [self._once(run) for _ in range(repeats)]
        return Timing(statistics.median(seconds), min(seconds), max(seconds), repeats)

    def _once(self, run: Callable[[], object]) -> float:
        if not self.on_gpu:
            began = time.perf_counter()
            run()
            return time.perf_counter() - began
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1000

    def forget_peak(self) -> None:
        """Resets the measurement of peak memory."""
        if self.on_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)

    def peak_gib(self) -> float | None:
        """Returns the peak memory since `forget_peak` in GiB; None on a CPU, where it is not measured."""
        return torch.cuda.max_memory_allocated(self.device) / _GIB if self.on_gpu else None


def _draw(model: nn.Module) -> None:
    """Draws realistic weights: matrices that keep the size of their input, norms of 1, small biases."""
    generators: dict[torch.device, torch.Generator] = {}
    for name, parameter in model.named_parameters():
        generator = generators.setdefault(parameter.device, torch.Generator(parameter.device).manual_seed(7))
        if parameter.dim() > 1:
            parameter.normal_(0, parameter[0].numel() ** -0.5, generator=generator)
        elif name.endswith("weight"):
            parameter.fill_(1)
        else:
            parameter.normal_(0, 0.02, generator=generator)


def relative_error(out: torch.Tensor, reference: torch.Tensor) -> float:
    """Returns ||out - reference|| / ||reference||. If either contains NaN, the result is NaN."""
    expected = reference.double().flatten()
    return float((out.to(reference.device).double().flatten() - expected).norm() / expected.norm())
