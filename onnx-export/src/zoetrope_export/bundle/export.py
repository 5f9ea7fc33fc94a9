"""Exports a trained model to a bundle: its ONNX graphs and the manifest that describes them.

The export prints each graph's largest relative error against PyTorch, and raises an error if one exceeds its bound.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from zoetrope_export.bundle import golden
from zoetrope_export.bundle.manifest import write_manifest
from zoetrope_export.data.text import MAX_TOKENS, PAD_TO_MULTIPLE_OF, TextEncoder
from zoetrope_export.data.yuv import to_yuv
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import SPATIAL, TEMPORAL, Vae
from zoetrope_export.sampling.noise import noise
from zoetrope_export.sampling.samplers import TWO_EVALUATIONS

OPSET = 18
RELATIVE_BOUND = 1e-3
_DECODER_BOUND = 1.01 / 235  # a little more than one 8-bit level, over the largest luma value
_HALF_FROM = 1024  # initialisers with at least this many elements are stored in half precision
# By input name, the axis of a text tensor that has the variable length L.
_TEXT_ENCODER_AXES = {"input_ids": 1, "attention_mask": 1, "token_type_ids": 1, "last_hidden_state": 1}
_GENERATOR_AXES = {"text_embedding": 1, "text_mask": 1}
_MAX_BATCH = {"text_encoder": 16, "image_encoder": 16, "generator": 16, "decoder": 16}


class DecoderGraph(nn.Module):
    """Decodes normalised latents to 8-bit planar YUV 4:2:0 frames [B, T, H * 3/2, W]."""

    def __init__(self, vae: Vae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return to_yuv(self.vae.decode(latents))


class ImageEncoderGraph(nn.Module):
    """Encodes 8-bit RGB images [B, H, W, 3] to the normalised latents of a clip's first frame [B, C, H/8, W/8]."""

    def __init__(self, vae: Vae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        video = image.permute(0, 3, 1, 2)[:, :, None].float() / 127.5 - 1  # [B, 3, 1, H, W]
        return self.vae.encode(video)[:, :, 0]  # a causal VAE encodes the first frame independently of later ones


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A module to export, the names of its tensors, and one example batch of inputs.

    `sequence_axis` holds, by input name, the axis of a text tensor that has the variable length L.
    """

    name: str
    module: nn.Module
    inputs: dict[str, torch.Tensor]
    output: str
    sequence_axis: dict[str, int]


@torch.no_grad()
def round_to_half(module: nn.Module) -> None:
    """Rounds the parameters that the graph stores in half precision, so that PyTorch computes with the same values."""
    for parameter in module.parameters():
        if parameter.numel() >= _HALF_FROM:
            parameter.copy_(parameter.half().float())


def store_in_half(path: Path) -> None:
    """Rewrites large float32 initialisers as float16 with a Cast, which the runtime evaluates once, at loading."""
    model = onnx.load(path)
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < _HALF_FROM:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
    del model.graph.value_info[:]
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def strip_metadata(path: Path) -> None:
    """Removes the exporter's metadata: stack traces with paths of the machine on which the export ran."""
    model = onnx.load(path)
    del model.metadata_props[:]
    for part in (model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def export_graph(graph: Graph, path: Path) -> float:
    """Writes one graph. Returns its largest error against PyTorch over several batch sizes.

    An error is relative to the largest value of the output.

    Raises `ValueError` if the shapes of PyTorch and ONNX differ, or if a clip is not equal, bit for bit, in every batch
    size.
    """
    batch, length = torch.export.Dim("B", min=1, max=64), torch.export.Dim("L", min=2, max=MAX_TOKENS)
    shapes = {
        name: {0: batch, **({graph.sequence_axis[name]: length} if name in graph.sequence_axis else {})}
        for name in graph.inputs
    }
    torch.onnx.export(
        graph.module,
        tuple(graph.inputs.values()),
        path,
        input_names=list(graph.inputs),
        output_names=[graph.output],
        dynamic_shapes=tuple(shapes.values()),
        opset_version=OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    strip_metadata(path)
    store_in_half(path)
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    full_batch = _run(session, graph, 4)
    worst = 0.0
    for rows in (1, 2, 4):
        expected = graph.module(*(v[:rows] for v in graph.inputs.values())).numpy().astype(np.float64)
        actual = _run(session, graph, rows)
        if actual.shape != expected.shape:
            raise ValueError(
                f"{graph.name}: the ONNX graph gives the shape {actual.shape}, PyTorch {expected.shape}; check the"
                " reshapes in forward"
            )
        if not np.array_equal(actual, full_batch[:rows]):
            raise ValueError(
                f"{graph.name}: a clip in a batch of {rows} differs from the same clip in a batch of"
                f" {len(full_batch)} by up to {np.abs(actual - full_batch[:rows]).max():.2e}; write a sum over the axis"
                " next to the batch axis as a matrix product"
            )
        worst = max(worst, float(np.abs(actual - expected).max() / np.abs(expected).max()))
    return worst


def _images(count: int, height: int, width: int) -> torch.Tensor:
    """Returns 8-bit RGB images of noise [B, H, W, 3]."""
    values = noise(0, 0, (count, height, width, 3))
    return torch.from_numpy((127.5 + 50 * values).clip(0, 255).astype(np.uint8))


def _run(session: ort.InferenceSession, graph: Graph, rows: int) -> np.ndarray:
    """Returns the output of the exported graph for the first `rows` rows of its example batch."""
    feeds = {name: tensor[:rows].numpy() for name, tensor in graph.inputs.items()}
    return np.asarray(session.run([graph.output], feeds)[0]).astype(np.float64)


def _dtype(tensor: Any) -> str:
    return str(onnx.helper.tensor_dtype_to_np_dtype(tensor.type.tensor_type.elem_type))


def _shape(tensor: Any, sequence_axis: int | None) -> list[int | str]:
    """Returns the shape for the manifest: "B" is the batch axis, "L" the sequence axis of a text tensor."""
    dims = tensor.type.tensor_type.shape.dim
    return ["B" if axis == 0 else "L" if axis == sequence_axis else int(dim.dim_value) for axis, dim in enumerate(dims)]


def manifest_entry(path: Path, name: str, sequence_axis: dict[str, int]) -> dict[str, Any]:
    """Returns the manifest's entry of one graph, read from its file."""
    graph = onnx.load(path).graph
    return {
        "file": path.name,
        "sha256": sha256(path),
        "external_data": [],
        "inputs": {i.name: {"dtype": _dtype(i), "shape": _shape(i, sequence_axis.get(i.name))} for i in graph.input},
        "outputs": {o.name: {"dtype": _dtype(o), "shape": _shape(o, sequence_axis.get(o.name))} for o in graph.output},
        "max_batch": _MAX_BATCH[name],
        "precision": "float32",
    }


def sha256(path: Path) -> str:
    """Returns the SHA-256 digest of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """The recipe and commit that made a bundle, and the metrics of its clips, by name."""

    recipe: str
    commit: str
    quality: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class BundleIdentity:
    """The name, version and licence of a bundle."""

    name: str
    version: str
    license: str


@torch.no_grad()
def export_bundle(
    *,
    vae: Vae,
    generator: Mmdit,
    encoder_files: Path,
    folder: Path,
    identity: BundleIdentity,
    provenance: Provenance,
    frame_count: int,
    frame_rate: int,
    two_evaluations: str = "two-step",
) -> dict[str, float]:
    """Writes the bundle to `folder` and returns the largest relative error of each graph.

    `two_evaluations`, one of `TWO_EVALUATIONS`, is the sampler of prompts that request two steps. `encoder_files` is a
    folder with text_encoder.onnx and tokenizer.json, which are copied to `folder` unless they are there. Raises
    `ValueError` if a graph differs from PyTorch by more than its bound.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("text_encoder.onnx", "tokenizer.json"):
        if (encoder_files / name).resolve() != (folder / name).resolve():
            shutil.copyfile(encoder_files / name, folder / name)
    round_to_half(vae)
    round_to_half(generator)
    encoder = TextEncoder(folder / "text_encoder.onnx", folder / "tokenizer.json")
    errors = {}
    for graph in _graphs(vae, generator, encoder):
        error = export_graph(graph, folder / f"{graph.name}.onnx")
        bound = _DECODER_BOUND if graph.name == "decoder" else RELATIVE_BOUND
        print(f"parity {graph.name}: max relative error {error:.2e}, bound {bound:.2e}", flush=True)
        if error > bound:
            raise ValueError(f"{graph.name}: ONNX differs from PyTorch by {error:.2e}, the bound is {bound:.0e}")
        errors[graph.name] = error
    c = generator.config
    manifest = {
        "format": 1,
        **asdict(identity),
        "tokenizer": {
            "file": "tokenizer.json",
            "sha256": sha256(folder / "tokenizer.json"),
            "max_tokens": MAX_TOKENS,
            "pad_to_multiple_of": PAD_TO_MULTIPLE_OF,
        },
        "text_encoder": manifest_entry(folder / "text_encoder.onnx", "text_encoder", _TEXT_ENCODER_AXES),
        "image_encoder": manifest_entry(folder / "image_encoder.onnx", "image_encoder", {}),
        "generator": manifest_entry(folder / "generator.onnx", "generator", _GENERATOR_AXES),
        "decoder": manifest_entry(folder / "decoder.onnx", "decoder", {}),
        "latents": {
            "channels": c.channels,
            "frames": c.frames,
            "height": c.height,
            "width": c.width,
            "spatial_compression": SPATIAL,
            "temporal_compression": TEMPORAL,
            "shift": [round(float(v), 6) for v in vae.shift],
            "scale": [round(float(v), 6) for v in vae.scale],
        },
        "samplers": [
            {"name": "one-step", "steps": 1, "timesteps": [1.0]},
            {"name": two_evaluations, "steps": 2, "timesteps": list(TWO_EVALUATIONS[two_evaluations])},
        ],
        "video": {
            "width": c.width * SPATIAL,
            "height": c.height * SPATIAL,
            "frame_count": frame_count,
            "frame_rate": {"num": frame_rate, "den": 1},
        },
        "provenance": asdict(provenance),
    }
    write_manifest(folder, manifest)
    return errors


def _graphs(vae: Vae, generator: Mmdit, encoder: TextEncoder) -> list[Graph]:
    """Returns the graphs to export, each with an example batch of four."""
    c = generator.config
    text = encoder.encode([*golden.PROMPTS, *golden.PROMPTS])
    latents = torch.from_numpy(
        np.stack([noise(seed, 0, (c.channels, c.frames, c.height, c.width)) for seed in range(4)])
    )
    return [
        Graph(
            name="image_encoder",
            module=ImageEncoderGraph(vae).eval(),
            inputs={"image": _images(4, c.height * SPATIAL, c.width * SPATIAL)},
            output="first_frame",
            sequence_axis={},
        ),
        Graph(
            name="generator",
            module=generator,
            inputs={
                "latents": latents,
                "timestep": torch.tensor([1.0, 0.7, 0.4, 0.05]),
                "text_embedding": text.embedding,
                "text_mask": text.mask,
                "first_frame": latents.flip(0)[:, :, 0],
                "first_frame_mask": torch.tensor([0.0, 1.0, 1.0, 0.0]),
            },
            output="velocity",
            sequence_axis=_GENERATOR_AXES,
        ),
        Graph(
            name="decoder",
            module=DecoderGraph(vae).eval(),
            inputs={"latents": latents},
            output="frames",
            sequence_axis={},
        ),
    ]
