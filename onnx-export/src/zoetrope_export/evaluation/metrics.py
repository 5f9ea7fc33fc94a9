"""The metrics of a set of clips: attributes, Frechet distance, sharpness, diversity.

All sets of a report are clips of the same prompts. `Reference` holds the world's own clips of those prompts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoetrope_export.data.toyworld import VELOCITIES, Scene, World, WorldConfig, to_frames
from zoetrope_export.evaluation import diversity, frechet
from zoetrope_export.evaluation.classifier import Classifier, classify
from zoetrope_export.evaluation.pixels import PixelMeasurement, measure_pixels

MEASURED_ATTRIBUTES = ("shape", "colour", "background", "motion")
_DRAWS = 4  # clips of the world per prompt, whose features are the reference of the Frechet distance
_BATCH = 64
_PIXEL_FRAMES = 17  # frames of a clip, from first to last, that are measured by pixels


@dataclass(frozen=True)
class Metrics:
    """The metrics of `clips` clips.

    `classifier` and `pixels` are the shares of clips that show each attribute of their prompt. `frechet` is 0 for the
    world's own distribution, `sharpness` and `diversity` are 1 for it. `diversity` is None where it is not measured, as
    for clips with a given first frame. `motions` and `motions_by_pixels` are, for each motion, the share of the clips
    with this motion in their prompt that show it, by the classifier and by pixels.
    """

    clips: int
    classifier: dict[str, float]
    pixels: dict[str, float]
    frechet: float
    sharpness: float
    diversity: float | None
    motions: dict[str, float]
    motions_by_pixels: dict[str, float]

    def flat(self) -> dict[str, float]:
        """Returns the metrics as a bundle's manifest has them, without the shares of single motions.

        An attribute's own name is its share by pixels; NAME_by_classifier is that by the classifier.
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
    """Measures each clip of [N, T, H, W, 3] by pixels."""
    every = max(1, (frames.shape[1] - 1) // (_PIXEL_FRAMES - 1))
    return [measure_pixels(clip[::every]) for clip in frames]


class Reference:
    """The world's clips of `scenes`, which other clips of the same scenes are compared with."""

    def __init__(self, *, scenes: list[Scene], config: WorldConfig, classifier: Classifier, seed: int) -> None:
        self.scenes, self.config, self.classifier = scenes, config, classifier
        draws = [classify(classifier, rendered(scenes, config, seed + draw)).features for draw in range(_DRAWS)]
        self.moments = frechet.Moments.of(np.concatenate(draws))
        self.frames = rendered(scenes, config, seed + _DRAWS)  # other clips than the draws above
        self.pixels = measure_clips(self.frames)

    def world(self) -> Metrics:
        """Returns the metrics of the world's own clips. Their distance from 0 and 1 is the measurement's own error."""
        starts = {
            scene: [measure_pixels(clip[:1]).start for clip in rendered([scene] * 64, self.config, 1)]
            for scene in diversity.SCENES
        }
        return self.measure(self.frames, starts)

    def measure(self, frames: np.ndarray, starts: dict[Scene, list[diversity.Point | None]] | None) -> Metrics:
        """Measures `frames`, uint8 [N, T, H, W, 3], one clip for each scene.

        `starts` are the first positions of the shape in the clips that measure diversity; None leaves diversity out.
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
            motions_by_pixels=self._by_motion([s.motion for s in by_pixels]),
        )

    def _shares(self, measured: list[PixelMeasurement]) -> dict[str, float]:
        """Returns the share of clips with each attribute right, and of clips that move straight, the direction."""
        pairs = list(zip(self.scenes, measured, strict=True))
        right = {
            name: sum(getattr(scene, name) == getattr(s, name) for scene, s in pairs) / len(pairs)
            for name in MEASURED_ATTRIBUTES
        }
        directional = [scene.motion == s.motion for scene, s in pairs if scene.motion in VELOCITIES]
        return {**right, "direction": sum(directional) / max(1, len(directional))}

    def _sharpness(self, measured: list[PixelMeasurement]) -> float:
        """Returns the mean of each clip's edge sharpness over its scene's world clip; one without a shape counts 0."""
        ratios = [(s.sharpness or 0.0) / (real.sharpness or 1.0) for s, real in zip(measured, self.pixels, strict=True)]
        return float(np.mean(ratios))

    def _by_motion(self, motions: Sequence[str | None]) -> dict[str, float]:
        """Returns, for each motion, the share of its scenes whose clip shows it."""
        right: dict[str, list[bool]] = {}
        for scene, motion in zip(self.scenes, motions, strict=True):
            right.setdefault(scene.motion, []).append(scene.motion == motion)
        return {motion: float(np.mean(right[motion])) for motion in sorted(right)}
