"""Samplers give the known result on a flow with a closed form."""

import pytest
import torch

from zoetrope_export.sampling.samplers import euler, one_step, shift_timestep, time_travel, two_step

MEAN, DEVIATION = 2.0, 0.5


def gaussian_velocity(x, t):
    """Returns E[z - x0 | x_t] for data N(MEAN, DEVIATION^2): x_t is N((1-t) MEAN, (1-t)^2 DEVIATION^2 + t^2)."""
    t = torch.as_tensor(t)
    variance = (1 - t) ** 2 * DEVIATION**2 + t**2
    covariance = t - (1 - t) * DEVIATION**2
    return -MEAN + covariance / variance * (x - (1 - t) * MEAN)


def test_many_euler_steps_turn_noise_into_the_data_distribution():
    z = torch.randn(20_000, generator=torch.Generator().manual_seed(0))
    x = euler(gaussian_velocity, z, steps=200, shift=1.0)
    assert x.mean().item() == pytest.approx(MEAN, abs=0.02)
    assert x.std().item() == pytest.approx(DEVIATION, abs=0.02)
    assert torch.allclose(x, MEAN + DEVIATION * z, atol=0.05)  # the flow of a Gaussian keeps the order of its points


def test_one_step_is_noise_minus_velocity():
    z = torch.randn(100)
    assert torch.allclose(one_step(gaussian_velocity, z), torch.full_like(z, MEAN), atol=1e-5)


def test_two_steps_add_noise_again_and_get_closer_to_the_data_distribution():
    generator = torch.Generator().manual_seed(0)
    z, second_noise = torch.randn(2, 20_000, generator=generator)
    x = two_step(gaussian_velocity, z, second_noise, inner_timestep=0.6)
    x_t = 0.4 * MEAN + 0.6 * second_noise
    assert torch.allclose(x, x_t - 0.6 * gaussian_velocity(x_t, 0.6), atol=1e-5)
    assert x.std() > one_step(gaussian_velocity, z).std() + 0.05


def test_time_travel_evaluates_at_the_nearer_timestep_and_then_at_noise():
    z = torch.randn(100, generator=torch.Generator().manual_seed(0))
    evaluations = []

    def recorded(x, t):
        evaluations.append((x, t))
        return gaussian_velocity(x, t)

    x = time_travel(recorded, z, nearer_timestep=0.8)
    draft = z - 0.8 * gaussian_velocity(z, 0.8)
    assert [t for _, t in evaluations] == [0.8, 1.0]
    assert torch.equal(evaluations[1][0], draft)
    assert torch.allclose(x, draft - gaussian_velocity(draft, 1.0))


def test_the_shift_keeps_the_ends_and_moves_the_middle_towards_noise():
    t = torch.tensor([0.0, 0.5, 1.0])
    assert torch.allclose(shift_timestep(t, 3.0), torch.tensor([0.0, 0.75, 1.0]))
    assert torch.equal(shift_timestep(t, 1.0), t)
