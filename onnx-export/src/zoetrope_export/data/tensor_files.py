"""Safetensors files: where each tensor lies, and its values. A header is read without the tensors behind it.

Format: eight bytes with the length of a JSON header, the header, then the tensors. The header has, by name, the dtype,
the shape and the first and last offset behind the header. https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

_DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_MOST_HEADER_BYTES = 100_000_000  # the limit of the format


class CheckpointError(ValueError):
    """A file of a checkpoint that cannot be used. The message says which, why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class StoredTensor:
    """A tensor in a file: `bytes` from `offset` on."""

    file: Path
    name: str
    dtype: torch.dtype
    shape: tuple[int, ...]
    offset: int
    bytes: int

    def read(self) -> torch.Tensor:
        """Returns the values in the dtype of the file."""
        with self.file.open("rb") as file:
            file.seek(self.offset)
            values = bytearray(file.read(self.bytes))
        return torch.frombuffer(values, dtype=self.dtype).reshape(self.shape)


def stored_tensors(path: Path) -> dict[str, StoredTensor]:
    """Returns the tensors of a safetensors file by name.

    Raises `CheckpointError` if the file is not complete, is not safetensors, or holds a dtype other than float32,
    float16 and bfloat16.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or not 0 < length <= min(size - 8, _MOST_HEADER_BYTES):
            raise CheckpointError(
                f"{path}: expected a safetensors file, got {size} bytes with a header of {length}; download it again"
            )
        try:
            header: dict[str, Any] = json.loads(file.read(length))
        except ValueError as error:
            raise CheckpointError(f"{path}: the safetensors header is not JSON ({error}); download it again") from None
    header.pop("__metadata__", None)
    tensors = {name: _stored_tensor(path, name, entry, 8 + length) for name, entry in header.items()}
    end = max((tensor.offset + tensor.bytes for tensor in tensors.values()), default=8 + length)
    if end != size:
        raise CheckpointError(f"{path}: the header describes {end} bytes, the file has {size}; download it again")
    return tensors


def _stored_tensor(path: Path, name: str, entry: dict[str, Any], start: int) -> StoredTensor:
    try:
        kind, shape, (first, last) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(f"{path}: the header's entry of {name} is damaged; download the file again") from None
    if kind not in _DTYPES:
        raise CheckpointError(
            f"{path}: {name} has the dtype {kind}, a quantised or unknown format; this import reads float32, float16"
            " and bfloat16 weights: give the unquantised checkpoint"
        )
    dtype = _DTYPES[kind]
    if last - first != math.prod(shape) * dtype.itemsize or first < 0:
        raise CheckpointError(
            f"{path}: {name} has {last - first} bytes, its shape {list(shape)} needs"
            f" {math.prod(shape) * dtype.itemsize}; download the file again"
        )
    return StoredTensor(file=path, name=name, dtype=dtype, shape=shape, offset=start + first, bytes=last - first)
