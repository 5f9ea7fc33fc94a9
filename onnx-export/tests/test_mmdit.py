"""The generator network: its tokens, its padding, its condition, and the velocity that it returns."""

from dataclasses import replace

import pytest
import torch

from zoetrope_export.models.mmdit import T_MIN, Mmdit, MmditConfig

CONFIG = MmditConfig(model_width=48, depth=2, heads=2)


@pytest.fixture(params=[0, 16], ids=["patches alone", "with a local level"])
def model(request):
    torch.manual_seed(0)
    model = Mmdit(replace(CONFIG, local_width=request.param))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model.eval().requires_grad_(False)


def batch(length: int, real: int):
    generator = torch.Generator().manual_seed(1)
    mask = torch.zeros(2, length, dtype=torch.int64)
    mask[:, :real] = 1
    embedding = torch.randn(2, 64, 384, generator=generator)[:, :length]
    latents = torch.randn(2, 12, 5, 8, 8, generator=generator)
    return latents, torch.tensor([1.0, 0.3]), embedding, mask


def no_frame():
    return torch.zeros(2, 12, 8, 8), torch.zeros(2)


def test_latents_are_restored_from_their_tokens(model):
    latents = batch(16, 9)[0]
    tokens = model.patchify(latents)
    assert tokens.shape == (2, 20, 192)
    assert torch.equal(model.unpatchify(tokens), latents)
    assert torch.equal(tokens[0, 0].view(12, 4, 4), latents[0, :, 0, :4, :4])


def test_padding_changes_nothing(model):
    latents, t, embedding, mask = batch(16, 9)
    longer = torch.cat([embedding, 5 * torch.ones(2, 16, 384)], dim=1)
    padded = torch.cat([mask, torch.zeros(2, 16, dtype=torch.int64)], dim=1)
    assert torch.allclose(
        model(latents, t, embedding, mask, *no_frame()), model(latents, t, longer, padded, *no_frame()), atol=1e-5
    )


def test_the_text_changes_the_velocity(model):
    latents, t, embedding, mask = batch(16, 9)
    assert not torch.allclose(
        model(latents, t, embedding, mask, *no_frame()), model(latents, t, -embedding, mask, *no_frame()), atol=1e-3
    )


def test_a_first_frame_changes_the_velocity_only_where_its_mask_is_one(model):
    latents, t, embedding, mask = batch(16, 9)
    frame = torch.ones(2, 12, 8, 8)
    without = model(latents, t, embedding, mask, *no_frame())
    with_frame = model(latents, t, embedding, mask, frame, torch.tensor([1.0, 0.0]))
    assert not torch.allclose(with_frame[0], without[0], atol=1e-3)
    assert torch.allclose(with_frame[1], without[1], atol=1e-5)


def test_velocity_points_away_from_the_predicted_clean_sample(model):
    latents, t, embedding, mask = batch(16, 9)
    x_hat = model.predict(latents, t, embedding, mask, *no_frame())
    velocity = model(latents, t, embedding, mask, *no_frame())
    assert torch.allclose(latents[0] - velocity[0], x_hat[0], atol=1e-5)
    assert torch.allclose(latents[1] - 0.3 * velocity[1], x_hat[1], atol=1e-5)


def test_velocity_stays_bounded_near_the_data(model):
    latents, _, embedding, mask = batch(16, 9)
    t = torch.tensor([0.0, T_MIN / 2])
    expected = (latents - model.predict(latents, t, embedding, mask, *no_frame())) / T_MIN
    assert torch.allclose(model(latents, t, embedding, mask, *no_frame()), expected)


def test_no_mask_means_that_every_token_is_real(model):
    latents, t, embedding, mask = batch(9, 9)
    without = model(latents, t, embedding, None, *no_frame())
    assert torch.allclose(without, model(latents, t, embedding, mask, *no_frame()), atol=1e-5)


def test_a_local_level_passes_information_across_the_border_of_tokens():
    torch.manual_seed(0)
    model = Mmdit(replace(CONFIG, local_width=16))  # token blocks start at zero: only the local level has an effect
    torch.nn.init.normal_(model.local.last.weight)
    latents, t, embedding, mask = batch(16, 9)
    changed = latents.clone()
    changed[:, :, 2, 3, 3] += 1  # the last latent of the first token
    with torch.no_grad():
        before, after = (model.predict(x, t, embedding, mask, *no_frame()) for x in (latents, changed))
    differs = (before - after).abs().amax(dim=(0, 1)) > 1e-6  # [T, H, W]
    assert differs[2, 4, 4]
    assert not differs[[0, 1, 3, 4]].any()
