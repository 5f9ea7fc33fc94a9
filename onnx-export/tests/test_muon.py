"""The optimiser of the blocks' matrices."""

import pytest
import torch

from zoetrope_export.muon import Muon, orthogonalise


@pytest.mark.parametrize("shape", [(3, 8, 20), (3, 20, 8)])
def test_orthogonalised_matrices_keep_their_singular_vectors_and_lose_their_sizes(shape):
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    sizes = (u.transpose(1, 2) @ orthogonalise(matrices) @ v.transpose(1, 2)).diagonal(dim1=1, dim2=2)
    assert sizes.min() > 0.5
    assert sizes.max() < 1.4


def test_it_solves_a_regression_and_goes_on_from_its_state():
    generator = torch.Generator().manual_seed(0)
    truth = torch.randn(6, 10, generator=generator)
    inputs = torch.randn(64, 10, generator=generator)

    def train(weight, optimiser, steps):
        for step in range(steps):
            optimiser.zero_grad()
            (inputs @ (weight - truth).T).square().mean().backward()
            for group in optimiser.param_groups:
                group["lr"] = 0.5 * 0.97**step
            optimiser.step()

    weight = torch.zeros(6, 10, requires_grad=True)
    optimiser = Muon([weight])
    train(weight, optimiser, 200)
    assert (weight - truth).abs().max() < 0.05
    again = Muon([torch.zeros(6, 10, requires_grad=True)])
    again.load_state_dict(optimiser.state_dict())
    assert torch.equal(next(iter(again.state.values()))["momentum"], next(iter(optimiser.state.values()))["momentum"])
