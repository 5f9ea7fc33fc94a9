"""Fixtures: the text encoder that Maven unpacks, the shipped bundle, clips of noise, a run of the smallest preset.

Tests run in two processes (pyproject.toml), each of which computes on one core. Tests that share a costly session
fixture are in one group (`xdist_group`), so that only one process makes it, once.
"""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # set before PyTorch is loaded; the processes that tests start inherit it

import onnxruntime as ort
import pytest
import torch
from PIL import Image

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch, TextEncoder
from zoetrope_export.recipes import pipeline, presets, sample_images

HERE = Path(__file__).parents[1]
BUNDLE = HERE / "bundles" / "toybox-64"
GOLDEN = HERE / "golden"
SMOKE = presets.read("smoke")


@pytest.fixture(scope="session", autouse=True)
def quick_images():
    """Writes images without a search for the smallest file, which took a tenth of the tests' time."""
    save = Image.Image.save

    def save_without_search(image, file, **options):
        save(image, file, **{**options, "optimize": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image.Image, "save", save_without_search)
        yield


@pytest.fixture(scope="session", autouse=True)
def single_threaded_sessions():
    """Limits ONNX Runtime sessions to one core, unless their options set a number of threads."""
    session = ort.InferenceSession

    def on_one_core(model, options=None, **more):
        options = options or ort.SessionOptions()
        options.intra_op_num_threads = options.intra_op_num_threads or 1
        return session(model, options, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ort, "InferenceSession", on_one_core)
        yield


@pytest.fixture(scope="session")
def text_encoder_files() -> Path:
    if not (BUNDLE / "text_encoder.onnx").exists():
        pytest.fail(f"{BUNDLE}/text_encoder.onnx is missing: run ./mvnw -pl flink-job -am generate-resources first")
    return BUNDLE


@pytest.fixture(scope="session")
def encoder(text_encoder_files) -> TextEncoder:
    return TextEncoder(text_encoder_files / "text_encoder.onnx", text_encoder_files / "tokenizer.json")


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory, encoder) -> Path:
    """A finished run of the smallest preset, in a folder of its name under a folder of runs."""
    folder = tmp_path_factory.mktemp("runs") / SMOKE.name
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_images, "_IMAGES", 2)
        pipeline.train(SMOKE, folder, encoder)
    return folder


@pytest.fixture(scope="module")
def dataset():
    """Eight clips of noise, as latents, and their texts."""
    generator = torch.Generator().manual_seed(3)
    latents = torch.randn(8, 12, 5, 8, 8, generator=generator)
    text = TextBatch(torch.randn(8, 16, 384, generator=generator), torch.ones(8, 16, dtype=torch.int64))
    return LatentDataset(latents, text)
