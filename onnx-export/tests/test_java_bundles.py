"""The bundles that Java's tests serve are what the import makes of the golden sets today.

`python tests/test_java_bundles.py` writes them again.
"""

import shutil
from pathlib import Path

import pytest
from golden_sets import SETS, GoldenSet

from zoetrope_export.published.importer import Size

BUNDLES = Path(__file__).parents[2] / "flink-job" / "src" / "test" / "resources" / "published"
FRAME_COUNTS = (9, 5, 1)


def write(name: str, out: Path) -> None:
    """Imports a set with the sizes and lengths of all its tensors."""
    golden = GoldenSet(name)
    side = 16 if name == "wan22-ti2v" else 8
    latents = ("noise_0", "other_latents", "decode_latents")
    sizes = dict.fromkeys(golden.tensors[key].shape[3:] for key in latents if key in golden.tensors)
    golden.imported(
        out,
        sizes=tuple(Size(width=width * side, height=height * side) for height, width in sizes),
        frame_counts=FRAME_COUNTS,
    )


@pytest.mark.parametrize("name", SETS)
def test_javas_bundles_are_up_to_date(name, tmp_path):
    write(name, tmp_path / name)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(BUNDLES) for path in (BUNDLES / name).rglob("*") if path.is_file())
    for file in files:
        assert (tmp_path / file).read_bytes() == (BUNDLES / file).read_bytes(), file


if __name__ == "__main__":
    shutil.rmtree(BUNDLES, ignore_errors=True)
    for bundle in SETS:
        write(bundle, BUNDLES / bundle)
