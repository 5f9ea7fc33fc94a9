"""A classifier of the toy world's clips, whose features are also those of the Frechet distance.

    video [B, 3, T, H, W] in [-1, 1], and each pixel's distance from the border's mean colour, 1 at most
      |  every frame alone, 4x4 pixels folded        |  the pixels far from it, centred and
      |  into channels                               |  scaled to one area: 20x20
    [B*T, 64, H/4, W/4]                            [B*T, 400]
      |  four convolutions, 16 -> 16 -> 8 -> 4       |  a linear map: the outline
      |  the last map whole, for the position;       |
      |  each map's maximum and mean                 |
      '----------------------.-----------------------'
                           [B, 56, T]           its mean over frames --------------.
                             |  two convolutions over time, 17 -> 9 -> 5, in order  |
                             |  a linear map of all of them                         |
                           [B, 128] ---------------------------------------> features [B, 184]
                                                                              one linear head per attribute

It is trained on rendered clips (`classifier_training`). Its weights are committed, so that every report uses the same
classifier.
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
_CLOSE_UP = 20  # samples along the side of a close-up
_CLOSE_UP_REACH = 1.1  # half of that side, in units of the square root of the shape's area
STATED_CLIPS = 1000  # number of clips on which the stated accuracy is measured
_FOLD = 4
_FAINT = 0.2  # smaller distances from the background, for pixels in [-1, 1], are not amplified into a shape
_BATCH = 32


@dataclass(frozen=True)
class ClassifierConfig:
    """The network's widths, and the `frame_count` and `size` of the world's clips. The weights fix all of them."""

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
    """Centres the shape in `away` [B, T, H, W] and scales it to one area.

    `away` is each pixel's distance from the background, in [0, 1]. Returns [B, T, 20, 20].
    """
    b, t, h, w = away.shape
    cover = ((away - 0.3) / 0.4).clamp(0, 1)
    area = cover.sum((2, 3)).clamp(min=4)
    across, down = (
        torch.linspace(-1, 1, side) * (1 - 1 / side) for side in (w, h)
    )  # pixel centres, as grid_sample has them
    x, y = (cover * across).sum((2, 3)) / area, (cover * down[:, None]).sum((2, 3)) / area
    reach = _CLOSE_UP_REACH * area.sqrt() * 2
    steps = torch.linspace(-1, 1, _CLOSE_UP)
    columns = (x[..., None] + reach[..., None] / w * steps)[:, :, None, :].expand(-1, -1, _CLOSE_UP, -1)
    rows = (y[..., None] + reach[..., None] / h * steps)[:, :, :, None].expand(-1, -1, -1, _CLOSE_UP)
    grid = torch.stack([columns, rows], dim=-1).flatten(0, 1)  # [B*T, 20, 20, 2]
    return F.grid_sample(cover.view(b * t, 1, h, w), grid, align_corners=False).view(b, t, _CLOSE_UP, _CLOSE_UP)


class Classifier(nn.Module):
    """Computes the logits of each attribute from video [B, 3, T, H, W] in [-1, 1]."""

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
        self.outline = _normalised(nn.Linear(_CLOSE_UP**2, c.outline, bias=False), c.outline)
        self.frame = _normalised(nn.Linear(place + pattern + c.outline, c.frame, bias=False), c.frame)
        self.early = _normalised(nn.Conv1d(c.frame, c.far, 5, 2, 2, bias=False), c.far)
        self.late = _normalised(nn.Conv1d(c.far, c.far, 5, 2, 2, bias=False), c.far)
        moments = (c.frame_count + 3) // 4
        self.clip = _normalised(nn.Linear(c.far * moments, c.features, bias=False), c.features)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(c.features + c.frame, len(values)) for name, values in ATTRIBUTES.items()}
        )

    def features(self, video: torch.Tensor) -> torch.Tensor:
        """Returns the features [B, features + frame] of video [B, 3, T, H, W]. The frames' order matters."""
        border = torch.cat([video[..., 0], video[..., -1], video[..., 0, :], video[..., -1, :]], dim=-1)
        away = (video - border.mean((2, 3))[:, :, None, None, None]).square().sum(1, keepdim=True).sqrt()
        away = away / away.amax((1, 2, 3, 4), keepdim=True).clamp(min=_FAINT)  # 1 at most, for every pair of colours
        outline = self.outline(close_up(away[:, 0]).flatten(0, 1).flatten(1))
        pixels = torch.cat([video, away], dim=1).transpose(1, 2).flatten(0, 1)
        frames = F.pixel_unshuffle(pixels, _FOLD)  # [B*T, 64, H/4, W/4]
        h, patterns = frames.contiguous(memory_format=torch.channels_last), []
        for scale in self.scales:
            h = scale(h)
            patterns += [h.amax((2, 3)), h.mean((2, 3))]
        of_frames = self.frame(torch.cat([h.flatten(1), *patterns, outline], dim=1))
        track = of_frames.view(len(video), -1, self.config.frame).transpose(1, 2)  # [B, 56, T]
        return torch.cat([self.clip(self.late(self.early(track)).flatten(1)), track.mean(2)], dim=1)

    def forward(self, video: torch.Tensor) -> dict[str, torch.Tensor]:
        features = self.features(video)
        return {name: head(features) for name, head in self.heads.items()}


