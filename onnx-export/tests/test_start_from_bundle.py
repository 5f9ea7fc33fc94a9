"""A run that starts from a bundle has the bundle's weights and continues with no other bundle."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import BUNDLE

from zoetrope_export import __main__
from zoetrope_export.bundle.bundle import Bundle
from zoetrope_export.data.yuv import to_yuv
from zoetrope_export.recipes import pipeline, presets, start_from_bundle
from zoetrope_export.recipes.presets import PresetError
from zoetrope_export.recipes.run_files import generator_of, load_vae
from zoetrope_export.training import products
from zoetrope_export.training.checkpoints import read_product


@pytest.fixture
def preset():
    manifest = json.loads((BUNDLE / "manifest.json").read_text())
    return replace(presets.read("toybox-64-continued"), begins_with=f"{manifest['name']} {manifest['version']}")


@pytest.mark.usefixtures("text_encoder_files")
def test_networks_read_from_a_bundle_compute_what_its_graphs_do(preset, tmp_path):
    pipeline.begin(preset, tmp_path, BUNDLE)
    bundle = Bundle(BUNDLE)
    generator = generator_of(preset, read_product(tmp_path, products.START).ema)
    vae = load_vae(preset, tmp_path)

    text = bundle.encode_text("a red circle moving right on a black background")
    rng = torch.Generator().manual_seed(0)
    latents = torch.randn(1, *bundle.latent_shape, generator=rng)
    first_frame = torch.randn(latents[:, :, 0].shape, generator=rng)
    mask = torch.from_numpy(text.attention_mask)
    made = generator(latents, torch.tensor([0.7]), torch.from_numpy(text.embedding), mask, first_frame, torch.ones(1))
    expected = bundle.velocity(latents.numpy(), 0.7, text, first_frame.numpy())
    assert np.abs(made.numpy() - expected).max() < 1e-3 * np.abs(expected).max()

    image = torch.randint(0, 256, (1, 64, 64, 3), generator=rng, dtype=torch.uint8)
    encoded = vae.encode(image.permute(0, 3, 1, 2)[:, :, None] / 127.5 - 1)[:, :, 0]
    assert np.allclose(encoded.numpy(), bundle.encode_image(image.numpy()), atol=1e-4)
    decoded = to_yuv(vae.decode(latents)).numpy().astype(int)
    assert np.abs(decoded - bundle.decode(latents.numpy())).max() <= 1


def test_a_run_starts_once_and_only_from_the_bundle_that_its_preset_names(preset, tmp_path):
    with pytest.raises(PresetError, match=r"starts from toybox-64 0\.0\.1: give the folder of toybox"):
        start_from_bundle.write_start(BUNDLE, replace(preset, begins_with="toybox-64 0.0.1"), tmp_path)
    with pytest.raises(PresetError, match="starts from random weights"):
        start_from_bundle.write_start(BUNDLE, replace(preset, begins_with=None), tmp_path)
    with pytest.raises(PresetError, match="has no start weights yet"):
        pipeline.train(preset, tmp_path, encoder=None)
    assert not list(tmp_path.iterdir())

    pipeline.begin(preset, tmp_path, BUNDLE)
    with pytest.raises(PresetError, match="has start weights already"):
        pipeline.begin(preset, tmp_path, BUNDLE)
    with pytest.raises(PresetError, match="was started with another preset: dataset_clips"):
        pipeline.begin(replace(preset, dataset_clips=1), tmp_path, BUNDLE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_width": 240}, r"has the shape \[\d+.*\], the preset's network needs \["),
        ({"depth": 7}, r"^only one of generator\.onnx .* has blocks\.5\.text\.mlp"),
        ({"depth": 5}, r"^only one of generator\.onnx .* has blocks\.4\.text\.mlp"),
        ({"local_width": 0}, "has 3 group norms, the preset's network 0"),
    ],
)
def test_networks_of_another_size_are_refused(preset, change, message, tmp_path):
    other = replace(preset, generator=replace(preset.generator, **change))
    with pytest.raises(PresetError, match=message):
        pipeline.begin(other, tmp_path, BUNDLE)
    assert not list(tmp_path.iterdir())


def test_the_command_prints_the_files_that_it_wrote_or_why_it_wrote_none(preset, tmp_path, monkeypatch, capsys):
    line = ["zoetrope_export", "begin", "--preset", "toybox-64-continued", "--runs", str(tmp_path), "--bundle"]
    shutil.copytree(BUNDLE, tmp_path / "bundle", ignore=shutil.ignore_patterns("text_encoder.onnx"))
    manifest = json.loads((BUNDLE / "manifest.json").read_text())
    name, named_version = presets.read("toybox-64-continued").begins_with.split()
    for version, code in (("9.9.9", 1), (named_version, 0)):
        changed = json.dumps({**manifest, "name": name, "version": version})
        (tmp_path / "bundle" / "manifest.json").write_text(changed)
        monkeypatch.setattr("sys.argv", [*line, str(tmp_path / "bundle")])
        assert __main__.main() == code
    printed = capsys.readouterr()
    assert "holds toybox-64 9.9.9" in printed.err
    assert [line.rpartition("/")[2] for line in printed.out.splitlines()] == ["vae.pt", "decoder.pt", "start.pt"]
