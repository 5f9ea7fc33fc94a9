"""Tells what a clip of the toy world shows, and gives the features that a Frechet distance is taken on.

    video [B, 3, T, H, W] in [-1, 1], and how far each pixel is from the border's mean colour, 1 at most
      |  every frame alone, 4x4 pixels folded        |  what stands out, moved to the middle and
      |  into channels                               |  scaled to one area: 20x20
    [B*T, 64, H/4, W/4]                            [B*T, 400]
      |  four convolutions, 16 -> 16 -> 8 -> 4       |  a linear map: the outline
      |  the last map whole, for the place;          |
      |  each map's maximum and mean                 |
      '----------------------.-----------------------'
                           [B, 56, T]           its mean over frames --------------.
                             |  two convolutions over time, 17 -> 9 -> 5, in order  |
                             |  a linear map of all of them                         |
                           [B, 128] ---------------------------------------> features [B, 184]
                                                                              one linear head an attribute

Trained on rendered clips (`classifier_training`); its weights are committed, so that every report is read by one judge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from zoetrope_export.data.toyworld import BACKGROUNDS, COLOURS, MOTIONS, SHAPES, SIZES, Scene

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "shape": SHAPES,
    "colour": tuple(COLOURS),
    "background": tuple(BACKGROUNDS),
    "motion": MOTIONS,
    "size": tuple(SIZES),
}
WEIGHTS = Path(__file__).parents[3] / "classifier" / "toy-world.safetensors"
_CLOSE, _CLOSE_REACH = 20, 1.1  # samples along a close-up's side; half of that side where the shape's area is 1
STATED_CLIPS = 1000  # that its stated accuracy is measured on
_FOLD = 4
_FAINT = 0.2  # of the range [-1, 1]: what differs less from the background is not made to look like a shape
_BATCH = 32


@dataclass(frozen=True)
class ClassifierConfig:
    """Widths; `frame_count` and `size` of the clips are those of the world, and fixed by the weights."""

    frame_count: int = 17
    size: int = 64
    near: int = 64
    far: int = 96
    outline: int = 48
    frame: int = 56
    features: int = 128


def _convolution(before: int, after: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]


def _normalised(layer: nn.Module, channels: int) -> nn.Sequential:
    return nn.Sequential(layer, nn.BatchNorm1d(channels), nn.ReLU())


def close_up(away: torch.Tensor) -> torch.Tensor:
    """What stands out [B, T, H, W], moved to the middle and scaled to one area: [B, T, 20, 20]."""
    b, t, h, w = away.shape
    cover = ((away - 0.3) / 0.4).clamp(0, 1)
    area = cover.sum((2, 3)).clamp(min=4)
    across, down = (torch.linspace(-1, 1, side) * (1 - 1 / side) for side in (w, h))  # as grid_sample counts pixels
    x, y = (cover * across).sum((2, 3)) / area, (cover * down[:, None]).sum((2, 3)) / area
    reach = _CLOSE_REACH * area.sqrt() * 2
    steps = torch.linspace(-1, 1, _CLOSE)
    columns = (x[..., None] + reach[..., None] / w * steps)[:, :, None, :].expand(-1, -1, _CLOSE, -1)
    rows = (y[..., None] + reach[..., None] / h * steps)[:, :, :, None].expand(-1, -1, -1, _CLOSE)
    grid = torch.stack([columns, rows], dim=-1).flatten(0, 1)  # [B*T, 20, 20, 2]
    return F.grid_sample(cover.view(b * t, 1, h, w), grid, align_corners=False).view(b, t, _CLOSE, _CLOSE)


class Classifier(nn.Module):
    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        c, self.config = config, config
        self.scales = nn.ModuleList(
            [
                nn.Sequential(*_convolution(4 * _FOLD**2, c.near, 1), *_convolution(c.near, c.near, 1)),
                nn.Sequential(*_convolution(c.near, c.far, 2)),
                nn.Sequential(*_convolution(c.far, c.far, 2)),
            ]
        )
        place = c.far * (c.size // (4 * _FOLD)) ** 2
        pattern = 2 * (c.near + 2 * c.far)
        self.outline = _normalised(nn.Linear(_CLOSE**2, c.outline, bias=False), c.outline)
        self.frame = _normalised(nn.Linear(place + pattern + c.outline, c.frame, bias=False), c.frame)
        self.early = _normalised(nn.Conv1d(c.frame, c.far, 5, 2, 2, bias=False), c.far)
        self.late = _normalised(nn.Conv1d(c.far, c.far, 5, 2, 2, bias=False), c.far)
        moments = (c.frame_count + 3) // 4
        self.clip = _normalised(nn.Linear(c.far * moments, c.features, bias=False), c.features)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(c.features + c.frame, len(values)) for name, values in ATTRIBUTES.items()}
        )

    def features(self, video: torch.Tensor) -> torch.Tensor:
        """Video [B, 3, T, H, W] -> [B, features + frame], of all frames in order."""
        border = torch.cat([video[..., 0], video[..., -1], video[..., 0, :], video[..., -1, :]], dim=-1)
        away = (video - border.mean((2, 3))[:, :, None, None, None]).square().sum(1, keepdim=True).sqrt()
        away = away / away.amax((1, 2, 3, 4), keepdim=True).clamp(min=_FAINT)  # outlines alike, whatever the colours
        outline = self.outline(close_up(away[:, 0]).flatten(0, 1).flatten(1))
        seen = torch.cat([video, away], dim=1).transpose(1, 2).flatten(0, 1)
        frames = F.pixel_unshuffle(seen, _FOLD)  # [B*T, 64, H/4, W/4]
        h, patterns = frames.contiguous(memory_format=torch.channels_last), []
        for scale in self.scales:
            h = scale(h)
            patterns += [h.amax((2, 3)), h.mean((2, 3))]
        told = self.frame(torch.cat([h.flatten(1), *patterns, outline], dim=1))
        track = told.view(len(video), -1, self.config.frame).transpose(1, 2)  # [B, 64, T]
        return torch.cat([self.clip(self.late(self.early(track)).flatten(1)), track.mean(2)], dim=1)

    def forward(self, video: torch.Tensor) -> dict[str, torch.Tensor]:
        features = self.features(video)
        return {name: head(features) for name, head in self.heads.items()}


@dataclass(frozen=True)
class Classification:
    """Of N clips: the value read for each attribute, and the features, float64 [N, F]."""

    values: dict[str, list[str]]
    features: np.ndarray

    def accuracy(self, scenes: list[Scene]) -> dict[str, float]:
        """The share of clips that show what their scene says, for each attribute."""
        return {
            name: sum(value == getattr(scene, name) for value, scene in zip(values, scenes, strict=True)) / len(scenes)
            for name, values in self.values.items()
        }


def scaled(frames: np.ndarray, config: ClassifierConfig) -> np.ndarray:
    """Clips of a larger world [N, T, H, W, 3] at the classifier's size: every k-th frame, pixels averaged."""
    every, more = divmod(frames.shape[1] - 1, config.frame_count - 1)
    zoom, rest = divmod(frames.shape[2], config.size)
    if more or rest:
        raise ValueError(
            f"clips of {frames.shape[1]} frames of {frames.shape[2]} pixels do not scale to {config.frame_count} of"
            f" {config.size}, which the classifier was trained on: give a world of a whole multiple"
        )
    frames = frames[:, ::every]
    if zoom == 1:
        return frames
    n, t, side = *frames.shape[:2], config.size
    return frames.reshape(n, t, side, zoom, side, zoom, 3).mean((3, 5)).round().astype(np.uint8)


