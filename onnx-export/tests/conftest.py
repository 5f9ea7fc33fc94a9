"""Fixtures: the text encoder that the Maven build unpacks, and the shipped bundle."""

from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
BUNDLE = HERE / "bundles" / "toybox-64"
GOLDEN = HERE / "golden"


@pytest.fixture(scope="session")
def text_encoder_files() -> Path:
    if not (BUNDLE / "text_encoder.onnx").exists():
        pytest.fail(f"{BUNDLE}/text_encoder.onnx is missing: run ./mvnw -pl flink-job -am generate-resources first")
    return BUNDLE
