"""The report's metrics, each against a case with a known result, or with a planted fault that it has to show."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from zoetrope_export.data.toyworld import SHAPES, Scene, World, WorldConfig, first_centres, render, to_frames
from zoetrope_export.evaluation import diversity, frechet
from zoetrope_export.evaluation.damage import blur, requantise
from zoetrope_export.evaluation.pixels import measure_pixels

CONFIG = WorldConfig()


@pytest.fixture(scope="module")
def clips():
    return World(CONFIG, 5, held_out=True).clips(96)


def gaussian(mean, deviation, count=50_000):
    return np.random.default_rng(0).standard_normal((count, len(mean))) * deviation + mean


def test_the_distance_of_two_gaussians_is_the_closed_form():
    a, b = gaussian([0.0, 0.0], [1.0, 2.0]), gaussian([3.0, 4.0], [2.0, 2.0])
    expected = 3.0**2 + 4.0**2 + (2.0 - 1.0) ** 2  # independent axes: (m_a - m_b)^2 + (s_a - s_b)^2 each
    assert frechet.distance(frechet.Moments.of(a), frechet.Moments.of(b)) == pytest.approx(expected, rel=0.02)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    turned = frechet.distance(frechet.Moments.of(a @ turn), frechet.Moments.of(b @ turn))
    assert turned == pytest.approx(expected, rel=0.02)


def test_the_distance_from_the_same_moments_is_zero():
    moments = frechet.Moments.of(gaussian([1.0, 2.0, 3.0], [1.0, 0.0, 2.0], 100))  # one feature never varies
    assert frechet.distance(moments, moments) == pytest.approx(0, abs=1e-9)


def test_a_single_clip_has_no_distance():
    with pytest.raises(ValueError, match="two clips or more"):
        frechet.Moments.of(np.zeros((1, 4)))


def test_clips_placed_as_the_world_places_them_are_fully_diverse():
    for scene in diversity.SCENES:
        starts = [tuple(p) for p in first_centres(scene, 2000, CONFIG, torch.Generator().manual_seed(9)).tolist()]
        assert diversity.ratio(scene, starts, CONFIG) == pytest.approx(1, abs=0.05)


def test_the_same_clip_for_every_seed_has_no_diversity():
    scene = diversity.SCENES[0]
    assert diversity.ratio(scene, [(20.0, 30.0)] * 64, CONFIG) == 0
    half = [tuple(p) for p in (0.5 * first_centres(scene, 2000, CONFIG, torch.Generator().manual_seed(9))).tolist()]
    assert diversity.ratio(scene, half, CONFIG) == pytest.approx(0.5, abs=0.03)


def test_clips_without_a_shape_are_not_diverse():
    scene = diversity.SCENES[0]
    assert diversity.ratio(scene, [(0.0, 0.0), (60.0, 60.0), None, None, None], CONFIG) == 0


def test_the_prompts_of_diversity_are_held_out_and_cover_every_shape():
    assert all(scene.held_out() for scene in diversity.SCENES)
    assert {scene.shape for scene in diversity.SCENES} == set(SHAPES)
    assert set(diversity.prompts().values()) == set(diversity.SCENES)


def test_sharpness_falls_with_blur_and_does_not_depend_on_size_or_colour():
    def sharpness(video):
        return np.array([measure_pixels(clip).sharpness for clip in to_frames(video)])

    batch = [
        Scene("circle", c, b, s, "right") for c, b in (("red", "black"), ("white", "cream")) for s in ("small", "large")
    ]
    video = render(batch, CONFIG, torch.Generator().manual_seed(3)).video
    levels = [sharpness(blur(video, torch.full((4,), deviation))) for deviation in (0.0, 0.5, 1.0, 1.5)]
    assert all((after < before).all() for before, after in pairwise(levels))
    assert levels[0].max() / levels[0].min() < 1.15


@pytest.mark.parametrize("damage", [None, "soft", "coarse"])
def test_pixels_show_every_shape_even_in_degraded_clips(clips, damage):
    video = clips.video
    if damage == "soft":
        video = blur(video, torch.full((len(video),), 1.5))
    if damage == "coarse":
        video = requantise(video, torch.full((len(video),), 0.2))
    shapes = [measure_pixels(clip).shape for clip in to_frames(video)]
    assert np.mean([shape == scene.shape for shape, scene in zip(shapes, clips.scenes, strict=True)]) > 0.98


def test_pixels_distinguish_all_shapes():
    batch = [Scene(shape, "blue", "cream", "small", "left") for shape in SHAPES]
    frames = to_frames(render(batch, CONFIG, torch.Generator().manual_seed(3)).video)
    assert [measure_pixels(clip).shape for clip in frames] == list(SHAPES)
