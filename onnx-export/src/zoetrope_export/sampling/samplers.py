"""Samplers from noise to latents along a velocity field: many Euler steps for teachers, a few passes for students.

The flow is x_t = (1 - t) x + t z with velocity v = z - x and t from 1 (noise) to 0 (data). One step and two steps are
APT's (section 3). One step is x = z - v(z, 1). Two steps add noise to that sample again, up to an inner timestep, and
step once more. Published students take up to eight steps (`sample`). Time travel is OSV's (equation 11). Its first step
treats the noise as a point nearer to the data, at t' < 1; its second step treats the result as noise, at t = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import torch

Velocity = Callable[[torch.Tensor, float | torch.Tensor], torch.Tensor]  # takes x_t, and t as a number or as [B]

TIME_TRAVEL = "time-travel"
TWO_STEP_INNER_TIMESTEP = 0.6
TIME_TRAVEL_NEARER_TIMESTEP = 0.9

# The samplers of two evaluations, with the timesteps of the evaluations in the order of the manifest.
TWO_EVALUATIONS = {"two-step": (1.0, TWO_STEP_INNER_TIMESTEP), TIME_TRAVEL: (TIME_TRAVEL_NEARER_TIMESTEP, 1.0)}


def expand(t: torch.Tensor) -> torch.Tensor:
    """Adds axes for broadcasting over clips: [B] -> [B, 1, 1, 1, 1]."""
    return t[:, None, None, None, None]


def shift_timestep(t: torch.Tensor, s: float) -> torch.Tensor:
    """Returns s t / (1 + (s - 1) t): for s > 1 more of the schedule is near the noise."""
    return s * t / (1 + (s - 1) * t)


def euler(velocity: Velocity, noise: torch.Tensor, steps: int, shift: float) -> torch.Tensor:
    """Integrates dx/dt = v from t = 1 to 0 in `steps` Euler steps. The timesteps are even, then shifted."""
    times = shift_timestep(torch.linspace(1, 0, steps + 1), shift).tolist()
    x = noise
    for t, next_t in pairwise(times):
        x = x + (next_t - t) * velocity(x, t)
    return x


@dataclass(frozen=True)
class Schedule:
    """The sigma of each pass, and the move between passes: euler, renoise or time-travel (docs/bundle-format.md)."""

    kind: str
    sigmas: tuple[float, ...]


A = TypeVar("A", torch.Tensor, np.ndarray)


def sample(schedule: Schedule, velocity: Callable[[A, int], A], noise: Callable[[int], A]) -> A:
    """Returns clean latents. `velocity` gets the latents and the number of the pass, `noise` the number of a stream.

    A pass predicts x0 = x - sigma v. Euler moves along the velocity to the next sigma, and renoise mixes x0 with fresh
    noise; both end at sigma 0, where x is x0. Time travel goes on with x0 itself.
    """
    x = noise(0) if schedule.kind == TIME_TRAVEL else schedule.sigmas[0] * noise(0)
    for i, (sigma, following) in enumerate(pairwise((*schedule.sigmas, 0.0))):
        v = velocity(x, i)
        match schedule.kind:
            case "euler":
                x = x + (following - sigma) * v
            case "renoise":
                x = x - sigma * v
                if following > 0:
                    x = (1 - following) * x + following * noise(i + 1)
            case "time-travel":
                x = x - sigma * v
            case kind:
                raise ValueError(f"the sampler has the kind {kind!r}, expected euler, renoise or time-travel")
    return x


def one_step(velocity: Velocity, noise: torch.Tensor) -> torch.Tensor:
    """Samples with one evaluation: x = z - v(z, 1)."""
    return sample(Schedule("euler", (1.0,)), lambda x, _: velocity(x, 1.0), lambda _: noise)


def two_step(
    velocity: Velocity,
    noise: torch.Tensor,
    second_noise: torch.Tensor,
    inner_timestep: float = TWO_STEP_INNER_TIMESTEP,
) -> torch.Tensor:
    """Samples in one step, adds `second_noise` up to t = `inner_timestep`, and steps again: x = x_t - t v(x_t, t)."""
    sigmas = (1.0, inner_timestep)
    return sample(
        Schedule("renoise", sigmas), lambda x, i: velocity(x, sigmas[i]), lambda k: second_noise if k else noise
    )


def time_travel(
    velocity: Velocity, noise: torch.Tensor, nearer_timestep: float = TIME_TRAVEL_NEARER_TIMESTEP
) -> torch.Tensor:
    """Samples with two evaluations: x' = z - t' v(z, t') at t' = `nearer_timestep` < 1, then x = x' - v(x', 1)."""
    sigmas = (nearer_timestep, 1.0)
    return sample(Schedule(TIME_TRAVEL, sigmas), lambda x, i: velocity(x, sigmas[i]), lambda _: noise)
