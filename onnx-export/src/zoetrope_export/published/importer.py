"""Makes a bundle from a published model."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from zoetrope_export.bundle.limits import check_values
from zoetrope_export.bundle.manifest import FORMAT, SamplerSpec, sampler_entry, write_manifest
from zoetrope_export.bundle.traced_values import Attention
from zoetrope_export.bundle.wan_export import Network, WanExport
from zoetrope_export.bundle.weights import Weight
from zoetrope_export.data.tensor_files import StoredTensor
from zoetrope_export.models.wan.text_encoder import TextEncoder
from zoetrope_export.models.wan.transformer import PATCH, TEXT_TOKENS, Transformer, TransformerConfig
from zoetrope_export.models.wan.vae import TEMPORAL, Vae
from zoetrope_export.published.checkpoint import PICKLES, Checkpoint
from zoetrope_export.published.errors import RefusedError, WriteFailedError
from zoetrope_export.published.keys import rename_original, with_shared_table
from zoetrope_export.published.layout import Layout, network, read_layout
from zoetrope_export.published.lora import LoraFile, merged
from zoetrope_export.published.schedules import SCHEDULES, causal_name, sampler, student_of

_PAD_TO_MULTIPLE_OF = 16
_GENERATORS = {"transformer": "high_noise", "transformer_2": "low_noise"}  # of a model with two experts
_LICENCES = {"apache-2.0": "Apache-2.0", "mit": "MIT"}


@dataclass(frozen=True, kw_only=True)
class Size:
    """The sides of a video in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What a bundle shall serve. The first number of steps, size and number of frames are the defaults.

    `sampler` is one of `SCHEDULES`; None means that of the student. `transformers` are files that replace transformers
    of the folder, and `loras` are merged into them; both by the generator's name.
    """

    steps: tuple[int, ...]
    sizes: tuple[Size, ...]
    frame_counts: tuple[int, ...]
    name: str | None = None
    version: str = "1"
    sampler: str | None = None
    frame_rate: int | None = None
    transformers: Mapping[str, Path] = field(default_factory=dict)
    loras: Mapping[str, Sequence[LoraFile]] = field(default_factory=dict)
    attention: Attention = "fused"
    precision: torch.dtype = torch.float32
    text_int8: bool = False
    commit: str = ""


@dataclass(frozen=True, kw_only=True)
class PublishedModel:
    """A published model, read and checked: its layout and networks, and the samplers that it is served with."""

    checkpoint: Checkpoint
    layout: Layout
    networks: dict[str, Network[Any]]
    samplers: list[SamplerSpec]
    warnings: list[str]


def read_model(folder: Path, options: ImportOptions) -> PublishedModel:
    """Reads a checkpoint folder, without the values of its tensors, and checks everything that can be checked.

    Raises `RefusedError` if the model or an option cannot be served, and `CheckpointError` if a file is missing or
    damaged.
    """
    checkpoint = Checkpoint(folder)
    for file in _extra_files(options):
        if file.suffix in PICKLES:
            raise RefusedError(f"{file}: a pickle runs code when it is read; give a file in safetensors")
    layout = read_layout(checkpoint)
    _check_sizes(layout, options)
    _check_limits(checkpoint, layout, options)
    samplers, warnings = _samplers(checkpoint, layout, options)
    generators = _generator_names(layout)
    for name in (*options.transformers, *options.loras):
        if name not in generators.values():
            raise RefusedError(_which_generator(name, generators))
    text = with_shared_table(checkpoint.tensors("text_encoder"))
    networks = {
        "text_encoder": network(TextEncoder, layout.text_encoder, text, "text_encoder"),
        "vae": network(Vae, layout.vae, checkpoint.tensors("vae"), "vae"),
        **{part: _transformer(checkpoint, layout, part, name, options) for part, name in generators.items()},
    }
    return PublishedModel(checkpoint=checkpoint, layout=layout, networks=networks, samplers=samplers, warnings=warnings)


def _extra_files(options: ImportOptions) -> list[Path]:
    """Returns the files that the options name: LoRAs first, since they decide which student a model is."""
    return [*(lora.path for loras in options.loras.values() for lora in loras), *options.transformers.values()]


def _generator_names(layout: Layout) -> dict[str, str]:
    """Returns the generators' names by the folders of their transformers."""
    if len(layout.transformers) == 1:
        return dict.fromkeys(layout.transformers, "generator")
    return {part: _GENERATORS[part] for part in layout.transformers}


def _which_generator(name: str, generators: Mapping[str, str]) -> str:
    listed = ", ".join(generators.values())
    return f"--transformer, --lora: the model has the generators {listed}, the option says {name}; write one of them"


