"""From noise to clean latents along a velocity field: Euler for a teacher, one step and its refinements for a student.

x_t = (1 - t) x + t z with velocity v = z - x, t from 1 (noise) to 0 (data). The steps are those of APT (section 3):
one step is x = z - v(z, 1); two steps noise that again to an inner t and step once more. Time travel is OSV's
(equation 11): a step as if the sample were nearer to the data than it is, then one from there as if it were noise.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch

Velocity = Callable[[torch.Tensor, float | torch.Tensor], torch.Tensor]  # of x_t and t, a number or [B]

TWO_STEP_INNER = 0.6
TIME_TRAVEL_NEARER = 0.9

# The samplers that evaluate twice, each with the timesteps of its evaluations, as a manifest lists them.
TWO_EVALUATIONS = {"two-step": (1.0, TWO_STEP_INNER), "time-travel": (TIME_TRAVEL_NEARER, 1.0)}


def expand(t: torch.Tensor) -> torch.Tensor:
    """[B] -> [B, 1, 1, 1, 1]."""
    return t[:, None, None, None, None]


def shift_timestep(t: torch.Tensor, s: float) -> torch.Tensor:
    """shift(t, s) = s t / (1 + (s - 1) t): more of the schedule near the noise for s > 1."""
    return s * t / (1 + (s - 1) * t)


def euler(velocity: Velocity, noise: torch.Tensor, steps: int, shift: float) -> torch.Tensor:
    """Integrates dx/dt = v from t = 1 to 0 in `steps` Euler steps on shifted, otherwise even times."""
    times = shift_timestep(torch.linspace(1, 0, steps + 1), shift).tolist()
    x = noise
    for t, s in pairwise(times):
        x = x + (s - t) * velocity(x, t)
    return x


def one_step(velocity: Velocity, noise: torch.Tensor) -> torch.Tensor:
    """One evaluation: x = z - v(z, 1)."""
    return noise - velocity(noise, 1.0)


def two_step(
    velocity: Velocity, noise: torch.Tensor, renoise: torch.Tensor, inner: float = TWO_STEP_INNER
) -> torch.Tensor:
    """One step, noised again with `renoise` to t = `inner`, and one more: x = x_t - t v(x_t, t)."""
    first = one_step(velocity, noise)
    x = (1 - inner) * first + inner * renoise
    return x - inner * velocity(x, inner)


def time_travel(velocity: Velocity, noise: torch.Tensor, nearer: float = TIME_TRAVEL_NEARER) -> torch.Tensor:
    """One step with two evaluations: x' = z - t' v(z, t') with t' = `nearer` < 1, then x = x' - v(x', 1)."""
    draft = noise - nearer * velocity(noise, nearer)
    return draft - velocity(draft, 1.0)
