"""The metrics of a set of clips: attributes, Frechet distance, sharpness and diversity.

Every row of a report has clips of the same prompts. `Reference` holds the world's own clips of these prompts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from zoetrope_export.data.toyworld import VELOCITIES, Scene, World, WorldConfig, to_frames
from zoetrope_export.evaluation import diversity, frechet
from zoetrope_export.evaluation.classifier import Classifier, classify
from zoetrope_export.evaluation.pixels import PixelMeasurement, measure_pixels

MEASURED_ATTRIBUTES = ("shape", "colour", "background", "motion")
_DRAWS = 4  # clips of the world per prompt; the Frechet distance is that to the features of all of them
_BATCH = 64
_PIXEL_FRAMES = 17  # number of frames, evenly spaced from first to last, that are measured by pixels


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The metrics of `clips` clips.

    `classifier` and `pixels` hold the share of clips that show each attribute of their prompt. For the world's own
    distribution, `frechet` is 0, and `sharpness` and `diversity` are 1. `diversity` is None if it is not measured, as
    for clips with a given first frame. `motions` and `motions_by_pixels` hold a share for each motion: of the clips
    with this motion in their prompt, those that show it, by the classifier and by pixels.
    """

    clips: int
    classifier: dict[str, float]
    pixels: dict[str, float]
    frechet: float
    sharpness: float
    diversity: float | None
    motions: dict[str, float]
    motions_by_pixels: dict[str, float]

    @staticmethod
    def of_json(row: Mapping[str, Any]) -> Metrics:
        """Returns the metrics in a row of a report's JSON file."""
        return Metrics(**{field.name: row[field.name] for field in fields(Metrics)})

    def flat(self) -> dict[str, float]:
        """Returns the metrics as in a bundle's manifest, which lacks the shares of single motions.

        The key NAME is an attribute's share by pixels, NAME_by_classifier its share by the classifier.
        """
        by_classifier = {f"{name}_by_classifier": share for name, share in self.classifier.items()}
        distances = {"frechet": self.frechet, "sharpness": self.sharpness}
        if self.diversity is not None:
            distances["diversity"] = self.diversity
        return {"clips": self.clips, **self.pixels, **by_classifier, **distances}


def rendered(scenes: list[Scene], config: WorldConfig, seed: int) -> np.ndarray:
    """Renders one clip of the world for each scene: RGB frames, uint8 [N, T, H, W, 3]."""
    world = World(config, seed)
    parts = [scenes[i : i + _BATCH] for i in range(0, len(scenes), _BATCH)]
    return np.concatenate([to_frames(world.clips_of(part).video) for part in parts])


def measure_clips(frames: np.ndarray) -> list[PixelMeasurement]:
    """Measures each clip, uint8 [N, T, H, W, 3], by pixels."""
    every = max(1, (frames.shape[1] - 1) // (_PIXEL_FRAMES - 1))
    return [measure_pixels(clip[::every]) for clip in frames]


class Reference:
    """The world's own clips of `scenes`. Other clips of the same scenes are measured against them."""

    def __init__(self, *, scenes: list[Scene], config: WorldConfig, classifier: Classifier, seed: int) -> None:
        self.scenes, self.config, self.classifier = scenes, config, classifier
        draws = [classify(classifier, rendered(scenes, config, seed + draw)).features for draw in range(_DRAWS)]
        self.moments = frechet.Moments.of(np.concatenate(draws))
        self.frames = rendered(scenes, config, seed + _DRAWS)  # other clips than the draws above
        self.pixels = measure_clips(self.frames)

    def world(self) -> Metrics:
        """Returns the metrics of the world's own clips, which show the error of the measurement."""
        starts = {
            scene: [measure_pixels(clip[:1]).start for clip in rendered([scene] * 64, self.config, 1)]
            for scene in diversity.SCENES
        }
        return self.measure(self.frames, starts)

    def measure(self, frames: np.ndarray, starts: dict[Scene, list[diversity.Point | None]] | None) -> Metrics:
        """Measures `frames`, uint8 [N, T, H, W, 3], one clip for each scene.

        `starts` holds the first positions of the shape in the clips that measure diversity. With None, diversity is not
        measured.
        """
        classified, by_pixels = classify(self.classifier, frames), measure_clips(frames)
        return Metrics(
            clips=len(frames),
            classifier=classified.accuracy(self.scenes),
            pixels=self._shares(by_pixels),
            frechet=frechet.distance(frechet.Moments.of(classified.features), self.moments),
            sharpness=self._sharpness(by_pixels),
            diversity=diversity.mean_ratio(starts, self.config) if starts else None,
            motions=self._by_motion(classified.values["motion"]),
            motions_by_pixels=self._by_motion([clip.motion for clip in by_pixels]),
        )

    def _shares(self, measured: list[PixelMeasurement]) -> dict[str, float]:
        """Returns the share of clips that show each attribute of their scene, by name.

        "direction" is the share of clips with the right motion among the scenes that move in a straight line.
        """
        pairs = list(zip(self.scenes, measured, strict=True))
        right = {
            name: sum(getattr(scene, name) == getattr(clip, name) for scene, clip in pairs) / len(pairs)
            for name in MEASURED_ATTRIBUTES
        }
        directional = [scene.motion == clip.motion for scene, clip in pairs if scene.motion in VELOCITIES]
        return {**right, "direction": sum(directional) / max(1, len(directional))}

    def _sharpness(self, measured: list[PixelMeasurement]) -> float:
        """Returns the mean ratio of a clip's edge sharpness to that of the world's clip of its scene.

        A clip in which no shape is found counts as 0.
        """
        pairs = zip(measured, self.pixels, strict=True)
        ratios = [(clip.sharpness or 0.0) / (real.sharpness or 1.0) for clip, real in pairs]
        return float(np.mean(ratios))

    def _by_motion(self, motions: Sequence[str | None]) -> dict[str, float]:
        """Returns the share of a motion's scenes whose clip shows the motion, by motion."""
        right: dict[str, list[bool]] = {}
        for scene, motion in zip(self.scenes, motions, strict=True):
            right.setdefault(scene.motion, []).append(scene.motion == motion)
        return {motion: float(np.mean(right[motion])) for motion in sorted(right)}
