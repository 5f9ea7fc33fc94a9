"""Adversarial post-training: its losses against values computed by hand, its discriminator, its gate, its restart."""

import copy
import json
import math

import pytest
import torch

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch
from zoetrope_export.models.condition import Condition
from zoetrope_export.models.discriminator import Discriminator, DiscriminatorConfig
from zoetrope_export.models.mmdit import Mmdit, MmditConfig
from zoetrope_export.sampling.fields import velocity_field
from zoetrope_export.sampling.samplers import one_step
from zoetrope_export.training.apt import (
    AptRecipe,
    AptStage,
    Gate,
    accuracy,
    approximated_r1,
    discriminator_loss,
    generator_loss,
)
from zoetrope_export.training.errors import StageFailedError
from zoetrope_export.training.first_frames import clip_weights, image_config, image_dataset, image_weights
from zoetrope_export.training.loop import fit
from zoetrope_export.training.schedule import Schedule

CONFIG = MmditConfig(model_width=48, depth=6, heads=2)
LOG2, LOG3, LOG4 = math.log(2), math.log(3), math.log(4)  # sigmoid(log 3) = 3/4


def weights(config=CONFIG, seed=0):
    torch.manual_seed(seed)
    model = Mmdit(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return model.state_dict()


def dataset(count=64, offset=0.0, seed=0):
    rng = torch.Generator().manual_seed(seed)
    text = TextBatch(torch.randn(count, 16, 384, generator=rng).half(), torch.ones(count, 16, dtype=torch.int64))
    return LatentDataset(torch.randn(count, 12, 5, 8, 8, generator=rng) + offset, text)


def condition(clips):
    text = TextBatch(clips.text.embedding.float(), clips.text.mask)
    return Condition.of_first_frame(text, clips.latents, (torch.arange(len(clips)) % 2).float())


def test_the_discriminators_loss_is_the_negative_log_probability_of_the_true_classes():
    real, fake = torch.tensor([LOG3, 0.0]), torch.tensor([-LOG3, 0.0])
    right = -math.log(3 / 4)
    assert discriminator_loss(real, fake).item() == pytest.approx((right + LOG2) / 2 + (right + LOG2) / 2)


def test_the_generators_loss_is_the_negative_log_probability_of_real():
    assert generator_loss(torch.tensor([LOG3, -LOG3])).item() == pytest.approx((-math.log(3 / 4) + LOG4) / 2)


def test_the_generators_loss_does_not_saturate_if_the_discriminator_is_confident():
    logit = torch.tensor([-10.0], requires_grad=True)
    generator_loss(logit).backward()
    assert logit.grad.item() == pytest.approx(-1.0, abs=1e-3)


def test_approximated_r1_is_the_squared_difference_of_logits():
    assert approximated_r1(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 0.0])).item() == pytest.approx((0.25 + 4) / 2)


def test_approximated_r1_has_the_value_and_the_gradients_of_r1():
    """For D(x) = w2 tanh(W1 x), both values and their gradients in the weights agree after division by sigma^2."""
    rng = torch.Generator().manual_seed(0)
    sigma = 0.01
    first = torch.randn(5, 3, generator=rng).requires_grad_()
    second = torch.randn(5, generator=rng).requires_grad_()

    def logits(x):
        return torch.tanh(x @ first.T) @ second

    x = torch.randn(50_000, 3, generator=rng).requires_grad_()
    slope = torch.autograd.grad(logits(x).sum(), x, create_graph=True)[0]
    r1 = slope.square().sum(1).mean()
    noised = x.detach() + sigma * torch.randn(x.shape, generator=rng)
    approximated = approximated_r1(logits(x.detach()), logits(noised)) / sigma**2
    assert approximated.item() == pytest.approx(r1.item(), rel=0.03)
    for true, near in zip(
        torch.autograd.grad(r1, [first, second]), torch.autograd.grad(approximated, [first, second]), strict=True
    ):
        cosine = torch.nn.functional.cosine_similarity(true.flatten(), near.flatten(), dim=0)
        assert cosine > 0.99
        assert near.norm().item() == pytest.approx(true.norm().item(), rel=0.05)


def test_accuracy_weighs_real_and_fake_clips_the_same():
    assert accuracy(torch.tensor([1.0, 1.0, 1.0, -1.0]), torch.tensor([-1.0, 1.0])) == pytest.approx((0.75 + 0.5) / 2)


