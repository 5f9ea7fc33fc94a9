"""The preset for a GPU: its sizes fit together, and its pipeline runs from end to end at small sizes."""

import json
from dataclasses import replace

import pytest
import torch

from zoetrope_export import __main__
from zoetrope_export.bundle.bundle import Bundle
from zoetrope_export.bundle.export import BundleIdentity, Provenance, export_bundle
from zoetrope_export.bundle.small_text_encoder import write_small_text_encoder
from zoetrope_export.data.text import TextEncoder
from zoetrope_export.evaluation.evaluation import Evaluation
from zoetrope_export.evaluation.prompts import held_out_prompts
from zoetrope_export.evaluation.rows import rows
from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.models.vae import Vae, VaeConfig
from zoetrope_export.recipes import pipeline, presets, run_files
from zoetrope_export.recipes.compact_checkpoints import write_compact_checkpoints
from zoetrope_export.recipes.run_files import load_generator, load_vae
from zoetrope_export.training import products
from zoetrope_export.training.apt import Gate
from zoetrope_export.training.checkpoints import read_product

pytestmark = pytest.mark.xdist_group("toybox-128 run")

MIB = 2**20
TOYBOX_128 = presets.read("toybox-128")
ONE_FILE, ALL_FILES, MINUTES = (
    16 * MIB,
    64 * MIB,
    30,
)  # limits of a rented GPU: bytes per returned file and in all, and the time of the rent


def brief(schedule, steps):
    return replace(schedule, steps=steps, batch=2, warmup=1, minutes=None)


def tiny():
    """The preset with a quarter of the pixels, a third of the frames, narrow layers, patch clips and patch updates."""
    p, open_gate = TOYBOX_128, Gate(accuracy=0.0)
    osv, world = p.osv_recipe, replace(p.world, size=64, frame_count=17)
    return replace(
        p,
        world=world,
        vae=VaeConfig(coarse=16, middle=16, fine=8, finest=8),
        vae_recipe=replace(p.vae_recipe, schedule=brief(p.vae_recipe.schedule, 2), fitting_clips=3),
        dataset_clips=4,
        generator=replace(p.generator, frames=5, height=8, width=8, model_width=24, depth=1, heads=2),
        flow_recipe=replace(p.flow_recipe, schedule=brief(p.flow_recipe.schedule, 2)),
        decoder_recipe=replace(p.decoder_recipe, schedule=brief(p.decoder_recipe.schedule, 1)),
        consistency_recipe=replace(
            p.consistency_recipe, schedule=brief(p.consistency_recipe.schedule, 2), trajectories=4, solver_steps=2
        ),
        apt_recipe=replace(p.apt_recipe, schedule=brief(p.apt_recipe.schedule, 11), gate=open_gate),
        osv_recipe=replace(
            osv,
            backbone=brief(osv.backbone, 1),
            first=brief(osv.first, 1),
            second=brief(osv.second, 1),
            solver_steps=1,
            trained_blocks=1,
        ),
    )


