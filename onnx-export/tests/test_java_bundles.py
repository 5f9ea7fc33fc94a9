"""The bundles that Java's tests serve are what the import makes of the golden sets today.

`python tests/test_java_bundles.py` writes them again.
"""

import shutil
from pathlib import Path

import pytest
from golden_sets import COMMITTED, GoldenSet

from zoetrope_export.published.importer import Size

BUNDLES = Path(__file__).parents[2] / "flink-job" / "src" / "test" / "resources" / "published"
FOLDERS = sorted(file.parent for file in COMMITTED.glob("*/golden.json"))
FRAME_COUNTS = (9, 5, 1)


def write(folder: Path, out: Path) -> None:
    """Imports a set with the sizes and lengths of all its tensors."""
    golden = GoldenSet(folder)
    latents = ("noise_0", "other_latents", "decode_latents")
    sizes = dict.fromkeys(golden.tensors[key].shape[3:] for key in latents if key in golden.tensors)
    golden.imported(
        out / golden.name,
        sizes=tuple(Size(width=width * golden.side, height=height * golden.side) for height, width in sizes),
        frame_counts=FRAME_COUNTS,
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_javas_bundles_are_up_to_date(folder, tmp_path):
    write(folder, tmp_path)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(BUNDLES) for path in (BUNDLES / folder.name).rglob("*") if path.is_file())
    for file in files:
        assert (tmp_path / file).read_bytes() == (BUNDLES / file).read_bytes(), file


if __name__ == "__main__":
    shutil.rmtree(BUNDLES, ignore_errors=True)
    for published in FOLDERS:
        write(published, BUNDLES)
