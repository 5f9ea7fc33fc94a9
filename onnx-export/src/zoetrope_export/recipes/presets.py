"""Presets: folders of TOML files, one for each stage, that set the sizes of the networks and how they are trained."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal

from zoetrope_export.data.toyworld import WorldConfig
from zoetrope_export.models.mmdit import MmditConfig
from zoetrope_export.models.vae import SPATIAL, TEMPORAL, VaeConfig
from zoetrope_export.recipes import parameters
from zoetrope_export.recipes.findings_recipe import FindingsRecipe
from zoetrope_export.training.apt import AptRecipe
from zoetrope_export.training.consistency import ConsistencyRecipe
from zoetrope_export.training.decoder import DecoderRecipe
from zoetrope_export.training.osv import OsvRecipe
from zoetrope_export.training.teacher import TeacherRecipe
from zoetrope_export.training.vae import VaeRecipe

FOLDER = Path(__file__).parents[3] / "presets"
_SHARED_FILE = "preset.toml"  # the parameters that all stages share
# The file of each stage, and the field of `Preset` that holds its table.
_STAGES = {
    "vae.toml": "vae_recipe",
    "teacher.toml": "flow_recipe",
    "decoder.toml": "decoder_recipe",
    "consistency.toml": "consistency_recipe",
    "apt-images.toml": "apt_image_recipe",
    "apt.toml": "apt_recipe",
    "osv.toml": "osv_recipe",
    "findings.toml": "findings_recipe",
}


class PresetError(ValueError):
    """A preset cannot be used. The message has one line for each problem."""


@dataclass(frozen=True)
class Preset:
    """All parameters of a training run.

    The VAE trains on clips of `world`. The generator trains on `dataset_clips` clips of the same world; if
    `dataset_variety` is set, it replaces the world's variety. In these clips each spinning scene is `dataset_spinning`
    times as frequent as any other scene, so circles and rings, which do not spin, are rarer.

    `begins_with` is the name and version of a bundle, such as "toybox-64 0.5.0". If it is set, a run starts from this
    bundle's weights instead of random ones, and makes the next version of the bundle.

    Adversarial post-training trains on images first if there is an `apt_image_recipe`. `two_evaluations` names the
    two-step sampler that the bundle lists: "two-step" (APT's) or "time-travel" (OSV's).
    """

    name: str
    seed: int
    dataset_clips: int
    generator: MmditConfig
    vae_recipe: VaeRecipe
    flow_recipe: TeacherRecipe
    decoder_recipe: DecoderRecipe
    consistency_recipe: ConsistencyRecipe
    apt_recipe: AptRecipe
    osv_recipe: OsvRecipe
    world: WorldConfig = field(default_factory=WorldConfig)
    vae: VaeConfig = field(default_factory=VaeConfig)
    dataset_variety: float | None = None
    dataset_spinning: int = 1
    begins_with: str | None = None
    apt_image_recipe: AptRecipe | None = None
    two_evaluations: Literal["two-step", "time-travel"] = "two-step"
    findings_recipe: FindingsRecipe = field(default_factory=FindingsRecipe)

    def __post_init__(self) -> None:
        world, latents = self.world, self.generator
        for name in ("dataset_clips", "dataset_spinning"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)}: give 1 or more")
        if self.osv_recipe.trained_blocks > latents.depth:
            raise ValueError(
                f"osv.toml's trained_blocks, {self.osv_recipe.trained_blocks}, exceed the generator's depth,"
                f" {latents.depth}: give that many blocks or fewer"
            )
        if world.size % SPATIAL or world.frame_count % TEMPORAL != 1:
            raise ValueError(
                f"the world has {world.frame_count} frames of {world.size}x{world.size}: the VAE takes 1 frame more"
                f" than a multiple of {TEMPORAL}, and sides that are multiples of {SPATIAL}"
            )
        decoded = (1 + TEMPORAL * (latents.frames - 1), SPATIAL * latents.height, SPATIAL * latents.width)
        if decoded != (world.frame_count, world.size, world.size):
            raise ValueError(
                f"the world has {world.frame_count} frames of {world.size}x{world.size}, but latents of"
                f" {latents.frames} frames of {latents.height}x{latents.width} decode to {decoded[0]} frames of"
                f" {decoded[1]}x{decoded[2]}: give the generator {1 + world.frame_count // TEMPORAL} frames of"
                f" {world.size // SPATIAL}x{world.size // SPATIAL}, or the world another size"
            )
        if latents.channels != self.vae.latent_channels:
            raise ValueError(
                f"the VAE's latents have {self.vae.latent_channels} channels, the generator's {latents.channels}:"
                " give both the same"
            )

    @property
    def bundle(self) -> str:
        """The name of the bundle that a run makes: the preset's, or that of the bundle from which the run starts."""
        return self.name if self.begins_with is None else self.begins_with.split()[0]

    @property
    def dataset_world(self) -> WorldConfig:
        """The world of the generator's training clips."""
        return self.world if self.dataset_variety is None else replace(self.world, variety=self.dataset_variety)


