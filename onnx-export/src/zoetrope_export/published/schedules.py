"""The samplers of published few-step students, and which student was distilled for which.

Every one is a list of (timestep, sigma) and a move, euler or renoise (docs/bundle-format.md). A student that runs with
another sampler than its own gives poor videos without any error, so the import refuses that unless it is asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from zoetrope_export.bundle.manifest import Kind, SamplerSpec
from zoetrope_export.published.errors import RefusedError

_DMD_TIMESTEPS = {1.0: 1000.0, 0.28: 757.0, 0.12: 522.0}  # by their place in the schedule before the shift
_DMD_SHIFT, _SHIFT = 8.0, 5.0
_RCM_FIRST_SIGMA = 80 / 81
_RCM_ANGLES = (1.5, 1.4, 1.0)


def shifted(place: float, shift: float) -> float:
    """Returns s u / (1 + (s - 1) u): the sigma at place u of a schedule with shift s."""
    return shift * place / (1 + (shift - 1) * place)


def _dmd(steps: int) -> tuple[list[float], list[float]]:
    """The schedule of FastWan (FastVideo, DMD): the timesteps 1000, 757, 522, and the sigmas that belong to them."""
    return list(_DMD_TIMESTEPS.values())[:steps], [shifted(place, _DMD_SHIFT) for place in _DMD_TIMESTEPS][:steps]


def _even(steps: int) -> tuple[list[float], list[float]]:
    """The schedule of LightX2V and of Self-Forcing: even places, with shift 5."""
    sigmas = [shifted((steps - i) / steps, _SHIFT) for i in range(steps)]
    return [1000 * sigma for sigma in sigmas], sigmas


def _rcm(steps: int) -> tuple[list[float], list[float]]:
    """The schedule of rCM and TurboWan: sin t / (sin t + cos t) at angles t, behind 80 / 81."""
    sigmas = [_RCM_FIRST_SIGMA, *(math.sin(t) / (math.sin(t) + math.cos(t)) for t in _RCM_ANGLES)][:steps]
    return [1000 * sigma for sigma in sigmas], sigmas


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A named way to choose timesteps and sigmas for a number of steps."""

    kind: Kind
    steps: tuple[int, ...]


SCHEDULES = {
    "dmd": Schedule(kind="renoise", steps=(3,)),
    "euler": Schedule(kind="euler", steps=(1, 2, 3, 4, 5, 6, 7, 8)),
    "renoise": Schedule(kind="renoise", steps=(1, 2, 3, 4, 5, 6, 7, 8)),
    "rcm": Schedule(kind="renoise", steps=(1, 2, 3, 4)),
}
_LISTS = {"dmd": _dmd, "euler": _even, "renoise": _even, "rcm": _rcm}


def sampler(name: str, steps: int, boundary: float | None) -> SamplerSpec:
    """Returns the sampler of a schedule with a number of steps.

    `boundary` is the share of the timesteps from which the expert for high noise runs; None if there is one generator.
    Raises `RefusedError` if the schedule has no such number of steps.
    """
    schedule = SCHEDULES[name]
    if steps not in schedule.steps:
        listed = ", ".join(map(str, schedule.steps))
        raise RefusedError(f"--steps {steps}: the sampler {name} has {listed} steps; give one of these")
    timesteps, sigmas = _LISTS[name](steps)
    return SamplerSpec(
        name=f"{name}-{steps}",
        kind=schedule.kind,
        steps=steps,
        timesteps=tuple(timesteps),
        sigmas=tuple(sigmas),
        generators=tuple(_generator(timestep, boundary) for timestep in timesteps),
    )


def _generator(timestep: float, boundary: float | None) -> str:
    if boundary is None:
        return "generator"
    return "high_noise" if timestep >= 1000 * boundary else "low_noise"


@dataclass(frozen=True, kw_only=True)
class Student:
    """A family of distilled models: what its file names contain, and the sampler and steps it was distilled for."""

    name: str
    marks: tuple[str, ...]
    sampler: str
    steps: tuple[int, ...]


STUDENTS = (
    Student(name="FastWan", marks=("fastwan", "wandmdpipeline"), sampler="dmd", steps=(3,)),
    Student(
        name="LightX2V",
        marks=("lightx2v", "lightning", "stepdistill", "step-distill", "step_distill", "4step", "4-step"),
        sampler="euler",
        steps=(4,),
    ),
    Student(name="rCM", marks=("rcm", "turbowan", "turbodiffusion"), sampler="rcm", steps=(1, 2, 3, 4)),
)


_CAUSAL = ("causal", "causvid", "self-forcing", "self_forcing", "selfforcing")


def causal_name(names: list[str]) -> str | None:
    """Returns the name that is one of a student that generates block by block; None if there is none."""
    return next((name for name in names if any(mark in name.lower() for mark in _CAUSAL)), None)


def student_of(names: list[str]) -> Student | None:
    """Returns the student that one of the names belongs to: of a LoRA or transformer file, the folder, the pipeline.

    The first name that belongs to one decides.
    """
    for name in names:
        for student in STUDENTS:
            if any(mark in name.lower() for mark in student.marks):
                return student
    return None
