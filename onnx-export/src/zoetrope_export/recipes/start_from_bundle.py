"""Starts a run with the weights of a bundle. Reads them from the bundle's ONNX graphs, so it needs no checkpoints.

The graphs store large tensors in half precision. The export rounds the network first (`export.round_to_half`), so the
weights that are read here are exactly those that were exported.
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
from zoetrope_export.training.products import DecoderWeights, GeneratorWeights, Product, Record, VaeWeights

R = TypeVar("R", bound=Record)

_REMEDY = "give the preset that trained the bundle"


def write_start(bundle: Path, preset: Preset, run: Path) -> list[Path]:
    """Writes the bundle's VAE to `run` as finished stages, and its generator as start weights of teacher and student.

    Returns the paths of the written files. Raises `PresetError` if the preset starts from another bundle or from random
    weights, if its networks have other sizes than the bundle's, or if the run has start weights already.
    """
    if preset.begins_with is None:
        raise PresetError(f"the preset {preset.name} starts from random weights: call train, not begin")
    manifest = json.loads((bundle / "manifest.json").read_text())
    found = f"{manifest['name']} {manifest['version']}"
    if found != preset.begins_with:
        raise PresetError(
            f"{bundle} holds {found}, the preset {preset.name} starts from {preset.begins_with}: give the folder of"
            f" {preset.begins_with}"
        )
    if checkpoint_path(run, products.START.stage).exists():
        raise PresetError(f"{run} has start weights already: call train to continue the run")
    torch.manual_seed(preset.seed)  # seeds the initial values of the few parameters that no graph holds
    vae, generator = Vae(preset.vae), Mmdit(preset.generator)
    read_weights(bundle / manifest["image_encoder"]["file"], vae.encoder, "vae.encoder.")
    read_weights(bundle / manifest["decoder"]["file"], vae.decoder, "vae.decoder.")
    vae.shift.copy_(torch.tensor(manifest["latents"]["shift"]))
    vae.scale.copy_(torch.tensor(manifest["latents"]["scale"]))
    # After the last block's attention, text tokens no longer affect the output, so the graph lacks these weights.
    last = f"blocks.{preset.generator.depth - 1}.text."
    absent = {name for name, _ in generator.named_parameters() if name.startswith((f"{last}project.", f"{last}mlp."))}
    read_weights(bundle / manifest["generator"]["file"], generator, absent=absent)
    return [
        _write(run, products.VAE, VaeWeights(vae.state_dict())),
        _write(run, products.DECODER, DecoderWeights(vae.decoder.state_dict())),
        _write(run, products.START, GeneratorWeights(generator.state_dict())),
    ]


def _write(run: Path, product: Product[R], record: R) -> Path:
    """Writes a checkpoint that marks the stage as finished and holds its product alone. Returns the file's path."""
    path = checkpoint_path(run, product.stage)
    path.parent.mkdir(parents=True, exist_ok=True)
    Checkpoint(step=1, steps=1, state=in_half_precision(product.entries(vars(record))), product=True).write(path)
    return path


@torch.no_grad()
def read_weights(file: Path, module: nn.Module, prefix: str = "", absent: Collection[str] = ()) -> None:
    """Sets the parameters of `module` from its exported graph, by their names, except the parameters named `absent`.

    `prefix` precedes the parameters' names in the graph. Raises `PresetError` if a parameter has no tensor of its name
    and shape, or if a weight in the graph has no parameter.
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
    unmatched = sorted(weights.keys() ^ (parameters.keys() - absent))
    if unmatched:
        raise PresetError(f"only one of {file.name} and the preset's network has {', '.join(unmatched[:4])}: {_REMEDY}")
    for name, value in weights.items():
        parameter, weight = parameters[name], torch.from_numpy(value.copy())
        if _squeezed(weight) != _squeezed(parameter):
            raise PresetError(
                f"{file.name}: {name} has the shape {list(weight.shape)}, the preset's network needs"
                f" {list(parameter.shape)}:"
                f" {_REMEDY}"
            )
        parameter.copy_(weight.view_as(parameter))


def _squeezed(tensor: torch.Tensor) -> list[int]:
    """Returns a tensor's shape without its dimensions of size 1."""
    return [size for size in tensor.shape if size != 1]


def _matrices(graph: onnx.GraphProto, constants: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """Returns the weights of linear layers by name.

    The exporter transposes these weights and drops their names, but keeps the names of the layers' biases. So a weight
    gets its name from the bias that is added to its product.
    """
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
    """Returns the weights and biases of the group norms by name.

    The exporter drops their names. They are the constants of the first multiplication and the first addition after each
    normalisation. The normalisations are in the graph in the order of `names`, which is the network's.
    """
    consumer = {name: node for node in graph.node for name in node.input}
    found: dict[str, np.ndarray] = {}
    normalisations = [node for node in graph.node if node.op_type == "InstanceNormalization"]
    if len(normalisations) != len(names):
        raise PresetError(f"{file} has {len(normalisations)} group norms, the preset's network {len(names)}: {_REMEDY}")
    for name, normalisation in zip(names, normalisations, strict=True):
        node = normalisation
        for part, operation in (("weight", "Mul"), ("bias", "Add")):
            node = consumer[node.output[0]]
            while node.op_type != operation:
                node = consumer[node.output[0]]
            found[f"{name}.{part}"] = next(constants[i] for i in node.input if i in constants)
    return found
