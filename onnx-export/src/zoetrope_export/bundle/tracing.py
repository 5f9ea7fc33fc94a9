"""Traces a module to an ONNX graph without its weights' values, with any axis dynamic.

The module runs once, on tensors without data (PyTorch's device "meta"). Each call of a PyTorch function on them adds
the nodes that compute it (`bundle/operators.py`). A size that the module reads from a tensor is an integer that carries
its ONNX value, so that reshapes follow the sizes of a run and not those of the example.

Weights become inputs of the graph; `bundle/weights.py` attaches their values. So a network of any size is traced in
seconds and takes no memory. docs/decisions/0032 says why this does not use PyTorch's exporters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import onnx
import torch
from onnx import TensorProto
from torch import nn

from zoetrope_export.bundle import operators
from zoetrope_export.bundle.traced_values import Attention, Nodes, Port, Traced

OPSET = 18
IR_VERSION = 10


@dataclass(frozen=True, kw_only=True)
class TracedGraph:
    """A traced module: its graph, and the weights that it reads by name. `products` are those of matrix products."""

    inputs: Sequence[Port]
    outputs: Sequence[Port]
    nodes: list[onnx.NodeProto]
    constants: list[TensorProto]
    weights: dict[str, torch.dtype]
    products: set[str]


def trace(
    module: nn.Module,
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    sizes: Mapping[str, int],
    *,
    attention: Attention = "fused",
    precision: torch.dtype = torch.float32,
) -> TracedGraph:
    """Traces a module, which cannot be used afterwards. `sizes` are the example's sizes of dynamic axes.

    Inputs and outputs are float32, int64 and uint8; `precision` is that of products (`Nodes`).
    """
    nodes = Nodes(attention, call=operators.call, precision=precision)
    used = dict(_replace_tensors(module.eval(), nodes))
    examples = [Traced.of(_example(port, sizes), port.name, nodes) for port in inputs]
    with torch.no_grad():
        results = module(*examples)
    results = results if isinstance(results, tuple) else (results,)
    if len(results) != len(outputs):
        raise ValueError(f"the module returns {len(results)} tensors, the graph has {len(outputs)} outputs")
    for port, result in zip(outputs, results, strict=True):
        nodes.add("Identity", result.value, result=port.name)
    read = {name for node in nodes.nodes for name in node.input}
    return TracedGraph(
        inputs=inputs,
        outputs=outputs,
        nodes=nodes.nodes,
        constants=[proto for name, proto in nodes.constants.items() if name in read],
        products=nodes.products,
        weights={name: precision if name in nodes.products else dtype for name, dtype in used.items() if name in read},
    )


def _example(port: Port, sizes: Mapping[str, int]) -> torch.Tensor:
    shape = [axis if isinstance(axis, int) else sizes[axis] for axis in port.axes]
    return torch.empty(shape, dtype=port.dtype, device="meta")


def _replace_tensors(module: nn.Module, nodes: Nodes) -> Iterator[tuple[str, torch.dtype]]:
    """Replaces weights by graph inputs and buffers by constants. Yields the weights' names and dtypes."""
    for path, part in module.named_modules():
        for name, parameter in part._parameters.items():
            if parameter is not None:
                full = f"{path}.{name}" if path else name
                part._parameters[name] = Traced.of(parameter.data, full, nodes)
                yield full, parameter.dtype
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = Traced.of(buffer, nodes.constant(buffer, buffer.dtype), nodes)