def flat(recipe: Any, path: str = "") -> dict[str, str]:
    """Returns every value of a dataclass as text, by its dotted path, such as `apt_recipe.schedule.steps`."""
    if not is_dataclass(recipe):
        return {path: repr(recipe)}
    parts = (flat(getattr(recipe, f.name), f"{path}.{f.name}".lstrip(".")) for f in fields(recipe))
    return {key: value for part in parts for key, value in part.items()}


def names() -> list[str]:
    """Returns the names of the project's presets."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{_SHARED_FILE}"))


def read(name_or_path: str) -> Preset:
    """Reads the preset of a name, or of a folder's path, which has to contain a slash.

    Raises `PresetError` with all problems of the preset's files.
    """
    folder = (Path(name_or_path) if "/" in name_or_path else FOLDER / name_or_path).resolve()
    if not (folder / _SHARED_FILE).is_file():
        raise PresetError(
            f"{folder / _SHARED_FILE} does not exist: give one of {', '.join(names())}, or a folder's path that"
            " contains a slash, such as ./mine"
        )
    if folder.name in names() and folder.parent != FOLDER:
        raise PresetError(f"{folder} would share the runs of the preset {folder.name}: give the folder another name")
    problems: list[str] = []
    table = {"name": folder.name, **_table(folder, problems)}
    if not problems:
        try:
            return parameters.from_table(Preset, table)
        except parameters.ParametersError as error:
            problems += [_message(problem) for problem in error.problems]
    raise PresetError("\n".join([f"preset {folder.name} in {folder}:", *problems]))


def _table(folder: Path, problems: list[str]) -> dict[str, Any]:
    """Returns a preset's files as one table: the keys of `preset.toml`, and each stage's table under its field's name.

    Adds problems of the files to `problems`.
    """
    table: dict[str, Any] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problems.append(f"{path.name}: {error}")
            continue
        if path.name == _SHARED_FILE:
            known = [f.name for f in fields(Preset) if f.name not in {"name", *_STAGES.values()}]
            unknown = sorted(values.keys() - set(known))
            problems += [f"{_SHARED_FILE}: {name}: unknown; known are {', '.join(known)}" for name in unknown]
            table |= values
        elif path.name in _STAGES:
            table[_STAGES[path.name]] = values
        else:
            problems.append(f"{path.name}: unknown file; known are {', '.join([_SHARED_FILE, *_STAGES])}")
    return table


def _message(problem: parameters.Problem) -> str:
    """Returns a problem as one line that starts with the name of its file."""
    file, path = _SHARED_FILE, problem.path
    for name, recipe in _STAGES.items():
        if path[:1] == (recipe,):
            file, path = name, path[1:]
    return ": ".join(filter(None, [file, ".".join(path), problem.message]))
