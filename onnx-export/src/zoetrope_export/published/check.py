"""The check of an import: text, one pass of each generator, an image and a decode in ONNX Runtime and in PyTorch.

It runs on small latents, whatever sizes the bundle lists: its graphs are the same for every size. One network at a time
is in memory, first in PyTorch, then in ONNX Runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnxruntime as ort
import torch
from torch import nn

from zoetrope_export.bundle.manifest import read_manifest
from zoetrope_export.bundle.wan_export import Network
from zoetrope_export.bundle.wan_graphs import FirstFrameEncoder, encode_condition, generator_graph
from zoetrope_export.data.yuv import to_yuv
from zoetrope_export.models.wan.text_encoder import TextEncoder
from zoetrope_export.models.wan.transformer import Transformer
from zoetrope_export.models.wan.vae import Vae
from zoetrope_export.published.importer import PublishedModel
from zoetrope_export.sampling.noise import noise

# By precision, the largest error relative to the largest value, and in levels of 255 of the decoder's frames.
BOUNDS = {"float32": (1e-4, 1.0), "float16": (5e-3, 4.0), "int8": (1e-1, 0.0)}
_LENGTH, _PADDING = 16, 3
_FRAMES, _ROWS, _COLUMNS = 2, 4, 6

M = TypeVar("M", bound=nn.Module)
Feeds = dict[str, np.ndarray]


class CheckFailedError(ValueError):
    """A bundle that computes something else than PyTorch. The message has the errors."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The error of one graph against PyTorch: relative to the largest value, or in levels of 8-bit frames."""

    graph: str
    error: float
    bound: float
    unit: str = "relative"

    def __str__(self) -> str:
        return f"{self.graph}: error {self.error:.1e} {self.unit}, bound {self.bound:.0e}"


def check(model: PublishedModel, bundle: Path) -> Iterator[Comparison]:
    """Compares every graph of a bundle with the networks that it was made from. Yields each result when it is known.

    Raises `CheckFailedError` after the last one if one exceeds its bound.
    """
    failed = []
    for comparison in _Check(model, bundle).comparisons():
        yield comparison
        if not comparison.error <= comparison.bound:
            failed.append(str(comparison))
    if failed:
        raise CheckFailedError(f"ONNX Runtime and PyTorch differ: {'; '.join(failed)}; there is no bundle")


def load(module_type: Callable[[Any], M], network: Network[Any]) -> M:
    """Returns a network with its weights in float32."""
    with torch.device("meta"):
        module = module_type(network.config)
    weights = {name: weight.read().float() for name, weight in network.weights.items()}
    module.load_state_dict(weights, strict=True, assign=True)
    module.eval().requires_grad_(False)
    return module


class _Check:
    def __init__(self, model: PublishedModel, bundle: Path) -> None:
        self._model = model
        self._bundle = bundle
        self._manifest = read_manifest(bundle)
        self._bounds = BOUNDS[self._manifest["decoder"]["precision"]]
        vae = model.layout.vae
        self._latents = noise(0, 0, (vae.latent_channels, _FRAMES, _ROWS, _COLUMNS))[None]
        sides = (_ROWS * vae.spatial, _COLUMNS * vae.spatial)
        self._image = (127.5 + 50 * noise(1, 0, (1, *sides, 3))).clip(0, 255).astype(np.uint8)

    def comparisons(self) -> Iterator[Comparison]:
        ids = np.arange(_LENGTH)[None] % self._model.layout.text_encoder.vocabulary
        mask = (np.arange(_LENGTH) < _LENGTH - _PADDING).astype(np.int64)[None]
        text = self._run(self._manifest["text_encoder"], {"input_ids": ids, "attention_mask": mask})
        yield self._text_encoder(ids, mask, text)
        for name, part in zip(self._manifest["generators"], self._model.layout.transformers, strict=True):
            yield self._generator(name, part, text, mask)
        if "image_encoder" in self._manifest:
            yield self._image_encoder()
        yield self._decoder()

    def _text_encoder(self, ids: np.ndarray, mask: np.ndarray, text: np.ndarray) -> Comparison:
        network = load(TextEncoder, self._model.networks["text_encoder"])
        expected = network(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
        real = mask[..., None]
        return Comparison(
            graph="text_encoder",
            error=_relative(text * real, expected * real),
            bound=BOUNDS[self._manifest["text_encoder"]["precision"]][0],
        )

    def _generator(self, name: str, part: str, text: np.ndarray, mask: np.ndarray) -> Comparison:
        network = load(Transformer, self._model.networks[part])
        entry, channels = self._manifest["generators"][name], network.config.condition_channels
        inputs: Feeds = {
            "latents": self._latents,
            "timestep": np.array([757], np.float32),
            "sigma": np.array([0.757], np.float32),
            "text_embedding": text,
            "text_mask": mask,
            "first_frame": self._latents[:, :, 1],
            "first_frame_mask": np.ones(1, np.float32),
            "condition": noise(2, 0, (channels, _FRAMES, _ROWS, _COLUMNS))[None],
        }
        feeds = {key: inputs[key] for key in entry["inputs"]}
        expected = generator_graph(network)(*(torch.from_numpy(values) for values in feeds.values())).numpy()
        return Comparison(graph=name, error=_relative(self._run(entry, feeds), expected), bound=self._bounds[0])

    def _image_encoder(self) -> Comparison:
        vae, entry = load(Vae, self._model.networks["vae"]), self._manifest["image_encoder"]
        image = torch.from_numpy(self._image)
        if "first_frame" in entry["outputs"]:
            feeds, expected = {"image": self._image}, FirstFrameEncoder(vae)(image)
        else:
            feeds = {"image": self._image, "latent_frames": np.array([_FRAMES], np.int64)}
            expected = encode_condition(vae, image, _FRAMES)
        return Comparison(
            graph="image_encoder", error=_relative(self._run(entry, feeds), expected.numpy()), bound=self._bounds[0]
        )

    def _decoder(self) -> Comparison:
        vae = load(Vae, self._model.networks["vae"])
        expected = to_yuv(vae.decode(torch.from_numpy(self._latents))).numpy().astype(np.int64)
        frames = self._run(self._manifest["decoder"], {"latents": self._latents})
        return Comparison(
            graph="decoder", error=float(np.abs(frames - expected).max()), bound=self._bounds[1], unit="levels"
        )

    def _run(self, entry: dict[str, Any], feeds: Feeds) -> np.ndarray:
        session = ort.InferenceSession(self._bundle / entry["file"], providers=["CPUExecutionProvider"])
        return np.asarray(session.run(None, feeds)[0])


def _relative(actual: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(actual - expected).max() / np.abs(expected).max())
