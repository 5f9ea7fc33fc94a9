"""Clips of the toy world as the generator trains on them: latents and text, made once and kept in one file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from zoetrope_export.data.text import PAD_TO_MULTIPLE_OF, TextBatch, TextEncoder
from zoetrope_export.data.toyworld import World
from zoetrope_export.models.vae import Vae
from zoetrope_export.training.loop import StageFailedError

_BATCH = 32


@dataclass(frozen=True)
class LatentDataset:
    """`latents` [N, C, T, H, W] and the text of each."""

    latents: torch.Tensor
    text: TextBatch

    def __len__(self) -> int:
        return len(self.latents)

    @property
    def device(self) -> torch.device:
        """Where the clips lie, and whatever trains on them computes."""
        return self.latents.device

    def draw(self, count: int, rng: torch.Generator) -> tuple[torch.Tensor, TextBatch]:
        """`count` clips at random."""
        rows = torch.randint(len(self), (count,), generator=rng, device=self.device)
        text = self.text[rows]
        return self.latents[rows], TextBatch(text.embedding.float(), text.mask)


@torch.no_grad()
def build(path: Path, vae: Vae, encoder: TextEncoder, stream: World, count: int) -> LatentDataset:
    """The next `count` clips of `stream` in `path`, made there first when it is missing; on the device of `vae`.

    Raises `StageFailedError` where the file holds another number of clips.
    """
    if not path.exists():
        began = time.monotonic()
        latents, embeddings, masks = [], [], []
        for first in range(0, count, _BATCH):
            clips = stream.clips(min(_BATCH, count - first))
            latents.append(vae.encode(clips.video).cpu())
            text = encoder.encode(clips.captions)
            if text.mask.shape[1] != PAD_TO_MULTIPLE_OF:
                raise ValueError(f"a caption of the toy world has over {PAD_TO_MULTIPLE_OF} tokens: {clips.captions}")
            embeddings.append(text.embedding.half())
            masks.append(text.mask)
            done = first + len(clips.captions)
            if done % (16 * _BATCH) == 0 or done == count:
                left = (time.monotonic() - began) / done * (count - done)
                print(f"dataset {done}/{count}  {left / 60:.1f} min left", flush=True)
        tensors = {"latents": torch.cat(latents), "embedding": torch.cat(embeddings), "mask": torch.cat(masks)}
        save_file(tensors, path.with_suffix(".partial"))
        path.with_suffix(".partial").replace(path)
    saved = load_file(path)
    if len(saved["latents"]) != count:
        raise StageFailedError(f"{path} holds {len(saved['latents'])} clips, the preset asks for {count}: delete it")
    text = TextBatch(saved["embedding"], saved["mask"]).to(vae.device)
    return LatentDataset(saved["latents"].to(vae.device), text)
