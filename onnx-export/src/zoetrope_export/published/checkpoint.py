"""Reads a checkpoint folder of the hub: its configurations, and where the tensors of each part lie.

model_index.json      which part is what
tokenizer/            tokenizer.json
text_encoder/         config.json, model.safetensors or shards with an index
transformer[_2]/      config.json, diffusion_pytorch_model.safetensors or shards with an index
vae/                  config.json, diffusion_pytorch_model.safetensors
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoetrope_export.bundle.wan_export import sha256
from zoetrope_export.data.tensor_files import CheckpointError, StoredTensor, stored_tensors
from zoetrope_export.published.errors import RefusedError

PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
_SHA_256 = re.compile(r"[0-9a-f]{64}")


class Checkpoint:
    """A checkpoint folder. It keeps a list of the files that were read, with their digests."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise CheckpointError(f"{folder}: there is no such folder; give the folder of a downloaded model")
        self.folder = folder
        self.read: dict[Path, str] = {}

    def json(self, name: str) -> dict[str, Any]:
        """Returns a JSON file of the folder."""
        path = self._existing(self.folder / name)
        try:
            content = json.loads(path.read_text())
        except ValueError as error:
            raise CheckpointError(f"{path}: expected JSON ({error}); download it again") from None
        if not isinstance(content, dict):
            raise CheckpointError(f"{path}: expected a JSON object; download it again")
        self._note(path)
        return content

    def file(self, name: str) -> Path:
        """Returns a file of the folder."""
        path = self._existing(self.folder / name)
        self._note(path)
        return path

    def tensors(self, part: str) -> dict[str, StoredTensor]:
        """Returns the tensors of a part of the model, which may be in several files.

        Raises `CheckpointError` if a file is missing or damaged, and `RefusedError` if the part has only pickles.
        """
        folder = self.folder / part
        indices = sorted(folder.glob("*.safetensors.index.json"))
        if indices:
            return self._sharded(indices[0])
        files = sorted(folder.glob("*.safetensors"))
        if len(files) == 1:
            return self.tensors_of(files[0])
        if files:
            names = ", ".join(file.name for file in files)
            raise CheckpointError(f"{folder}: {names} are several files without an index; download the .index.json too")
        pickles = [file.name for file in sorted(folder.glob("*")) if file.suffix in PICKLES]
        if pickles:
            raise RefusedError(
                f"{folder}: {', '.join(pickles)} is a pickle, which runs code when it is read; give a checkpoint in"
                " safetensors"
            )
        raise CheckpointError(f"{folder}: there is no safetensors file; download the whole model")

    def tensors_of(self, path: Path) -> dict[str, StoredTensor]:
        """Returns the tensors of one file, inside or outside of the folder."""
        if path.suffix in PICKLES:
            raise RefusedError(f"{path}: a pickle runs code when it is read; give a file in safetensors")
        tensors = stored_tensors(self._existing(path))
        self._note(path)
        return tensors

    def _sharded(self, index: Path) -> dict[str, StoredTensor]:
        listed: Mapping[str, str] = self.json(str(index.relative_to(self.folder))).get("weight_map", {})
        tensors: dict[str, StoredTensor] = {}
        for shard in sorted(set(listed.values())):
            if "/" in shard or not (index.parent / shard).is_file():
                raise CheckpointError(f"{index.parent / shard}: this shard is missing; download it")
            tensors |= self.tensors_of(index.parent / shard)
        missing = sorted(listed.keys() - tensors.keys())
        if missing:
            raise CheckpointError(
                f"{index}: {len(missing)} tensors are in no shard, such as {missing[0]}; download the model again"
            )
        return tensors

    @staticmethod
    def _existing(path: Path) -> Path:
        if not path.is_file():
            raise CheckpointError(f"{path}: this file is missing; download it")
        return path

    def _note(self, path: Path) -> None:
        """Remembers a file's digest, and compares it with the one that the hub's client left, if it did."""
        if path in self.read:
            return
        self.read[path] = digest = sha256(path)
        expected = self._expected_digest(path)
        if expected and expected != digest:
            raise CheckpointError(f"{path}: expected sha256 {expected}, got {digest}; download it again")

    def _expected_digest(self, path: Path) -> str | None:
        """Returns the digest that the download recorded: the name of a blob of the hub's cache, or a metadata file."""
        if path.is_symlink() and _SHA_256.fullmatch(path.resolve().name):
            return path.resolve().name
        lines = _metadata(self.folder, path)
        return lines[1] if len(lines) > 1 and _SHA_256.fullmatch(lines[1]) else None

    def revision(self) -> str:
        """Returns the commit on the hub, as far as the download recorded it; else an empty text."""
        lines = _metadata(self.folder, self.folder / "model_index.json")
        if lines:
            return lines[0]
        return self.folder.name if self.folder.parent.name == "snapshots" else ""

    def repository(self) -> str:
        """Returns the name on the hub, as far as the folder tells it; else the folder's name."""
        cache = self.folder.parent.parent.name
        if self.folder.parent.name == "snapshots" and cache.startswith("models--"):
            return cache.removeprefix("models--").replace("--", "/")
        return self.folder.resolve().name


def _metadata(folder: Path, path: Path) -> list[str]:
    """Returns the lines that the hub's client wrote about a download to a local folder: commit, etag, time."""
    if not path.is_relative_to(folder):
        return []
    file = folder / ".cache" / "huggingface" / "download" / f"{path.relative_to(folder)}.metadata"
    return file.read_text().split() if file.is_file() else []
