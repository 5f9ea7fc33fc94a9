"""Merges LoRA files into a transformer: W + scale (alpha / rank) up down, W + scale diff, b + scale diff_b.

LoRA: Hu et al. 2021. Names end in `lora_down.weight` and `lora_up.weight`, or `lora_A.weight` and `lora_B.weight`; in
front of that is the name of a layer, in the layout of the original repository or in that of the hub. `alpha` is
optional; without it the factor is 1. Files that were extracted from a whole model also have differences (`diff`) of
norms and of biases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from zoetrope_export.bundle.weights import Weight
from zoetrope_export.data.tensor_files import CheckpointError, StoredTensor
from zoetrope_export.published.keys import is_original, renamed, without_prefix

_PART = re.compile(
    r"(?P<layer>.+)\.(?:(?P<down>lora_down|lora_A)|(?P<up>lora_up|lora_B))(?:\.default)?\.weight$"
    r"|(?P<other>.+)\.(?P<kind>alpha|diff|diff_b)$"
)


@dataclass(frozen=True, kw_only=True)
class LoraFile:
    """A LoRA file and the strength with which it is merged."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of one weight or bias: `scale` times `difference`, or times `factor` up down."""

    scale: float
    factor: float = 1.0
    up: StoredTensor | None = None
    down: StoredTensor | None = None
    difference: StoredTensor | None = None

    def values(self) -> torch.Tensor:
        """Returns the values to add, in float32."""
        if self.difference is not None:
            return self.scale * self.difference.read().float()
        if self.up is None or self.down is None:
            raise ValueError("a change has a difference, or up and down")
        up, down = self.up.read().float(), self.down.read().float()
        return self.scale * self.factor * (up.flatten(1) @ down.flatten(1))


@dataclass(frozen=True, kw_only=True)
class MergedTensor:
    """A weight of the checkpoint with its changes. It is computed when it is read, in float32."""

    base: Weight
    change: Change

    @property
    def dtype(self) -> torch.dtype:
        """The precision of the merged values."""
        return torch.float32

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the weight."""
        return tuple(self.base.shape)

    def read(self) -> torch.Tensor:
        """Returns the merged values."""
        base = self.base.read().float()
        return base + self.change.values().reshape(base.shape)


def merged(weights: Mapping[str, Weight], tensors: Mapping[str, StoredTensor], file: LoraFile) -> dict[str, Weight]:
    """Returns the weights of a transformer with a LoRA file's changes.

    Raises `CheckpointError` if a tensor of the file fits no weight, or if one half of a pair is missing.
    """
    result = dict(weights)
    for name, change in _changes(tensors, file).items():
        if name not in weights:
            raise CheckpointError(f"{file.path}: {name}: the transformer has no such weight; give a LoRA of this model")
        wanted = _shape_of(change)
        shape = tuple(weights[name].shape)
        if wanted[0] != shape[0] or _numbers(wanted) != _numbers(shape):
            raise CheckpointError(
                f"{file.path}: {name} changes a weight of the shape {list(wanted)}, the transformer's has"
                f" {list(shape)}; give a LoRA of this model"
            )
        result[name] = MergedTensor(base=result[name], change=change)
    return result


def _numbers(shape: tuple[int, ...]) -> int:
    return int(torch.Size(shape).numel())


def _shape_of(change: Change) -> tuple[int, ...]:
    if change.difference is not None:
        return change.difference.shape
    if change.up is None or change.down is None:
        raise ValueError("a change has a difference, or up and down")
    return change.up.shape[0], _numbers(change.down.shape[1:])


def _changes(tensors: Mapping[str, StoredTensor], file: LoraFile) -> dict[str, Change]:
    """Returns the changes by the network's names of weights and biases."""
    layers: dict[str, dict[str, StoredTensor]] = {}
    for name, tensor in tensors.items():
        match = _PART.match(without_prefix(name))
        if match is None:
            raise CheckpointError(
                f"{file.path}: {name}: expected a name in lora_down, lora_up, lora_A, lora_B, alpha, diff or diff_b;"
                " give a LoRA in one of these layouts"
            )
        kind = match["kind"] or ("down" if match["down"] else "up")
        layers.setdefault(match["layer"] or match["other"], {})[kind] = tensor
    original = any("self_attn" in layer or "cross_attn" in layer for layer in layers) or is_original(layers)
    changes: dict[str, Change] = {}
    for layer, parts in layers.items():

        def target(kind: str, layer: str = layer) -> str:
            return renamed(f"{layer}.{kind}") if original else f"{layer}.{kind}"

        if ("up" in parts) != ("down" in parts):
            raise CheckpointError(f"{file.path}: {layer} has one half of a pair of up and down; download it again")
        if "up" in parts and "diff" in parts:
            raise CheckpointError(f"{file.path}: {layer} has both a pair and a difference; give one of them")
        if "up" in parts:
            up, down = parts["up"], parts["down"]
            rank = down.shape[0]
            if up.shape[1] != rank:
                raise CheckpointError(
                    f"{file.path}: {layer} has the shapes {list(up.shape)} and {list(down.shape)}, which share no rank;"
                    " download it again"
                )
            factor = float(parts["alpha"].read()) / rank if "alpha" in parts else 1.0
            changes[target("weight")] = Change(scale=file.scale, factor=factor, up=up, down=down)
        if "diff" in parts:
            changes[target("weight")] = Change(scale=file.scale, difference=parts["diff"])
        if "diff_b" in parts:
            changes[target("bias")] = Change(scale=file.scale, difference=parts["diff_b"])
    return changes
