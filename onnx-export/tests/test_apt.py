"""Adversarial post-training: its losses against numbers worked out by hand, its discriminator, its gate."""

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


def test_the_discriminators_loss_is_the_negated_log_of_being_right():
    real, fake = torch.tensor([LOG3, 0.0]), torch.tensor([-LOG3, 0.0])
    right = -math.log(3 / 4)
    assert discriminator_loss(real, fake).item() == pytest.approx((right + LOG2) / 2 + (right + LOG2) / 2)


def test_the_generators_loss_is_the_negated_log_of_being_taken_for_real():
    assert generator_loss(torch.tensor([LOG3, -LOG3])).item() == pytest.approx((-math.log(3 / 4) + LOG4) / 2)


def test_the_generators_loss_does_not_saturate_where_the_discriminator_is_sure():
    logit = torch.tensor([-10.0], requires_grad=True)
    generator_loss(logit).backward()
    assert logit.grad.item() == pytest.approx(-1.0, abs=1e-3)


def test_approximated_r1_is_the_squared_difference_of_logits():
    assert approximated_r1(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 0.0])).item() == pytest.approx((0.25 + 4) / 2)


def test_approximated_r1_pulls_the_weights_the_way_that_r1_does():
    """For D(x) = w2 tanh(W1 x): both, and their gradients in the weights, agree once sigma^2 is divided out."""
    rng = torch.Generator().manual_seed(0)
    sigma = 0.01
    first = torch.randn(5, 3, generator=rng).requires_grad_()
    second = torch.randn(5, generator=rng).requires_grad_()

    def judge(x):
        return torch.tanh(x @ first.T) @ second

    x = torch.randn(50_000, 3, generator=rng).requires_grad_()
    slope = torch.autograd.grad(judge(x).sum(), x, create_graph=True)[0]
    r1 = slope.square().sum(1).mean()
    noised = x.detach() + sigma * torch.randn(x.shape, generator=rng)
    approximated = approximated_r1(judge(x.detach()), judge(noised)) / sigma**2
    assert approximated.item() == pytest.approx(r1.item(), rel=0.03)
    for true, near in zip(
        torch.autograd.grad(r1, [first, second]), torch.autograd.grad(approximated, [first, second]), strict=True
    ):
        cosine = torch.nn.functional.cosine_similarity(true.flatten(), near.flatten(), dim=0)
        assert cosine > 0.99
        assert near.norm().item() == pytest.approx(true.norm().item(), rel=0.05)


def test_accuracy_counts_real_and_fake_the_same():
    assert accuracy(torch.tensor([1.0, 1.0, 1.0, -1.0]), torch.tensor([-1.0, 1.0])) == pytest.approx((0.75 + 0.5) / 2)


def test_heads_look_at_the_papers_blocks_at_any_depth():
    paper = DiscriminatorConfig()
    assert paper.blocks(36) == [16, 26, 36]
    assert paper.blocks(6) == [3, 4, 6]
    assert paper.blocks(2) == [1, 2]
    assert DiscriminatorConfig((1.0,)).blocks(6) == [6]
    assert DiscriminatorConfig((14 / 36, 16 / 36, 18 / 36)).blocks(6) == [2, 3]


def test_the_discriminator_gives_one_logit_a_clip_and_trains_every_weight():
    judge = Discriminator(CONFIG, DiscriminatorConfig(), weights())
    clips = dataset(4)
    logits = judge(clips.latents, torch.tensor([0.0, 0.3, 0.7, 1.0]), condition(clips))
    assert logits.shape == (4,)
    logits.square().sum().backward()
    last_text = {f"trunk.blocks.5.text.{name}" for name, _ in judge.trunk.blocks[5].text.named_parameters()}
    still = {name for name, p in judge.named_parameters() if p.grad is None or not p.grad.any()}
    assert {name for name in still if name not in last_text} == set()


def test_the_discriminator_starts_as_the_teacher():
    judge, teacher = Discriminator(CONFIG, DiscriminatorConfig(), weights()), Mmdit(CONFIG)
    teacher.load_state_dict(weights())
    clips = dataset(2)
    told = condition(clips)
    inputs = (clips.latents, torch.tensor([0.2, 0.9]), told.text.embedding, told.text.mask)
    inputs = (*inputs, told.first_frame, told.first_frame_mask)
    for a, b in zip(judge.trunk.hidden(*inputs)[0], teacher.hidden(*inputs)[0], strict=True):
        assert torch.equal(a, b)


def test_a_shallow_discriminator_leaves_out_the_blocks_behind_its_last_head():
    judge = Discriminator(CONFIG, DiscriminatorConfig((0.5,)), weights())
    assert len(judge.trunk.blocks) == 3
    assert len(judge.heads) == 1


def test_a_fresh_head_tells_clips_apart():
    """A head whose query drowns what it attends to gives every clip the same logit."""
    judge = Discriminator(CONFIG, DiscriminatorConfig(), weights())
    clips = dataset(32)
    logits = judge(clips.latents, torch.full((32,), 0.5), condition(clips))
    assert logits.std() > 0.02