def _transformer(
    checkpoint: Checkpoint, layout: Layout, part: str, name: str, options: ImportOptions
) -> Network[TransformerConfig]:
    """Returns a transformer with its tensors: those of the folder or of a file, with the LoRAs' changes."""
    replacement = options.transformers.get(name)
    tensors = checkpoint.tensors(part) if replacement is None else checkpoint.tensors_of(replacement)
    named = with_patch_kernel(rename_original(tensors), layout.transformers[part].in_channels)
    loaded = network(Transformer, layout.transformers[part], named, part)
    weights: Mapping[str, Weight] = loaded.weights
    for lora in options.loras.get(name, ()):
        weights = merged(weights, checkpoint.tensors_of(lora.path), lora)
    return Network(config=loaded.config, weights=weights)


def with_patch_kernel(tensors: Mapping[str, StoredTensor], channels: int) -> dict[str, StoredTensor]:
    """Returns the tensors of a transformer with the patch embedding as a convolution.

    rCM's files have it as a linear map of (channel, t, y, x), which is the order of a convolution's kernel.
    """
    name = "patch_embedding.weight"
    tensor = tensors.get(name)
    if tensor is None or tensor.shape[1:] != (channels * PATCH**2,):
        return dict(tensors)
    return {**tensors, name: replace(tensor, shape=(tensor.shape[0], channels, 1, PATCH, PATCH))}


def _check_sizes(layout: Layout, options: ImportOptions) -> None:
    unit = layout.vae.spatial * PATCH
    most = layout.vae.spatial * PATCH * layout.transformer.positions
    for size in options.sizes:
        if size.width % unit or size.height % unit or min(size.width, size.height) < 1:
            raise RefusedError(
                f"--size {size}: both sides have to be multiples of {unit}, the pixels of a token's side"
            )
        if max(size.width, size.height) > most:
            raise RefusedError(f"--size {size}: the model has positions for {most} pixels along a side; give less")
    for frames in options.frame_counts:
        if frames < 1 or (frames - 1) % TEMPORAL:
            near = max(1, frames - (frames - 1) % TEMPORAL)
            raise RefusedError(
                f"--frames {frames}: the VAE makes 1 + {TEMPORAL} k frames; give {near} or {near + TEMPORAL}"
            )
        if 1 + (frames - 1) // TEMPORAL > layout.transformer.positions:
            raise RefusedError(f"--frames {frames}: the model has positions for fewer; give less")


def _check_limits(checkpoint: Checkpoint, layout: Layout, options: ImportOptions) -> None:
    """Raises `RefusedError` for what the job would refuse in the manifest, before the weights are read."""
    try:
        check_values(
            {
                "name": options.name or _name(checkpoint.repository()),
                "version": options.version,
                "license": _licence(checkpoint),
                "samplers": [{"steps": steps} for steps in options.steps],
                "video": _video(layout, options),
            }
        )
    except ValueError as error:
        raise RefusedError(
            f"{error}; give another --name, --version, --steps, --size, --frames or --frame-rate"
        ) from None


def _video(layout: Layout, options: ImportOptions) -> dict[str, Any]:
    return {
        "sizes": [{"width": size.width, "height": size.height} for size in options.sizes],
        "frame_counts": list(options.frame_counts),
        "frame_rate": {"num": options.frame_rate or layout.frame_rate, "den": 1},
    }


def _samplers(checkpoint: Checkpoint, layout: Layout, options: ImportOptions) -> tuple[list[SamplerSpec], list[str]]:
    """Returns the samplers, and a warning if they are not those that the student was distilled for."""
    files = [f"{file.parent.name}/{file.name}" for file in _extra_files(options)]
    names = [*files, checkpoint.repository(), layout.pipeline]
    causal, student = causal_name(names), student_of(names)
    if causal is not None and options.sampler is None:
        raise RefusedError(
            f"{causal}: students of this name generate block by block with a key-value cache, which this job does not"
            " run. If this one is bidirectional, name its sampler: --sampler renoise"
        )
    if options.sampler is not None and options.sampler not in SCHEDULES:
        raise RefusedError(f"--sampler {options.sampler}: give one of {', '.join(SCHEDULES)}")
    if student is None and options.sampler is None:
        raise RefusedError(
            f"{checkpoint.folder}: neither the folder's name nor {layout.pipeline} belongs to a known few-step student."
            " A base model needs many steps with guidance and a negative prompt, which this job does not run. If the"
            f" weights are those of a few-step student, name its sampler: --sampler {'|'.join(SCHEDULES)}"
        )
    name = options.sampler or (student.sampler if student else "")
    warnings = []
    if student is None:
        warnings.append(f"the sampler {name} is used as --sampler asks: the folder does not say which student it holds")
    elif name != student.sampler or not set(options.steps) <= set(student.steps):
        steps = ", ".join(map(str, student.steps))
        difference = (
            f"{student.name} was distilled for the sampler {student.sampler} with {steps} steps, the options ask for"
            f" {name} with {', '.join(map(str, options.steps))}"
        )
        if options.sampler is None:
            raise RefusedError(f"--steps: {difference}; give its own, or name another with --sampler")
        warnings.append(f"{difference}: expect worse videos")
    if len(set(options.steps)) != len(options.steps):
        raise RefusedError(f"--steps {','.join(map(str, options.steps))}: a number is there twice; give it once")
    return [sampler(name, steps, layout.boundary) for steps in options.steps], warnings


