"""Mixed precision: in which number format an update computes its matrix products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Protocol, TypeVar

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel


@contextmanager
def mixed_precision(device: torch.device) -> Iterator[None]:
    """Computes matrix products in bfloat16, weights and sums in float32; on a CPU without AMX, all in float32.

    There bfloat16 is slower: an update of toybox-64's teacher took 1.14 s, and 0.76 s in float32.
    On a CPU, attention runs as plain products: over a few dozen tokens the fused kernel for bfloat16 is eight times
    slower.
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
    """Runs the whole of a stage's update in mixed precision."""

    @wraps(update)
    def mixed(stage: S, step: int) -> dict[str, float]:
        with mixed_precision(stage.device):
            return update(stage, step)

    return mixed