@torch.no_grad()
def classify(classifier: Classifier, frames: np.ndarray) -> Classification:
    """Judges clips of RGB frames, uint8 [N, T, H, W, 3], scaled to its size where theirs is larger."""
    classifier.eval()
    values: dict[str, list[str]] = {name: [] for name in ATTRIBUTES}
    features = []
    for first in range(0, len(frames), _BATCH):
        part = scaled(frames[first : first + _BATCH], classifier.config)
        video = torch.from_numpy(part).permute(0, 4, 1, 2, 3) / 127.5 - 1
        seen = classifier.features(video)
        features.append(seen.double().numpy())
        for name, head in classifier.heads.items():
            values[name] += [ATTRIBUTES[name][i] for i in head(seen).argmax(1).tolist()]
    return Classification(values, np.concatenate(features))


def save(classifier: Classifier, path: Path, accuracy: dict[str, float]) -> None:
    """Writes the weights in half precision, and beside them in the same file how often they are right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: w.half() if w.is_floating_point() else w for name, w in classifier.state_dict().items()}
    save_file(weights, path, {"accuracy": json.dumps(accuracy)})


def load(path: Path = WEIGHTS) -> Classifier:
    """The judge of every report."""
    if not path.exists():
        raise FileNotFoundError(f"the classifier's weights {path} are missing: `python -m zoetrope_export classifier`")
    classifier = Classifier(ClassifierConfig())
    classifier.load_state_dict(load_file(path))
    return classifier.eval().requires_grad_(False)


def stated_accuracy(path: Path = WEIGHTS) -> dict[str, float]:
    """How often the weights were right on held-out clips of the world, as measured when they were trained."""
    with safe_open(path, "np") as file:
        return json.loads(file.metadata()["accuracy"])
