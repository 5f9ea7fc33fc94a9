"""The manifest of a bundle, format 2. docs/bundle-format.md describes every field.

A bundle of format 1 is read as one of format 2: one generator, one size, sigmas equal to the timesteps.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import onnx

from zoetrope_export.bundle.limits import check_values

FILE = "manifest.json"
FORMAT = 2
Kind = Literal["euler", "renoise", "time-travel"]
# The samplers of format 1, whose names are their kinds.
_KINDS: dict[str, Kind] = {"one-step": "euler", "two-step": "renoise", "time-travel": "time-travel"}


@dataclass(frozen=True, kw_only=True)
class SamplerSpec:
    """A sampler: the timestep, sigma and generator of each pass, and the move between passes."""

    name: str
    kind: Kind
    steps: int
    timesteps: tuple[float, ...]
    sigmas: tuple[float, ...]
    generators: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    """The published checkpoint that a bundle was made from, with the digest of each file that was read."""

    repository: str
    revision: str
    files: tuple[dict[str, str], ...]


def graph_entry(
    path: Path, digests: dict[str, str], external: list[str], *, max_batch: int, precision: str
) -> dict[str, Any]:
    """Returns the manifest's entry of one graph, with the signature that its file has.

    `digests` holds the SHA-256 digests of the bundle's files by name, and `external` the files with its weights.
    """
    model = onnx.load(path, load_external_data=False)
    return {
        "file": path.name,
        "sha256": digests[path.name],
        "external_data": [{"file": name, "sha256": digests[name]} for name in external],
        "inputs": {value.name: _tensor(value) for value in model.graph.input},
        "outputs": {value.name: _tensor(value) for value in model.graph.output},
        "max_batch": max_batch,
        "precision": precision,
        "opsets": {opset.domain or "ai.onnx": opset.version for opset in model.opset_import},
    }


def _tensor(value: onnx.ValueInfoProto) -> dict[str, Any]:
    tensor = value.type.tensor_type
    return {
        "dtype": str(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)),
        "shape": [axis.dim_param or axis.dim_value for axis in tensor.shape.dim],
    }


def sampler_entry(sampler: SamplerSpec) -> dict[str, Any]:
    """Returns the manifest's entry of a sampler."""
    return asdict(sampler)


def samplers_of(manifest: dict[str, Any]) -> list[SamplerSpec]:
    """Returns the samplers of a manifest in format 2."""
    return [
        SamplerSpec(
            name=entry["name"],
            kind=entry["kind"],
            steps=entry["steps"],
            timesteps=tuple(entry["timesteps"]),
            sigmas=tuple(entry["sigmas"]),
            generators=tuple(entry["generators"]),
        )
        for entry in manifest["samplers"]
    ]


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Writes the manifest of a bundle. Raises `ValueError` if the job would refuse one of its values."""
    check_values(manifest)
    (folder / FILE).write_text(json.dumps(manifest, indent=2) + "\n")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Returns the manifest of a bundle in format 2.

    Raises `ValueError` if it has another format than 1 and 2, or a value that the job would refuse.
    """
    manifest: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    if manifest["format"] in (1, FORMAT):
        check_values(manifest)
    if manifest["format"] == 1:
        return _from_format_1(manifest)
    if manifest["format"] != FORMAT:
        raise ValueError(f"{folder / FILE}: format {manifest['format']}, this release reads 1 and {FORMAT}")
    return manifest


def _from_format_1(manifest: dict[str, Any]) -> dict[str, Any]:
    video, latents = manifest["video"], manifest["latents"]
    for sampler in manifest["samplers"]:
        if sampler["name"] not in _KINDS:
            raise ValueError(f"samplers.name: expected one of {', '.join(_KINDS)}, got {sampler['name']!r}")
    kept = ("name", "version", "license", "text_encoder", "image_encoder", "decoder", "provenance")
    return {
        "format": FORMAT,
        **{key: manifest[key] for key in kept if key in manifest},
        "tokenizer": {**manifest["tokenizer"], "prompt_cleaning": "none"},
        "generators": {"generator": manifest["generator"]},
        "latents": {key: latents[key] for key in latents if key not in ("frames", "height", "width")},
        "samplers": [
            {
                "name": sampler["name"],
                "kind": _KINDS[sampler["name"]],
                "steps": sampler["steps"],
                "timesteps": sampler["timesteps"],
                "sigmas": sampler["timesteps"],
                "generators": ["generator"] * sampler["steps"],
            }
            for sampler in manifest["samplers"]
        ],
        "default_steps": manifest["samplers"][0]["steps"],
        "video": {
            "sizes": [{"width": video["width"], "height": video["height"]}],
            "frame_counts": [video["frame_count"]],
            "frame_rate": video["frame_rate"],
        },
    }
