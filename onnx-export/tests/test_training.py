"""The training loop, the schedule, the average of weights, the checkpoints and the sample images."""

import json
from itertools import pairwise

import pytest
import torch
from conftest import SMOKE
from PIL import Image

from zoetrope_export.data.text import TextBatch
from zoetrope_export.data.toyworld import CPU
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae
from zoetrope_export.recipes.compact_checkpoints import write_compact_checkpoints
from zoetrope_export.recipes.sample_images import SampleImages
from zoetrope_export.training import precision, products
from zoetrope_export.training.checkpoints import read_product, read_state
from zoetrope_export.training.ema import Ema
from zoetrope_export.training.errors import NotTrainedError, OutOfTimeError, StageFailedError
from zoetrope_export.training.loop import fit
from zoetrope_export.training.optimisers import optimise
from zoetrope_export.training.precision import mixed_precision
from zoetrope_export.training.schedule import Schedule


class Line:
    """A stage that fits y = 3 x; it raises `KeyboardInterrupt` at update `stop_at`."""

    name = "line"

    def __init__(self, steps=40, stop_at=None):
        torch.manual_seed(0)
        self.schedule = Schedule(steps=steps, batch=8, learning_rate=0.05, warmup=2)
        self.model = torch.nn.Linear(1, 1)
        self.optimiser = torch.optim.Adam(self.model.parameters())
        self.rng = torch.Generator().manual_seed(1)
        self.stop_at = stop_at

    def update(self, step):
        if step == self.stop_at:
            raise KeyboardInterrupt
        x = torch.randn(self.schedule.batch, 1, generator=self.rng)
        loss = (self.model(x) - 3 * x).square().mean()
        optimise([self.optimiser], loss, self.schedule.rate(step))
        return {"loss": loss.item()}

    def state(self):
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "rng": self.rng.get_state(),
        }

    def load(self, state):
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.rng.set_state(state["rng"])


