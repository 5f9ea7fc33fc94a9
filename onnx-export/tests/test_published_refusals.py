"""What cannot be imported is refused by name, before anything is written, and an import that fails leaves nothing."""

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
from contextlib import contextmanager

import onnx
import pytest
from golden_sets import COMMITTED

from zoetrope_export import __main__
from zoetrope_export.bundle import wan_export, weights
from zoetrope_export.published import checkpoint
from zoetrope_export.published.schedules import SCHEDULES

STEPS, SIZE, FRAMES = ["--steps", "3"], ["--size", "64x32"], ["--frames", "9"]


class Folder:
    """A copy of a golden set, which a test damages."""

    def __init__(self, path):
        self.path = path

    def change(self, file, **entries):
        """Changes entries of a JSON file; None deletes one."""
        path = self.path / file
        content = {**json.loads(path.read_text()), **entries}
        path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))

    def change_header(self, file, change):
        """Changes the header of a safetensors file."""
        path = self.path / file
        data = path.read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8 : 8 + length])
        change(header)
        encoded = json.dumps(header).encode()
        path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + data[8 + length :])


@pytest.fixture
def folder(tmp_path):
    return copied("wan22-ti2v", tmp_path)


def copied(name, tmp_path):
    return Folder(shutil.copytree(COMMITTED / name, tmp_path / "models" / name))


@pytest.fixture
def refusal(tmp_path, monkeypatch, capsys):
    """Runs the command and returns its one line of error. Nothing may be left beside the bundle's place."""

    def run(folder, *options):
        out = tmp_path / "bundles" / "bundle"
        argv = ["zoetrope_export", "import", str(folder.path), *options, "--out", str(out)]
        monkeypatch.setattr("sys.argv", argv)
        assert __main__.main() == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1, printed.err
        assert not out.parent.exists() or not list(out.parent.iterdir())
        return printed.err

    return run


ALL = [*STEPS, *SIZE, *FRAMES]
PIPELINE = "model_index.json"


