"""OSV: its losses by hand, its adapters, its discriminator, its solver, and interruptions of its stages."""

import pytest
import torch

from zoetrope_export.models.backbone import BackboneClassifier, BackboneConfig
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.lora import adapt, fold
from zoetrope_export.models.mmdit import Mmdit, MmditConfig
from zoetrope_export.models.osv_discriminator import OsvDiscriminator
from zoetrope_export.sampling.fields import velocity_field
from zoetrope_export.sampling.samplers import euler
from zoetrope_export.training import osv
from zoetrope_export.training.loop import fit
from zoetrope_export.training.losses import hinge_fake, hinge_real, huber
from zoetrope_export.training.osv import OsvFirstStage, OsvRecipe, OsvSecondStage
from zoetrope_export.training.products import OsvWeights
from zoetrope_export.training.schedule import Schedule

CONFIG = MmditConfig(model_width=48, depth=2, heads=2)
BACKBONE = BackboneConfig()
SCHEDULE = Schedule(steps=4, batch=4, learning_rate=1e-3, warmup=1)
RECIPE = OsvRecipe(SCHEDULE, SCHEDULE, SCHEDULE, rank=4, timesteps=10, solver_steps=2, trained_blocks=1)


@pytest.fixture(scope="module")
def teacher():
    torch.manual_seed(0)
    model = Mmdit(CONFIG)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return model.state_dict()


@pytest.fixture(scope="module")
def backbone():
    torch.manual_seed(1)
    return BackboneClassifier(BACKBONE).state_dict()


def first_stage(recipe, teacher, backbone, dataset):
    return OsvFirstStage(config=CONFIG, recipe=recipe, teacher=teacher, backbone=backbone, dataset=dataset, seed=5)


def second_stage(recipe, teacher, first, backbone, dataset):
    return OsvSecondStage(
        config=CONFIG, recipe=recipe, teacher=teacher, first=first, backbone=backbone, dataset=dataset, seed=5
    )


def test_hinge_losses_by_hand():
    logits = torch.tensor([[2.0, 0.0], [-3.0, 0.5]])
    assert hinge_real(logits).item() == pytest.approx((0 + 1 + 4 + 0.5) / 4)
    assert hinge_fake(logits).item() == pytest.approx((3 + 1 + 0 + 1.5) / 4)


def test_huber_distance_by_hand():
    x, y = torch.tensor([[3.0, 0.0], [1.0, 1.0]]), torch.tensor([[0.0, 4.0], [1.0, 1.0]])
    assert huber(x, y, 12.0).item() == pytest.approx(((25 + 144) ** 0.5 - 12) / 2)
    assert huber(y, y, 0.5).item() == 0


def test_adapters_change_nothing_at_first_and_fold_into_the_weights(teacher):
    torch.manual_seed(0)
    linear, x = torch.nn.Sequential(torch.nn.Linear(5, 3)), torch.randn(2, 5)
    before = linear(x)
    trained = adapt(linear, rank=2)
    assert torch.equal(linear(x), before)
    with torch.no_grad():
        trained[1].normal_()
    adapted = linear(x)
    assert not torch.allclose(adapted, before)
    fold(linear)
    assert torch.allclose(linear(x), adapted)
    assert set(linear.state_dict()) == {"0.weight", "0.bias"}


def test_the_discriminator_depends_on_space_and_time_and_trains_only_its_heads(backbone, dataset):
    discriminator = OsvDiscriminator(BACKBONE, backbone)
    logits = discriminator(dataset.latents)
    assert logits.shape[0] == 8
    logits.sum().backward()
    assert all(p.grad is None for p in discriminator.backbone.parameters())
    assert all(p.grad is not None for p in discriminator.head_parameters())
    backwards = discriminator(dataset.latents.flip(2))
    assert not torch.allclose(backwards.sum(1), logits.sum(1), atol=1e-4)  # the same frames in another order


@pytest.fixture
def first(teacher, backbone):
    """The product of an untrained first stage."""
    return OsvWeights(ema=teacher, heads=OsvDiscriminator(BACKBONE, backbone).heads_state())


@pytest.mark.parametrize("guidance", [1.0, 2.5])
def test_the_solver_takes_m_steps_of_the_teacher_guided_by_the_first_frame(teacher, first, backbone, dataset, guidance):
    whole = OsvRecipe(
        SCHEDULE, SCHEDULE, SCHEDULE, timesteps=4, shift=1.0, solver_steps=4, guidance=guidance, trained_blocks=1
    )
    stage = second_stage(whole, teacher, first, backbone, dataset)
    x, text = dataset.latents[:2], dataset.text[:2]
    given, without = Condition.of_first_frame(text, x, torch.ones(2)), Condition.of_text(text, x)
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(1))

    def field(x, t):
        v, free = (velocity_field(stage.teacher, condition)(x, t) for condition in (given, without))
        return guidance * v + (1 - guidance) * free

    solved = stage.solve(noise, torch.tensor([4, 4]), given)
    assert torch.allclose(solved, euler(field, noise, 4, shift=1.0), atol=1e-4)
    assert not torch.allclose(solved, euler(velocity_field(stage.teacher, without), noise, 4, shift=1.0), atol=1e-2)


def test_the_first_stage_changes_adapters_only_and_its_product_has_none(teacher, backbone, dataset, tmp_path):
    stage = first_stage(RECIPE, teacher, backbone, dataset)
    fit(stage, tmp_path)
    product = stage.folded()
    assert set(product) == set(teacher)
    assert not torch.allclose(product["leave.weight"], teacher["leave.weight"])
    assert torch.equal(product["position"], teacher["position"])


@pytest.mark.parametrize("second", [False, True])
def test_an_interrupted_stage_continues_to_the_same_weights(
    second, teacher, first, backbone, dataset, tmp_path, monkeypatch
):
    monkeypatch.setattr("zoetrope_export.training.loop._CHECKPOINT_EVERY_S", -1.0)

    def stage():
        if second:
            return second_stage(RECIPE, teacher, first, backbone, dataset)
        return first_stage(RECIPE, teacher, backbone, dataset)

    whole, cut, resumed = stage(), stage(), stage()
    fit(whole, tmp_path / "whole")
    update = cut.update
    monkeypatch.setattr(cut, "update", lambda step: update(step) if step < 2 else pytest.fail("cut"))
    with pytest.raises(pytest.fail.Exception):
        fit(cut, tmp_path / "cut")
    fit(resumed, tmp_path / "cut")
    for name, value in whole.state()["ema"].items():
        assert torch.equal(value, resumed.state()["ema"][name]), name


def test_without_the_adversarial_weight_the_generator_trains_on_the_distance_only(
    teacher, backbone, dataset, monkeypatch
):
    calls = []
    monkeypatch.setattr(osv, "hinge_real", lambda logits: calls.append(logits) or logits.sum() * 0)
    first_stage(RECIPE, teacher, backbone, dataset).update(0)
    adversarial_calls = len(calls)
    plain_recipe = OsvRecipe(SCHEDULE, SCHEDULE, SCHEDULE, rank=4, timesteps=10, adversarial=0.0)
    first_stage(plain_recipe, teacher, backbone, dataset).update(0)
    assert len(calls) - adversarial_calls == adversarial_calls - 1
