"""Begins a run from a bundle: the weights are read back from its ONNX graphs, for those who have no checkpoints of it.

The graphs keep what is large in half precision, as `export.round_to_half` made it: what is read is what was exported.
"""

from __future__ import annotations

import json
from collections.abc import Container
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from zoetrope_export.decoder_training import DecoderStage
from zoetrope_export.mmdit import Mmdit
from zoetrope_export.presets import Preset, PresetError
from zoetrope_export.training import checkpoint
from zoetrope_export.vae import Vae
from zoetrope_export.vae_training import VaeStage

_REMEDY = "give the preset that the bundle was trained by"
START = "start"  # the weights that a run's teacher and student begin with


def begin(bundle: Path, preset: Preset, run: Path) -> None:
    """Writes the bundle's VAE to `run` as stages that are done, and its generator as what the teacher begins with.

    Raises `PresetError` where the preset begins with another bundle or none, or the run has begun already.
    """
    manifest = json.loads((bundle / "manifest.json").read_text())
    told = f"{manifest['name']} {manifest['version']}"
    if told != preset.begins_with:
        raise PresetError(
            f"{bundle} holds {told}; the preset {preset.name} begins with {preset.begins_with or 'random weights'}:"
            " give that bundle, or a preset that has this one as begins_with"
        )
    if any(run.glob("*.pt")):
        raise PresetError(f"{run} has checkpoints already: delete the folder, or give another with --runs")
    vae, generator = Vae(preset.vae), Mmdit(preset.generator)
    read(bundle / manifest["image_encoder"]["file"], vae.encoder, "vae.encoder.")
    read(bundle / manifest["decoder"]["file"], vae.decoder, "vae.decoder.")
    last = f"blocks.{preset.generator.depth - 1}.text."  # behind its attention text changes nothing: the graph has none
    unread = {name for name, _ in generator.named_parameters() if name.startswith(last)}
    read(bundle / manifest["generator"]["file"], generator, unread=unread)
    vae.shift.copy_(torch.tensor(manifest["latents"]["shift"]))
    vae.scale.copy_(torch.tensor(manifest["latents"]["scale"]))
    run.mkdir(parents=True, exist_ok=True)
    products = {
        VaeStage.name: {"vae": vae.state_dict()},
        DecoderStage.name: {"model": vae.decoder.state_dict()},
        START: {"ema": generator.state_dict()},
    }
    for name, state in products.items():
        torch.save({"step": 1, "steps": 1, "state": state, "product": True}, checkpoint(run, name))


def read(file: Path, module: nn.Module, prefix: str = "", unread: Container[str] = ()) -> None:
    """Sets `module`'s parameters, but those `unread`, from a graph that was exported of it.

    Raises `PresetError` where they do not fit.
    """
    graph = onnx.load(file).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in constants:
            constants[node.output[0]] = constants[node.input[0]].astype(np.float32)
    named = {name.removeprefix(prefix): value for name, value in constants.items() if name.startswith(prefix)}
    named |= _matrices(graph, constants)
    named |= _norms(graph, constants, [name for name, part in module.named_modules() if isinstance(part, nn.GroupNorm)])
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name not in named:
                if name in unread:
                    continue
                raise PresetError(f"{file.name} has no {name}, the preset has: {_REMEDY}")
            value = named[name]
            if value.size != parameter.numel():
                raise PresetError(
                    f"{file.name}: {name} has the shape {list(value.shape)}, the preset's {list(parameter.shape)}:"
                    f" {_REMEDY}"
                )
            parameter.copy_(torch.from_numpy(value.copy()).view_as(parameter))


def _matrices(graph: onnx.GraphProto, constants: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
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
                found[bias.removesuffix("bias") + "weight"] = factors[product].T
    return found


def _norms(graph: onnx.GraphProto, constants: dict[str, np.ndarray], names: list[str]) -> dict[str, np.ndarray]:
    """Weights and biases of the group norms, which lose their names: the constants that scale and move what is normed,
    in the order of the network.
    """
    after = {name: node for node in graph.node for name in node.input}
    found: dict[str, np.ndarray] = {}
    normed = [node for node in graph.node if node.op_type == "InstanceNormalization"]
    for name, node in zip(names, normed, strict=True):
        reached = node
        for part, operation in (("weight", "Mul"), ("bias", "Add")):
            reached = after[reached.output[0]]
            while reached.op_type != operation:
                reached = after[reached.output[0]]
            found[f"{name}.{part}"] = next(constants[i] for i in reached.input if i in constants)
    return found
