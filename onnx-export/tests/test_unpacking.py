"""A run that begins with a bundle has its weights, and no other."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zoetrope_export import presets, recipe, unpacking
from zoetrope_export.bundle import Bundle
from zoetrope_export.presets import PresetError
from zoetrope_export.training import read_checkpoint
from zoetrope_export.yuv import to_yuv

BUNDLE = Path(__file__).parents[1] / "bundles" / "toybox-64"


@pytest.fixture
def preset():
    manifest = json.loads((BUNDLE / "manifest.json").read_text())
    return replace(presets.read("toybox-64"), begins_with=f"{manifest['name']} {manifest['version']}")


def test_networks_read_from_a_bundle_compute_what_its_graphs_do(preset, tmp_path):
    unpacking.begin(BUNDLE, preset, tmp_path)
    bundle = Bundle(BUNDLE)
    generator = recipe.generator(preset, read_checkpoint(tmp_path, unpacking.START)["ema"])
    vae = recipe.load_vae(preset, tmp_path)

    text = bundle.encode_text("a red circle moving right on a black background")
    rng = torch.Generator().manual_seed(0)
    latents = torch.randn(1, *bundle.latent_shape, generator=rng)
    first_frame = torch.randn(latents[:, :, 0].shape, generator=rng)
    mask = torch.from_numpy(text.attention_mask)
    made = generator(latents, torch.tensor([0.7]), torch.from_numpy(text.embedding), mask, first_frame, torch.ones(1))
    wanted = bundle.velocity(latents.numpy(), 0.7, text, first_frame.numpy())
    assert np.abs(made.numpy() - wanted).max() < 1e-3 * np.abs(wanted).max()

    image = torch.randint(0, 256, (1, 64, 64, 3), generator=rng, dtype=torch.uint8)
    seen = vae.encode(image.permute(0, 3, 1, 2)[:, :, None] / 127.5 - 1)[:, :, 0]
    assert np.allclose(seen.numpy(), bundle.encode_image(image.numpy()), atol=1e-4)
    drawn = to_yuv(vae.decode(latents)).numpy().astype(int)
    assert np.abs(drawn - bundle.decode(latents.numpy())).max() <= 1


def test_a_run_begins_with_the_bundle_that_its_preset_names_and_only_once(preset, tmp_path):
    with pytest.raises(PresetError, match=r"begins with toybox-64 0\.0\.1: give that bundle"):
        unpacking.begin(BUNDLE, replace(preset, begins_with="toybox-64 0.0.1"), tmp_path)
    with pytest.raises(PresetError, match="begins with random weights"):
        unpacking.begin(BUNDLE, replace(preset, begins_with=None), tmp_path)
    with pytest.raises(PresetError, match="begin --preset toybox-64 --bundle FOLDER first"):
        recipe.train(preset, tmp_path, encoder=None)
    assert not list(tmp_path.iterdir())

    unpacking.begin(BUNDLE, preset, tmp_path)
    with pytest.raises(PresetError, match="has checkpoints already"):
        unpacking.begin(BUNDLE, preset, tmp_path)


def test_networks_of_another_size_are_refused(preset, tmp_path):
    wider = replace(preset, generator=replace(preset.generator, model_width=240))
    with pytest.raises(PresetError, match=r"has the shape \[\d+.*\], the preset's"):
        unpacking.begin(BUNDLE, wider, tmp_path)
    deeper = replace(preset, generator=replace(preset.generator, depth=7))
    with pytest.raises(PresetError, match=r"generator\.onnx has no blocks\.5\.text\.project\.weight, the preset has"):
        unpacking.begin(BUNDLE, deeper, tmp_path)
