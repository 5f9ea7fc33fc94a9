"""Writes the graphs of a Wan bundle: the networks are traced without weights, then get those of the checkpoint."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import onnx
import torch
from onnx import helper
from torch import nn

from zoetrope_export.bundle.loop import KeptFrames, Loop, loop_graph
from zoetrope_export.bundle.manifest import graph_entry
from zoetrope_export.bundle.traced_values import Attention, Port
from zoetrope_export.bundle.tracing import IR_VERSION, OPSET, TracedGraph, trace
from zoetrope_export.bundle.wan_graphs import (
    MASK_CHANNELS,
    ConditionStep,
    DecoderStep,
    FirstFrameEncoder,
    generator_graph,
)
from zoetrope_export.bundle.weights import AttachedWeights, Weight, WeightFiles
from zoetrope_export.models.wan.text_encoder import TextEncoder, TextEncoderConfig
from zoetrope_export.models.wan.transformer import Transformer, TransformerConfig
from zoetrope_export.models.wan.vae import TEMPORAL, Vae, VaeConfig

_MAX_BATCH = {"text_encoder": 16, "image_encoder": 1, "generator": 16, "decoder": 1}
_SIZES = {"B": 2, "L": 16, "T": 3, "H": 4, "W": 6}  # of the traced example

C = TypeVar("C")


def sha256(path: Path) -> str:
    """Returns the SHA-256 digest of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Network(Generic[C]):
    """A network as a checkpoint describes it: its sizes, and its weights by the names of its parameters."""

    config: C
    weights: Mapping[str, Weight]

    def under(self, prefix: str) -> dict[str, Weight]:
        """Returns the weights by the names that they have in a module that holds the network as `prefix`."""
        return {f"{prefix}.{name}": weight for name, weight in self.weights.items()}


