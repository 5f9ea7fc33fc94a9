"""The bundles that Java's tests serve are what the import makes of the golden sets today.

`python tests/test_java_bundles.py` writes them again.
"""

import shutil
from pathlib import Path

import pytest
from golden_sets import COMMITTED, committed

from zoetrope_export.published.importer import Size
from zoetrope_export.published.lora import LoraFile

BUNDLES = Path(__file__).parents[2] / "flink-job" / "src" / "test" / "resources" / "published"
FRAME_COUNTS = (9, 5, 1)
FOLDERS = sorted(file.parent for file in COMMITTED.glob("*/golden.json"))
ORIGINAL_LORA = "wan21-t2v-original-lora"  # a transformer with the original names of its tensors, and a LoRA
NAMES = [*(folder.name for folder in FOLDERS), ORIGINAL_LORA]


def write(name: str, out: Path) -> None:
    """Imports a set with the sizes and lengths of all its tensors."""
    golden = committed(name.removesuffix("-original-lora"))
    latents = ("noise_0", "other_latents", "decode_latents")
    sizes = dict.fromkeys(golden.tensors[key].shape[3:] for key in latents if key in golden.tensors)
    other: dict[str, object] = {}
    if name == ORIGINAL_LORA:
        other["transformers"] = {"generator": golden.folder / "original" / "diffusion_pytorch_model.safetensors"}
        other["loras"] = {"generator": [LoraFile(path=golden.folder / "lora" / "lora_rank2_4step.safetensors")]}
        other["steps"] = (4,)
    golden.imported(
        out / name,
        sizes=tuple(Size(width=width * golden.side, height=height * golden.side) for height, width in sizes),
        frame_counts=FRAME_COUNTS,
        **other,
    )


@pytest.mark.parametrize("name", NAMES)
def test_javas_bundles_are_up_to_date(name, tmp_path):
    write(name, tmp_path)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(BUNDLES) for path in (BUNDLES / name).rglob("*") if path.is_file())
    for file in files:
        assert (tmp_path / file).read_bytes() == (BUNDLES / file).read_bytes(), file


if __name__ == "__main__":
    shutil.rmtree(BUNDLES, ignore_errors=True)
    for bundle in NAMES:
        write(bundle, BUNDLES)