def import_model(
    folder: Path, out: Path, options: ImportOptions, verify: Callable[[PublishedModel, Path], None] | None = None
) -> PublishedModel:
    """Makes a bundle from a checkpoint folder, and returns the model that was read.

    `verify` gets the model and the bundle's files before the bundle has its name. Raises what `read_model` and `verify`
    do, `RefusedError` if the bundle's folder exists, and `WriteFailedError`. If anything fails, nothing remains.
    """
    if out.exists():
        raise RefusedError(f"--out {out}: it exists; give another folder, or delete it")
    model = read_model(folder, options)
    with _written_whole(out) as folder_in_progress:
        _write(model, folder_in_progress, options)
        if verify is not None:
            verify(model, folder_in_progress)
    return model


@contextmanager
def _written_whole(out: Path) -> Iterator[Path]:
    """Gives a folder beside `out` that becomes `out` at the end, or is deleted if anything fails."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            yield temporary
            temporary.chmod(0o755)
            os.rename(temporary, out)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except OSError as error:
        raise WriteFailedError(
            f"{out}: the bundle could not be written: {error}; make room, or give another --out"
        ) from None


def _write(model: PublishedModel, folder: Path, options: ImportOptions) -> None:
    layout, networks = model.layout, model.networks
    export = WanExport(folder, options.attention, options.precision)
    tokenizer = model.checkpoint.file("tokenizer/tokenizer.json")
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    transformer = layout.transformer
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "name": options.name or _name(model.checkpoint.repository()),
        "version": options.version,
        "license": _licence(model.checkpoint),
        "tokenizer": {
            "file": "tokenizer.json",
            "sha256": export.digest("tokenizer.json"),
            "max_tokens": TEXT_TOKENS,
            "pad_to_multiple_of": _PAD_TO_MULTIPLE_OF,
            "prompt_cleaning": "web-text",
        },
        "text_encoder": export.text_encoder(networks["text_encoder"], int8=options.text_int8),
    }
    if transformer.condition_channels:
        manifest["image_encoder"] = export.condition_encoder(networks["vae"])
    elif transformer.frame_timesteps:
        manifest["image_encoder"] = export.image_encoder(networks["vae"])
    manifest["generators"] = {
        name: export.generator(name, networks[part]) for part, name in _generator_names(layout).items()
    }
    manifest["decoder"] = export.decoder(networks["vae"])
    vae = layout.vae
    manifest["latents"] = {
        "channels": vae.latent_channels,
        "spatial_compression": vae.spatial,
        "temporal_compression": TEMPORAL,
        "shift": list(vae.mean),
        "scale": [1 / value for value in vae.deviation],
    }
    manifest["samplers"] = [sampler_entry(sampler) for sampler in model.samplers]
    manifest["default_steps"] = options.steps[0]
    manifest["video"] = _video(layout, options)
    manifest["provenance"] = {
        "recipe": "published model, imported",
        "commit": options.commit or "unknown",
        "source": {
            "repository": model.checkpoint.repository(),
            "revision": model.checkpoint.revision(),
            "files": _files(model.checkpoint),
        },
    }
    write_manifest(folder, manifest)


def _files(checkpoint: Checkpoint) -> Sequence[Mapping[str, str]]:
    """Returns the files that were read, by their path in the checkpoint's folder, or by name if they are elsewhere."""
    return [
        {
            "file": str(path.relative_to(checkpoint.folder)) if path.is_relative_to(checkpoint.folder) else path.name,
            "sha256": digest,
        }
        for path, digest in sorted(checkpoint.read.items())
    ]


def _name(repository: str) -> str:
    return repository.rsplit("/", maxsplit=1)[-1].lower()


def _licence(checkpoint: Checkpoint) -> str:
    """Returns the licence that the header of the folder's README names, as an SPDX identifier."""
    readme = checkpoint.folder / "README.md"
    if readme.is_file():
        for line in readme.read_text(errors="replace").splitlines()[:40]:
            key, _, value = line.partition(":")
            if key.strip() == "license":
                licence = _LICENCES.get(value.strip().lower(), value.strip())
                return licence if licence.isascii() and licence.isprintable() and licence else "NOASSERTION"
    return "NOASSERTION"
