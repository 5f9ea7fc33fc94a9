"""A graph that runs a step once for each latent frame, as an ONNX Loop.

        latents [B, C, T, h, w], or an image    zeros for the kept frames of each convolution
                     |                                        |
                     +------> Loop over T: step(frame i, i == 0, kept frames) -> output i, kept frames
                                   |
                     outputs of all iterations, joined along the frames

The weights are outside of the loop's body, once, and the memory of a run does not grow with the number of frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import onnx
import torch
from onnx import TensorProto, helper

from zoetrope_export.bundle.traced_values import ELEMENTS, Nodes, Port
from zoetrope_export.bundle.tracing import TracedGraph
from zoetrope_export.bundle.weights import AttachedWeights

LATENT_FRAMES = Port(name="latent_frames", dtype=torch.int64, axes=(1,))
_LAST = torch.iinfo(torch.int64).max


@dataclass(frozen=True, kw_only=True)
class KeptFrames:
    """The frames that a convolution keeps from step to step: [B, channels, frames, y, x].

    Their sides are those of the loop's input times `scale`, divided by `divisor`.
    """

    channels: int
    frames: int
    scale: int
    divisor: int


@dataclass(frozen=True, kw_only=True)
class Loop:
    """A traced step, and how the loop around it reads its input and joins its outputs.

    The step's inputs are an input, whether the iteration is the first one, and the kept frames; its outputs are an
    output and the next kept frames. If `sliced`, an iteration gets one frame of the input, whose axis 2 is the number
    of iterations; else every iteration gets the whole input, and the graph has a further input with that number.
    `side_axes` are the axes of the input that are height and width. The outputs are joined along their axis
    `frame_axis`, without the first `dropped` frames.
    """

    step: TracedGraph
    input: Port
    output: Port
    kept: Sequence[KeptFrames]
    sliced: bool
    side_axes: tuple[int, int]
    frame_axis: int
    dropped: int

    @property
    def inputs(self) -> list[Port]:
        """The inputs of the graph."""
        return [self.input] if self.sliced else [self.input, LATENT_FRAMES]


def loop_graph(loop: Loop, weights: AttachedWeights) -> onnx.GraphProto:
    """Returns the graph around a step."""
    nodes = Nodes(prefix="loop_")

    def size(axis: int) -> str:
        return nodes.add("Shape", loop.input.name, start=axis, end=axis + 1)

    axis = nodes.constant([0])
    iterations = nodes.add("Squeeze", size(2) if loop.sliced else LATENT_FRAMES.name, axis)
    batch, sides = size(0), [size(side) for side in loop.side_axes]
    zeros = []
    for kept in loop.kept:
        scaled = [
            nodes.add("Div", nodes.add("Mul", side, nodes.constant([kept.scale])), nodes.constant([kept.divisor]))
            for side in sides
        ]
        shape = nodes.add("Concat", batch, nodes.constant([kept.channels, kept.frames]), *scaled, axis=0)
        zeros.append(nodes.add("ConstantOfShape", shape))
    goes_on = nodes.constant(True, torch.bool)
    last = [f"loop_last_{i}" for i in range(len(zeros))]
    nodes.nodes.append(
        helper.make_node("Loop", [iterations, goes_on, *zeros], [*last, "loop_outputs"], body=_body(loop))
    )
    # [T, B, ..., frames of a step, ...] -> [B, ..., T, frames of a step, ...] -> [B, ..., T * frames of a step, ...]
    rank, frames = len(loop.output.axes), loop.frame_axis
    moved = nodes.add("Transpose", "loop_outputs", perm=[*range(1, frames + 1), 0, *range(frames + 1, rank + 1)])
    behind = nodes.add("Shape", moved, start=frames + 2, end=rank + 1)
    joined = nodes.add("Reshape", moved, nodes.add("Concat", nodes.constant([0] * frames + [-1]), behind, axis=0))
    cut = [nodes.constant([value]) for value in (loop.dropped, _LAST, frames)]
    nodes.add("Slice", joined, *cut, result=loop.output.name)
    return helper.make_graph(
        [*weights.casts, *nodes.nodes],
        loop.output.name,
        [port.proto() for port in loop.inputs],
        [loop.output.proto()],
        [*weights.initialisers, *nodes.constants.values()],
    )


def _body(loop: Loop) -> onnx.GraphProto:
    """Returns the loop's body: the step behind what gives it its input."""
    nodes, step = Nodes(prefix="body_"), loop.step
    entry, first = step.inputs[0], step.inputs[1]
    if loop.sliced:
        one = nodes.add("Unsqueeze", "body_iteration", nodes.constant([0]))
        nodes.add("Gather", loop.input.name, one, axis=2, result=entry.name)
    else:
        nodes.add("Identity", loop.input.name, result=entry.name)
    is_first = nodes.add("Equal", "body_iteration", nodes.constant(0))
    nodes.add(
        "Unsqueeze", nodes.add("Cast", is_first, to=ELEMENTS[first.dtype]), nodes.constant([0]), result=first.name
    )
    nodes.add("Identity", "body_continues", result="body_goes_on")
    return helper.make_graph(
        [*nodes.nodes, *step.nodes],
        "step",
        [
            helper.make_tensor_value_info("body_iteration", TensorProto.INT64, []),
            helper.make_tensor_value_info("body_continues", TensorProto.BOOL, []),
            *(port.proto() for port in step.inputs[2:]),
        ],
        [
            helper.make_tensor_value_info("body_goes_on", TensorProto.BOOL, []),
            *(port.proto() for port in step.outputs[1:]),
            step.outputs[0].proto(),
        ],
        [*nodes.constants.values(), *step.constants],
    )