@dataclass(frozen=True)
class Classification:
    """The classification of N clips: each attribute's values, one per clip, and the features, float64 [N, F]."""

    values: dict[str, list[str]]
    features: np.ndarray

    def accuracy(self, scenes: list[Scene]) -> dict[str, float]:
        """Returns, for each attribute, the share of clips whose value is their scene's."""
        return {
            name: sum(value == getattr(scene, name) for value, scene in zip(values, scenes, strict=True)) / len(scenes)
            for name, values in self.values.items()
        }


def scaled(frames: np.ndarray, config: ClassifierConfig) -> np.ndarray:
    """Scales clips of a larger world [N, T, H, W, 3] to the classifier's size: every k-th frame, pixels averaged.

    Raises `ValueError` if the size or the number of frames is not a whole multiple of the classifier's.
    """
    every, more = divmod(frames.shape[1] - 1, config.frame_count - 1)
    zoom, rest = divmod(frames.shape[2], config.size)
    if more or rest:
        raise ValueError(
            f"clips of {frames.shape[1]} frames of {frames.shape[2]} pixels do not scale to the classifier's"
            f" {config.frame_count} frames of {config.size} pixels: give clips of a world of a whole multiple"
        )
    frames = frames[:, ::every]
    if zoom == 1:
        return frames
    n, t, side = *frames.shape[:2], config.size
    return frames.reshape(n, t, side, zoom, side, zoom, 3).mean((3, 5)).round().astype(np.uint8)


@torch.no_grad()
def classify(classifier: Classifier, frames: np.ndarray) -> Classification:
    """Classifies clips of RGB frames, uint8 [N, T, H, W, 3]. Larger clips are scaled to the classifier's size."""
    classifier.eval()
    values: dict[str, list[str]] = {name: [] for name in ATTRIBUTES}
    features = []
    for first in range(0, len(frames), _BATCH):
        part = scaled(frames[first : first + _BATCH], classifier.config)
        video = torch.from_numpy(part).permute(0, 4, 1, 2, 3) / 127.5 - 1
        of_clips = classifier.features(video)
        features.append(of_clips.double().numpy())
        for name, head in classifier.heads.items():
            values[name] += [ATTRIBUTES[name][i] for i in head(of_clips).argmax(1).tolist()]
    return Classification(values, np.concatenate(features))


def save(classifier: Classifier, path: Path, accuracy: dict[str, float]) -> None:
    """Writes the weights in half precision to a file whose metadata holds their accuracy for each attribute."""
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: w.half() if w.is_floating_point() else w for name, w in classifier.state_dict().items()}
    save_file(weights, path, {"accuracy": json.dumps(accuracy)})


def load(path: Path = WEIGHTS) -> Classifier:
    """Returns the classifier of every report. Raises `FileNotFoundError` if its weights are missing."""
    if not path.exists():
        raise FileNotFoundError(
            f"the classifier's weights {path} are missing: `python -m zoetrope_export classifier` trains them"
        )
    classifier = Classifier(ClassifierConfig())
    classifier.load_state_dict(load_file(path))
    return classifier.eval().requires_grad_(False)


def stated_accuracy(path: Path = WEIGHTS) -> dict[str, float]:
    """Returns the weights' accuracy for each attribute on held-out clips, as measured after their training."""
    with safe_open(path, "np") as file:
        return json.loads(file.metadata()["accuracy"])