def test_the_network_of_images_sees_a_clips_first_frame_as_one():
    clip = weights()
    images = image_weights(clip, CONFIG)
    model = Mmdit(image_config(CONFIG))
    model.load_state_dict(images)
    clips = dataset(2)
    told = condition(image_dataset(clips))
    x = image_dataset(clips).latents
    inputs = (x, torch.ones(2), told.text.embedding, told.text.mask, told.first_frame, told.first_frame_mask)
    assert model(*inputs).shape == (2, 12, 1, 8, 8)
    whole = Mmdit(CONFIG)
    whole.load_state_dict(clip)
    assert torch.equal(model.cosine, whole.cosine[:4])
    assert torch.equal(model.position, whole.position[:4])


def test_the_positions_of_later_frames_outlive_training_on_images():
    clip = weights()
    trained = {name: value + 1 for name, value in image_weights(clip, CONFIG).items()}
    back = clip_weights(trained, clip)
    Mmdit(CONFIG).load_state_dict(back)
    assert torch.equal(back["position"][:4], clip["position"][:4] + 1)
    assert torch.equal(back["position"][4:], clip["position"][4:])
    assert torch.equal(back["enter.weight"], clip["enter.weight"] + 1)


def stage(steps=24, offset=3.0, stop_at=None, **recipe):
    schedule = Schedule(steps=steps, batch=8, learning_rate=1e-3, warmup=1, decay_from=1.0)
    told = {"gate": Gate(accuracy=0.9), "pull": 0.1, **recipe}
    config = MmditConfig(model_width=48, depth=2, heads=2)
    made = AptStage(
        name="apt",
        config=config,
        recipe=AptRecipe(schedule, **told),
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


def test_the_generator_stays_as_it_was_until_the_gate_opens(tmp_path):
    made = stage()
    for step in range(24):
        shut = made.opened_at is None
        made.update(step)
        still = all(torch.equal(a, b) for a, b in zip(made.model.parameters(), made.start.parameters(), strict=True))
        assert still == shut
    assert made.opened_at is not None
    assert made.fresh_accuracy >= 0.9


def test_a_game_that_begins_again_keeps_the_discriminator_alone():
    began, made = stage().state(), stage(gate=Gate(0.0, at_most=12), begin_again=11)
    for step in range(21):
        made.update(step)
    assert made.opened_at == 10
    wanted = stage(gate=Gate(accuracy=0.0))
    wanted.load(copy.deepcopy(made.state()) | {key: began[key] for key in ("model", "ema", "generator_optimiser")})
    for again in (made, wanted):
        again.update(21)
    for name in ("model", "ema", "discriminator"):
        a, b = wanted.state()[name], made.state()[name]
        assert all(torch.equal(a[key], b[key]) for key in a), name


def test_a_second_game_that_might_never_come_is_refused():
    with pytest.raises(ValueError, match=r"at_most, 12, and begin_again, 12, leave no update of schedule.steps, 24"):
        stage(gate=Gate(0.0, at_most=12), begin_again=12)

    schedule = Schedule(steps=24, batch=8, learning_rate=1e-3, minutes=4.0)
    with pytest.raises(ValueError, match=r"begin_again, 11, counts updates, .* schedule.minutes, 4: leave one of them"):
        AptRecipe(schedule, gate=Gate(0.0, at_most=12), begin_again=11)


@pytest.mark.parametrize(("at_most", "steps"), [(3, 24), (400, 3)])
def test_a_discriminator_that_does_not_learn_stops_the_stage_also_at_its_last_update(at_most, steps):
    made = stage(steps, gate=Gate(accuracy=1.1, at_most=at_most))
    made.update(0)
    made.update(1)
    with pytest.raises(StageFailedError, match=r"after 3 updates .* is right on \d+% .* raise its learning"):
        made.update(2)


def test_the_pull_leads_a_generator_that_strayed_back_to_what_its_start_makes():
    def left_of_the_way(pull):
        made = stage(gate=Gate(accuracy=0.0), pull=pull)
        made.opened_at = 0
        made.model.load_state_dict(weights(made.model.config, seed=2))
        clips = dataset(16, seed=3)
        told = velocity_field(made.model, condition(clips)), velocity_field(made.start, condition(clips))

        def apart():
            a, b = (one_step(network, clips.latents) for network in told)
            return (a - b).square().mean().item()

        with torch.no_grad():
            before = apart()
        for step in range(20):
            made.update(step)
        with torch.no_grad():
            return apart() / before

    assert left_of_the_way(1000.0) < 0.7 < left_of_the_way(0.0)


def test_without_its_weight_r1_is_not_computed():
    figures = stage(r1_weight=0.0).update(0)
    assert figures["r1"] == 0.0


def test_a_compiled_stages_checkpoint_is_any_stages():
    compiled, plain = stage(compiled=True), stage()
    plain.load(compiled.state())
    assert plain.state()["discriminator"].keys() == compiled.state()["discriminator"].keys()


def test_an_interrupted_game_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    whole = stage()
    fit(whole, tmp_path / "whole")
    monkeypatch.setattr("zoetrope_export.training.loop._CHECKPOINT_EVERY_S", -1.0)
    for stop_at in (4, 21):  # before the gate and behind it
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
