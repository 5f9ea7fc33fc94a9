"""Names of tensors: from those of other layouts to those of the networks, and the check that nothing is left over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

import torch
from torch import nn

from zoetrope_export.data.tensor_files import CheckpointError

T = TypeVar("T")

# From the layout of the original Wan repository (Wan-Video/Wan2.1, wan/modules/model.py).
_ORIGINAL = (
    (r"^time_embedding\.0\.", "condition_embedder.time_embedder.linear_1."),
    (r"^time_embedding\.2\.", "condition_embedder.time_embedder.linear_2."),
    (r"^text_embedding\.0\.", "condition_embedder.text_embedder.linear_1."),
    (r"^text_embedding\.2\.", "condition_embedder.text_embedder.linear_2."),
    (r"^time_projection\.1\.", "condition_embedder.time_proj."),
    (r"^head\.modulation$", "scale_shift_table"),
    (r"^head\.head\.", "proj_out."),
    (r"^(blocks\.\d+)\.modulation$", r"\1.scale_shift_table"),
    (r"^(blocks\.\d+)\.self_attn\.(q|k|v)\.", r"\1.attn1.to_\2."),
    (r"^(blocks\.\d+)\.self_attn\.o\.", r"\1.attn1.to_out.0."),
    (r"^(blocks\.\d+)\.self_attn\.", r"\1.attn1."),
    (r"^(blocks\.\d+)\.cross_attn\.(q|k|v)\.", r"\1.attn2.to_\2."),
    (r"^(blocks\.\d+)\.cross_attn\.o\.", r"\1.attn2.to_out.0."),
    (r"^(blocks\.\d+)\.cross_attn\.", r"\1.attn2."),
    (r"^(blocks\.\d+)\.ffn\.0\.", r"\1.ffn.net.0.proj."),
    (r"^(blocks\.\d+)\.ffn\.2\.", r"\1.ffn.net.2."),
    (r"^(blocks\.\d+)\.norm3\.", r"\1.norm2."),
)
_PREFIXES = ("model.diffusion_model.", "diffusion_model.", "transformer.", "generator.", "model.", "net.")

# Tensors that inference does not read, by part: sparse attention's gates (FastWan 2.1), and a second name of the table
# of word embeddings.
UNUSED = {
    "transformer": re.compile(r"blocks\.\d+\.to_gate_compress\."),
    "text_encoder": re.compile(r"encoder\.embed_tokens\.weight"),
}


def without_prefix(name: str) -> str:
    """Removes what some tools put in front of all names."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def is_original(names: Iterable[str]) -> bool:
    """Returns whether the names are those of the original Wan layout."""
    return any(without_prefix(name).startswith(("head.", "time_projection.")) for name in names)


def renamed(name: str) -> str:
    """Returns the network's name of a tensor of the original layout."""
    name = without_prefix(name)
    for pattern, replacement in _ORIGINAL:
        new, count = re.subn(pattern, replacement, name)
        if count:
            return new
    return name


def rename_original(tensors: Mapping[str, T]) -> dict[str, T]:
    """Returns the tensors of a transformer by the network's names.

    Raises `CheckpointError` if two tensors have one name there.
    """
    rename = renamed if is_original(tensors) else without_prefix
    found: dict[str, T] = {}
    for name, tensor in tensors.items():
        if rename(name) in found:
            raise CheckpointError(f"{name}: two tensors are {rename(name)}; give a file with one transformer")
        found[rename(name)] = tensor
    return found


def with_shared_table(tensors: Mapping[str, T]) -> dict[str, T]:
    """Returns the tensors of a text encoder. Some files have the word table under its second name."""
    table, second = "shared.weight", "encoder.embed_tokens.weight"
    if table in tensors or second not in tensors:
        return dict(tensors)
    return {table if name == second else name: tensor for name, tensor in tensors.items()}


def fitting(network: nn.Module, tensors: Mapping[str, T], part: str, where: str) -> dict[str, T]:
    """Returns the tensors of a network by the names of its parameters, without those that inference does not read.

    Raises `CheckpointError` if a tensor is missing, left over, or has another shape; it names them.
    """
    unused = UNUSED.get(part)
    used = {name: tensor for name, tensor in tensors.items() if not (unused and unused.match(name))}
    expected = {name: tuple(parameter.shape) for name, parameter in network.named_parameters()}
    problems = [f"{name} is missing" for name in sorted(expected.keys() - used.keys())]
    problems += [f"{name} is left over" for name in sorted(used.keys() - expected.keys())]
    for name in sorted(expected.keys() & used.keys()):
        shape = tuple(_shape(used[name]))
        if shape != expected[name]:
            problems.append(f"{name} has the shape {list(shape)}, the configuration says {list(expected[name])}")
    if problems:
        shown = "; ".join(problems[:5]) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else "")
        raise CheckpointError(f"{where}: the tensors do not fit the network: {shown}")
    return used


def _shape(tensor: object) -> torch.Size | tuple[int, ...]:
    return tensor.shape  # type: ignore[attr-defined]
