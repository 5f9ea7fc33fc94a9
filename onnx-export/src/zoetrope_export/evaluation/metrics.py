"""The figures of one set of clips: what they show, how near to real they are, how sharp, how varied.

All sets of a report answer the same prompts. `Reference` holds what the world itself draws for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoetrope_export.data.toyworld import VELOCITIES, Scene, World, WorldConfig, to_frames
from zoetrope_export.evaluation import diversity, frechet
from zoetrope_export.evaluation.classifier import Classifier, classify
from zoetrope_export.evaluation.pixels import PixelMeasurement, measure_pixels

MEASURED = ("shape", "colour", "background", "motion")
_DRAWS = 4  # clips of the world for each prompt, whose features are the real ones
_BATCH = 64
_SEEN_FRAMES = 17  # of a longer clip, as many are measured by pixels, from first to last


@dataclass(frozen=True)
class Metrics:
    """Of `clips` clips: the share with each attribute right, by classifier and by pixels; three distances from real.

    `frechet` is 0 for the world's own distribution, `sharpness` and `diversity` are 1 for it. `diversity` is None where
    the clips were told their first frame. `motions` are the shares with the motion right, by classifier, of the clips
    that were asked for each.
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
        """As a manifest tells them: the attributes by pixels under their names, and by the classifier."""
        judged = {f"{name}_by_classifier": share for name, share in self.classifier.items()}
        told = {"clips": self.clips, **self.pixels, **judged, "frechet": self.frechet, "sharpness": self.sharpness}
        return told if self.diversity is None else {**told, "diversity": self.diversity}


def rendered(scenes: list[Scene], config: WorldConfig, seed: int) -> np.ndarray:
    """One clip of the world for each scene: RGB frames, uint8 [N, T, H, W, 3]."""
    world = World(config, seed)
    parts = [scenes[i : i + _BATCH] for i in range(0, len(scenes), _BATCH)]
    return np.concatenate([to_frames(world.clips_of(part).video) for part in parts])


def measure_clips(frames: np.ndarray) -> list[PixelMeasurement]:
    """What each clip [N, T, H, W, 3] shows by pixels."""
    every = max(1, (frames.shape[1] - 1) // (_SEEN_FRAMES - 1))
    return [measure_pixels(clip[::every]) for clip in frames]


class Reference:
    """What the world draws for `scenes`, against which clips of the same scenes are measured."""

    def __init__(self, *, scenes: list[Scene], config: WorldConfig, classifier: Classifier, seed: int) -> None:
        self.scenes, self.config, self.classifier = scenes, config, classifier
        draws = [classify(classifier, rendered(scenes, config, seed + draw)).features for draw in range(_DRAWS)]
        self.moments = frechet.Moments.of(np.concatenate(draws))
        self.frames = rendered(scenes, config, seed + _DRAWS)  # none of those whose features are the reference
        self.pixels = measure_clips(self.frames)

    def world(self) -> Metrics:
        """The figures of the world's own clips: what they fall short of 1 and of 0 is the judges' error."""
        starts = {
            scene: [measure_pixels(clip[:1]).start for clip in rendered([scene] * 64, self.config, 1)]
            for scene in diversity.SCENES
        }
        return self.measure(self.frames, starts)

    def measure(self, frames: np.ndarray, starts: dict[Scene, list[diversity.Point | None]] | None) -> Metrics:
        """Measures one clip for each scene, uint8 [N, T, H, W, 3], and where clips of a few prompts start by seed."""
        classified, read = classify(self.classifier, frames), measure_clips(frames)
        return Metrics(
            clips=len(frames),
            classifier=classified.accuracy(self.scenes),
            pixels=self._right(read),
            frechet=frechet.distance(frechet.Moments.of(classified.features), self.moments),
            sharpness=self._sharpness(read),
            diversity=diversity.mean_ratio(starts, self.config) if starts else None,
            motions=self._by_motion(classified.values["motion"]),
            motions_by_pixels=self._by_motion([s.motion for s in read]),
        )

    def _right(self, measured: list[PixelMeasurement]) -> dict[str, float]:
        pairs = list(zip(self.scenes, measured, strict=True))
        right = {
            name: sum(getattr(scene, name) == getattr(s, name) for scene, s in pairs) / len(pairs) for name in MEASURED
        }
        directional = [scene.motion == s.motion for scene, s in pairs if scene.motion in VELOCITIES]
        return {**right, "direction": sum(directional) / max(1, len(directional))}

    def _sharpness(self, measured: list[PixelMeasurement]) -> float:
        """Mean over clips of edge sharpness over that of the same scene's real clip; no shape has no edge: 0."""
        ratios = [(s.sharpness or 0.0) / (real.sharpness or 1.0) for s, real in zip(measured, self.pixels, strict=True)]
        return float(np.mean(ratios))

    def _by_motion(self, told: Sequence[str | None]) -> dict[str, float]:
        right: dict[str, list[bool]] = {}
        for scene, motion in zip(self.scenes, told, strict=True):
            right.setdefault(scene.motion, []).append(scene.motion == motion)
        return {motion: float(np.mean(right[motion])) for motion in sorted(right)}
