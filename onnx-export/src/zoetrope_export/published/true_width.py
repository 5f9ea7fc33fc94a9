"""Measures an import at the true width of Wan 2.2 TI2V-5B, with few layers and random weights, on this machine's CPU.

    python -m zoetrope_export.published.true_width

It writes a checkpoint of about 6 GB to a temporary folder, imports it, runs each graph, and measures this machine's
rates. From the rates and counted operations it computes what the models cost at their true depth. The result goes to
reports/published.md: what was measured and what was computed stand apart there.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from safetensors.torch import save_file
from torch import nn

from zoetrope_export.models.wan.text_encoder import TextEncoder, TextEncoderConfig
from zoetrope_export.models.wan.transformer import Transformer, TransformerConfig
from zoetrope_export.models.wan.vae import Vae, VaeConfig
from zoetrope_export.published.work import UMT5_XXL, VAE_2_2, WAN_TI2V_5B, measured_rates, table

_HERE = Path(__file__).parents[3]
_TOKENIZER = _HERE / "golden" / "wan22-ti2v" / "tokenizer" / "tokenizer.json"
_FRAMES, _ROWS, _COLUMNS, _TEXT = 5, 16, 16, 64  # of the runs: 320 tokens


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sizes:
    """The networks of a checkpoint."""

    text_encoder: TextEncoderConfig
    transformer: TransformerConfig
    vae: VaeConfig


def true_width(layers: int) -> Sizes:
    """Returns the networks of TI2V-5B with a number of layers; the autoencoder is whole."""
    return Sizes(
        text_encoder=dataclasses.replace(UMT5_XXL, layers=layers),
        transformer=dataclasses.replace(WAN_TI2V_5B, layers=layers),
        vae=VAE_2_2,
    )


def write_checkpoint(folder: Path, sizes: Sizes) -> None:
    """Writes a checkpoint with random weights in the layout of the hub: bfloat16, the autoencoder in float32."""
    text, transformer, vae = sizes.text_encoder, sizes.transformer, sizes.vae
    index = {
        "_class_name": "WanDMDPipeline",
        "expand_timesteps": transformer.frame_timesteps,
        "text_encoder": ["transformers", "UMT5EncoderModel"],
        "transformer": ["diffusers", "WanTransformer3DModel"],
        "vae": ["diffusers", "AutoencoderKLWan"],
    }
    configs = {
        "text_encoder": {
            "model_type": "umt5",
            "num_layers": text.layers,
            "num_heads": text.heads,
            "d_kv": text.head_width,
            "d_model": text.width,
            "d_ff": text.ffn_width,
            "vocab_size": text.vocabulary,
        },
        "transformer": {
            "num_layers": transformer.layers,
            "num_attention_heads": transformer.heads,
            "attention_head_dim": transformer.head_width,
            "ffn_dim": transformer.ffn_width,
            "in_channels": transformer.in_channels,
            "out_channels": transformer.out_channels,
            "text_dim": transformer.text_width,
            "freq_dim": transformer.time_width,
        },
        "vae": {
            "z_dim": vae.latent_channels,
            "num_res_blocks": vae.blocks,
            "base_dim": vae.encoder_width,
            "decoder_base_dim": vae.decoder_width,
            "is_residual": vae.residual,
            "patch_size": vae.patch,
            "latents_mean": vae.mean,
            "latents_std": vae.deviation,
        },
    }
    with torch.device("meta"):
        networks: dict[str, nn.Module] = {
            "text_encoder": TextEncoder(text),
            "transformer": Transformer(transformer),
            "vae": Vae(vae),
        }
    (folder / "tokenizer").mkdir(parents=True)
    (folder / "tokenizer" / "tokenizer.json").write_bytes(_TOKENIZER.read_bytes())
    (folder / "model_index.json").write_text(json.dumps(index))
    for part, network in networks.items():
        (folder / part).mkdir()
        (folder / part / "config.json").write_text(json.dumps(configs[part]))
        dtype = torch.float32 if part == "vae" else torch.bfloat16
        weights = {name: _random(name, tuple(p.shape), dtype) for name, p in network.named_parameters()}
        stem = "model" if part == "text_encoder" else "diffusion_pytorch_model"
        save_file(weights, folder / part / f"{stem}.safetensors")


def _random(name: str, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """Draws weights that keep the size of their input: 16 MiB of numbers, repeated, since only their size matters."""
    numbers = int(torch.Size(shape).numel())
    if len(shape) == 1 or "gamma" in name:
        return torch.full(shape, float(name.endswith(("weight", "gamma"))), dtype=dtype)
    drawn = torch.randn(min(numbers, 2**22), generator=torch.Generator().manual_seed(len(name)))
    scaled = (drawn * (shape[0] / numbers) ** 0.5).to(dtype)
    return scaled.repeat(-(-numbers // len(scaled)))[:numbers].reshape(shape)


def run_graph(bundle: Path, stage: str) -> dict[str, float]:
    """Loads a graph of a bundle and runs it twice. Returns seconds, and the peak memory of this process in MiB."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    entry = manifest["generators"]["generator"] if stage == "generator" else manifest[stage]
    sizes = {"B": 1, "T": _FRAMES, "H": _ROWS, "W": _COLUMNS, "L": _TEXT}
    sizes |= {"Y": _ROWS * 16, "X": _COLUMNS * 16}
    random = np.random.default_rng(0)
    feeds = {}
    for name, port in entry["inputs"].items():
        shape = [sizes.get(axis, axis) for axis in port["shape"]]
        is_float = port["dtype"] == "float32"
        feeds[name] = random.standard_normal(shape, np.float32) if is_float else np.ones(shape, port["dtype"])
    began = time.monotonic()
    session = ort.InferenceSession(bundle / entry["file"], providers=["CPUExecutionProvider"])
    loaded = time.monotonic()
    session.run(None, feeds)
    again = time.monotonic()
    session.run(None, feeds)
    return {"load": loaded - began, "run": time.monotonic() - again, "peak": _peak_of_this_process()}