class WanExport:
    """Writes graphs to the folder of a bundle, and returns their entries for the manifest.

    `precision` is that of the products of all graphs but the text encoder, whose values float16 cannot hold. bfloat16
    is that of the generators alone, since the other graphs are convolutions.
    """

    def __init__(self, folder: Path, attention: Attention, precision: torch.dtype = torch.float32) -> None:
        self._folder = folder
        self._attention = attention
        self._precision = precision
        self._vae_precision = torch.float32 if precision == torch.bfloat16 else precision
        self._files = WeightFiles(folder)
        self._digests: dict[str, str] = {}

    def text_encoder(self, network: Network[TextEncoderConfig], *, int8: bool = False) -> dict[str, Any]:
        """Writes the graph from tokens to text embedding. With `int8` its weights take a quarter of the memory."""
        with torch.device("meta"):
            module = TextEncoder(network.config)
        inputs = [_ids("input_ids"), _ids("attention_mask")]
        output = _floats("last_hidden_state", "B", "L", network.config.width)
        return self._write(
            "text_encoder", "text_encoder", trace(module, inputs, [output], _SIZES), network.weights, int8=int8
        )

    def generator(self, name: str, network: Network[TransformerConfig]) -> dict[str, Any]:
        """Writes the graph from latents, timestep, text and image to velocity."""
        config = network.config
        channels = config.out_channels
        with torch.device("meta"):
            transformer = Transformer(config)
        text = [_floats("text_embedding", "B", "L", config.text_width), _ids("text_mask")]
        inputs = [_floats("latents", "B", channels, "T", "H", "W"), _floats("timestep", "B")]
        if config.frame_timesteps:
            image = [_floats("first_frame", "B", channels, "H", "W"), _floats("first_frame_mask", "B")]
            inputs += [_floats("sigma", "B"), *text, *image]
        elif config.condition_channels:
            inputs += [*text, _floats("condition", "B", config.condition_channels, "T", "H", "W")]
        else:
            inputs += text
        output = _floats("velocity", "B", channels, "T", "H", "W")
        graph = self._trace(generator_graph(transformer), inputs, [output], precision=self._precision)
        return self._write(name, "generator", graph, network.under("network"), precision=self._precision)

    def image_encoder(self, network: Network[VaeConfig]) -> dict[str, Any]:
        """Writes the graph from an image to the latents of a first frame."""
        with torch.device("meta"):
            module = FirstFrameEncoder(Vae(network.config))
        output = _floats("first_frame", "B", network.config.latent_channels, "H", "W")
        graph = self._trace(module, [_IMAGE], [output], _image_sizes(network.config), precision=self._vae_precision)
        return self._write("image_encoder", "image_encoder", graph, network.under("vae"), precision=self._vae_precision)

    def condition_encoder(self, network: Network[VaeConfig]) -> dict[str, Any]:
        """Writes the graph from an image and a number of latent frames to the condition of all frames."""
        with torch.device("meta"):
            module = ConditionStep(Vae(network.config))
        channels = MASK_CHANNELS + network.config.latent_channels
        output = _floats("condition", "B", channels, "T", "H", "W")
        step_output = _floats("step_output", "B", channels, 1, "H", "W")
        entry = Port(name="step_input", dtype=_IMAGE.dtype, axes=_IMAGE.axes)
        step, kept = self._step(module, entry, step_output, _image_sizes(network.config), (1, 2))
        loop = Loop(
            step=step, input=_IMAGE, output=output, kept=kept, sliced=False, side_axes=(1, 2), frame_axis=2, dropped=0
        )
        return self._write("image_encoder", "image_encoder", loop, network.under("vae"), precision=self._vae_precision)

    def decoder(self, network: Network[VaeConfig]) -> dict[str, Any]:
        """Writes the graph from latents to 8-bit YUV frames, a loop over the latent frames."""
        with torch.device("meta"):
            module = DecoderStep(Vae(network.config))
        channels = network.config.latent_channels
        entry = _floats("step_input", "B", channels, 1, "H", "W")
        step_output = Port(name="step_output", dtype=torch.uint8, axes=("B", TEMPORAL, "R", "X"))
        step, kept = self._step(module, entry, step_output, _SIZES, (3, 4))
        loop = Loop(
            step=step,
            input=_floats("latents", "B", channels, "T", "H", "W"),
            output=Port(name="frames", dtype=torch.uint8, axes=("B", "F", "R", "X")),
            kept=kept,
            sliced=True,
            side_axes=(3, 4),
            frame_axis=1,
            dropped=TEMPORAL - 1,
        )
        return self._write("decoder", "decoder", loop, network.under("vae"), precision=self._vae_precision)

    def digest(self, name: str) -> str:
        """Returns the SHA-256 digest of a file of the bundle. Each file is read once."""
        if name not in self._digests:
            self._digests[name] = sha256(self._folder / name)
        return self._digests[name]

    def _trace(
        self,
        module: nn.Module,
        inputs: list[Port],
        outputs: list[Port],
        sizes: Mapping[str, int] = _SIZES,
        *,
        precision: torch.dtype,
    ) -> TracedGraph:
        return trace(module, inputs, outputs, sizes, attention=self._attention, precision=precision)

    def _step(
        self,
        module: nn.Module,
        entry: Port,
        output: Port,
        sizes: Mapping[str, int],
        side_axes: tuple[int, int],
    ) -> tuple[TracedGraph, list[KeptFrames]]:
        """Traces a step with the frames that its convolutions keep. A run without data finds their shapes."""
        example = [axis if isinstance(axis, int) else sizes[axis] for axis in entry.axes]
        with torch.no_grad(), torch.device("meta"):
            _, *results = copy.deepcopy(module).to("meta")(torch.empty(example, dtype=entry.dtype), torch.ones(1))
        height = example[side_axes[0]]
        kept, inputs, outputs = [], [entry, _floats("step_first", 1)], [output]
        for i, result in enumerate(results):
            _, channels, frames, rows, _ = result.shape
            kept.append(
                KeptFrames(
                    channels=channels, frames=frames, scale=max(rows // height, 1), divisor=max(height // rows, 1)
                )
            )
            axes = ("B", channels, frames, f"Y{i}", f"X{i}")
            sizes = {**sizes, f"Y{i}": rows, f"X{i}": result.shape[4]}
            inputs.append(_floats(f"kept_{i}", *axes))
            outputs.append(_floats(f"next_kept_{i}", *axes))
        return self._trace(module, inputs, outputs, sizes, precision=self._vae_precision), kept

    def _write(
        self,
        name: str,
        stage: str,
        source: TracedGraph | Loop,
        weights: Mapping[str, Weight],
        *,
        precision: torch.dtype = torch.float32,
        int8: bool = False,
    ) -> dict[str, Any]:
        traced = source.step if isinstance(source, Loop) else source
        attached = self._files.attach(traced, weights, name, int8=int8)
        graph = loop_graph(source, attached) if isinstance(source, Loop) else _graph(name, source, attached)
        opsets = [helper.make_opsetid("", OPSET), *self._contributed(traced)]
        path = self._folder / f"{name}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION), path)
        files = {entry.value for w in attached.initialisers for entry in w.external_data if entry.key == "location"}
        digests = {file: self.digest(file) for file in (path.name, *files)}
        named = "int8" if int8 else str(precision).removeprefix("torch.")
        return graph_entry(path, digests, sorted(files), max_batch=_MAX_BATCH[stage], precision=named)

    @staticmethod
    def _contributed(graph: TracedGraph) -> list[onnx.OperatorSetIdProto]:
        """Returns the operator sets other than ONNX's own that a graph needs."""
        return [helper.make_opsetid(domain, 1) for domain in sorted({n.domain for n in graph.nodes if n.domain})]


def _graph(name: str, traced: TracedGraph, weights: AttachedWeights) -> onnx.GraphProto:
    return helper.make_graph(
        [*weights.casts, *traced.nodes],
        name,
        [port.proto() for port in traced.inputs],
        [port.proto() for port in traced.outputs],
        [*weights.initialisers, *traced.constants],
    )


def _ids(name: str) -> Port:
    return Port(name=name, dtype=torch.int64, axes=("B", "L"))


def _floats(name: str, *axes: str | int) -> Port:
    return Port(name=name, dtype=torch.float32, axes=axes)


_IMAGE = Port(name="image", dtype=torch.uint8, axes=("B", "Y", "X", 3))


def _image_sizes(config: VaeConfig) -> dict[str, int]:
    return {"B": 2, "Y": 2 * config.spatial, "X": 3 * config.spatial}
