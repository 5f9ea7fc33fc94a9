"""Consistency distillation: the teacher's trajectories against the sampler, the loss in closed form, and resuming."""

from dataclasses import replace

import pytest
import torch

from zoetrope_export.data.text import TextBatch
from zoetrope_export.models.backbone import BackboneClassifier, BackboneConfig, trained_backbone
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.mmdit import Mmdit, MmditConfig
from zoetrope_export.sampling.fields import guided_field, predict_clean
from zoetrope_export.sampling.samplers import euler
from zoetrope_export.training import trajectories
from zoetrope_export.training.consistency import (
    ConsistencyRecipe,
    ConsistencyStage,
    perceptual_distance,
    position_vectors,
)
from zoetrope_export.training.errors import StageFailedError
from zoetrope_export.training.schedule import Schedule

CONFIG = MmditConfig(model_width=48, depth=2, heads=2)
SCHEDULE = Schedule(steps=4, batch=8, learning_rate=1e-3, warmup=1)
EMPTY_TEXT = TextBatch(torch.zeros(1, 16, 384), torch.ones(1, 16, dtype=torch.int64))


@pytest.fixture(scope="module")
def teacher():
    torch.manual_seed(0)
    model = Mmdit(CONFIG)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return model


@pytest.fixture
def load_trajectories(teacher, dataset, tmp_path):
    """Loads the trajectories of a recipe, or computes them first."""

    def make(recipe):
        return trajectories.load_or_solve(
            tmp_path / f"{recipe.guidance}",
            teacher=teacher,
            dataset=dataset,
            empty_text=EMPTY_TEXT,
            solver=recipe.solver,
            seed=5,
        )

    return make


@pytest.fixture
def stage(teacher, load_trajectories):
    """Makes a stage of a recipe, whose student starts with its teacher's weights; the seed is always the same."""
    backbone = BackboneClassifier(BackboneConfig()).state_dict()

    def make(**changes):
        recipe = ConsistencyRecipe(SCHEDULE, trajectories=8, **changes)
        return ConsistencyStage(
            config=CONFIG,
            recipe=recipe,
            start=teacher.state_dict(),
            backbone=backbone,
            trajectories=load_trajectories(recipe),
            seed=5,
        )

    return make


def test_a_trajectory_is_guided_steps_of_the_teacher_from_noise_to_the_clip(teacher, load_trajectories, dataset):
    recipe = ConsistencyRecipe(SCHEDULE, trajectories=70, timesteps=4, shift=1.5)
    made = load_trajectories(recipe)
    assert made.points.shape == (70, 5, 12, 5, 8, 8)
    assert 0 < made.keep.sum() < 70
    whole = Condition.of_first_frame(dataset.text[made.rows], dataset.latents[made.rows], made.keep)
    noise = made.points[:, 0].float()
    assert noise.std().item() == pytest.approx(1, abs=0.01)
    field = guided_field(teacher, whole, whole.without_text(EMPTY_TEXT), recipe.guidance)
    with torch.no_grad():
        assert torch.allclose(made.points[:, 4].float(), euler(field, noise, 4, 1.5), atol=0.01)
        once = noise + (recipe.solver.times()[1] - 1) * field(noise, 1.0)
    assert torch.allclose(made.points[:, 1].float(), once, atol=0.01)


def test_trajectories_are_computed_once_and_refused_for_another_recipe(teacher, load_trajectories, dataset, tmp_path):
    recipe = ConsistencyRecipe(SCHEDULE, trajectories=3, timesteps=2)
    first = load_trajectories(recipe)
    solver = recipe.solver
    file, given = tmp_path / f"{recipe.guidance}", {"dataset": dataset, "empty_text": EMPTY_TEXT, "seed": 5}
    again = trajectories.load_or_solve(file, teacher=None, solver=solver, **given)
    assert torch.equal(again.points, first.points)
    for other, needed in ((replace(solver, count=4), "4 of 2"), (replace(solver, timesteps=4), "3 of 4")):
        message = f"holds 3 trajectories of 2 steps, the recipe needs {needed}: delete the file"
        with pytest.raises(StageFailedError, match=message):
            trajectories.load_or_solve(file, teacher=teacher, solver=other, **given)


def test_a_draw_is_two_points_of_one_trajectory_with_its_condition(load_trajectories, dataset):
    made = load_trajectories(ConsistencyRecipe(SCHEDULE, trajectories=6, timesteps=4))
    start, end = torch.tensor([0, 1, 3]), torch.tensor([2, 4, 4])
    x, solved, condition = made.draw(start, end, torch.Generator().manual_seed(2))
    for i in range(3):
        (pick,) = [k for k in range(6) if torch.equal(made.points[k, start[i]].float(), x[i])]
        assert torch.equal(made.points[pick, end[i]].float(), solved[i])
        assert torch.equal(condition.text.embedding[i], dataset.text.embedding[made.rows[pick]].float())
        first = dataset.latents[made.rows[pick], :, 0] * made.keep[pick]
        assert torch.equal(condition.first_frame[i], first)


