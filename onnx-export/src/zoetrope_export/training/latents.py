"""Encodes clips of the toy world to latents and text, once, and keeps them in one file of the run."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import PAD_TO_MULTIPLE_OF, TextBatch, TextEncoder
from zoetrope_export.data.toyworld import World
from zoetrope_export.models.vae import Vae
from zoetrope_export.training.errors import StageFailedError

_BATCH = 32


@torch.no_grad()
def load_or_encode(path: Path, *, vae: Vae, encoder: TextEncoder, stream: World, count: int) -> LatentDataset:
    """Loads the clips in the file `path` to the device of `vae`.

    If the file is missing, encodes the next `count` clips of `stream` and writes the file first.

    Raises `StageFailedError` if the file holds another number of clips.
    """
    if not path.exists():
        _write(path, vae=vae, encoder=encoder, stream=stream, count=count)
    saved = load_file(path)
    if len(saved["latents"]) != count:
        raise StageFailedError(f"{path} holds {len(saved['latents'])} clips, the preset needs {count}: delete the file")
    text = TextBatch(saved["embedding"], saved["mask"]).to(vae.device)
    return LatentDataset(saved["latents"].to(vae.device), text)


def _write(path: Path, *, vae: Vae, encoder: TextEncoder, stream: World, count: int) -> None:
    """Encodes the next `count` clips of `stream` and writes them to the file `path`."""
    began = time.monotonic()
    latents, embeddings, masks = [], [], []
    for first in range(0, count, _BATCH):
        clips = stream.clips(min(_BATCH, count - first))
        latents.append(vae.encode(clips.video).cpu())
        text = encoder.encode(clips.captions)
        if text.mask.shape[1] != PAD_TO_MULTIPLE_OF:
            raise ValueError(
                f"a caption of the toy world has more than {PAD_TO_MULTIPLE_OF} tokens: shorten it;"
                f" the captions are {clips.captions}"
            )
        embeddings.append(text.embedding.half())
        masks.append(text.mask)
        done = first + len(clips.captions)
        if done % (16 * _BATCH) == 0 or done == count:
            left = (time.monotonic() - began) / done * (count - done)
            print(f"dataset {done}/{count}  {left / 60:.1f} min left", flush=True)
    tensors = {"latents": torch.cat(latents), "embedding": torch.cat(embeddings), "mask": torch.cat(masks)}
    save_file(tensors, path.with_suffix(".partial"))
    path.with_suffix(".partial").replace(path)
