"""Samplers from noise to latents along a velocity field: Euler for teachers, one or two evaluations for students.

The flow is x_t = (1 - t) x + t z with velocity v = z - x and t from 1 (noise) to 0 (data). One step and two steps are
APT's (section 3). One step is x = z - v(z, 1). Two steps add noise to that sample again, up to an inner timestep, and
step once more. Time travel is OSV's (equation 11). Its first step treats the noise as a point nearer to the data, at
t' < 1; its second step treats the result as noise, at t = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch

Velocity = Callable[[torch.Tensor, float | torch.Tensor], torch.Tensor]  # takes x_t, and t as a number or as [B]

TWO_STEP_INNER_TIMESTEP = 0.6
TIME_TRAVEL_NEARER_TIMESTEP = 0.9

# The samplers of two evaluations, with the timesteps of the evaluations in the order of the manifest.
TWO_EVALUATIONS = {"two-step": (1.0, TWO_STEP_INNER_TIMESTEP), "time-travel": (TIME_TRAVEL_NEARER_TIMESTEP, 1.0)}


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


def one_step(velocity: Velocity, noise: torch.Tensor) -> torch.Tensor:
    """Samples with one evaluation: x = z - v(z, 1)."""
    return noise - velocity(noise, 1.0)


def two_step(
    velocity: Velocity,
    noise: torch.Tensor,
    second_noise: torch.Tensor,
    inner_timestep: float = TWO_STEP_INNER_TIMESTEP,
) -> torch.Tensor:
    """Samples in one step, adds `second_noise` up to t = `inner_timestep`, and steps again: x = x_t - t v(x_t, t)."""
    first = one_step(velocity, noise)
    x = (1 - inner_timestep) * first + inner_timestep * second_noise
    return x - inner_timestep * velocity(x, inner_timestep)


def time_travel(
    velocity: Velocity, noise: torch.Tensor, nearer_timestep: float = TIME_TRAVEL_NEARER_TIMESTEP
) -> torch.Tensor:
    """Samples with two evaluations: x' = z - t' v(z, t') at t' = `nearer_timestep` < 1, then x = x' - v(x', 1)."""
    draft = noise - nearer_timestep * velocity(noise, nearer_timestep)
    return draft - velocity(draft, 1.0)
