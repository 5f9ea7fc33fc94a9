"""A manifest that the job refuses is neither written nor read. The damaged ones are those of the job's own test."""

import copy
import json
from pathlib import Path

import pytest

from zoetrope_export.bundle.manifest import read_manifest, write_manifest

RESOURCES = Path(__file__).parents[2] / "flink-job/src/test/resources"
FORMAT_1 = json.loads((RESOURCES / "tiny-bundle/manifest.json").read_text())
CASES = [
    (form, case)
    for case in json.loads((RESOURCES / "io/zoetrope/bundle/damaged-manifests.json").read_text())
    for form in case["formats"]
]


def as_format_2(manifest):
    """Returns a manifest of format 1 as one of format 2 with the same meaning."""
    latents, video = manifest["latents"], manifest.pop("video")
    manifest["format"] = 2
    manifest["default_steps"] = 1
    manifest["tokenizer"]["prompt_cleaning"] = "none"
    manifest["generators"] = {"generator": manifest.pop("generator")}
    for graph in (manifest["text_encoder"], manifest["generators"]["generator"], manifest["decoder"]):
        graph["opsets"] = {"ai.onnx": 18}
    for side in ("frames", "height", "width"):
        del latents[side]
    manifest["video"] = {
        "sizes": [{"width": video["width"], "height": video["height"]}],
        "frame_counts": [video["frame_count"]],
        "frame_rate": video["frame_rate"],
    }
    for sampler in manifest["samplers"]:
        sampler |= {"kind": "renoise", "sigmas": sampler["timesteps"], "generators": ["generator"] * sampler["steps"]}
    return manifest


def sound(form):
    manifest = copy.deepcopy(FORMAT_1)
    return manifest if form == 1 else as_format_2(manifest)


def damaged(form, case):
    manifest = sound(form)
    *parents, key = case["at"].strip("/").split("/")
    part = manifest
    for parent in parents:
        part = part[int(parent)] if parent.isdigit() else part[parent]
    part[key] = case["value"]
    return manifest


@pytest.mark.parametrize("form", [1, 2])
def test_the_manifests_are_sound_before_they_are_damaged(form, tmp_path):
    write_manifest(tmp_path, sound(form))
    assert read_manifest(tmp_path)["format"] == 2


def test_the_job_s_damaged_manifests_are_neither_written_nor_read(tmp_path):
    accepted = []
    for form, case in CASES:
        manifest = damaged(form, case)
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
        try:
            read_manifest(tmp_path)
        except ValueError:
            pass
        else:
            accepted.append((form, case))
        if form == 2:
            with pytest.raises(ValueError, match="expected"):
                write_manifest(tmp_path, manifest)
    assert len(CASES) > 400
    assert accepted == []
