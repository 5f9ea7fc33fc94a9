"""Attaches weights to traced graphs: from the checkpoint's own files where it can, else from a file of the bundle.

A bundle holds the checkpoint's safetensors files as hard links, or as copies if its folder is on another file system.
The initialisers of a graph point into them by offset. So a checkpoint of 28 GB takes no further space, and its bytes
are those that were downloaded. A weight that the file stores in another precision than the graph computes with passes a
Cast, which the runtime evaluates once, at loading.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import onnx
import torch
from onnx import TensorProto, helper

from zoetrope_export.bundle.traced_values import ELEMENTS
from zoetrope_export.bundle.tracing import TracedGraph
from zoetrope_export.data.tensor_files import StoredTensor


class Weight(Protocol):
    """A weight: its dtype and shape, and its values, which are read only if they have to be written."""

    @property
    def dtype(self) -> torch.dtype: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    def read(self) -> torch.Tensor: ...


_ALIGNMENT = 64


@dataclass(frozen=True)
class AttachedWeights:
    """Weights of a graph: the initialisers, and the nodes that convert those that are stored in another precision."""

    initialisers: list[TensorProto]
    casts: list[onnx.NodeProto]


class WeightFiles:
    """The files of a bundle that hold weights."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._placed: dict[Path, str] = {}

    def place(self, file: Path) -> str:
        """Puts a checkpoint's file into the bundle, once. Returns its path in the bundle."""
        if file not in self._placed:
            name = f"{file.parent.name}/{file.name}"
            if name in self._placed.values():
                name = f"{len(self._placed)}-{name}"
            target = self._folder / name
            target.parent.mkdir(exist_ok=True)
            source = file.resolve()  # files of the hub's cache are links
            try:
                os.link(source, target)
            except OSError:
                shutil.copyfile(source, target)
            self._placed[file] = name
        return self._placed[file]

    def append(self, name: str, values: torch.Tensor) -> tuple[int, int]:
        """Appends values to a file of the bundle. Returns their offset and length."""
        data = values.contiguous().flatten().view(torch.uint8).numpy().tobytes()
        with (self._folder / name).open("ab") as file:
            file.write(b"\0" * (-file.tell() % _ALIGNMENT))
            offset = file.tell()
            file.write(data)
        return offset, len(data)

    def attach(
        self, graph: TracedGraph, weights: Mapping[str, Weight], name: str, *, int8: bool = False
    ) -> AttachedWeights:
        """Returns the weights of a graph as initialisers. Values that the import computed go to `name`.weights.

        With `int8` the weights of matrix products are stored as 8-bit numbers and a scale for each output.
        """
        initialisers, casts = [], []
        for weight_name, dtype in graph.weights.items():
            weight = weights[weight_name]
            if int8 and weight_name in graph.products:
                stored = self._quantised(weight_name, weight, f"{name}.weights")
                initialisers += stored
                parts = [tensor.name for tensor in stored]
                casts.append(helper.make_node("DequantizeLinear", parts, [weight_name], axis=0))
                continue
            if isinstance(weight, StoredTensor):
                file, offset, length = self.place(weight.file), weight.offset, weight.bytes
            else:
                file = f"{name}.weights"
                offset, length = self.append(file, weight.read())
            stored_name = weight_name if weight.dtype == dtype else f"{weight_name}.stored"
            element, shape = ELEMENTS[weight.dtype], tuple(weight.shape)
            initialisers.append(_external(stored_name, element, shape, file, offset, length))
            if stored_name != weight_name:
                casts.append(helper.make_node("Cast", [stored_name], [weight_name], to=ELEMENTS[dtype]))
        return AttachedWeights(initialisers, casts)

    def _quantised(self, name: str, weight: Weight, file: str) -> list[TensorProto]:
        """Writes a weight [out, in] as int8 with a scale for each row: the largest value becomes 127."""
        values = weight.read().float()
        scale = values.abs().amax(1).clamp(min=1e-12) / 127
        numbers = (values / scale[:, None]).round().to(torch.int8)
        return [
            _external(f"{name}.{kind}", ELEMENTS[part.dtype], tuple(part.shape), file, *self.append(file, part))
            for kind, part in (("int8", numbers), ("scale", scale))
        ]


def _external(name: str, element: int, shape: tuple[int, ...], file: str, offset: int, length: int) -> TensorProto:
    tensor = TensorProto(name=name, data_type=element, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", file), ("offset", str(offset)), ("length", str(length))):
        tensor.external_data.add(key=key, value=value)
    return tensor