def test_the_target_is_the_trajectorys_end_or_the_averages_prediction_before_it(stage):
    half, ends = stage(timesteps=4, solver_steps=2), torch.tensor([4, 2])
    _, solved, condition = half.trajectories.draw(ends - 2, ends, half.rng)
    target = half.clean_target(solved, ends, condition)
    assert torch.equal(target[0], solved[0])
    with torch.no_grad():
        assert torch.equal(
            target, predict_clean(half.target.shadow, solved, torch.stack([half.times[4], half.times[2]]), condition)
        )
    assert not torch.equal(target[1], solved[1])
    whole = stage(timesteps=4, solver_steps=4)
    assert whole.clean_target(solved, torch.tensor([4, 4]), condition) is solved


def test_the_loss_of_one_step_grows_as_the_square_of_what_guidance_adds(stage):
    """With t = 1 only, a student equal to its teacher lacks (w - 1)(v(text) - v(none)) of the guided step.

    Below c, Huber's distance is quadratic.
    """
    one = {"timesteps": 1, "solver_steps": 1, "from_noise": 1.0, "huber_c": 30.0}
    losses = [stage(**one, guidance=w).update(0)["loss"] for w in (1.0, 2.0, 3.0)]
    assert losses[0] == pytest.approx(0, abs=1e-3 * losses[1])
    assert losses[2] == pytest.approx(4 * losses[1], rel=0.02)


def test_beyond_c_the_loss_is_linear_in_the_distance_at_each_position(stage):
    one = {"timesteps": 1, "solver_steps": 1, "from_noise": 1.0, "huber_c": 1e-4}
    losses = [stage(**one, guidance=w).update(0)["loss"] for w in (2.0, 3.0)]
    assert losses[1] == pytest.approx(2 * losses[0], rel=0.02)


def test_a_position_vector_holds_the_channels_of_one_position():
    latents = torch.arange(2 * 3 * 2 * 2 * 2).view(2, 3, 2, 2, 2)
    vectors = position_vectors(latents)
    assert vectors.shape == (16, 3)
    assert torch.equal(vectors[0], latents[0, :, 0, 0, 0])
    assert torch.equal(vectors[9], latents[1, :, 0, 0, 1])


def test_the_perceptual_distance_by_hand():
    """For two levels of features at one position each, the angle changes the distance and the length does not."""

    class TwoLevels:
        def __call__(self, frames):
            a, b = (v.view(1, 2, 1, 1) for v in (frames[:, :2, 0, 0], frames[:, 2:, 0, 0]))
            return [a, b]

    x, y = torch.tensor([3.0, 4.0, 1.0, 0.0]), torch.tensor([0.0, 2.0, 5.0, 0.0])
    distance = perceptual_distance(TwoLevels(), x.view(1, 4, 1, 1, 1), y.view(1, 4, 1, 1, 1))
    assert distance.item() == pytest.approx((0.6**2 + 0.2**2 + 0) / 2)


def test_the_perceptual_distance_to_the_same_clip_is_zero_and_descends_towards_it(dataset):
    torch.manual_seed(1)
    backbone = trained_backbone(BackboneConfig(), BackboneClassifier(BackboneConfig()).state_dict())
    y = dataset.latents[:2]
    x = (y + 0.3 * torch.randn(y.shape, generator=torch.Generator().manual_seed(2))).requires_grad_(True)
    assert perceptual_distance(backbone, y, y).item() == 0
    before = perceptual_distance(backbone, x, y)
    before.backward()
    assert ((y - x) * x.grad).sum() < 0
    assert all(p.grad is None for p in backbone.parameters())


def test_the_perceptual_weight_changes_the_update(stage):
    without, weighted = stage(perceptual=0.0), stage(perceptual=0.5)
    for made in (without, weighted):
        made.update(0)
    assert not torch.equal(without.model.leave.weight, weighted.model.leave.weight)


def test_a_student_continues_from_its_state_to_the_same_weights(stage):
    whole, cut = stage(), stage()
    for step in range(2):
        whole.update(step)
        cut.update(step)
    resumed = stage()
    resumed.load(cut.state())
    for step in range(2, 4):
        whole.update(step)
        resumed.update(step)
    for name, value in whole.state()["ema"].items():
        assert torch.equal(value, resumed.state()["ema"][name]), name
