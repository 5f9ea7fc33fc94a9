"""The files that the evaluation reads and writes: demos, reports, curves."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from zoetrope_export.data.codec import encode
from zoetrope_export.evaluation import diversity
from zoetrope_export.evaluation.demo_results import read_results
from zoetrope_export.evaluation.evaluation import Evaluation, Measured
from zoetrope_export.evaluation.evaluation_report import EvaluationReport, ReportError
from zoetrope_export.evaluation.metrics import Metrics
from zoetrope_export.evaluation.prompts import held_out_prompts
from zoetrope_export.evaluation.rows import rows
from zoetrope_export.recipes import curves, presets
from zoetrope_export.training.errors import NotTrainedError


def measured(title, source="teacher", shape=0.5):
    shares = dict.fromkeys(("shape", "colour", "background", "motion", "size"), shape)
    metrics = Metrics(
        clips=4,
        classifier=shares,
        pixels=shares,
        frechet=1.5,
        sharpness=0.75,
        diversity=None,
        motions={"left": 1.0, "right": 0.5},
        motions_by_pixels={"left": 0.75, "right": 0.0},
    )
    return Measured(title=title, source=source, metrics=metrics, clips=np.zeros((4, 17, 64, 64, 3), np.uint8))


TOYBOX_64 = presets.read("toybox-64")
PROMPTS = held_out_prompts(4, seed=1)


def report_of(folder, prompts, titles):
    return EvaluationReport(folder, name="toybox-64", preset="mine", prompts=prompts, titles=titles, seeds=64)


def test_a_row_measured_again_replaces_its_old_one_and_the_others_stay(tmp_path):
    report = report_of(tmp_path, PROMPTS, ["a", "b"])
    report.put_bundle(measured("the bundle", "demo", 0.9), "toybox-64 9.9.9: a recipe")
    for row in (measured("b"), measured("a")):
        report.put(row)
    later = report_of(tmp_path, PROMPTS, ["a", "b"])
    later.put(measured("b", shape=0.8))
    saved = json.loads((tmp_path / "toybox-64.json").read_text())
    assert [row["title"] for row in saved["rows"]] == ["a", "b", "the bundle"]
    assert [row["classifier"]["shape"] for row in saved["rows"]] == [0.5, 0.8, 0.9]
    assert saved["shown"]["shape"] == 0.9
    text = (tmp_path / "toybox-64.md").read_text()
    assert "| b | 4 | 80.0% / 80.0% |" in text
    assert "| 1.50 | 0.750 |" in text
    assert "| left | 100% / 75% | 100% / 75% | 100% / 75% |" in text
    assert "toybox-64 9.9.9: a recipe" in text
    assert "--preset mine --bundle bundles/toybox-64" in text
    for row in saved["rows"]:
        assert (tmp_path / row["sheet"]).exists()


def test_rows_on_other_prompts_are_refused_in_one_table(tmp_path):
    report_of(tmp_path, PROMPTS, ["a"]).put(measured("a"))
    assert report_of(tmp_path, PROMPTS, ["a"]).rows
    with pytest.raises(ReportError, match=r"toybox-64.json holds rows on other prompts than these 4: give --reports"):
        report_of(tmp_path, held_out_prompts(4, seed=2), ["a"])


def test_a_demo_whose_prompts_are_not_the_worlds_is_refused(tmp_path):
    file = tmp_path / "results.json"
    file.write_text(json.dumps([{"prompt": "a dog", "file": "a.mp4", "sampler": "one-step"}]))
    with pytest.raises(ValueError, match="a dog"):
        read_results(file, seeds=0)
    prompt = next(iter(diversity.prompts()))
    file.write_text(json.dumps([{"prompt": prompt, "file": None, "request_id": "r", "failure": {"code": "X"}}]))
    with pytest.raises(ValueError, match="r has no video"):
        read_results(file, seeds=1)
    with pytest.raises(ValueError, match=r"has \[1\] clips of one prompt, --seeds requires 2"):
        read_results(file, seeds=2)


def test_a_demos_clips_are_read_by_prompt_and_by_seed(tmp_path):
    still = np.full((17, 64, 64, 3), 128, np.uint8)
    (tmp_path / "a.mp4").write_bytes(encode(still, 12))
    repeated = next(iter(diversity.prompts()))
    prompts = [PROMPTS[0], repeated, *[repeated] * 3]  # the first `repeated` is one of the random prompts
    entries = [{"prompt": prompt, "file": "a.mp4", "sampler": "one-step"} for prompt in prompts]
    file = tmp_path / "results.json"
    file.write_text(json.dumps(entries))
    published = read_results(file, seeds=3)
    assert published.prompts == [PROMPTS[0], repeated]
    assert published.frames.shape == (2, 17, 64, 64, 3)
    assert np.abs(published.frames.astype(int) - 128).max() < 4
    assert published.starts == {diversity.SCENES[0]: [None, None, None]}


def test_a_row_that_does_not_exist_is_refused(tmp_path):
    evaluation = Evaluation.__new__(Evaluation)
    with pytest.raises(ValueError, match=r"unknown rows \['teacher'\]; choose from "):
        next(evaluation.checkpoints(TOYBOX_64, tmp_path, None, 64, ["teacher"]))


def test_a_missing_checkpoint_prints_a_line(tmp_path, capsys):
    evaluation = Evaluation.__new__(Evaluation)
    title = rows(TOYBOX_64)[0].title
    assert list(evaluation.checkpoints(TOYBOX_64, tmp_path, None, 64, [title])) == []
    assert f"left out the row {title!r}: stage 'teacher' has no checkpoint" in capsys.readouterr().out


def test_the_rows_have_different_titles():
    titles = [row.title for row in rows(TOYBOX_64)]
    assert len(titles) == len(set(titles))


def test_the_last_log_line_of_a_repeated_step_counts(tmp_path):
    log = tmp_path / "stage.jsonl"
    log.write_text(
        "\n".join(json.dumps({"step": s, "loss": v}) for s, v in ((10, 3.0), (20, 2.0), (20, 1.0), (30, 0.5)))
    )
    assert curves.read_log(log)["loss"].tolist() == [[10, 3.0], [20, 1.0], [30, 0.5]]


def test_the_average_of_a_constant_is_that_constant():
    assert np.allclose(curves.smoothed(np.full(200, 3.0)), 3.0)
    noisy = 3 + torch.randn(400, generator=torch.Generator().manual_seed(0)).numpy()
    assert curves.smoothed(noisy)[100:].std() < 0.4 * noisy.std()


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 0.2), (1e-6, 2e-6), (0, 3600)])
def test_ticks_are_a_few_round_numbers_inside(low, high):
    marks = curves.ticks(low, high)
    assert 2 <= len(marks) <= 9
    assert min(marks) >= low - 1e-9
    assert max(marks) <= high + 1e-9


def test_a_runs_logs_become_pictures(tmp_path):
    (tmp_path / "teacher.jsonl").write_text("\n".join(json.dumps({"step": s, "loss": 1 / s}) for s in range(1, 40)))
    (tmp_path / "flat.jsonl").write_text(json.dumps({"step": 1, "loss": 2.0}))
    drawn = curves.draw(tmp_path, tmp_path / "out")
    assert [path.name for path in drawn] == ["flat.png", "teacher.png"]
    assert all(path.stat().st_size > 500 for path in drawn)
    with pytest.raises(NotTrainedError, match="train it first"):
        curves.draw(tmp_path / "out", tmp_path)


def test_each_series_of_a_panel_has_its_own_line(tmp_path):
    rising, falling = (np.array([[10, 0.0], [20, end]]) for end in (1.0, -1.0))
    curves.compare({"loss": {"with": rising, "without": falling}}, tmp_path / "both.png")
    picture = Image.open(tmp_path / "both.png")
    inside = picture.crop((62, 26, 622, 226))  # without the titles

    def heights(colour):
        return [y for y in range(inside.height) for x in range(inside.width) if inside.getpixel((x, y)) == colour]

    blue, red = heights((0x1F, 0x5F, 0xB4)), heights((0xD1, 0x49, 0x5B))
    assert min(blue) < 3
    assert max(red) > inside.height - 4
    assert max(blue) <= min(red) + 4  # both curves start at 0, in the middle