@pytest.mark.parametrize(
    ("file", "entries", "message"),
    [
        (PIPELINE, {"image_encoder": ["transformers", "CLIPVisionModel"]}, "CLIP image_encoder"),
        (PIPELINE, {"transformer": ["diffusers", "CausalWanTransformer3DModel"]}, "key-value cache"),
        (PIPELINE, {"_class_name": "WanCausalDMDPipeline"}, "key-value cache"),
        (
            PIPELINE,
            {"transformer": ["diffusers", "WanVACETransformer3DModel"]},
            "transformer is WanVACETransformer3DMo",
        ),
        (PIPELINE, {"vae": None}, "vae is None, this import reads AutoencoderKLWan"),
        (PIPELINE, {"_class_name": "WanPipeline"}, "A base model needs many steps with guidance and a negative prompt"),
        (PIPELINE, {"transformer_2": ["diffusers", "WanTransformer3DModel"]}, "no boundary_ratio"),
        ("transformer/config.json", {"image_dim": 1280}, "CLIP features"),
        ("transformer/config.json", {"added_kv_proj_dim": 5120}, "CLIP features"),
        ("transformer/config.json", {"num_frame_per_block": 3}, "num_frame_per_block is that of a causal model"),
        ("transformer/config.json", {"quantization_config": {"quant_method": "torchao"}}, "quantised with torchao"),
        ("text_encoder/config.json", {"quantization_config": {}, "num_layers": 3}, "block.2.layer.0.SelfAttention.k"),
        ("transformer/config.json", {"qk_norm": "rms_norm"}, "qk_norm is rms_norm, this import reads rms_norm_across"),
        ("transformer/config.json", {"cross_attn_norm": False}, "cross_attn_norm is False"),
        ("transformer/config.json", {"num_layers": 1}, "blocks.1.attn1.norm_k.weight is left over"),
        ("transformer/config.json", {"num_layers": 3}, "blocks.2.attn1.norm_k.weight is missing"),
        ("transformer/config.json", {"ffn_dim": 64}, "has the shape [48], the configuration says [64]"),
        ("transformer/config.json", {"in_channels": 30}, "in_channels is 30; this import reads 12"),
        ("transformer/config.json", {"num_layers": "two"}, "num_layers: expected a whole number"),
        ("vae/config.json", {"latents_mean": [0.0]}, "expected 12 values of latents_mean"),
        ("vae/config.json", {"temperal_downsample": [True, True, True]}, "do not compress time 4 times"),
        ("vae/config.json", {"is_residual": False}, "the tensors do not fit the network"),
    ],
)
def test_a_model_that_cannot_be_served_is_refused_by_name(folder, refusal, file, entries, message):
    folder.change(file, **entries)
    assert message in refusal(folder, *ALL)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([*ALL, "--check", "--precision", "bfloat16"], "computes bfloat16 products on GPUs only"),
        ([*STEPS, "--size", "60x32", *FRAMES], "--size 60x32: both sides have to be multiples of 32"),
        ([*STEPS, "--size", "64x32,64x0", *FRAMES], "--size 64x0: both sides have to be multiples of 32"),
        ([*STEPS, "--size", "40000x32", *FRAMES], "the model has positions for 32768 pixels"),
        ([*STEPS, *SIZE, "--frames", "9,8"], "--frames 8: the VAE makes 1 + 4 k frames; give 5 or 9"),
        ([*STEPS, *SIZE, "--frames", "0"], "--frames 0: the VAE makes 1 + 4 k frames"),
        (["--steps", "4", *SIZE, *FRAMES], "FastWan was distilled for the sampler dmd with 3 steps"),
        (["--steps", "4", "--sampler", "dmd", *SIZE, *FRAMES], "the sampler dmd has 3 steps"),
        (["--steps", "3,3", *SIZE, *FRAMES], "a number is there twice"),
        ([*ALL, "--transformer", "student.pth"], "student.pth: a pickle runs code when it is read"),
        ([*ALL, "--lora", "student.pt:0.5"], "student.pt: a pickle runs code when it is read"),
        ([*ALL, "--lora", "missing.safetensors"], "missing.safetensors: this file is missing"),
        ([*ALL, "--lora", "high_noise=x.safetensors"], "the model has the generators generator, the option says high"),
    ],
)
def test_an_option_that_the_model_cannot_serve_is_refused(folder, refusal, options, message):
    assert message in refusal(folder, *options)


def test_a_sampler_that_the_student_was_not_distilled_for_is_refused_unless_it_is_named(folder, refusal, capsys):
    lora = folder.path / "lightx2v_4step.safetensors"
    lora.write_bytes((folder.path / "transformer" / "diffusion_pytorch_model.safetensors").read_bytes())
    assert "LightX2V was distilled for the sampler euler with 4 steps" in refusal(folder, *ALL, "--lora", str(lora))


def test_a_file_named_like_a_causal_student_is_refused(folder, refusal):
    file = folder.path / "self_forcing_dmd.safetensors"
    file.write_bytes((folder.path / "transformer" / "diffusion_pytorch_model.safetensors").read_bytes())
    message = refusal(folder, *ALL, "--transformer", str(file))
    assert "self_forcing_dmd.safetensors: students of this name generate block by block" in message


def test_another_sampler_than_the_students_is_used_with_a_warning(folder, tmp_path, monkeypatch, capsys):
    argv = [
        "import",
        str(folder.path),
        "--steps",
        "2,1",
        "--sampler",
        "euler",
        *SIZE,
        *FRAMES,
        "--out",
        str(tmp_path / "b"),
    ]
    monkeypatch.setattr("sys.argv", ["zoetrope_export", *argv])
    assert __main__.main() == 0
    assert "warning: FastWan was distilled for the sampler dmd with 3 steps" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    assert [(s["name"], s["kind"]) for s in manifest["samplers"]] == [("euler-2", "euler"), ("euler-1", "euler")]
    assert manifest["default_steps"] == 2
    assert set(SCHEDULES) == {"dmd", "euler", "renoise", "rcm"}


