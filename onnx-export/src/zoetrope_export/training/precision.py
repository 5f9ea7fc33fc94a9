"""Mixed precision: the number format in which an update computes its matrix products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Protocol, TypeVar

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel


@contextmanager
def mixed_precision(device: torch.device) -> Iterator[None]:
    """Computes matrix products in bfloat16 and keeps weights and sums in float32.

    On a CPU without AMX, computes all in float32, because bfloat16 is slower there: an update of toybox-64's teacher
    took 1.14 s in bfloat16 and 0.76 s in float32.
    On a CPU with AMX, computes attention as plain matrix products: over a few dozen tokens the fused kernel for
    bfloat16 is eight times slower.
    """
    if device.type == "cpu" and not _has_amx():
        yield
        return
    attention = sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext()
    with torch.autocast(device.type, torch.bfloat16), attention:
        yield


def _has_amx() -> bool:
    return bool(torch.cpu._is_amx_tile_supported())


class OnDevice(Protocol):
    """A stage that computes on one device."""

    device: torch.device


S = TypeVar("S", bound=OnDevice)


def in_mixed_precision(update: Callable[[S, int], dict[str, float]]) -> Callable[[S, int], dict[str, float]]:
    """Wraps a stage's `update` so that all of it runs in mixed precision."""

    @wraps(update)
    def mixed(stage: S, step: int) -> dict[str, float]:
        with mixed_precision(stage.device):
            return update(stage, step)

    return mixed