def test_an_interrupted_stage_continues_to_the_same_weights(tmp_path, monkeypatch):
    monkeypatch.setattr("zoetrope_export.training.loop._CHECKPOINT_EVERY_S", -1.0)
    whole, cut = Line(), Line(stop_at=23)
    fit(whole, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fit(cut, tmp_path / "cut")
    resumed = Line()
    fit(resumed, tmp_path / "cut")
    assert torch.equal(whole.model.weight, resumed.model.weight)
    steps = [json.loads(line)["step"] for line in (tmp_path / "cut" / "line.jsonl").read_text().splitlines()]
    assert steps == [10, 20, 30, 40]


def test_an_unfinished_or_missing_stage_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("zoetrope_export.training.loop._CHECKPOINT_EVERY_S", -1.0)
    with pytest.raises(NotTrainedError, match="train it first"):
        read_state(tmp_path, "line")
    with pytest.raises(KeyboardInterrupt):
        fit(Line(stop_at=5), tmp_path)
    with pytest.raises(NotTrainedError, match="update 5 of 40: train continues it"):
        read_state(tmp_path, "line")


def test_a_stage_that_diverges_fails_and_keeps_its_last_checkpoint(tmp_path):
    line = Line()
    line.update = lambda step: {"loss": float("nan")}
    with pytest.raises(StageFailedError, match=r"'line' diverged at update 0"):
        fit(line, tmp_path)
    assert not (tmp_path / "line.pt").exists()


@pytest.fixture
def clock(monkeypatch):
    """The virtual time of the loop, in seconds; each update of `Slow` takes two, the first takes 30."""
    now = [0.0]
    monkeypatch.setattr("zoetrope_export.training.loop.time.monotonic", lambda: now[0])
    return now


class Slow(Line):
    def __init__(self, clock, decay_from, seconds=2.0):
        super().__init__()
        self.schedule = Schedule(steps=1000, batch=8, learning_rate=0.05, decay_from=decay_from, minutes=2)
        self.clock, self.seconds = clock, seconds

    def update(self, step):
        self.clock[0] += 30 if step == 0 else self.seconds
        return super().update(step)


@pytest.mark.parametrize("decay_from", [0.4, 1.0])
def test_a_stage_with_minutes_does_the_updates_that_fit_in_them(tmp_path, clock, decay_from):
    stage = Slow(clock, decay_from)
    fit(stage, tmp_path)
    assert clock[0] == pytest.approx(120, abs=2)
    assert stage.schedule.steps == pytest.approx(1 + 90 / 2, abs=1)
    assert stage.schedule.rate(stage.schedule.steps - 1) < 0.05 or decay_from == 1.0
    assert read_state(tmp_path, "line")["model"]


def test_an_interrupted_stage_with_minutes_spends_them_once(tmp_path, clock):
    first, second = Slow(clock, 0.4), Slow(clock, 0.4)
    with pytest.raises(OutOfTimeError, match="stopped at update 7 of 46"):
        fit(first, tmp_path, until=40)
    fit(second, tmp_path)
    assert clock[0] == pytest.approx(120, abs=4)
    assert second.schedule.steps == 46


def test_a_call_stops_at_its_time_limit_and_the_next_continues_to_the_same_weights(tmp_path, clock):
    whole, cut, resumed = Line(), Line(), Line()
    fit(whole, tmp_path / "whole")
    with pytest.raises(OutOfTimeError, match="stopped at update 1 of 40"):
        fit(cut, tmp_path / "cut", until=-1.0)
    fit(resumed, tmp_path / "cut", until=1.0)
    assert torch.equal(whole.model.weight, resumed.model.weight)


def test_a_stage_whose_checkpoint_is_its_product_is_not_trained_again(tmp_path, clock):
    class Decoder(Line):
        """A stage with the decoder's name, so that its product is the entry `model`."""

        name = products.DECODER.stage

    fit(Decoder(), tmp_path / "run")
    write_compact_checkpoints(tmp_path / "run", tmp_path / "compact", 2**20)
    packed = (tmp_path / "compact" / "decoder.pt").read_bytes()
    fit(Decoder(stop_at=0), tmp_path / "compact")
    assert (tmp_path / "compact" / "decoder.pt").read_bytes() == packed
    weights = [read_product(tmp_path / folder, products.DECODER).model["weight"] for folder in ("run", "compact")]
    assert torch.equal(*weights)


def test_watch_is_called_once_after_every_update(tmp_path):
    seen = []
    fit(Line(steps=12), tmp_path, seen.append)
    assert seen == list(range(1, 13))


def test_sample_images_are_written_at_intervals_and_change_nothing(tmp_path):
    model, text = Mmdit(SMOKE.generator), TextBatch(torch.randn(2, 16, 384), torch.ones(2, 16, dtype=torch.long))
    vae, state = Vae(SMOKE.vae), torch.get_rng_state()
    watch = SampleImages(model, vae=vae, text=text, folder=tmp_path, stage="teacher", every=4, steps=2)
    for done in range(1, 10):
        watch(done)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["teacher-000004.png", "teacher-000008.png"]
    assert Image.open(tmp_path / "teacher-000004.png").size == (2 * 3 * 64, 64)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_rate_warms_up_stays_flat_and_falls():
    schedule = Schedule(steps=100, batch=1, learning_rate=1.0, warmup=10, decay_from=0.5)
    rates = [schedule.rate(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10] == rates[49] == 1.0
    assert all(a > b for a, b in pairwise(rates[50:]))
    assert rates[-1] < 0.03


@pytest.mark.parametrize(("tiles", "kind"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_cpu_computes_matrix_products_in_bfloat16_only_with_amx(tiles, kind, monkeypatch):
    monkeypatch.setattr(precision, "_has_amx", lambda: tiles)
    with mixed_precision(CPU):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == kind


def test_the_average_follows_its_source():
    source, shadow = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    ema = Ema(source, shadow, decay=0.9)
    start = source.weight.item()
    with torch.no_grad():
        source.weight += 1
    ema.update(step=1000)
    assert shadow.weight.item() == pytest.approx(start + 0.1)