def test_pickles_and_quantised_weights_are_refused(folder, refusal):
    file = "transformer/diffusion_pytorch_model.safetensors"
    (folder.path / file).rename(folder.path / "transformer" / "diffusion_pytorch_model.bin")
    assert "diffusion_pytorch_model.bin is a pickle" in refusal(folder, *ALL)
    (folder.path / "transformer" / "diffusion_pytorch_model.bin").rename(folder.path / file)

    def to_fp8(header):
        header["proj_out.weight"]["dtype"] = "F8_E4M3"

    folder.change_header(file, to_fp8)
    assert "proj_out.weight has the dtype F8_E4M3, a quantised or unknown format" in refusal(folder, *ALL)


def test_a_table_of_words_under_its_second_name_is_found(folder, tmp_path, monkeypatch, capsys):
    def second_name(header):
        header["encoder.embed_tokens.weight"] = header.pop("shared.weight")

    folder.change_header("text_encoder/model.safetensors", second_name)
    monkeypatch.setattr("sys.argv", ["zoetrope_export", "import", str(folder.path), *ALL, "--out", str(tmp_path / "b")])
    assert __main__.main() == 0
    assert capsys.readouterr().err == ""


def test_two_tensors_of_one_name_are_refused(folder, refusal):
    def twice(header):
        header["model.proj_out.bias"] = header["proj_out.bias"]

    folder.change_header("transformer/diffusion_pytorch_model.safetensors", twice)
    assert "two tensors are proj_out.bias" in refusal(folder, *ALL)


def test_damaged_and_missing_files_are_named(folder, refusal):
    weights_file = folder.path / "vae" / "diffusion_pytorch_model.safetensors"
    whole = weights_file.read_bytes()
    weights_file.write_bytes(whole[:-1000])
    assert f"the header describes {len(whole)} bytes, the file has {len(whole) - 1000}" in refusal(folder, *ALL)
    weights_file.write_bytes(whole[:100])
    assert "expected a safetensors file, got 100 bytes" in refusal(folder, *ALL)
    weights_file.write_bytes(b"")
    assert "expected a safetensors file, got 0 bytes" in refusal(folder, *ALL)
    weights_file.unlink()
    assert "there is no safetensors file" in refusal(folder, *ALL)
    (folder.path / "vae" / "config.json").write_text("{")
    assert "config.json: expected JSON" in refusal(folder, *ALL)
    shutil.rmtree(folder.path)
    assert "there is no such folder" in refusal(folder, *ALL)


def test_a_missing_shard_and_a_missing_tokenizer_are_named(tmp_path, refusal):
    folder = copied("wan21-t2v", tmp_path)
    shard = folder.path / "text_encoder" / "model-00002-of-00002.safetensors"
    shard.unlink()
    assert "model-00002-of-00002.safetensors: this shard is missing" in refusal(folder, *ALL)
    shutil.copyfile(COMMITTED / "wan21-t2v" / "text_encoder" / shard.name, shard)
    (folder.path / "tokenizer" / "tokenizer.json").unlink()
    assert "tokenizer.json: this file is missing" in refusal(folder, *ALL)


def test_a_digest_that_differs_from_the_download_is_refused(folder, refusal, tmp_path):
    metadata = (
        folder.path / ".cache" / "huggingface" / "download" / "vae" / "diffusion_pytorch_model.safetensors.metadata"
    )
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"{'1' * 40}\n{'0' * 64}\n1700000000.0\n")
    assert f"expected sha256 {'0' * 64}, got 00edd127" in refusal(folder, *ALL)
    metadata.unlink()
    blob = tmp_path / ("0" * 64)
    file = folder.path / "vae" / "diffusion_pytorch_model.safetensors"
    file.rename(blob)
    file.symlink_to(blob)
    assert f"expected sha256 {'0' * 64}, got 00edd127" in refusal(folder, *ALL)


