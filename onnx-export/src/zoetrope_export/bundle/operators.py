"""The ONNX form of each PyTorch function that the exported networks call.

A function is looked up by its name. Its handler gets the arguments of the call, adds nodes, and returns the name of the
result, or one name for each result. Shapes and dtypes of results come from PyTorch itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from zoetrope_export.bundle.traced_values import ELEMENTS, Nodes, Traced, vector

Handler = Callable[..., str | list[str]]
_HANDLERS: dict[str, Handler] = {}
_LAST = torch.iinfo(torch.int64).max


def call(nodes: Nodes, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Runs a PyTorch function on traced tensors: the example's result, and the nodes that compute it.

    Raises `NotImplementedError` if the function has no ONNX form here.
    """
    with torch._C.DisableTorchFunctionSubclass():
        result = func(*args, **kwargs)
    if not _is_tensors(result):
        return result
    name = func.__name__.strip("_")
    if name not in _HANDLERS:
        raise NotImplementedError(f"the PyTorch function {name} has no ONNX form: add one to bundle/operators.py")
    names = _HANDLERS[name](nodes, *args, **kwargs)
    if isinstance(result, torch.Tensor):
        return Traced.of(result.as_subclass(torch.Tensor), str(names), nodes)
    return tuple(Traced.of(r.as_subclass(torch.Tensor), n, nodes) for r, n in zip(result, names, strict=True))


def _is_tensors(value: Any) -> bool:
    return isinstance(value, torch.Tensor) or (isinstance(value, tuple | list) and isinstance(value[0], torch.Tensor))


