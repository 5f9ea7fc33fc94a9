"""Starts a run with the weights of a bundle, which are read back from its ONNX graphs: no checkpoints are needed.

The graphs store large tensors in half precision, after `export.round_to_half` rounded the network: the weights that are
read are the ones that were exported.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.recipes.presets import Preset, PresetError
from zoetrope_export.training import products
from zoetrope_export.training.checkpoints import Checkpoint, checkpoint_path, in_half_precision
from zoetrope_export.training.products import (
    BackboneWeights,
    DecoderWeights,
    GeneratorWeights,
    Product,
    VaeWeights,
)

R = TypeVar("R", bound=VaeWeights | DecoderWeights | BackboneWeights | GeneratorWeights)

_REMEDY = "give the preset that the bundle was trained by"


def write_start(bundle: Path, preset: Preset, run: Path) -> list[Path]:
    """Writes the bundle's VAE to `run` as finished stages, and its generator as the start of teacher and student.

    Returns the written files. Raises `PresetError` where the preset starts with another bundle or none, where its
    networks have other sizes, and where the run has started already.
    """
    if preset.begins_with is None:
        raise PresetError(f"the preset {preset.name} begins with random weights: there is nothing to do before train")
    manifest = json.loads((bundle / "manifest.json").read_text())
    found = f"{manifest['name']} {manifest['version']}"
    if found != preset.begins_with:
        raise PresetError(
            f"{bundle} holds {found}, the preset {preset.name} begins with {preset.begins_with}: give that"
        )
    if checkpoint_path(run, products.START.stage).exists():
        raise PresetError(f"{run} has begun already: train goes on with it")
    torch.manual_seed(preset.seed)  # for the few parameters that no graph holds
    vae, generator = Vae(preset.vae), Mmdit(preset.generator)
    read(bundle / manifest["image_encoder"]["file"], vae.encoder, "vae.encoder.")
    read(bundle / manifest["decoder"]["file"], vae.decoder, "vae.decoder.")
    vae.shift.copy_(torch.tensor(manifest["latents"]["shift"]))
    vae.scale.copy_(torch.tensor(manifest["latents"]["scale"]))
    last = f"blocks.{preset.generator.depth - 1}.text."  # behind its attention text changes nothing
    absent = {name for name, _ in generator.named_parameters() if name.startswith((f"{last}project.", f"{last}mlp."))}
    read(bundle / manifest["generator"]["file"], generator, absent=absent)
    return [
        _write(run, products.VAE, VaeWeights(vae.state_dict())),
        _write(run, products.DECODER, DecoderWeights(vae.decoder.state_dict())),
        _write(run, products.START, GeneratorWeights(generator.state_dict())),
    ]


def _write(run: Path, product: Product[R], record: R) -> Path:
    """Writes the checkpoint of a finished stage, which holds its product alone."""
    path = checkpoint_path(run, product.stage)
    path.parent.mkdir(parents=True, exist_ok=True)
    Checkpoint(step=1, steps=1, state=in_half_precision(product.entries(vars(record))), product=True).write(path)
    return path


@torch.no_grad()
def read(file: Path, module: nn.Module, prefix: str = "", absent: Collection[str] = ()) -> None:
    """Sets `module`'s parameters, but those `absent`, from a graph that was exported of it, by their names.

    Raises `PresetError` where a parameter has no tensor of its shape, or a tensor no parameter.
    """
    graph = onnx.load(file).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in constants:
            constants[node.output[0]] = constants[node.input[0]].astype(np.float32)
    parameters = dict(module.named_parameters())
    tensors = {name.removeprefix(prefix): value for name, value in constants.items() if name.startswith(prefix)}
    weights = {name: value for name, value in tensors.items() if name in parameters or name.endswith(".bias")}
    weights |= _matrices(graph, constants, prefix)
    norms = [name for name, part in module.named_modules() if isinstance(part, nn.GroupNorm)]
    weights |= _norms(graph, constants, norms, file.name)
    unlike = sorted(weights.keys() ^ (parameters.keys() - absent))
    if unlike:
        raise PresetError(f"{file.name} and the preset's network do not both have {', '.join(unlike[:4])}: {_REMEDY}")
    for name, value in weights.items():
        parameter, found = parameters[name], torch.from_numpy(value.copy())
        if _sides(found) != _sides(parameter):
            raise PresetError(
                f"{file.name}: {name} has the shape {list(found.shape)}, the preset's is {list(parameter.shape)}:"
                f" {_REMEDY}"
            )
        parameter.copy_(found.view_as(parameter))


def _sides(tensor: torch.Tensor) -> list[int]:
    """A shape without its ones."""
    return [side for side in tensor.shape if side != 1]


def _matrices(graph: onnx.GraphProto, constants: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The weights of linear layers by name: the exporter transposes them and keeps only the names of their biases."""
    factors = {
        node.output[0]: constants[node.input[1]]
        for node in graph.node
        if node.op_type == "MatMul" and node.input[1] in constants
    }
    found = {}
    for node in graph.node:
        for product, bias in (node.input, reversed(node.input)) if node.op_type == "Add" else ():
            if product in factors and bias.endswith(".bias"):
                found[bias.removeprefix(prefix).removesuffix("bias") + "weight"] = factors[product].T
    return found


def _norms(
    graph: onnx.GraphProto, constants: dict[str, np.ndarray], names: list[str], file: str
) -> dict[str, np.ndarray]:
    """Weights and biases of the group norms, which lose their names: the constants that scale and move what is normed,
    in the order of the network.
    """
    after = {name: node for node in graph.node for name in node.input}
    found: dict[str, np.ndarray] = {}
    normed = [node for node in graph.node if node.op_type == "InstanceNormalization"]
    if len(normed) != len(names):
        raise PresetError(f"{file} has {len(normed)} group norms, the preset's network {len(names)}: {_REMEDY}")
    for name, node in zip(names, normed, strict=True):
        reached = node
        for part, operation in (("weight", "Mul"), ("bias", "Add")):
            reached = after[reached.output[0]]
            while reached.op_type != operation:
                reached = after[reached.output[0]]
            found[f"{name}.{part}"] = next(constants[i] for i in reached.input if i in constants)
    return found
