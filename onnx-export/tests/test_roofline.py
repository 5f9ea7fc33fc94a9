"""The paper's size: shapes and operations, decoding in pieces, the whole command on a CPU."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from zoetrope_export.models.mmdit import Mmdit
from zoetrope_export.roofline import __main__ as command
from zoetrope_export.roofline.decoder import DecoderConfig, VideoDecoder
from zoetrope_export.roofline.measurements import Measured
from zoetrope_export.roofline.place import Place, Timing, relative_error
from zoetrope_export.roofline.preset import APT_8B, APT_SMOKE, VideoSize
from zoetrope_export.roofline.stages import shape_of, stages
from zoetrope_export.roofline.text_encoder import T5Encoder, distance_buckets

CPU = Place(torch.device("cpu"), torch.float64)
SMALL = DecoderConfig(latent_channels=4, widths=(16, 16, 8, 8), blocks=1, middle_blocks=1)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_the_generator_has_the_papers_size():
    video, longer = (APT_8B.generator(size) for size in APT_8B.sizes)
    assert (video.frames, video.height, video.width, video.tokens) == (13, 90, 160, 46_800)
    assert (longer.frames, longer.height, longer.width, longer.tokens) == (21, 60, 104, 32_760)
    assert video.model_width // video.heads == 128
    with torch.device("meta"):
        generator = Mmdit(video)
    assert 8.0e9 < sum(p.numel() for p in generator.parameters()) < 8.6e9


def test_operations_at_the_papers_size_are_the_expected_ones():
    generator, decoder, _, *_ = (stage.work for stage in stages(APT_8B))
    assert generator.weights == pytest.approx(386e12, rel=0.005)
    assert generator.attention == pytest.approx(990e12, rel=0.005)
    assert decoder.total == pytest.approx(1070e12, rel=0.02)


def test_formulas_give_what_pytorch_counts_at_full_width_in_two_layers():
    thin = replace(
        APT_8B,
        generator_depth=2,
        text_encoder=replace(APT_8B.text_encoder, layers=2),
        sizes=(VideoSize(1280, 720, 9),),
    )
    shapes = [shape_of(stage) for stage in stages(thin)]
    assert [s.output for s in shapes] == [[1, 16, 3, 90, 160], [1, 3, 9, 720, 1280], [1, 512, 4096]]
    assert all(s.counted == s.work.total for s in shapes)


@pytest.mark.parametrize("stage", list(stages(APT_SMOKE)), ids=lambda s: s.label)
def test_formulas_give_what_pytorch_counts_in_a_real_run(stage):
    place = Place(torch.device("cpu"), torch.float32)
    model = place.build(stage.make)
    # PyTorch's counter does not count a CPU's fused attention.
    with sdpa_kernel([SDPBackend.MATH]), FlopCounterMode(display=False) as counter:
        out = stage.run(model, stage.inputs(place))
    assert out.isfinite().all()
    assert counter.get_total_flops() == stage.work.total


def test_a_clip_decoded_piece_by_piece_is_the_clip_decoded_at_once():
    decoder = CPU.build(lambda: VideoDecoder(SMALL))
    latents = CPU.random(1, 4, 4, 2, 3, seed=5)
    whole, _ = decoder.start(latents)
    assert whole.shape == (1, 3, 13, 16, 24)
    assert relative_error(decoder.decode(latents), whole) < 1e-12


def test_a_decoded_frame_does_not_depend_on_later_latents():
    decoder = CPU.build(lambda: VideoDecoder(SMALL))
    latents = CPU.random(1, 4, 3, 2, 2, seed=5)
    later = latents.clone()
    later[:, :, 2] += 1
    one, other = decoder.decode(latents), decoder.decode(later)
    assert torch.equal(one[:, :, :5], other[:, :, :5])
    assert not torch.allclose(one[:, :, 5:], other[:, :, 5:])


def test_both_ways_to_compute_a_convolution_give_the_same_video():
    volume = CPU.build(lambda: VideoDecoder(SMALL))
    channels = CPU.build(lambda: VideoDecoder(replace(SMALL, taps="channels")), weights=volume)
    latents = CPU.random(1, 4, 3, 2, 2, seed=5)
    assert relative_error(channels.decode(latents), volume.decode(latents)) < 1e-12


def test_the_text_encoder_distinguishes_the_order_of_its_tokens():
    buckets = distance_buckets(200, torch.device("cpu"))
    assert buckets[0, 0] == 0
    assert buckets[5, 3] == 2
    assert buckets[3, 5] == 2 + 16
    assert buckets.unique().tolist() == [i for i in range(32) if i != 16]
    encoder = CPU.build(lambda: T5Encoder(APT_SMOKE.text_encoder))
    tokens = torch.arange(6)[None]
    assert not torch.allclose(encoder(tokens)[0], encoder(tokens.flip(1))[0].flip(0))


@pytest.mark.parametrize("stage", list(stages(APT_SMOKE))[:3], ids=lambda s: s.name)
def test_a_slice_in_bf16_is_near_float64(stage):
    assert 1e-4 < stage.error_of_slice(Place(torch.device("cpu"), torch.bfloat16), None) < 0.03


def test_a_large_error_and_nan_exceed_the_bound():
    reference = torch.ones(8)
    for out, within in ((reference, True), (reference * 1.5, False), (reference * float("nan"), False)):
        row = Measured(
            stage="decoder",
            size="",
            mode="eager",
            timing=Timing(1, 1, 1, 1),
            first_run_seconds=1,
            peak_gib=None,
            error=relative_error(out, reference),
            error_bound=0.03,
        )
        assert row.within_bound is within


def test_the_command_measures_and_reports(tmp_path):
    assert run("--out", str(tmp_path)) == 0
    found = json.loads((tmp_path / "apt-smoke.json").read_text())
    assert [(row["stage"], row["size"]) for row in found["measured"]] == [(s.name, s.size) for s in stages(APT_SMOKE)]
    assert {c["kind"] for c in found["ceilings"]} == {"copy", "product", "attention", "convolution"}
    assert all(seconds > 0 for seconds in found["floor_seconds"].values())
    page = (tmp_path / "apt-smoke.md").read_text()
    assert "| decoder | 64x48x9 | eager |" in page
    assert "Not measured:" not in page


def test_when_time_runs_out_the_report_keeps_its_rows_and_names_the_rest(tmp_path):
    assert run("--out", str(tmp_path), "--budget", "0") == 1
    found = json.loads((tmp_path / "apt-smoke.json").read_text())
    assert found["ceilings"]
    assert found["left_out"] == [f"{s.label}: no time left" for s in stages(APT_SMOKE)]
    assert "- not measured: generator, 64x48x9: no time left" in (tmp_path / "apt-smoke.md").read_text()


def test_a_failing_stage_does_not_stop_the_others(tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("no kernel\nfor this")

    monkeypatch.setattr(VideoDecoder, "decode", fail)
    monkeypatch.setattr(command, "shape_of", lambda stage: shape_of(replace(stage, run=lambda *_: torch.empty(0))))
    assert run("--out", str(tmp_path)) == 1
    found = json.loads((tmp_path / "apt-smoke.json").read_text())
    assert {row["stage"] for row in found["measured"]} == {"generator", "text encoder"}
    assert (
        "- not measured: decoder, 64x48x9: failed: RuntimeError: no kernel for this"
        in (tmp_path / "apt-smoke.md").read_text()
    )


def test_without_a_gpu_the_command_names_shapes_as_the_remedy(capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit):
        command.main([])
    said = " ".join(capsys.readouterr().err.split())
    assert "sees no GPU here; give --shapes, or --preset apt-smoke --device cpu" in said


def test_shapes_are_printed_and_not_written_without_out(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "_REPORTS", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert command.main(["--preset", "apt-smoke", "--shapes"]) == 0
    assert "| decoder | 64x48x9 |" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_shapes_need_no_gpu_and_never_replace_measurements(tmp_path, capsys):
    shapes_only = ["--preset", "apt-smoke", "--shapes", "--out", str(tmp_path)]
    assert command.main(shapes_only) == 0
    assert "**Not measured: there was no GPU.**" in capsys.readouterr().out
    found = tmp_path / "apt-smoke.json"
    found.write_text(json.dumps({**json.loads(found.read_text()), "measured": [{"stage": "generator"}]}))
    with pytest.raises(SystemExit):
        command.main(shapes_only)
    assert "holds measurements" in capsys.readouterr().err


def test_the_command_needs_pytorch_only():
    script = "import sys, zoetrope_export.roofline.__main__; print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"av", "fastavro", "onnx", "onnxruntime", "PIL", "safetensors", "tokenizers"} & set(done.stdout.split())


def run(*arguments: str) -> int:
    return command.main(["--preset", "apt-smoke", "--device", "cpu", "--eager-only", "--repeats", "1", *arguments])
