"""What travels to a machine on which nothing can be fetched, and what comes back from it: as small as it may be.

There: the text encoder, with the words of the toy world alone. Back: of every stage that is done, its product.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

from zoetrope_export.bundle.export import store_in_half
from zoetrope_export.data.toyworld import captions, scenes
from zoetrope_export.recipes.curves import SAMPLES
from zoetrope_export.training.loop import NotTrainedError

_WORDS = "embeddings.word_embeddings.weight"
_HALF_FROM = 1024  # numbers; smaller tensors stay as they are
_LOGS = "logs.tar.gz"


def pack_text_encoder(files: Path, out: Path) -> None:
    """Writes text_encoder.onnx, in half precision and without the rows of words that no caption has, and its tokenizer.

    Any other word is to it the unknown one.
    """
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(files / "tokenizer.json", out / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(files / "tokenizer.json"))
    tokenizer.no_padding()
    told = {word for scene in scenes() for caption in captions(scene) for word in caption.split()}
    ids = {i for row in tokenizer.encode_batch(sorted(told)) for i in row.ids}
    unknown = next(i for token, i in tokenizer.get_vocab().items() if token == "[UNK]")
    kept = [unknown, *sorted(ids - {unknown})]
    model = onnx.load(files / "text_encoder.onnx")
    table = next(tensor for tensor in model.graph.initializer if tensor.name == _WORDS)
    words = numpy_helper.to_array(table)
    rows = np.zeros(len(words), np.int64)
    rows[kept] = np.arange(len(kept))
    table.CopyFrom(numpy_helper.from_array(words[kept], _WORDS))
    model.graph.initializer.append(numpy_helper.from_array(rows, "rows"))
    look_up = next(node for node in model.graph.node if node.op_type == "Gather" and node.input[0] == _WORDS)
    row_of = helper.make_node("Gather", ["rows", look_up.input[1]], ["row"])
    look_up.input[1] = "row"
    model.graph.node.insert(0, row_of)
    onnx.save(model, out / "text_encoder.onnx")
    store_in_half(out / "text_encoder.onnx")


def halved(weights: Any) -> Any:
    """A state whose large tensors are in half precision."""
    if isinstance(weights, dict):
        return {name: halved(part) for name, part in weights.items()}
    return weights.half() if weights.is_floating_point() and weights.numel() >= _HALF_FROM else weights


def _product(state: dict[str, Any]) -> dict[str, Any]:
    """What later stages, the evaluation and the export read of a finished stage."""
    names = ("ema", "heads") if "ema" in state else ("vae", "model")
    return {name: halved(state[name]) for name in names if name in state}


def pack_run(run: Path, out: Path, most: int) -> list[Path]:
    """Writes the products of finished stages, in half precision, and one archive of logs and samples to `out`.

    The newest first, as many as `most` bytes hold. Each file takes the place of its checkpoint in a run's folder: what
    comes after is trained from it as from the checkpoint itself.
    """
    checkpoints = sorted(run.glob("*.pt"), key=lambda path: path.stat().st_mtime, reverse=True)
    if not checkpoints:
        raise NotTrainedError(f"no stage in {run} has a checkpoint: train it first")
    out.mkdir(parents=True, exist_ok=True)
    with tarfile.open(out / _LOGS, "w:gz") as archive:
        for path in [*sorted(run.glob("*.jsonl")), *sorted((run / SAMPLES).glob("*.png"))]:
            archive.add(path, path.relative_to(run))
    packed, size = [out / _LOGS], (out / _LOGS).stat().st_size
    for path in checkpoints:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if saved["step"] < saved["steps"]:
            continue
        partial = out / "partial"
        if saved.get("product"):
            shutil.copyfile(path, partial)
        else:
            torch.save({**saved, "state": _product(saved["state"]), "product": True}, partial)
        if size + partial.stat().st_size > most:
            partial.unlink()
            continue
        size += partial.stat().st_size
        packed.append(partial.replace(out / path.name))
    return packed
