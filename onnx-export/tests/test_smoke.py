"""The whole pipeline with the smallest preset, up to a bundle; and the shipped bundle against its golden tensors."""

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import BUNDLE, GOLDEN, SMOKE

from zoetrope_export.bundle import golden
from zoetrope_export.bundle.bundle import Bundle
from zoetrope_export.bundle.export import BundleIdentity, Provenance, export_bundle, sha256
from zoetrope_export.recipes import pipeline
from zoetrope_export.recipes.presets import PresetError
from zoetrope_export.recipes.run_files import load_generator, load_vae

pytestmark = pytest.mark.xdist_group("smoke run")


def test_a_trained_run_becomes_a_bundle_that_computes_what_pytorch_does(smoke_run, tmp_path, text_encoder_files):
    vae, generator = load_vae(SMOKE, smoke_run), load_generator(SMOKE, smoke_run)
    identity = BundleIdentity(name=SMOKE.name, version="0.0.1", license="Apache-2.0")
    errors = export_bundle(
        vae=vae,
        generator=generator,
        encoder_files=text_encoder_files,
        folder=tmp_path,
        identity=identity,
        provenance=Provenance(recipe="smoke", commit="none", quality={}),
        frame_count=17,
        frame_rate=12,
    )
    assert errors["generator"] < 1e-4
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    for stage in ("text_encoder", "image_encoder", "generator", "decoder"):
        assert manifest[stage]["sha256"] == sha256(tmp_path / manifest[stage]["file"])
    assert manifest["generator"]["inputs"]["text_embedding"] == {"dtype": "float32", "shape": ["B", "L", 384]}
    assert manifest["decoder"]["outputs"] == {"frames": {"dtype": "uint8", "shape": ["B", 17, 96, 64]}}
    frames = Bundle(tmp_path).generate("a red circle moving right on a black background", seed=1)
    assert frames.shape == (1, 17, 96, 64)
    assert manifest["image_encoder"]["inputs"] == {"image": {"dtype": "uint8", "shape": ["B", 64, 64, 3]}}
    assert manifest["image_encoder"]["outputs"] == {"first_frame": {"dtype": "float32", "shape": ["B", 12, 8, 8]}}
    assert Bundle(tmp_path).encode_image(np.zeros((1, 64, 64, 3), np.uint8)).shape == (1, 12, 8, 8)


@pytest.mark.parametrize(
    ("stage", "name", "value", "tolerance"),
    [
        ("vae", "loss", 0.188008, 0.02),
        ("decoder", "loss", 0.451962, 0.02),
        ("teacher", "loss", 5.500383, 0.02),
        ("consistency", "loss", 0.430504, 0.1),
        ("apt", "d_loss", 0.572939, 0.1),
        ("osv-backbone", "loss", 5.809656, 0.1),
        ("osv-1", "distance", 50.667194, 0.1),
        ("osv-2", "distance", 1.363147, 0.1),
    ],
)
def test_a_seed_gives_the_recorded_values_on_a_cpu(smoke_run, stage, name, value, tolerance):
    """The CPU that gave the values repeats every digit. Another rounds differently, and later stages amplify this."""
    first = json.loads((smoke_run / f"{stage}.jsonl").read_text().splitlines()[0])
    assert first[name] == pytest.approx(value, rel=tolerance)


def test_a_finished_run_is_not_trained_again_and_needs_no_trajectories(smoke_run, encoder):
    def files():
        return {path.name: path.stat().st_mtime_ns for path in smoke_run.iterdir()}

    (smoke_run / "trajectories.safetensors").unlink(missing_ok=True)  # only the student needs them, and it is finished
    before = files()
    assert {"vae.pt", "dataset.safetensors", "teacher.jsonl", "apt.pt", "osv-2.pt"} <= before.keys()
    pipeline.train(SMOKE, smoke_run, encoder)
    assert files() == before


def test_a_run_continues_only_with_the_preset_that_it_started_with(smoke_run, encoder):
    longer = replace(SMOKE.apt_recipe, schedule=replace(SMOKE.apt_recipe.schedule, steps=99))
    with pytest.raises(PresetError) as refused:
        pipeline.train(replace(SMOKE, seed=8, apt_recipe=longer), smoke_run, encoder)
    fact, remedy = str(refused.value).splitlines()
    changes = "seed was 7, is 8; apt_recipe.schedule.steps was 14, is 99"
    assert fact == f"{smoke_run} was started with another preset: {changes}"
    assert "Delete the folder" in remedy
    assert str(smoke_run / "preset.json") in remedy
    pipeline.train(
        replace(SMOKE, two_evaluations="time-travel"), smoke_run, encoder
    )  # changes the bundle, not the training


def test_the_noise_generator_reproduces_the_golden_noise():
    assert json.loads((GOLDEN / "noise.json").read_text())["cases"] == golden.noise_cases()


def test_the_shipped_bundle_reproduces_its_golden_tensors(text_encoder_files):
    expected = json.loads((GOLDEN / "stages.json").read_text())["cases"]
    computed = golden.stage_cases(Bundle(text_encoder_files))
    for case, result in zip(expected, computed, strict=True):
        for name, entry in case["tensors"].items():
            a, b = golden.tensor_of(entry).astype(np.float64), golden.tensor_of(result["tensors"][name])
            if name == "frames":
                assert np.abs(a - b).max() <= 1
            else:
                assert np.abs(a - b).max() <= 1e-3 * np.abs(a).max(), name


def test_the_manifest_holds_the_digests_of_the_bundles_files(text_encoder_files):
    manifest = json.loads((BUNDLE / "manifest.json").read_text())
    for stage in ("tokenizer", "text_encoder", "image_encoder", "generator", "decoder"):
        assert manifest[stage]["sha256"] == sha256(BUNDLE / manifest[stage]["file"]), stage