def test_heads_read_the_papers_blocks_at_any_depth():
    paper = DiscriminatorConfig()
    assert paper.blocks(36) == [16, 26, 36]
    assert paper.blocks(6) == [3, 4, 6]
    assert paper.blocks(2) == [1, 2]
    assert DiscriminatorConfig((1.0,)).blocks(6) == [6]
    assert DiscriminatorConfig((14 / 36, 16 / 36, 18 / 36)).blocks(6) == [2, 3]


def test_the_discriminator_gives_one_logit_per_clip_and_trains_every_weight():
    discriminator = Discriminator(CONFIG, DiscriminatorConfig(), weights())
    clips = dataset(4)
    logits = discriminator(clips.latents, torch.tensor([0.0, 0.3, 0.7, 1.0]), condition(clips))
    assert logits.shape == (4,)
    logits.square().sum().backward()
    unused = {f"trunk.blocks.5.text.{name}" for name, _ in discriminator.trunk.blocks[5].text.named_parameters()}
    without_gradient = {name for name, p in discriminator.named_parameters() if p.grad is None or not p.grad.any()}
    assert without_gradient <= unused


def test_the_discriminator_starts_as_the_teacher():
    discriminator, teacher = Discriminator(CONFIG, DiscriminatorConfig(), weights()), Mmdit(CONFIG)
    teacher.load_state_dict(weights())
    clips = dataset(2)
    given = condition(clips)
    inputs = (clips.latents, torch.tensor([0.2, 0.9]), given.text.embedding, given.text.mask)
    inputs = (*inputs, given.first_frame, given.first_frame_mask)
    for a, b in zip(discriminator.trunk.hidden(*inputs)[0], teacher.hidden(*inputs)[0], strict=True):
        assert torch.equal(a, b)


def test_a_shallow_discriminator_omits_the_blocks_after_its_last_head():
    discriminator = Discriminator(CONFIG, DiscriminatorConfig((0.5,)), weights())
    assert len(discriminator.trunk.blocks) == 3
    assert len(discriminator.heads) == 1


def test_an_untrained_head_gives_clips_different_logits():
    """A head whose query dominates the features that it attends to would give every clip the same logit."""
    discriminator = Discriminator(CONFIG, DiscriminatorConfig(), weights())
    clips = dataset(32)
    logits = discriminator(clips.latents, torch.full((32,), 0.5), condition(clips))
    assert logits.std() > 0.02


def test_the_network_for_images_has_the_positions_of_a_clips_first_frame():
    clip = weights()
    images = image_weights(clip, CONFIG)
    model = Mmdit(image_config(CONFIG))
    model.load_state_dict(images)
    clips = dataset(2)
    given = condition(image_dataset(clips))
    x = image_dataset(clips).latents
    inputs = (x, torch.ones(2), given.text.embedding, given.text.mask, given.first_frame, given.first_frame_mask)
    assert model(*inputs).shape == (2, 12, 1, 8, 8)
    whole = Mmdit(CONFIG)
    whole.load_state_dict(clip)
    assert torch.equal(model.cosine, whole.cosine[:4])
    assert torch.equal(model.position, whole.position[:4])


def test_training_on_images_keeps_the_positions_of_later_frames():
    clip = weights()
    trained = {name: value + 1 for name, value in image_weights(clip, CONFIG).items()}
    back = clip_weights(trained, clip)
    Mmdit(CONFIG).load_state_dict(back)
    assert torch.equal(back["position"][:4], clip["position"][:4] + 1)
    assert torch.equal(back["position"][4:], clip["position"][4:])
    assert torch.equal(back["enter.weight"], clip["enter.weight"] + 1)


def stage(steps=24, offset=3.0, stop_at=None, **recipe):
    schedule = Schedule(steps=steps, batch=8, learning_rate=1e-3, warmup=1, decay_from=1.0)
    values = {"gate": Gate(accuracy=0.9), "pull": 0.1, **recipe}
    config = MmditConfig(model_width=48, depth=2, heads=2)
    made = AptStage(
        name="apt",
        config=config,
        recipe=AptRecipe(schedule, **values),
        teacher=weights(config),
        start=weights(config, seed=1),
        dataset=dataset(64, offset),
        fresh=dataset(16, offset, seed=1),
        seed=0,
    )
    if stop_at is not None:
        update = made.update

        def stopping(step):
            if step == stop_at:
                raise KeyboardInterrupt
            return update(step)

        made.update = stopping
    return made


