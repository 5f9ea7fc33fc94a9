"""The papers' findings: verdicts from rows, variants that differ in one parameter, and the whole command."""

import json
import sys

import pytest
from conftest import SMOKE

from zoetrope_export import __main__ as command
from zoetrope_export.evaluation.metrics import Metrics
from zoetrope_export.findings.apt import START
from zoetrope_export.findings.catalogue import FINDINGS
from zoetrope_export.findings.finding import FindingRow, exceeds, metric, verdict
from zoetrope_export.findings.variants import VariantTrainer
from zoetrope_export.recipes.curves import read_log
from zoetrope_export.training.checkpoints import read_state

pytestmark = pytest.mark.xdist_group("smoke run")

# Values with which the papers' claims hold: a worse row has a larger Frechet distance.
_WITH, _WITHOUT = {"frechet": 1.0, "d_loss": 0.9, "fresh": 0.9}, {"frechet": 9.0, "d_loss": 0.01, "fresh": 0.9}
_START = {START: {"frechet": 1.5, "fresh": 0.9}}
PAPERS = {
    "no-ar1": _START | {"with aR1": _WITH, "without aR1": _WITHOUT},
    "heads": _START
    | {
        "heads at 44, 72, 100%": {"frechet": 1.0, "fresh": 0.9},
        "head at 100%": {"frechet": 3.0, "fresh": 0.8},
        "half the depth, heads at 39, 44, 50%": {"frechet": 2.0, "fresh": 0.7},
    },
    "ema": _START
    | {f"{kind}, {n} updates": {"frechet": d} for kind, d in (("average", 1.0), ("raw", 2.0)) for n in (2, 4)},
    "batch": _START | {"batch 16": {"frechet": 1.0, "diversity": 0.9}, "batch 4": {"frechet": 2.0, "diversity": 0.1}},
    "guidance": {
        f"{student}, {guidance}": {"frechet": distance}
        for student in ("consistency", "OSV")
        for guidance, distance in (
            ("no guidance", 335),
            ("guidance 1.5", 427),
            ("guidance 2", 480),
            ("guidance 3", 531),
        )
    },
    "samplers": {
        "one step": {"frechet": 335.0},
        "one step with time travel": {"frechet": 171.0},
        "two steps": {"frechet": 182.0},
    },
    "stages": {
        "both stages": {"frechet": 171.0},
        "no stage 1": {"frechet": 222.0},
        "no stage 2": {"frechet": 234.0},
        "no adversarial loss": {"frechet": 405.0},
        "one solver step": {"frechet": 332.0},
    },
}


def row_of(title, values):
    """A row that has the values in its log, where checks look first."""
    metrics = Metrics(
        clips=4,
        classifier={"shape": 0.5},
        pixels={},
        frechet=7.0,
        sharpness=0.75,
        diversity=None,
        motions={},
        motions_by_pixels={},
    )
    return FindingRow(title=title, source="findings", metrics=metrics, logged=values)


def rows(values):
    return {title: row_of(title, of_row) for title, of_row in values.items()}


def verdict_of(name, values, folder):
    return verdict(FINDINGS[name](VariantTrainer(SMOKE, folder, None), None).check(rows(values)))


@pytest.mark.parametrize("name", FINDINGS)
def test_a_verdict_follows_from_the_values_of_the_rows(name, tmp_path):
    papers = PAPERS[name]
    assert verdict_of(name, papers, tmp_path) == "agrees"
    runs = [title for title in papers if title != START]
    reversed_runs = papers | dict(zip(runs, [papers[title] for title in reversed(runs)], strict=True))
    assert verdict_of(name, reversed_runs, tmp_path).startswith("differs")
    assert verdict_of(name, papers | dict.fromkeys(runs, papers[runs[0]]), tmp_path).startswith("differs")


@pytest.mark.parametrize(("after", "side"), [(1.4, "nearer"), (1.6, "no nearer")])
def test_a_remark_says_whether_the_best_run_is_better_than_the_start(after, side, tmp_path):
    runs = _START | {"batch 16": {"frechet": after, "diversity": 0.9}, "batch 4": {"frechet": 2.0, "diversity": 0.1}}
    checks = FINDINGS["batch"](VariantTrainer(SMOKE, tmp_path, None), None).check(rows(runs))
    assert verdict(checks) == "agrees"
    assert checks[-1].text.startswith(f"the best of these rows is {side} to real clips than the start of every run")


def test_every_row_but_the_best_counts_in_the_verdict_on_stages(tmp_path):
    for title in ("no stage 1", "no stage 2", "no adversarial loss", "one solver step"):
        better = PAPERS["stages"] | {title: {"frechet": 100.0}}
        assert verdict_of("stages", better, tmp_path) == "differs: 3 of 4 hold"


