"""Consistency distillation: its solver against the sampler, its loss in closed form, and resuming."""

import pytest
import torch

from zoetrope_export.condition import Condition, guided
from zoetrope_export.consistency_training import ConsistencyRecipe, ConsistencyStage, perceptual_distance, places_of
from zoetrope_export.mmdit import Mmdit, MmditConfig
from zoetrope_export.osv_discriminator import BackboneClassifier, BackboneConfig, trained_backbone
from zoetrope_export.samplers import euler
from zoetrope_export.text import TextBatch
from zoetrope_export.training import Schedule

CONFIG = MmditConfig(model_width=48, depth=2, heads=2)
SCHEDULE = Schedule(steps=4, batch=8, learning_rate=1e-3, warmup=1)


@pytest.fixture(scope="module")
def stage(dataset):
    """Makes a stage of a recipe; teacher and seed are always the same."""
    torch.manual_seed(0)
    model = Mmdit(CONFIG)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    backbone = BackboneClassifier(BackboneConfig()).state_dict()
    without = TextBatch(torch.zeros(1, 16, 384), torch.ones(1, 16, dtype=torch.int64))

    def make(**recipe):
        teacher = {"ema": model.state_dict()}
        return ConsistencyStage(CONFIG, ConsistencyRecipe(SCHEDULE, **recipe), teacher, backbone, dataset, without, 5)

    return make


def test_the_solver_takes_m_guided_steps_of_the_teacher_and_none_beyond_the_clip(stage, dataset):
    made = stage(timesteps=4, solver_steps=4, shift=1.0)
    condition = Condition.of_first_frame(dataset.text[:2], dataset.latents[:2], torch.tensor([0.0, 1.0]))
    noise = torch.randn(2, 12, 5, 8, 8, generator=torch.Generator().manual_seed(1))
    field = guided(made.teacher, condition, condition.without_text(made.without), made.recipe.guidance)
    with torch.no_grad():
        solved, s = made.solve(noise, torch.tensor([0, 0]), condition)
        assert torch.equal(s, torch.zeros(2))
        assert torch.allclose(solved, euler(field, noise, 4, shift=1.0), atol=1e-5)
        late, s = made.solve(noise, torch.tensor([2, 3]), condition)
        assert torch.equal(s, torch.zeros(2))
        quarter = 0.25
        once = noise - quarter * field(noise, torch.tensor([0.5, quarter]))
        assert torch.allclose(late[1], once[1], atol=1e-5)
        assert torch.allclose(late[0], (once - quarter * field(once, quarter))[0], atol=1e-5)


def test_of_one_step_to_the_clip_the_loss_grows_as_the_square_of_what_guidance_adds(stage):
    """With one time, t = 1, a student that is its teacher lacks (w - 1)(v(text) - v(none)) of the guided step.

    Below c Huber's distance is a square.
    """
    one = {"timesteps": 1, "solver_steps": 1, "from_noise": 1.0, "huber_c": 30.0}
    losses = [stage(**one, guidance=w).update(0)["loss"] for w in (1.0, 2.0, 3.0)]
    assert losses[0] == pytest.approx(0, abs=1e-3 * losses[1])
    assert losses[2] == pytest.approx(4 * losses[1], rel=0.02)


def test_beyond_c_the_loss_grows_with_the_distance_of_each_place(stage):
    one = {"timesteps": 1, "solver_steps": 1, "from_noise": 1.0, "huber_c": 1e-4}
    losses = [stage(**one, guidance=w).update(0)["loss"] for w in (2.0, 3.0)]
    assert losses[1] == pytest.approx(2 * losses[0], rel=0.02)


def test_places_keep_their_channels():
    latents = torch.arange(2 * 3 * 2 * 2 * 2).view(2, 3, 2, 2, 2)
    places = places_of(latents)
    assert places.shape == (16, 3)
    assert torch.equal(places[0], latents[0, :, 0, 0, 0])
    assert torch.equal(places[9], latents[1, :, 0, 0, 1])


def test_the_perceptual_distance_by_hand():
    """Two levels of features at one place each: the angle counts, the length does not."""

    class Told:
        def __call__(self, frames):
            a, b = (v.view(1, 2, 1, 1) for v in (frames[:, :2, 0, 0], frames[:, 2:, 0, 0]))
            return [a, b]

    x, y = torch.tensor([3.0, 4.0, 1.0, 0.0]), torch.tensor([0.0, 2.0, 5.0, 0.0])
    distance = perceptual_distance(Told(), x.view(1, 4, 1, 1, 1), y.view(1, 4, 1, 1, 1))
    assert distance.item() == pytest.approx((0.6**2 + 0.2**2 + 0) / 2)


def test_the_perceptual_distance_is_none_of_a_clip_to_itself_and_leads_to_it(dataset):
    torch.manual_seed(1)
    backbone = trained_backbone(BackboneConfig(), BackboneClassifier(BackboneConfig()).state_dict())
    y = dataset.latents[:2]
    x = (y + 0.3 * torch.randn(y.shape, generator=torch.Generator().manual_seed(2))).requires_grad_(True)
    assert perceptual_distance(backbone, y, y).item() == 0
    before = perceptual_distance(backbone, x, y)
    before.backward()
    assert ((y - x) * x.grad).sum() < 0
    assert all(p.grad is None for p in backbone.parameters())


def test_features_weigh_in_what_is_learnt(stage):
    without, told = stage(perceptual=0.0), stage(perceptual=0.5)
    for made in (without, told):
        made.update(0)
    assert not torch.equal(without.model.leave.weight, told.model.leave.weight)


def test_a_student_goes_on_from_its_state_to_the_same_weights(stage):
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
