"""The classifier of every report, and the metrics of clips, each with a planted fault that it has to show."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from zoetrope_export.data.codec import through_codec
from zoetrope_export.data.toyworld import MOTIONS, SHAPES, World, WorldConfig, scenes, silhouettes, to_frames
from zoetrope_export.evaluation.classifier import WEIGHTS, classify, close_up, load, stated_accuracy
from zoetrope_export.evaluation.classifier_training import RECIPE, ClassifierStage
from zoetrope_export.evaluation.damage import blur
from zoetrope_export.evaluation.metrics import Reference

CONFIG = WorldConfig()


@pytest.fixture(scope="module")
def clips():
    return World(CONFIG, 5, held_out=True).clips(96)


@pytest.fixture(scope="module")
def reference():
    picks = [scene for scene in scenes() if scene.held_out()][::7]
    return Reference(scenes=picks, config=CONFIG, classifier=load(), seed=1)


def test_a_close_up_is_the_same_wherever_and_however_large_the_shape_is():
    index = torch.tensor([SHAPES.index("heart")] * 3)
    x, y, radius = (
        torch.tensor(values)[:, None] for values in ([20.0, 40.3, 32.0], [20.0, 33.7, 32.0], [15.0, 15.0, 20.0])
    )
    close = close_up(silhouettes(index, x, y, radius, torch.zeros(3, 1), 64))[:, 0]
    assert (close[1:] - close[:1]).abs().mean() < 0.02
    other = close_up(silhouettes(torch.tensor([SHAPES.index("ring")]), x[:1], y[:1], radius[:1], torch.zeros(1, 1), 64))
    assert (other[0, 0] - close[0]).abs().mean() > 0.1


def test_the_classifier_is_small_and_accurate_on_held_out_clips(clips):
    assert WEIGHTS.stat().st_size < 1_000_000
    assert stated_accuracy()["shape"] >= 0.99
    right = classify(load(), to_frames(clips.video)).accuracy(clips.scenes)
    assert min(right.values()) > 0.96


def test_clips_of_a_larger_world_are_classified_like_those_of_the_classifiers_size():
    large = World(WorldConfig(128, 49, 24), 5, held_out=True).clips(12)
    right = classify(load(), to_frames(large.video)).accuracy(large.scenes)
    assert min(right.values()) > 0.9
    with pytest.raises(ValueError, match="50 frames of 128 pixels do not scale to the classifier's 17 frames of 64"):
        classify(load(), np.zeros((1, 50, 128, 128, 3), np.uint8))


def test_the_classifier_is_accurate_on_encoded_clips(clips):
    frames = np.stack([through_codec(clip, CONFIG.frame_rate) for clip in to_frames(clips.video[:48])])
    right = classify(load(), frames).accuracy(clips.scenes[:48])
    assert min(right.values()) > 0.94


def test_a_classifier_continues_its_training_to_the_same_weights():
    recipe = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=3, batch=4, warmup=1))
    stage, again = (ClassifierStage(world=CONFIG, recipe=recipe, seed=1) for _ in range(2))
    for step in range(2):
        stage.update(step)
    again.load(stage.state())
    assert stage.update(2) == again.update(2)


def test_the_worlds_own_clips_have_perfect_metrics(reference):
    metrics = reference.world()
    assert metrics.pixels["shape"] == metrics.pixels["motion"] == 1
    assert metrics.sharpness == 1
    assert metrics.diversity == pytest.approx(1, abs=0.1)


def test_each_planted_fault_changes_its_metric(reference):
    real = reference.measure(reference.frames, None)
    backwards = reference.measure(reference.frames[:, ::-1].copy(), None)
    assert backwards.pixels["motion"] < 0.6
    assert backwards.classifier["motion"] < 0.6
    assert backwards.classifier["shape"] > 0.95
    assert backwards.frechet > 2 * real.frechet
    swapped = reference.measure(reference.frames[..., ::-1].copy(), None)
    assert swapped.pixels["colour"] < 0.7
    assert swapped.classifier["colour"] < 0.7
    assert swapped.frechet > 2 * real.frechet
    video = torch.from_numpy(reference.frames).permute(0, 4, 1, 2, 3) / 127.5 - 1
    soft = reference.measure(to_frames(blur(video, torch.full((len(video),), 1.2))), None)
    assert soft.sharpness < 0.5
    one = reference.measure(np.repeat(reference.frames[:1], len(reference.frames), axis=0), None)
    assert one.frechet > 2 * real.frechet
    empty = reference.measure(np.full_like(reference.frames, 128), None)
    assert (empty.pixels["shape"], empty.sharpness) == (0, 0)


def test_the_report_has_a_share_for_motions_of_the_world_only(reference):
    assert set(reference.measure(reference.frames, None).motions) <= set(MOTIONS)