def test_a_difference_within_the_margin_does_not_count():
    near, far = exceeds("x", ("a", 1.04), ("b", 1.0)), exceeds("x", ("a", 1.06), ("b", 1.0))
    assert (near.holds, far.holds) == (False, True)
    assert near.text == "x: 1.04 a, 1.00 b, less than 5% apart"
    assert not exceeds("x", ("a", 0.5), ("b", 1.0)).holds


def test_a_metric_is_found_in_the_log_the_metrics_or_the_classifiers_shares():
    row = row_of("a", {"d_loss": 0.25})
    assert [metric(row, name) for name in ("d_loss", "frechet", "sharpness", "shape")] == [0.25, 7.0, 0.75, 0.5]


def test_a_metric_that_was_not_measured_is_an_error():
    with pytest.raises(ValueError, match="'a' was not measured for 'diversity'"):
        metric(row_of("a", {}), "diversity")
    with pytest.raises(KeyError, match="has no 'd_loss'"):
        metric(row_of("a", {}), "d_loss")


@pytest.fixture(scope="module")
def find(smoke_run, text_encoder_files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")

    def call(*more, out=folder):
        line = ["findings", "--preset", SMOKE.name, "--runs", str(smoke_run.parent), "--out", str(out), *more]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["zoetrope_export", *line, "--text-encoder", str(text_encoder_files)])
            code = command.main()
        return code, out

    return call


EVERYDAY = [
    "batch",
    "samplers",
]  # one finding that trains runs of APT and one that trains nothing; the others are slow proofs


@pytest.fixture(scope="module")
def few(find, tmp_path_factory):
    """The folder of a report of a few findings."""
    code, out = find("--only", ",".join(EVERYDAY), out=tmp_path_factory.mktemp("few"))
    assert code == 0
    return out


@pytest.fixture(scope="module")
def made(find):
    """The folder of a report of all findings."""
    code, out = find()
    assert code == 0
    return out


def saved(out):
    return json.loads((out / "smoke-findings.json").read_text())["findings"]


def distances(out):
    return {name: {row["title"]: row["frechet"] for row in one["rows"]} for name, one in saved(out).items()}


@pytest.mark.parametrize(
    ("report", "names"), [("few", EVERYDAY), pytest.param("made", list(FINDINGS), marks=pytest.mark.slow)]
)
def test_the_report_holds_every_finding_with_its_rows_and_pictures(report, names, request, tmp_path):
    made = request.getfixturevalue(report)
    text = (made / "smoke-findings.md").read_text()
    trainer = VariantTrainer(SMOKE, tmp_path, None)
    assert list(saved(made)) == names
    for name, finding in saved(made).items():
        again = FINDINGS[name](trainer, None).check({row["title"]: FindingRow.of_json(row) for row in finding["rows"]})
        assert finding["verdict"] == verdict(again)
        assert f"## {name}: {finding['verdict']}" in text
        for check in finding["checks"]:
            assert check["told"] in text
        for picture in finding["pictures"].values():
            assert (made / picture).stat().st_size > 1000
            assert f"({picture})" in text
        assert all(f"| {row['title']} | {SMOKE.findings_recipe.prompts} |" in text for row in finding["rows"])


@pytest.mark.slow
def test_a_generator_has_the_same_frechet_distance_in_every_finding(made):
    """A row that was measured with the weights of another row fails here."""
    of = distances(made)
    last = SMOKE.findings_recipe.updates
    average = {of["ema"][f"average, {last} updates"], of["heads"]["heads at 44, 72, 100%"], of["batch"]["batch 16"]}
    raw = {of["ema"][f"raw, {last} updates"], of["no-ar1"]["with aR1"]}
    assert (len(average), len(raw), len(average | raw)) == (1, 1, 2)
    assert of["no-ar1"][START] == of["heads"][START] == of["guidance"]["consistency, no guidance"]
    assert of["guidance"]["OSV, no guidance"] == of["samplers"]["one step"]
    assert of["samplers"]["one step with time travel"] == of["stages"]["both stages"]
    assert all(len(set(one.values())) == len(one) for one in of.values())


RUNS = {
    "no-ar1": {"with aR1": "apt", "without aR1": "apt-no-ar1"},
    "heads": {"head at 100%": "apt-last-layer", "half the depth, heads at 39, 44, 50%": "apt-half-depth"},
    "batch": {"batch 16": "apt", "batch 4": "apt-small-batch"},
    "stages": {
        "no stage 1": "osv-no-first",
        "no adversarial loss": "osv-no-gan-2",
        "one solver step": "osv-one-solver-step",
    },
}