@pytest.fixture(scope="module")
def small_text_encoder(tmp_path_factory, text_encoder_files):
    folder = tmp_path_factory.mktemp("small-text-encoder")
    write_small_text_encoder(text_encoder_files, folder)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory, small_text_encoder):
    folder = tmp_path_factory.mktemp("run")
    encoder = TextEncoder(small_text_encoder / "text_encoder.onnx", small_text_encoder / "tokenizer.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_files, "_FRESH_CLIPS", 4)
        pipeline.train(tiny(), folder, encoder)
    return folder


@pytest.mark.parametrize("name", presets.names())
def test_the_generators_output_has_the_shape_of_the_vaes_latents(name):
    preset = presets.read(name)
    world, c, meta = preset.dataset_world, preset.generator, torch.device("meta")
    vae, model = Vae(preset.vae).to(meta), Mmdit(c).to(meta)
    latents = vae.encode(torch.zeros(2, 3, world.frame_count, world.size, world.size, device=meta))
    assert latents.shape == (2, c.channels, c.frames, c.height, c.width)
    text = torch.zeros(2, 16, c.text_width, device=meta), torch.ones(2, 16, device=meta)
    first_frame = latents[:, :, 0], torch.ones(2, device=meta)
    assert model(latents, torch.ones(2, device=meta), *text, *first_frame).shape == latents.shape
    assert vae.decode(latents).shape == (2, 3, world.frame_count, world.size, world.size)


def test_clips_last_two_seconds_and_training_fits_the_time_and_the_files_of_a_rented_gpu():
    p = TOYBOX_128
    assert (p.world.size, p.world.frame_count, p.world.frame_rate) == (128, 49, 24)
    generator = 2 * sum(x.numel() for x in Mmdit(p.generator).parameters())
    vae = 2 * sum(x.numel() for x in Vae(p.vae).parameters())
    assert generator < 0.98 * ONE_FILE  # the rest is for the checkpoint's other entries
    assert 3 * generator + vae < 0.98 * ALL_FILES  # teacher, consistency and APT in one call
    osv = p.osv_recipe
    schedules = [p.vae_recipe, p.flow_recipe, p.decoder_recipe, p.consistency_recipe, p.apt_recipe]
    minutes = [r.schedule.minutes for r in schedules] + [s.minutes for s in (osv.backbone, osv.first, osv.second)]
    assert 18 < sum(minutes) < 0.75 * MINUTES


def test_a_run_becomes_a_bundle_of_its_size_and_rate(run, tmp_path, small_text_encoder):
    preset = tiny()
    vae, generator = load_vae(preset, run), load_generator(preset, run)
    identity, world = BundleIdentity(name="toybox-128", version="0.0.1", license="Apache-2.0"), preset.world
    provenance = Provenance(recipe="tiny", commit="none", quality={})
    export_bundle(
        vae=vae,
        generator=generator,
        encoder_files=small_text_encoder,
        folder=tmp_path,
        identity=identity,
        provenance=provenance,
        frame_count=world.frame_count,
        frame_rate=world.frame_rate,
    )
    video = json.loads((tmp_path / "manifest.json").read_text())["video"]
    assert video == {"width": 64, "height": 64, "frame_count": 17, "frame_rate": {"num": 24, "den": 1}}
    frames = Bundle(tmp_path).generate("a red circle moving right on a black background", seed=1)
    assert frames.shape == (1, 17, 96, 64)


def test_clips_of_this_length_are_evaluated_like_those_of_other_presets(run, small_text_encoder):
    preset, encoder = (
        tiny(),
        TextEncoder(small_text_encoder / "text_encoder.onnx", small_text_encoder / "tokenizer.json"),
    )
    evaluation = Evaluation(held_out_prompts(2, 3), preset.world)
    row = next(row for row in rows(preset) if row.title == "OSV, one step, first frame")
    measured = evaluation.checkpoint(row, preset, run, encoder, seeds=2)
    assert measured.clips.shape == (2, 17, 64, 64, 3)
    assert measured.metrics.clips == 2


def test_compact_checkpoints_hold_the_products_of_finished_stages(run, tmp_path):
    compact = tmp_path / "compact"
    (unfinished := torch.load(run / "apt.pt"))["step"] -= 1
    unfinished_run = tmp_path / "run"
    unfinished_run.mkdir()
    for path in run.glob("*"):
        if path.is_file():
            (unfinished_run / path.name).symlink_to(path)
    (unfinished_run / "apt.pt").unlink()
    torch.save(unfinished, unfinished_run / "apt.pt")
    packed = {path.name for path in write_compact_checkpoints(unfinished_run, compact, ALL_FILES)}
    done = ("vae", "teacher", "decoder", "consistency", "osv-backbone", "osv-1", "osv-2")
    assert packed == {"logs.tar.gz", *(f"{name}.pt" for name in done)}
    whole = read_product(run, products.TEACHER).ema
    for name, weights in read_product(compact, products.TEACHER).ema.items():
        assert torch.equal(weights.float(), whole[name].half().float() if weights.dtype == torch.half else whole[name])
    assert (compact / "teacher.pt").stat().st_size < (run / "teacher.pt").stat().st_size / 5


def test_the_newest_products_are_written_first_if_not_all_fit(run, tmp_path):
    least = {path.name for path in write_compact_checkpoints(run, tmp_path / "least", 0)}
    assert least == {"logs.tar.gz"}
    sizes = {path.name: path.stat().st_size for path in write_compact_checkpoints(run, tmp_path / "all", ALL_FILES)}
    most = sizes["logs.tar.gz"] + sizes["osv-2.pt"] + 1024
    some = {path.name for path in write_compact_checkpoints(run, tmp_path / "some", most)}
    assert "osv-2.pt" in some
    assert "teacher.pt" not in some


def test_the_small_text_encoder_gives_the_embeddings_of_the_whole_one(small_text_encoder, text_encoder_files):
    whole, small = (
        TextEncoder(f / "text_encoder.onnx", f / "tokenizer.json") for f in (text_encoder_files, small_text_encoder)
    )
    prompts = held_out_prompts(8, 1)
    a, b = whole.encode(prompts), small.encode(prompts)
    real = a.mask[..., None]
    assert ((a.embedding - b.embedding) * real).norm() < 2e-3 * (a.embedding * real).norm()
    assert (small_text_encoder / "text_encoder.onnx").stat().st_size < 24 * MIB


@pytest.mark.parametrize(("device", "message"), [("cuda", "sees no GPU here"), ("gpu", "give cpu or cuda")])
def test_a_missing_device_is_refused_in_one_line(device, message, monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    command = ["zoetrope_export", "train", "--preset", "toybox-128", "--device", device, "--runs", str(tmp_path)]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as refused:
        __main__.main()
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())
