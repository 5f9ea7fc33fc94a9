"""The autoencoder: its shapes, its causality, its linear start, and the training of its decoder alone."""

import pytest
import torch

from zoetrope_export.data.toyworld import World, WorldConfig
from zoetrope_export.models.mmdit import Mmdit, MmditConfig
from zoetrope_export.models.vae import Vae, VaeConfig, patchify, unpatchify
from zoetrope_export.training.decoder import DecoderRecipe, DecoderStage
from zoetrope_export.training.schedule import Schedule
from zoetrope_export.training.vae import VaeRecipe

SMALL = VaeConfig(latent_channels=12, coarse=16, middle=16, fine=8, finest=8)


@pytest.fixture
def vae():
    torch.manual_seed(0)
    vae = Vae(SMALL)
    for parameter in vae.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return vae.eval().requires_grad_(False)


def test_17_frames_become_5_latent_frames_and_17_again(vae):
    video = torch.randn(2, 3, 17, 64, 64)
    latents = vae.encode(video)
    assert latents.shape == (2, 12, 5, 8, 8)
    assert vae.decode(latents).shape == video.shape


def test_a_latent_frame_does_not_depend_on_later_frames(vae):
    video = torch.randn(1, 3, 17, 64, 64)
    later = video.clone()
    later[:, :, 9:] += 1
    before, after = vae.encode(video), vae.encode(later)
    assert torch.equal(before[:, :, :3], after[:, :, :3])
    assert not torch.equal(before[:, :, 3:], after[:, :, 3:])


def test_a_decoded_frame_does_not_depend_on_later_latents(vae):
    latents = torch.randn(1, 12, 5, 8, 8)
    later = latents.clone()
    later[:, :, 3:] += 1
    before, after = vae.decode(latents), vae.decode(later)
    assert torch.equal(before[:, :, :9], after[:, :, :9])
    assert not torch.equal(before[:, :, 9:], after[:, :, 9:])


def test_frames_are_restored_from_their_patches():
    frames = torch.randn(8, 3, 16, 16)
    assert torch.equal(unpatchify(patchify(frames)), frames)


def test_training_starts_from_the_best_linear_code():
    video = World(WorldConfig(), 1).clips(24).video
    vae = Vae(SMALL)
    vae.start_from_principal_components(video)
    with torch.no_grad():
        error = (vae.decode(vae.encode(video)) - video).square().mean()
    rows = patchify(video[:, :, 1:].transpose(1, 2).flatten(0, 1)).movedim(1, -1).flatten(0, 2)
    spectrum = torch.linalg.svdvals(rows - rows.mean(0)).square()
    best = spectrum[12:].sum() / rows.numel()
    assert error < 1.1 * best


def test_latents_are_normalised_per_channel():
    video = World(WorldConfig(), 1).clips(16).video
    vae = Vae(SMALL)
    vae.start_from_principal_components(video)
    vae.fit_normalisation(video)
    with torch.no_grad():
        latents = vae.encode(video)
    assert latents.mean((0, 2, 3, 4)).abs().max() < 1e-3
    assert (latents.std((0, 2, 3, 4)) - 1).abs().max() < 1e-3


def test_decoder_training_fits_the_teachers_latents_and_leaves_the_encoder_unchanged(vae, encoder):
    class Teacher(Mmdit):
        """Predicts half of its input latents."""

        def predict(self, latents, *condition):
            inputs.append(latents)
            return latents / 2

    inputs = []
    teacher = Teacher(MmditConfig(model_width=24, depth=1, heads=2, local_width=8))
    world, schedule = WorldConfig(size=32, frame_count=9), Schedule(steps=12, batch=4, learning_rate=5e-3, warmup=2)
    video, before = World(world, 1).clips(2).video, {name: p.clone() for name, p in vae.encoder.named_parameters()}
    latents = vae.encode(video)
    error_before = (vae.decode(latents / 2) - video).abs().mean()

    stage = DecoderStage(
        recipe=DecoderRecipe(schedule),
        loss=VaeRecipe(schedule),
        vae=vae,
        teacher=teacher,
        encoder=encoder,
        world=world,
        seed=1,
    )
    for step in range(schedule.steps):
        stage.update(step)

    assert all(torch.equal(p, before[name]) for name, p in vae.encoder.named_parameters())
    assert torch.equal(vae.encode(video), latents)
    assert (vae.decode(latents / 2) - video).abs().mean() < 0.8 * error_before
    assert [len(latents) for latents in inputs] == [2] * schedule.steps