def _handles(*names: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        _HANDLERS.update(dict.fromkeys(names, handler))
        return handler

    return register


def _name(nodes: Nodes, value: Any, dtype: torch.dtype) -> str:
    """Returns the name of an operand: a traced tensor, or a number as a constant of the other operand's dtype."""
    if isinstance(value, Traced):
        return value.value
    if isinstance(value, torch.Tensor):
        raise ValueError(  # Python turns a TypeError of an operator into another message
            "a tensor that was made without a traced one would keep the example's sizes: make it from a buffer or input"
        )
    return nodes.constant(value, dtype)


def _operands(nodes: Nodes, *values: Any) -> list[str]:
    dtype = next(value.dtype for value in values if isinstance(value, Traced))
    return [_name(nodes, value, dtype) for value in values]


def _rank(x: Traced) -> int:
    return len(x.sizes())


# Arithmetic


def _binary(kind: str, *, swapped: bool = False) -> Handler:
    def handler(nodes: Nodes, a: Any, b: Any) -> str:
        operands = _operands(nodes, a, b)
        return nodes.add(kind, *(reversed(operands) if swapped else operands))

    return handler


def _unary(*kinds: str) -> Handler:
    def handler(nodes: Nodes, x: Traced) -> str:
        name = x.value
        for kind in kinds:
            name = nodes.add(kind, name)
        return name

    return handler


for _names, _kind in (
    (("add", "radd"), "Add"),
    (("sub",), "Sub"),
    (("mul", "rmul"), "Mul"),
    (("truediv", "div"), "Div"),
    (("gt",), "Greater"),
    (("eq",), "Equal"),
    (("and",), "And"),
    (("matmul",), "MatMul"),
):
    _handles(*_names)(_binary(_kind))
_handles("rsub")(_binary("Sub", swapped=True))
for _names, _kinds in (
    (("exp",), ("Exp",)),
    (("cos",), ("Cos",)),
    (("sin",), ("Sin",)),
    (("neg",), ("Neg",)),
    (("round",), ("Round",)),
    (("rsqrt",), ("Sqrt", "Reciprocal")),
):
    _handles(*_names)(_unary(*_kinds))


@_handles("square")
def _square(nodes: Nodes, x: Traced) -> str:
    return nodes.add("Mul", x.value, x.value)


@_handles("silu")
def _silu(nodes: Nodes, x: Traced, inplace: bool = False) -> str:
    return nodes.add("Mul", x.value, nodes.add("Sigmoid", x.value))


@_handles("gelu")
def _gelu(nodes: Nodes, x: Traced, approximate: str) -> str:
    """Writes 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which ONNX Runtime fuses."""
    if approximate != "tanh":
        raise NotImplementedError(f"gelu has the approximation {approximate!r}, the export knows 'tanh'")

    def number(value: float) -> str:
        return nodes.constant(value, x.dtype)

    cube = nodes.add("Pow", x.value, number(3.0))
    inner = nodes.add("Add", x.value, nodes.add("Mul", cube, number(0.044715)))
    tanh = nodes.add("Tanh", nodes.add("Mul", inner, number(math.sqrt(2 / math.pi))))
    return nodes.add("Mul", nodes.add("Mul", x.value, nodes.add("Add", tanh, number(1.0))), number(0.5))


@_handles("clamp")
def _clamp(nodes: Nodes, x: Traced, min: float, max: float) -> str:
    return nodes.add("Clip", x.value, nodes.constant(min, x.dtype), nodes.constant(max, x.dtype))


@_handles("where")
def _where(nodes: Nodes, condition: Traced, a: Any, b: Any) -> str:
    return nodes.add("Where", condition.value, *_operands(nodes, a, b))


@_handles("to", "float")
def _to(nodes: Nodes, x: Traced, dtype: torch.dtype = torch.float32) -> str:
    return x.value if x.dtype == dtype else nodes.add("Cast", x.value, to=ELEMENTS[dtype])


@_handles("softmax")
def _softmax(nodes: Nodes, x: Traced, dim: int) -> str:
    return nodes.add("Softmax", x.value, axis=dim)


@_handles("mean")
def _mean(nodes: Nodes, x: Traced, dim: int, keepdim: bool = False) -> str:
    return nodes.add("ReduceMean", x.value, nodes.constant([dim]), keepdims=int(keepdim))


@_handles("cumsum")
def _cumsum(nodes: Nodes, x: Traced, dim: int) -> str:
    return nodes.add("CumSum", x.value, nodes.constant(dim))


@_handles("normalize")
def _normalize(nodes: Nodes, x: Traced, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: None = None) -> str:
    norm = nodes.add("ReduceL2", x.value, nodes.constant([dim]), keepdims=1)
    return nodes.add("Div", x.value, nodes.add("Max", norm, nodes.constant(eps, x.dtype)))


# Layers


@_handles("linear")
def _linear(nodes: Nodes, x: Traced, weight: Traced, bias: Traced | None = None) -> str:
    nodes.products.add(weight.value)
    transposed = nodes.add("Transpose", weight.value, perm=[1, 0])
    product = nodes.raised(nodes.add("MatMul", nodes.lowered(x.value), transposed))
    return product if bias is None else nodes.add("Add", product, bias.value)


@_handles("conv2d", "conv3d")
def _conv(
    nodes: Nodes,
    x: Traced,
    weight: Traced,
    bias: Traced | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> str:
    weights = [weight.value, *([] if bias is None else [bias.value])]
    pads = [*padding, *padding]
    if nodes.precision == torch.bfloat16:  # ONNX has no convolution of it before operator set 22
        return nodes.add("Conv", x.value, *weights, strides=list(stride), pads=pads)
    nodes.products.update(weights)
    return nodes.raised(nodes.add("Conv", nodes.lowered(x.value), *weights, strides=list(stride), pads=pads))


@_handles("layer_norm")
def _layer_norm(
    nodes: Nodes, x: Traced, shape: Sequence[int], weight: Traced | None, bias: Traced | None, eps: float
) -> str:
    scale = nodes.constant(torch.ones(*shape), x.dtype) if weight is None else weight.value
    return nodes.add(
        "LayerNormalization", x.value, scale, *([] if bias is None else [bias.value]), axis=-len(shape), epsilon=eps
    )


@_handles("embedding")
def _embedding(nodes: Nodes, ids: Traced, weight: Traced, *_: Any, **__: Any) -> str:
    return nodes.add("Gather", weight.value, ids.value)


@_handles("avg_pool2d")
def _avg_pool2d(nodes: Nodes, x: Traced, kernel: int) -> str:
    return nodes.add("AveragePool", x.value, kernel_shape=[kernel, kernel], strides=[kernel, kernel])


@_handles("scaled_dot_product_attention")
def _scaled_dot_product_attention(nodes: Nodes, q: Traced, k: Traced, v: Traced) -> str:
    rank, width = _rank(k), int(k.sizes()[-1])
    swapped = nodes.add("Transpose", k.value, perm=[*range(rank - 2), rank - 1, rank - 2])
    return _weighted(nodes, q.value, swapped, v.value, width, q.dtype)


def _weighted(nodes: Nodes, q: str, transposed_k: str, v: str, width: int, dtype: torch.dtype) -> str:
    scaled = nodes.lowered(nodes.add("Mul", q, nodes.constant(width**-0.5, dtype)))
    scores = nodes.raised(nodes.add("MatMul", scaled, nodes.lowered(transposed_k)))
    shares = nodes.lowered(nodes.add("Softmax", scores, axis=-1))
    return nodes.raised(nodes.add("MatMul", shares, nodes.lowered(v)))


@_handles("attention")
def _attention(nodes: Nodes, q: Traced, k: Traced, v: Traced, heads: int) -> str:
    if nodes.attention == "fused":
        inputs = [nodes.lowered(x.value) for x in (q, k, v)]
        return nodes.raised(nodes.add("MultiHeadAttention", *inputs, domain="com.microsoft", num_heads=heads))
    width = int(q.sizes()[-1])
    split = nodes.constant([0, 0, heads, width // heads])
    q_heads, k_heads, v_heads = (nodes.add("Reshape", x.value, split) for x in (q, k, v))  # [B, N, heads, head]
    attended = _weighted(
        nodes,
        nodes.add("Transpose", q_heads, perm=[0, 2, 1, 3]),
        nodes.add("Transpose", k_heads, perm=[0, 2, 3, 1]),
        nodes.add("Transpose", v_heads, perm=[0, 2, 1, 3]),
        width // heads,
        q.dtype,
    )
    return nodes.add("Reshape", nodes.add("Transpose", attended, perm=[0, 2, 1, 3]), nodes.constant([0, 0, width]))


# Shapes


@_handles("reshape", "view")
def _reshape(nodes: Nodes, x: Traced, *shape: Any) -> str:
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
    return nodes.add("Reshape", x.value, vector(nodes, sizes))


@_handles("flatten")
def _flatten(nodes: Nodes, x: Traced, start_dim: int = 0, end_dim: int = -1) -> str:
    own, end = x.sizes(), end_dim % _rank(x)
    return nodes.add("Reshape", x.value, vector(nodes, [*[0] * start_dim, -1, *own[end + 1 :]]))


@_handles("unflatten")
def _unflatten(nodes: Nodes, x: Traced, dim: int, sizes: Sequence[int]) -> str:
    own, dim = x.sizes(), dim % _rank(x)
    return nodes.add("Reshape", x.value, vector(nodes, [*[0] * dim, *sizes, *own[dim + 1 :]]))


@_handles("transpose")
def _transpose(nodes: Nodes, x: Traced, a: int, b: int) -> str:
    order = list(range(_rank(x)))
    order[a], order[b] = order[b], order[a]
    return nodes.add("Transpose", x.value, perm=order)


@_handles("permute")
def _permute(nodes: Nodes, x: Traced, *order: int) -> str:
    return nodes.add("Transpose", x.value, perm=list(order))


@_handles("unsqueeze")
def _unsqueeze(nodes: Nodes, x: Traced, dim: int) -> str:
    return nodes.add("Unsqueeze", x.value, nodes.constant([dim]))


@_handles("squeeze")
def _squeeze(nodes: Nodes, x: Traced, dim: int) -> str:
    return nodes.add("Squeeze", x.value, nodes.constant([dim]))


@_handles("expand")
def _expand(nodes: Nodes, x: Traced, *sizes: int) -> str:
    return nodes.add("Expand", x.value, vector(nodes, [1 if size == -1 else size for size in sizes]))


@_handles("cat")
def _cat(nodes: Nodes, tensors: Sequence[Traced], dim: int = 0) -> str:
    return nodes.add("Concat", *(tensor.value for tensor in tensors), axis=dim)


@_handles("stack")
def _stack(nodes: Nodes, tensors: Sequence[Traced], dim: int) -> str:
    axis = nodes.constant([dim])
    return nodes.add("Concat", *(nodes.add("Unsqueeze", tensor.value, axis) for tensor in tensors), axis=dim)


@_handles("chunk")
def _chunk(nodes: Nodes, x: Traced, chunks: int, dim: int = 0) -> list[str]:
    name = nodes.add("Split", x.value, outputs=chunks, axis=dim, num_outputs=chunks)
    return [name, *(f"{name}.{i}" for i in range(1, chunks))]


@_handles("unbind")
def _unbind(nodes: Nodes, x: Traced, dim: int = 0) -> list[str]:
    return [nodes.add("Gather", x.value, nodes.constant(i), axis=dim) for i in range(int(x.sizes()[dim]))]


@_handles("pad")
def _pad(nodes: Nodes, x: Traced, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> str:
    rank = _rank(x)
    before, after = [0] * rank, [0] * rank
    for i in range(len(pad) // 2):  # from the last axis to the first
        before[rank - 1 - i], after[rank - 1 - i] = pad[2 * i], pad[2 * i + 1]
    return nodes.add("Pad", x.value, nodes.constant([*before, *after]))


@_handles("new_zeros")
def _new_zeros(nodes: Nodes, x: Traced, *sizes: int) -> str:
    return nodes.constant(torch.zeros(*sizes), x.dtype)


@_handles("new_ones")
def _new_ones(nodes: Nodes, x: Traced, *sizes: int) -> str:
    return nodes.constant(torch.ones(*sizes), x.dtype)


@_handles("getitem")
def _getitem(nodes: Nodes, x: Traced, index: Any) -> str:
    """Writes slices as one Slice, numbers as Gather, None as Unsqueeze; one traced index selects along axis 0."""
    if isinstance(index, Traced):
        return nodes.add("Gather", x.value, index.value)
    parts = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in parts:
        at = parts.index(Ellipsis)
        missing = _rank(x) - sum(part is not None and part is not Ellipsis for part in parts)
        parts[at : at + 1] = [slice(None)] * missing
    sources = [part for part in parts if part is not None]
    cuts = [(axis, part) for axis, part in enumerate(sources) if isinstance(part, slice) and part != slice(None)]
    name = x.value
    if cuts:
        starts = vector(nodes, [0 if cut.start is None else cut.start for _, cut in cuts])
        stops = vector(nodes, [_LAST if cut.stop is None else cut.stop for _, cut in cuts])
        steps = vector(nodes, [1 if cut.step is None else cut.step for _, cut in cuts])
        name = nodes.add("Slice", name, starts, stops, nodes.constant([axis for axis, _ in cuts]), steps)
    for axis in reversed([axis for axis, part in enumerate(sources) if isinstance(part, int)]):
        name = nodes.add("Gather", name, nodes.constant(sources[axis]), axis=axis)
    kept = [part for part in parts if not isinstance(part, int)]
    added = [axis for axis, part in enumerate(kept) if part is None]
    return nodes.add("Unsqueeze", name, nodes.constant(added)) if added else name
