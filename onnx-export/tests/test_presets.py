"""A preset is a folder of TOML files; an error in one is reported with its file, key and value."""

import shutil

import pytest
from conftest import SMOKE

from zoetrope_export import __main__
from zoetrope_export.models.discriminator import DiscriminatorConfig
from zoetrope_export.recipes import presets
from zoetrope_export.recipes.presets import PresetError
from zoetrope_export.training.consistency import ConsistencyRecipe
from zoetrope_export.training.schedule import Schedule


@pytest.fixture
def folder(tmp_path):
    """A copy of the smoke preset under another name."""
    return shutil.copytree(presets.FOLDER / "smoke", tmp_path / "own")


def problems_of(folder):
    """The lines of the error with which a preset is refused, without the first."""
    with pytest.raises(PresetError) as error:
        presets.read(str(folder))
    return str(error.value).splitlines()[1:]


def replaced(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_files_set_the_parameters_of_training(folder):
    (folder / "consistency.toml").write_text(
        "timesteps = 6\nshift = 2\n[schedule]\nsteps = 9\nbatch = 3\nlearning_rate = 1e-4\nminutes = 1.5\n"
    )
    with (folder / "apt.toml").open("a") as file:
        file.write("[discriminator]\nheads_at = [0.5, 1]\n")
    preset = presets.read(str(folder))
    schedule = Schedule(steps=9, batch=3, learning_rate=1e-4, minutes=1.5)
    assert preset.consistency_recipe == ConsistencyRecipe(schedule, timesteps=6, shift=2.0)
    assert preset.apt_recipe.discriminator == DiscriminatorConfig((0.5, 1.0))
    assert (preset.name, preset.osv_recipe) == ("own", SMOKE.osv_recipe)


def test_the_variety_of_the_dataset_is_the_worlds_unless_the_preset_sets_it(folder):
    replaced(folder / "preset.toml", "[vae]", "[world]\nvariety = 0.5\n\n[vae]")
    assert presets.read(str(folder)).dataset_world.variety == 0.1
    replaced(folder / "preset.toml", "dataset_variety = 0.1\n", "")
    assert presets.read(str(folder)).dataset_world.variety == 0.5


def test_a_folder_that_would_share_the_runs_of_another_preset_is_refused(folder):
    with pytest.raises(PresetError, match="would share the runs of the preset smoke: give the folder another name"):
        presets.read(str(folder.rename(folder.parent / "smoke")))
    assert presets.read(f"{presets.FOLDER}/smoke/") == SMOKE


def test_a_run_that_starts_from_a_bundle_makes_the_next_bundle_of_that_name():
    assert presets.read("toybox-64-continued").bundle == presets.read("toybox-64").bundle == "toybox-64"


def test_images_are_trained_first_only_if_they_have_a_file(folder):
    assert presets.read(str(folder)).apt_image_recipe is not None
    (folder / "apt-images.toml").unlink()
    assert presets.read(str(folder)).apt_image_recipe is None


def test_all_problems_are_reported_with_their_file_and_value(folder):
    replaced(folder / "vae.toml", "batch = 4", 'batch = "four"')
    replaced(folder / "consistency.toml", "timesteps", "time_steps")
    replaced(folder / "apt.toml", "steps = 14\n", "")
    replaced(folder / "osv.toml", "rate = 3e-4\nwarmup = 2\n\n[second]", "rate = 3e-4\nwarmup = true\n\n[second]")
    replaced(folder / "preset.toml", "[generator]", "[generator]\nlocal_blocks = [1]")
    replaced(folder / "preset.toml", "seed = 7", 'seed = 7\ntwo_evaluations = "twice"')
    replaced(folder / "teacher.toml", "steps = 60", "steps = 0")
    replaced(folder / "apt-images.toml", "[gate]", "begin_again = 1\n\n[gate]")
    (folder / "decoder.toml").unlink()
    *others, unknown = sorted(problems_of(folder), key=lambda problem: "unknown" in problem)
    assert set(others) == {
        "vae.toml: schedule.batch: 'four' is not of type int",
        "apt.toml: schedule.steps: missing",
        "osv.toml: first.warmup: True is not of type int",
        "preset.toml: generator.local_blocks: [1] is not a list of 2 int",
        "preset.toml: two_evaluations: 'twice' is not one of 'two-step', 'time-travel'",
        "decoder.toml: missing",
        "teacher.toml: schedule: 0 steps of 32 clips at a learning rate of 0.001: give finite values above 0",
        "apt-images.toml: gate.at_most, 400, and begin_again, 1, leave no update of schedule.steps, 14, after the"
        " generator's restart: give more steps, or fewer updates before the restart",
    }
    assert unknown.startswith("consistency.toml: time_steps: unknown; known are schedule, trajectories,")


def test_unreadable_and_unknown_files_are_all_reported_first(folder):
    (folder / "teacher.toml").write_text("steps 3")
    (folder / "student.toml").write_text("")
    replaced(folder / "preset.toml", "seed = 7", "seed = 7\nvae_recipe = 1")
    (folder / "vae.toml").write_bytes(b"\xff")
    shared, student, teacher, vae = problems_of(folder)  # in the order of the files' names
    assert vae.startswith("vae.toml: 'utf-8' codec")
    assert student.startswith("student.toml: unknown file; known are preset.toml, vae.toml")
    assert teacher.startswith("teacher.toml: Expected '='")
    assert shared.startswith("preset.toml: vae_recipe: unknown; known are seed, dataset_clips, generator, world,")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[vae]", "[world]\nsize = 128\n\n[vae]", "give the generator 5 frames of 16x16"),
        ("[vae]", "[world]\nframe_count = 49\n\n[vae]", "give the generator 13 frames of 8x8"),
        ("[vae]", "[world]\nframe_count = 18\n\n[vae]", "1 frame more than a multiple of 4"),
        ("[vae]", "[world]\nsize = 66\n\n[vae]", "sides that are multiples of 8"),
        ("[vae]", "[vae]\nlatent_channels = 16", "the VAE's latents have 16 channels, the generator's 12"),
    ],
)
def test_a_generator_that_does_not_fit_the_world_is_refused(folder, old, new, message):
    replaced(folder / "preset.toml", old, new)
    (problem,) = problems_of(folder)
    assert message in problem


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("preset.toml", "[generator]", "[generator]\npatch = 3", "latents of 8x8 cannot be cut into patches of 3x3"),
        ("preset.toml", "heads = 4", "heads = 32", "model_width 96 over 32 heads is not an even number per head"),
        ("preset.toml", "local_width = 16", "local_width = 12", "give a multiple of 8"),
        ("apt.toml", "[gate]", "discriminator.heads_at = []\n[gate]", "heads_at []: give fractions of the depth"),
        ("apt.toml", "[gate]", "discriminator.heads_at = [0.5, 1.5]\n[gate]", "heads_at [0.5, 1.5]: give fractions"),
        ("osv.toml", "solver_steps = 2", "solver_steps = 101", "solver_steps 101 of 100 timesteps"),
        ("osv.toml", "solver_steps = 2", "solver_steps = 0", "solver_steps 0 of 100 timesteps"),
        ("osv.toml", "trained_blocks = 1", "trained_blocks = 0", "adapters of rank 16 and 0 trained_blocks"),
        (
            "osv.toml",
            "trained_blocks = 1",
            "trained_blocks = 3",
            "trained_blocks, 3, exceed the generator's depth, 2: give",
        ),
        ("consistency.toml", "solver_steps = 2", "solver_steps = 0", "0 solver_steps of 4 timesteps"),
        ("preset.toml", "depth = 2", "depth = 0", "sizes must be 1 or more"),
        ("preset.toml", "coarse = 32", "coarse = 0", "widths must be 1 or more"),
        ("preset.toml", "dataset_clips = 128", "dataset_clips = 0", "dataset_clips 0: give 1 or more"),
        ("preset.toml", "dataset_clips", "dataset_spinning = 0\ndataset_clips", "dataset_spinning 0: give 1 or more"),
    ],
)
def test_values_that_a_stage_cannot_use_are_refused_before_training(folder, file, old, new, message):
    replaced(folder / file, old, new)
    (problem,) = problems_of(folder)
    assert file in problem
    assert message in problem


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("export --version 1", "stage 'vae' has no checkpoint at"),
        ("curves", "has a log yet"),
        ("evaluate", "nothing to measure: no results.json"),
        ("findings", "stage 'vae' has no checkpoint at"),
        ("pack --out back", "has a checkpoint: train it first"),
    ],
)
def test_a_command_on_a_missing_run_reports_what_is_missing_in_one_line(line, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["zoetrope_export", *line.split(), "--preset", "smoke", "--runs", str(tmp_path)])
    assert __main__.main() == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith(f"zoetrope_export {line.split()[0]}: ")
    assert message in error
    assert error.endswith("python -m zoetrope_export train --preset smoke trains what is missing")
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.parametrize("name_or_path", ["toybox-65", "./toybox-65"])
def test_a_missing_preset_is_refused_with_the_names_of_those_that_exist(name_or_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["zoetrope_export", "train", "--preset", name_or_path])
    with pytest.raises(SystemExit) as exit_code:
        __main__.main()
    assert exit_code.value.code == 2
    assert (
        "give one of smoke, toybox-128, toybox-64, toybox-64-continued, or a folder's path" in capsys.readouterr().err
    )
