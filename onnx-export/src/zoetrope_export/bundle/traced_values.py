"""The values of a traced graph: tensors without data, sizes that carry an ONNX value, and the nodes around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

Attention = Literal["fused", "plain"]
Axes = tuple[str | int, ...]
Call = Callable[["Nodes", Any, tuple[Any, ...], dict[str, Any]], Any]  # nodes, PyTorch function, its arguments
ELEMENTS = {
    torch.float32: TensorProto.FLOAT,
    torch.float16: TensorProto.FLOAT16,
    torch.bfloat16: TensorProto.BFLOAT16,
    torch.int64: TensorProto.INT64,
    torch.uint8: TensorProto.UINT8,
    torch.int8: TensorProto.INT8,
    torch.bool: TensorProto.BOOL,
}


@dataclass(frozen=True, kw_only=True)
class Port:
    """An input or output of a graph: its name, dtype and axes. A number is a fixed size, a name a dynamic one."""

    name: str
    dtype: torch.dtype
    axes: Axes

    def proto(self) -> onnx.ValueInfoProto:
        """Returns the port as part of an ONNX graph."""
        return helper.make_tensor_value_info(self.name, ELEMENTS[self.dtype], self.axes)


class Nodes:
    """The nodes and constants of a graph while it is traced. `call` adds the nodes of a PyTorch function's call.

    Matrix products, convolutions and attention run in `precision`; everything between them runs in float32. `products`
    collects their weights, which the graph needs in that precision.
    """

    def __init__(
        self,
        attention: Attention = "fused",
        prefix: str = "",
        call: Call | None = None,
        precision: torch.dtype = torch.float32,
    ) -> None:
        self.attention = attention
        self.call = call
        self.precision = precision
        self.products: set[str] = set()
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, TensorProto] = {}
        self._prefix = prefix
        self._known: dict[tuple[bytes, str, tuple[int, ...]], str] = {}

    def add(
        self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", result: str | None = None, **attributes: Any
    ) -> str:
        """Adds a node and returns the name of its output, the first one if there are several (`name.1`, ...)."""
        name = result or f"{self._prefix}{kind}_{len(self.nodes)}"
        names = [name, *(f"{name}.{i}" for i in range(1, outputs))]
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return name

    def lowered(self, name: str) -> str:
        """Returns a float32 value in the precision of products."""
        return name if self.precision == torch.float32 else self.add("Cast", name, to=ELEMENTS[self.precision])

    def raised(self, name: str) -> str:
        """Returns the result of a product in float32."""
        return name if self.precision == torch.float32 else self.add("Cast", name, to=TensorProto.FLOAT)

    def constant(self, values: Any, dtype: torch.dtype = torch.int64) -> str:
        """Returns the name of a constant. Equal ones are stored once."""
        tensor = torch.as_tensor(values, dtype=dtype, device="cpu").contiguous()
        array = tensor.float().numpy() if dtype == torch.bfloat16 else tensor.numpy()
        key = (array.tobytes(), str(dtype), tuple(array.shape))
        if key not in self._known:
            name = f"{self._prefix}constant_{len(self._known)}"
            proto = numpy_helper.from_array(np.asarray(array), name)
            if dtype == torch.bfloat16:
                proto = helper.make_tensor(name, TensorProto.BFLOAT16, array.shape, array.flatten().tolist())
            self._known[key] = name
            self.constants[name] = proto
        return self._known[key]


class Size(int):
    """A size of a traced tensor: its value in the example, and a function that returns its ONNX value [1]."""

    emit: Callable[[], str]
    nodes: Nodes

    @staticmethod
    def of(value: int, nodes: Nodes, emit: Callable[[], str]) -> Size:
        size = Size(value)
        size.nodes, size.emit = nodes, emit
        return size

    def _combine(self, kind: str, value: int, other: int, *, swapped: bool = False) -> Size:
        def emit() -> str:
            operands = [vector(self.nodes, [x]) for x in (self, other)]
            return self.nodes.add(kind, *(reversed(operands) if swapped else operands))

        return Size.of(value, self.nodes, emit)

    def __add__(self, other: int) -> Size:
        return self._combine("Add", int(self) + int(other), other)

    def __sub__(self, other: int) -> Size:
        return self._combine("Sub", int(self) - int(other), other)

    def __mul__(self, other: int) -> Size:
        return self._combine("Mul", int(self) * int(other), other)

    def __floordiv__(self, other: int) -> Size:
        return self._combine("Div", int(self) // int(other), other)

    def __neg__(self) -> Size:
        return self._combine("Sub", -int(self), 0, swapped=True)

    __radd__, __rmul__ = __add__, __mul__


def vector(nodes: Nodes, sizes: Sequence[int]) -> str:
    """Returns the name of an int64 vector of numbers and sizes."""
    if not any(isinstance(size, Size) for size in sizes):
        return nodes.constant(list(sizes))
    parts = [size.emit() if isinstance(size, Size) else nodes.constant([size]) for size in sizes]
    return parts[0] if len(parts) == 1 else nodes.add("Concat", *parts, axis=0)


class Traced(torch.Tensor):
    """A tensor of the traced graph: a shape and dtype without data, and the name of its ONNX value."""

    value: str
    nodes: Nodes

    @staticmethod
    def of(example: torch.Tensor, name: str, nodes: Nodes) -> Traced:
        traced: Traced = torch.Tensor._make_subclass(Traced, example.to("meta"))
        traced.value, traced.nodes = name, nodes
        return traced

    def sizes(self) -> tuple[Size, ...]:
        """Returns the sizes of all axes, each as the ONNX value of a run."""
        with torch._C.DisableTorchFunctionSubclass():
            example = tuple(self.shape)

        def size(axis: int, value: int) -> Size:
            def emit() -> str:
                return self.nodes.add("Shape", self.value, start=axis, end=axis + 1)

            return Size.of(value, self.nodes, emit)

        return tuple(size(axis, value) for axis, value in enumerate(example))

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func == torch.Tensor.shape.__get__:  # type: ignore[attr-defined]
            return args[0].sizes()
        nodes = _nodes_of(args)
        if nodes.call is None:
            raise ValueError("the graph of this tensor is not being traced")
        return nodes.call(nodes, func, args, kwargs or {})


def _nodes_of(args: Any) -> Nodes:
    """Returns the graph that the first traced argument belongs to."""
    for arg in args:
        if isinstance(arg, Traced):
            return arg.nodes
        if isinstance(arg, tuple | list) and arg and isinstance(arg[0], Traced):
            return arg[0].nodes
    raise ValueError("no argument is a traced tensor")