def test_the_generator_does_not_change_until_the_gate_opens(tmp_path):
    made = stage()
    for step in range(24):
        gate_is_shut = made.opened_at is None
        made.update(step)
        pairs = zip(made.model.parameters(), made.start.parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs) == gate_is_shut
    assert made.opened_at is not None
    assert made.fresh_accuracy >= 0.9


def test_the_generators_restart_keeps_only_the_discriminator():
    start, made = stage().state(), stage(gate=Gate(0.0, at_most=12), begin_again=11)
    for step in range(21):
        made.update(step)
    assert made.opened_at == 10
    expected = stage(gate=Gate(accuracy=0.0))
    expected.load(copy.deepcopy(made.state()) | {key: start[key] for key in ("model", "ema", "generator_optimiser")})
    for restarted in (made, expected):
        restarted.update(21)
    for name in ("model", "ema", "discriminator"):
        a, b = expected.state()[name], made.state()[name]
        assert all(torch.equal(a[key], b[key]) for key in a), name


def test_a_restart_that_might_leave_no_update_is_refused():
    with pytest.raises(ValueError, match=r"at_most, 12, and begin_again, 12, leave no update of schedule.steps, 24"):
        stage(gate=Gate(0.0, at_most=12), begin_again=12)

    schedule = Schedule(steps=24, batch=8, learning_rate=1e-3, minutes=4.0)
    message = r"begin_again, 11, counts updates, .* schedule.minutes, 4, is unknown in advance: leave one of them"
    with pytest.raises(ValueError, match=message):
        AptRecipe(schedule, gate=Gate(0.0, at_most=12), begin_again=11)


@pytest.mark.parametrize(("at_most", "steps"), [(3, 24), (400, 3)])
def test_a_discriminator_that_does_not_learn_stops_the_stage_also_at_its_last_update(at_most, steps):
    made = stage(steps, gate=Gate(accuracy=1.1, at_most=at_most))
    made.update(0)
    made.update(1)
    with pytest.raises(StageFailedError, match=r"after 3 updates .* classifies \d+% .* raise its learning"):
        made.update(2)


def test_the_pull_moves_a_changed_generator_back_towards_its_start():
    def remaining_distance(pull):
        made = stage(gate=Gate(accuracy=0.0), pull=pull)
        made.opened_at = 0
        made.model.load_state_dict(weights(made.model.config, seed=2))
        clips = dataset(16, seed=3)
        fields = velocity_field(made.model, condition(clips)), velocity_field(made.start, condition(clips))

        def distance():
            a, b = (one_step(field, clips.latents) for field in fields)
            return (a - b).square().mean().item()

        with torch.no_grad():
            before = distance()
        for step in range(20):
            made.update(step)
        with torch.no_grad():
            return distance() / before

    assert remaining_distance(1000.0) < 0.7 < remaining_distance(0.0)


def test_without_its_weight_r1_is_not_computed():
    metrics = stage(r1_weight=0.0).update(0)
    assert metrics["r1"] == 0.0


def test_an_eager_stage_loads_a_compiled_stages_checkpoint():
    compiled, plain = stage(compiled=True), stage()
    plain.load(compiled.state())
    assert plain.state()["discriminator"].keys() == compiled.state()["discriminator"].keys()


def test_interrupted_adversarial_training_continues_to_the_same_weights(tmp_path, monkeypatch):
    whole = stage()
    fit(whole, tmp_path / "whole")
    monkeypatch.setattr("zoetrope_export.training.loop._CHECKPOINT_EVERY_S", -1.0)
    for stop_at in (4, 21):  # before and after the gate opens
        with pytest.raises(KeyboardInterrupt):
            fit(stage(stop_at=stop_at), tmp_path / "cut")
    resumed = stage()
    fit(resumed, tmp_path / "cut")
    assert resumed.opened_at == whole.opened_at
    for name in ("model", "ema", "discriminator"):
        a, b = whole.state()[name], resumed.state()[name]
        assert all(torch.equal(a[key], b[key]) for key in a), name
    logged = json.loads((tmp_path / "cut" / "apt.jsonl").read_text().splitlines()[-1])
    assert {"d_loss", "g_loss", "r1", "accuracy", "fresh", "right_real", "right_fake", "logit_real"} <= set(logged)