def _peak_of_this_process() -> float:
    """Returns MiB. ``ru_maxrss`` would include the peak of the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def measure(folder: Path, sizes: Sizes) -> list[str]:
    """Imports a checkpoint with random weights and runs its graphs, each in its own process. Returns rows."""
    source, bundle = folder / "checkpoint", folder / "bundle"
    write_checkpoint(source, sizes)
    began = time.monotonic()
    options = ["--steps", "3", "--size", "256x256", "--frames", "17", "--out", str(bundle)]
    command = [sys.executable, "-m", "zoetrope_export", "import", str(source), *options]
    imported = _in_process(
        f"import resource, subprocess; subprocess.run({command!r}, check=True, stdout=subprocess.DEVNULL);"
        " print(json.dumps({'peak': resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}))"
    )
    stored = sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
    own = sum(file.stat().st_size for file in bundle.rglob("*") if file.is_file() and file.stat().st_nlink == 1)
    rows = [
        f"| import | {time.monotonic() - began:.0f} | - | {imported['peak']:.0f} |"
        f" {stored / 1e9:.2f} GB of weights as links, {own / 1e6:.1f} MB more |"
    ]
    runs = {
        "text_encoder": f"{_TEXT} tokens",
        "generator": f"{_FRAMES * _ROWS * _COLUMNS // 4} tokens",
        "image_encoder": f"{_COLUMNS * 16}x{_ROWS * 16} pixels",
        "decoder": f"{_FRAMES} latent frames of {_COLUMNS * 16}x{_ROWS * 16} pixels",
    }
    for stage, what in runs.items():
        code = f"print(json.dumps(run_graph(Path({str(bundle)!r}), {stage!r})))"
        found = _in_process(f"from zoetrope_export.published.true_width import run_graph; {code}")
        rows.append(f"| {stage} | {found['load']:.1f} | {found['run']:.1f} | {found['peak']:.0f} | {what} |")
    return rows


def _in_process(code: str) -> Mapping[str, Any]:
    """Runs Python code in a process, and returns the JSON that it prints. Raises CalledProcessError if it fails."""
    whole = f"import json; from pathlib import Path; {code}"
    done = subprocess.run([sys.executable, "-c", whole], check=True, stdout=subprocess.PIPE, text=True)
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    """Measures, and writes the report."""
    parser = argparse.ArgumentParser(prog="python -m zoetrope_export.published.true_width", description=__doc__)
    parser.add_argument("--layers", type=int, default=2, help="layers of text encoder and transformer (default: 2)")
    parser.add_argument("--folder", type=Path, help="folder for the temporary checkpoint (default: the system's)")
    parser.add_argument("--out", type=Path, default=_HERE / "reports" / "published.md", help="the report's file")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        rows = measure(Path(folder), true_width(args.layers))
    rates = measured_rates("cpu", torch.float32)
    args.out.write_text(report(args.layers, rows, table(rates), dataclasses.asdict(rates)))
    print(args.out.read_text())
    return 0


def report(layers: int, rows: list[str], costs: str, rates: Mapping[str, float]) -> str:
    """Returns the report."""
    measured = "\n".join(rows)
    listed = ", ".join(f"{kind} {rate / 1e9:.0f}" for kind, rate in rates.items())
    return f"""# Published models at their true width, on a CPU

Written by `python -m zoetrope_export.published.true_width --layers {layers}` on {datetime.date.today()}: CPU
({platform.machine()}, {torch.get_num_threads()} threads), PyTorch {torch.__version__}, ONNX Runtime {ort.__version__}.

## Measured

Wan 2.2 TI2V-5B at its true width: {layers} layers of the text encoder and {layers} of the transformer's 30, the whole
autoencoder, random weights in bfloat16, the autoencoder's in float32. Each row is one process.

| what | seconds to load (of the import: in all) | seconds of a run | peak memory, MiB | of |
|---|---|---|---|---|
{measured}

Rates of this machine in float32, 10^9 operations a second, the fastest of five: {listed}.

## Computed

Operations are counted by PyTorch on the networks at their full depth, without weights. Seconds are the operations
divided by the rates above. Nothing in this table was run.

{costs}
"""


if __name__ == "__main__":
    sys.exit(main())