@pytest.mark.parametrize("place", ["graph", "weights", "manifest"])
def test_a_full_disk_leaves_nothing(folder, refusal, monkeypatch, place):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    if place == "graph":
        monkeypatch.setattr(onnx, "save", full)
    elif place == "weights":
        monkeypatch.setattr(os, "link", full)
        monkeypatch.setattr(weights.shutil, "copyfile", full)
    else:
        monkeypatch.setattr("zoetrope_export.published.importer.write_manifest", full)
    assert "the bundle could not be written: [Errno 28] No space left on device" in refusal(folder, *ALL)


IN_A_PROCESS = """
import resource, runpy, signal, sys
from zoetrope_export.bundle.wan_export import WanExport

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
if sys.argv[1] == "endless":
    def endless(*_):
        print("writing", flush=True)
        signal.pause()
    WanExport.decoder = endless
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
del sys.argv[1]
runpy.run_module("zoetrope_export", run_name="__main__")
"""


@contextmanager
def importing(folder, tmp_path, how):
    """Starts an import in another process. At the end, nothing may be left of it."""
    out = tmp_path / "bundles" / "bundle"
    command = [sys.executable, "-c", IN_A_PROCESS, how, "import", str(folder.path), *ALL, "--out", str(out)]
    path = str(COMMITTED.parent / "src")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        try:
            yield process
        finally:
            process.kill()
    assert not list(out.parent.iterdir())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_import_that_is_ended_leaves_nothing(folder, tmp_path, how):
    with importing(folder, tmp_path, "endless") as process:
        assert process.stdout.readline() == "writing\n"
        process.send_signal(how)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (130, "zoetrope_export import: interrupted\n")


def test_a_file_that_the_system_does_not_let_grow_leaves_nothing(folder, tmp_path):
    with importing(folder, tmp_path, "30000") as process:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "the bundle could not be written: [Errno 27] File too large; make room, or give another --out" in errors
        assert errors.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_named(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "bundle")
    monkeypatch.setattr("sys.argv", ["zoetrope_export", "import", str(folder.path), *ALL, "--out", out])
    assert __main__.main() == 1
    assert f"{out}: the bundle could not be written: [Errno 17] File exists" in capsys.readouterr().err


def test_a_bundle_that_exists_is_not_replaced(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "b").mkdir()
    monkeypatch.setattr("sys.argv", ["zoetrope_export", "import", str(folder.path), *ALL, "--out", str(tmp_path / "b")])
    assert __main__.main() == 1
    assert "it exists; give another folder, or delete it" in capsys.readouterr().err


def test_nothing_is_written_before_everything_is_checked(folder, refusal, monkeypatch):
    monkeypatch.setattr(wan_export, "WanExport", None)  # a use would fail
    folder.change("transformer/config.json", image_dim=1280)
    assert "CLIP features" in refusal(folder, *ALL)


def test_the_repository_and_revision_are_those_that_the_download_recorded(tmp_path):
    snapshot = tmp_path / "models--FastVideo--FastWan2.2-TI2V-5B-FullAttn-Diffusers" / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    in_cache = checkpoint.Checkpoint(snapshot)
    assert in_cache.repository() == "FastVideo/FastWan2.2-TI2V-5B-FullAttn-Diffusers"
    assert in_cache.revision() == "a" * 40
    local = tmp_path / "fastwan"
    metadata = local / ".cache" / "huggingface" / "download" / "model_index.json.metadata"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"{'b' * 40}\netag\n1700000000.0\n")
    assert checkpoint.Checkpoint(local).revision() == "b" * 40
    assert checkpoint.Checkpoint(local).repository() == "fastwan"