@pytest.mark.parametrize(
    ("report", "names"), [("few", ["batch"]), pytest.param("made", list(RUNS), marks=pytest.mark.slow)]
)
def test_a_row_has_the_log_of_the_run_in_its_title(report, names, request, smoke_run):
    made = request.getfixturevalue(report)
    for finding in names:
        runs = RUNS[finding]
        logged = {row["title"]: row["logged"] for row in saved(made)[finding]["rows"]}
        for title, run in runs.items():
            log = next((smoke_run / "findings" / run).glob("*.jsonl"))
            assert logged[title] == {name: points[-1, 1] for name, points in read_log(log).items()}, title


@pytest.mark.slow
def test_every_variant_differs_from_the_recipe_in_one_parameter(made, smoke_run):
    folder = smoke_run / "findings"

    def recipe(name):
        return (folder / name / "recipe.txt").read_text()

    def changed(name, of="apt"):
        before, after = (recipe(n).replace("(", ", ").replace(")", ", ").split(", ") for n in (of, name))
        return [part for part in after if part not in before]

    assert changed("apt-no-ar1") == ["r1_weight=0.0"]
    assert changed("apt-small-batch") == ["batch=4"]
    assert "heads_at=(1.0,)" in recipe("apt-last-layer")
    assert f"heads_at={(14 / 36, 16 / 36, 18 / 36)}" in recipe("apt-half-depth")
    assert "adversarial=0.0" in recipe("osv-no-gan-1")
    assert "adversarial=0.0" in recipe("osv-no-gan-2")
    assert "solver_steps=1" in recipe("osv-one-solver-step")
    assert {path.name for path in folder.iterdir() if path.name.startswith("alone")} == {
        "alone-1-2",
        "alone-1",
        "alone-2",
    }


@pytest.mark.parametrize(
    ("report", "runs"),
    [
        ("few", ["apt", "apt-small-batch"]),
        pytest.param("made", ["apt", "apt-no-ar1", "apt-small-batch"], marks=pytest.mark.slow),
    ],
)
def test_runs_continue_from_one_discriminator_and_train_the_generator_at_once(report, runs, request, smoke_run):
    request.getfixturevalue(report)
    folder = smoke_run / "findings"
    alone = read_state(folder / "alone-1-2", "apt")
    assert alone["gate"]["opened_at"] is None
    for name in runs:
        assert read_state(folder / name, "apt")["gate"]["opened_at"] == 0
        logged = read_log(folder / name / "apt.jsonl")
        assert logged["g_loss"][-1, 1] > 0
        assert logged["fresh"][-1, 1] == pytest.approx(alone["gate"]["on_fresh"], abs=1e-6)
    if "apt-no-ar1" in runs:
        assert read_log(folder / "apt-no-ar1" / "apt.jsonl")["r1"][-1, 1] == 0


def test_a_finding_made_again_trains_nothing_and_keeps_the_others(few, find, smoke_run):
    before, log = distances(few), (smoke_run / "findings" / "apt" / "apt.jsonl").read_text()
    code, out = find("--only", "samplers", out=few)
    assert code == 0
    assert distances(out) == before
    assert (smoke_run / "findings" / "apt" / "apt.jsonl").read_text() == log


@pytest.mark.slow
def test_findings_from_other_weights_are_dropped_from_the_report(made, find):
    report = made / "smoke-findings.json"
    text = json.loads(report.read_text())
    text["findings"]["guidance"]["weights"]["consistency"] = "another student"
    del text["findings"]["heads"]["weights"]["osv-2"]  # as if osv-2 had not been trained yet
    report.write_text(json.dumps(text))
    code, out = find("--only", "samplers")
    assert code == 0
    assert saved(out).keys() == FINDINGS.keys() - {"guidance"}
    find("--only", "guidance")
    assert saved(out).keys() == FINDINGS.keys()


@pytest.mark.parametrize(
    ("report", "run", "old", "new", "finding"),
    [
        ("few", "apt-small-batch", "batch=4", "batch=5", "batch"),
        pytest.param("made", "osv-no-first", "solver_steps=2", "solver_steps=3", "stages", marks=pytest.mark.slow),
    ],
)
def test_a_folder_that_another_recipe_made_is_refused(report, run, old, new, finding, request, find, smoke_run, capsys):
    out = request.getfixturevalue(report)
    memo = smoke_run / "findings" / run / "recipe.txt"
    right = memo.read_text()
    memo.write_text(right.replace(old, new))
    code, _ = find("--only", finding, out=out)
    memo.write_text(right)
    assert code == 1
    assert f"left out the finding '{finding}'" in (said := capsys.readouterr().out)
    assert f"{run} holds a run of another recipe" in said


def test_a_finding_that_does_not_exist_is_refused(find, capsys):
    with pytest.raises(SystemExit):
        find("--only", "samplers,dreams")
    assert "unknown findings ['dreams']; choose from no-ar1, heads, " in capsys.readouterr().err
