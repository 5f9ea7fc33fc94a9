"""Writes the products of a run's finished stages, and its logs, as files small enough to send from a rented machine."""

from __future__ import annotations

import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

from zoetrope_export.recipes.curves import SAMPLES
from zoetrope_export.training import products
from zoetrope_export.training.checkpoints import Checkpoint, checkpoint_path, in_half_precision
from zoetrope_export.training.errors import NotTrainedError

_LOGS = "logs.tar.gz"


def write_compact_checkpoints(run: Path, out: Path, limit: int) -> list[Path]:
    """Writes the products of finished stages, in half precision, and one archive of logs and samples to `out`.

    Starts with the newest products, skips those that no longer fit into `limit` bytes, and returns the written files.
    Each file can replace its checkpoint in a run's folder: later stages train from it as from the checkpoint itself.
    Raises `NotTrainedError` if the run has no checkpoint.
    """
    checkpoints = {checkpoint_path(run, product.stage): product for product in products.ALL}
    paths = sorted((path for path in checkpoints if path.exists()), key=lambda path: path.stat().st_mtime, reverse=True)
    if not paths:
        raise NotTrainedError(f"no stage in {run} has a checkpoint: train it first")
    out.mkdir(parents=True, exist_ok=True)
    with tarfile.open(out / _LOGS, "w:gz") as archive:
        for path in [*sorted(run.glob("*.jsonl")), *sorted((run / SAMPLES).glob("*.png"))]:
            archive.add(path, path.relative_to(run))
    written, size = [out / _LOGS], (out / _LOGS).stat().st_size
    for path in paths:
        saved = Checkpoint.read(path)
        if not saved.finished:
            continue
        compact = out / "compact"
        if saved.product:
            shutil.copyfile(path, compact)
        else:
            product = in_half_precision(checkpoints[path].entries(saved.state))
            replace(saved, state=product, product=True).write(compact)
        if size + compact.stat().st_size > limit:
            compact.unlink()
            continue
        size += compact.stat().st_size
        written.append(compact.replace(out / path.name))
    return written
