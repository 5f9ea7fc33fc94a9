"""Properties of every stage, and the losses by hand of stages without a test file."""

import copy
from dataclasses import replace

import pytest
import torch
from conftest import SMOKE
from tiny_stages import CONFIG, STAGES, WORLD, ConstantTextEncoder, clips, stage, trajectories
from torch.utils._pytree import tree_leaves

from zoetrope_export.data.dataset import LatentDataset
from zoetrope_export.data.text import TextBatch
from zoetrope_export.data.toyworld import CPU, World
from zoetrope_export.models.backbone import BackboneClassifier, BackboneConfig
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.recipes import pipeline, run_files
from zoetrope_export.recipes.sample_images import SampleRecorder
from zoetrope_export.training import latents, teacher
from zoetrope_export.training.errors import StageFailedError
from zoetrope_export.training.products import BackboneWeights, GeneratorWeights
from zoetrope_export.training.schedule import Schedule
from zoetrope_export.training.teacher import TeacherRecipe, TeacherStage
from zoetrope_export.training.vae import VaeRecipe, reconstruction_loss

SCHEDULE = Schedule(steps=10, batch=4, learning_rate=1e-3)


def tensors_of(state):
    return [leaf for leaf in tree_leaves(state) if isinstance(leaf, torch.Tensor)]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_continues_from_its_state_to_the_same_weights(name):
    def made_with(seed):
        torch.manual_seed(0)
        made = stage(name, CPU)
        torch.manual_seed(seed)
        return made

    whole, resumed = made_with(1), made_with(2)
    whole.opened_at = 0  # opens APT's gate
    for step in range(3):
        whole.update(step)
    kept = copy.deepcopy(whole.state())
    for step in range(3, 6):
        whole.update(step)
    expected = copy.deepcopy(whole.state())

    resumed.load(kept)
    for step in range(3, 6):
        resumed.update(step)
    assert all(torch.equal(a, b) for a, b in zip(tensors_of(resumed.state()), tensors_of(expected), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(tensors_of(kept), tensors_of(expected), strict=True))


def test_the_reconstruction_loss_by_hand():
    truth = torch.zeros(1, 3, 1, 2, 16)
    coverage, video = torch.zeros(1, 1, 1, 2, 16), torch.zeros(1, 3, 1, 2, 16)
    coverage[..., :2] = 1  # so four of sixteen columns count as foreground: weights 4 and 1, whose mean is 1.75
    weights = VaeRecipe(SCHEDULE, foreground=3.0, squared=2.0, gradient=0.5)
    everywhere = reconstruction_loss(truth + 0.5, truth, coverage, weights)
    assert everywhere.item() == pytest.approx(0.5 + 2 * 0.25)

    video[..., 0] = 0.5  # one column of the foreground, whose only neighbour is foreground too
    pixels, across = 4 / 1.75 * (0.5 + 2 * 0.25) / 16, 4 / 1.75 * 0.5 / 15
    near = reconstruction_loss(video, truth, coverage, weights)
    assert near.item() == pytest.approx(pixels + 0.5 * across)
    far = reconstruction_loss(video.flip(-1), truth, coverage, weights)
    assert far.item() == pytest.approx(near.item() / 4)


@pytest.mark.parametrize(("t", "divisor"), [(1.0, 1.0), (0.5, 0.5), (0.05, 0.1)])
def test_the_flow_loss_by_hand(monkeypatch, t, divisor):
    """The loss is |v - (z - x)|^2 for the network's x_hat at x_t = (1 - t) x + t z, with v bounded below t = 0.1."""
    text = TextBatch(torch.zeros(6, 16, 384), torch.ones(6, 16, dtype=torch.long))
    points = LatentDataset(torch.full((6, 12, 2, 2, 2), 0.3), text)
    made = TeacherStage(
        config=CONFIG,
        recipe=TeacherRecipe(SCHEDULE, from_noise=0.0),
        dataset=points,
        empty_text=text[:1],
        seed=1,
    )
    monkeypatch.setattr(teacher, "shift_timestep", lambda drawn, shift: torch.full_like(drawn, t))
    seen = []

    def predict(x_t, *_):
        seen.append(x_t)
        return 0.7 + 0 * x_t + 0 * next(made.model.parameters()).sum()

    monkeypatch.setattr(made.model, "predict", predict)
    metrics = made.update(0)
    assert metrics["loss"] == pytest.approx(((0.7 - 0.3) / divisor) ** 2, rel=1e-3)
    assert metrics["error"] == pytest.approx(0.16, rel=1e-3)
    z = (seen[0] - (1 - t) * 0.3) / t
    assert z.mean().item() == pytest.approx(0.0, abs=0.2)
    assert z.std().item() == pytest.approx(1.0, abs=0.1)


def test_the_stored_clips_are_those_of_the_worlds_stream(tmp_path, encoder):
    torch.manual_seed(0)
    vae = Vae(SMOKE.vae).eval()

    def clips_of(count):
        file, stream = tmp_path / "clips.safetensors", World(WORLD, 5)
        return latents.load_or_encode(file, vae=vae, encoder=encoder, stream=stream, count=count)

    made = clips_of(40)
    stream = World(WORLD, 5)
    for rows in (slice(0, 32), slice(32, 40)):
        drawn = stream.clips(rows.stop - rows.start)
        with torch.no_grad():
            assert torch.equal(made.latents[rows], vae.encode(drawn.video))
        assert torch.equal(made.text.embedding[rows], encoder.encode(drawn.captions).embedding.half())
    again = clips_of(40)
    assert torch.equal(again.latents, made.latents)
    with pytest.raises(StageFailedError, match="holds 40 clips, the preset needs 41: delete the file"):
        clips_of(41)


def test_the_teacher_of_a_run_from_a_bundle_starts_with_the_bundles_generator():
    text = TextBatch(torch.zeros(1, 16, 384), torch.ones(1, 16, dtype=torch.long))
    start = Mmdit(CONFIG).state_dict()
    teacher = TeacherStage(
        config=CONFIG, recipe=SMOKE.flow_recipe, dataset=clips(CPU), empty_text=text, seed=1, start=start
    )
    for made in (teacher.model, teacher.ema.shadow):
        assert all(torch.equal(a, b) for a, b in zip(made.state_dict().values(), start.values(), strict=True))


def test_a_student_starts_with_a_bundles_generator_or_else_with_its_teacher(monkeypatch, tmp_path):
    text = TextBatch(torch.zeros(1, 16, 384), torch.ones(1, 16, dtype=torch.long))
    teacher_weights, bundle_weights = (Mmdit(CONFIG).state_dict() for _ in range(2))
    fitted, teachers, recorder = [], [], SampleRecorder(Vae(SMOKE.vae), ConstantTextEncoder(), tmp_path)
    monkeypatch.setattr(pipeline.Run, "generator", lambda run, product: teacher_weights)
    monkeypatch.setattr(pipeline.Run, "fit", lambda run, stage, watch: fitted.append(stage))
    monkeypatch.setattr(
        pipeline.trajectories,
        "load_or_solve",
        lambda file, *, teacher, **_: teachers.append(teacher) or trajectories(clips(CPU)),
    )
    backbone = BackboneWeights(BackboneClassifier(BackboneConfig()).state_dict())
    preset = replace(SMOKE, generator=CONFIG, world=WORLD)
    for start, expected in ((GeneratorWeights(bundle_weights), bundle_weights), (None, teacher_weights)):
        run = pipeline.Run(tmp_path)
        pipeline._distil(
            preset, run, clips=clips(CPU), empty_text=text, backbone=backbone, start=start, recorder=recorder
        )
        for made in (fitted[-1].model, fitted[-1].target.shadow, fitted[-1].ema.shadow):
            assert all(torch.equal(a, b) for a, b in zip(made.state_dict().values(), expected.values(), strict=True))
        pairs = zip(teachers[-1].state_dict().values(), teacher_weights.values(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)


def test_the_clips_of_a_run_spin_as_often_as_its_preset_says(monkeypatch, tmp_path):
    monkeypatch.setattr(latents, "load_or_encode", lambda file, *, stream, **_: stream)
    monkeypatch.setattr(run_files, "load_first_vae", lambda preset, run: Vae(preset.vae))
    often = replace(SMOKE, dataset_spinning=12)
    for made in (run_files.training_clips, run_files.fresh_clips):
        drawn = made(often, tmp_path, encoder=None).clips(200).scenes
        assert sum(scene.motion == "spinning" for scene in drawn) == pytest.approx(100, abs=25)
