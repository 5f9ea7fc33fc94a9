"""Clips of the toy world follow from a seed and stay in the frame; captions are unambiguous; pixels show the motion."""

import numpy as np
import pytest
import torch
from PIL import Image

from zoetrope_export.data.toyworld import (
    MOTIONS,
    SHAPES,
    SIZES,
    SPIN,
    SYMMETRIC,
    Scene,
    World,
    WorldConfig,
    _tracks,
    captions,
    render,
    scenes,
    silhouettes,
)
from zoetrope_export.evaluation.pixels import measure_pixels
from zoetrope_export.evaluation.prompts import held_out_prompts, scenes_by_caption


def frames_of(clips):
    return ((clips.video + 1) * 127.5).round().byte().permute(0, 2, 3, 4, 1).numpy()


def test_the_same_seed_renders_the_same_clips_and_another_seed_others():
    one, same, other = (World(WorldConfig(), seed).clips(4) for seed in (1, 1, 2))
    assert one.captions == same.captions
    assert torch.equal(one.video, same.video)
    assert not torch.equal(one.video, other.video)


def test_a_stream_continues_from_a_saved_state():
    world = World(WorldConfig(), 1)
    world.clips(3)
    state = world.state()
    expected = world.clips(2)
    later = World(WorldConfig(), 99)
    later.load(state)
    assert torch.equal(later.clips(2).video, expected.video)


def test_training_clips_and_held_out_prompts_share_no_combination_of_attributes():
    def combinations(scenes):
        return {(s.shape, s.colour, s.background, s.motion) for s in scenes}

    by_caption = scenes_by_caption()
    held_out = combinations(by_caption[prompt] for prompt in held_out_prompts(5_000, seed=1))
    tiny = WorldConfig(size=8, frame_count=1)
    clips = World(tiny, 1).clips(20_000)
    assert len(held_out) > 150
    assert len(combinations(clips.scenes)) > 1_700
    assert not held_out & combinations(clips.scenes)
    assert held_out == combinations(World(tiny, 1, held_out=True).clips(5_000).scenes)
    assert combinations(by_caption[caption] for caption in clips.captions) == combinations(clips.scenes)


def test_a_spinning_shape_starts_upright_and_turns_clockwise():
    spins = [scene for scene in scenes() if scene.motion == "spinning"][::5]
    assert {scene.shape for scene in spins} == set(SHAPES) - set(SYMMETRIC)
    cx, cy, radius, rotation = _tracks(spins, WorldConfig(), torch.Generator().manual_seed(0))
    shape = torch.tensor([SHAPES.index(scene.shape) for scene in spins])
    upright = silhouettes(shape, cx[:, :1], cy[:, :1], radius[:, :1], torch.zeros(len(spins), 1), 64)
    rendered = render(spins, WorldConfig(), torch.Generator().manual_seed(0)).coverage[:, 0, :1]
    assert torch.equal(rendered, upright)
    assert torch.allclose(rotation[:, -1], torch.tensor(SPIN))

    clip = render([Scene("triangle", "red", "black", "large", "spinning")], WorldConfig(variety=0), torch.Generator())
    tip = clip.coverage[0, 0, 3].nonzero()[0]  # the first in reading order: the highest
    assert tip[1] > 32


def test_spinning_scenes_are_drawn_in_proportion_to_their_weight():
    tiny = WorldConfig(size=8, frame_count=1)
    weight_1, weight_3 = (
        sum(scene.motion == "spinning" for scene in World(tiny, 1, spinning_weight=weight).clips(6_000).scenes) / 6_000
        for weight in (1, 3)
    )
    assert weight_1 == pytest.approx(4 / 52, abs=0.01)
    assert weight_3 == pytest.approx(12 / 60, abs=0.015)


def test_no_wording_describes_two_scenes():
    wordings = [caption for scene in scenes() for caption in captions(scene)]
    assert len(wordings) == len(set(wordings))


def test_without_variety_every_clip_of_a_scene_is_the_same():
    batch = [Scene("star", "blue", "cream", "large", "orbiting")] * 3
    video = render(batch, WorldConfig(variety=0.0), torch.Generator().manual_seed(3)).video
    assert torch.equal(video[0], video[1])
    assert torch.equal(video[0], video[2])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("motion", MOTIONS)
def test_a_shape_stays_inside_the_frame(shape, motion):
    batch = [Scene(shape, "red", "black", "large", motion)] * 8
    coverage = render(batch, WorldConfig(), torch.Generator().manual_seed(3)).coverage
    border = torch.cat([coverage[..., 0], coverage[..., -1], coverage[..., 0, :], coverage[..., -1, :]], dim=-1)
    assert border.sum(-1).max() < 1.5  # a tip may touch the edge
    assert coverage.sum((3, 4)).min() > 30


def test_pixel_measurement_finds_the_attributes_of_rendered_clips():
    clips = World(WorldConfig(), 5, held_out=True).clips(96)
    for scene, frames in zip(clips.scenes, frames_of(clips), strict=True):
        measured = measure_pixels(frames)
        assert (measured.colour, measured.background, measured.motion) == (scene.colour, scene.background, scene.motion)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape not in SYMMETRIC])
@pytest.mark.parametrize("size", SIZES)
def test_a_shape_in_place_counts_as_spinning_only_if_it_turns_steadily(shape, size):
    batch = [Scene(shape, "red", "black", size, "spinning")] * 6
    rng = np.random.default_rng(1)
    for clip in frames_of(render(batch, WorldConfig(), torch.Generator().manual_seed(3))):
        blurred = np.stack([np.asarray(Image.fromarray(f).resize((20, 20)).resize(f.shape[:2])) for f in clip])
        assert [measure_pixels(frames).motion for frames in (clip, clip[::-1], blurred)] == ["spinning"] * 3
        assert measure_pixels(np.repeat(clip[:1], len(clip), axis=0)).motion is None
        assert measure_pixels(rng.permutation(clip)).motion is None


def test_a_larger_world_renders_the_same_clips_larger_and_finer():
    small, large = (World(config, 5).clips(6) for config in (WorldConfig(), WorldConfig(128, 49, 24)))
    assert small.captions == large.captions
    assert large.video.shape == (6, 3, 49, 128, 128)
    reduced = torch.nn.functional.avg_pool3d(large.video[:, :, ::3], (1, 2, 2))
    assert (reduced - small.video).abs().mean() < 0.01
    for scene, frames in zip(large.scenes, frames_of(large)[:, ::3], strict=True):
        measured = measure_pixels(frames)
        assert (measured.colour, measured.background, measured.motion) == (scene.colour, scene.background, scene.motion)
        assert measured.shape == scene.shape


def test_pixel_measurement_finds_the_attributes_of_changed_clips():
    batch = [Scene("star", "blue", "cream", "large", "left")]
    frames = frames_of(render(batch, WorldConfig(), torch.Generator().manual_seed(3)))[0]
    assert measure_pixels(frames[::-1]).motion == "right"
    assert measure_pixels(frames[..., ::-1]).colour != "blue"
    assert measure_pixels(frames[:, :4, :4].repeat(16, axis=1).repeat(16, axis=2)).colour is None
