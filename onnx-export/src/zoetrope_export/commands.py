"""The handlers of the command line: each takes the parsed arguments of its command and returns the exit code."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import torch

from zoetrope_export.bundle import golden
from zoetrope_export.bundle.bundle import Bundle
from zoetrope_export.bundle.export import BundleIdentity, Provenance, export_bundle
from zoetrope_export.bundle.small_text_encoder import write_small_text_encoder
from zoetrope_export.data.text import TextEncoder
from zoetrope_export.data.toyworld import WorldConfig
from zoetrope_export.evaluation import classifier_training, diversity
from zoetrope_export.evaluation.demo_results import read_results
from zoetrope_export.evaluation.evaluation import WORLD_TITLES, Evaluation
from zoetrope_export.evaluation.evaluation_report import EvaluationReport
from zoetrope_export.evaluation.prompts import PROMPTS_SEED, held_out_prompts
from zoetrope_export.evaluation.rows import rows
from zoetrope_export.findings import catalogue
from zoetrope_export.published.check import check
from zoetrope_export.published.errors import RefusedError
from zoetrope_export.published.importer import ImportOptions, PublishedModel, import_model
from zoetrope_export.recipes import curves, pipeline
from zoetrope_export.recipes.compact_checkpoints import write_compact_checkpoints
from zoetrope_export.recipes.run_files import load_generator, load_vae
from zoetrope_export.training.checkpoints import checkpoint_path
from zoetrope_export.training.errors import NotTrainedError, OutOfTimeError

HERE = Path(__file__).parents[2]  # the folder onnx-export


def _device(name: str) -> torch.device:
    """Returns the device of `--device`. Raises `SystemExit` if PyTorch cannot use it."""
    try:
        device = torch.device(name)
    except RuntimeError:
        raise SystemExit(f"--device {name}: PyTorch has no such device; give cpu or cuda") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SystemExit(
            f"--device {name}: PyTorch {torch.__version__} sees no GPU here; run on a machine with a GPU and a CUDA"
            " build of PyTorch, or give --device cpu"
        )
    return device


def _run_folder(args: argparse.Namespace) -> Path:
    folder: Path = args.runs / args.preset.name
    return folder


def _text_encoder(args: argparse.Namespace) -> TextEncoder:
    return TextEncoder(args.text_encoder / "text_encoder.onnx", args.text_encoder / "tokenizer.json")


def _print_paths(paths: list[Path]) -> None:
    print(*paths, sep="\n")


def _commit() -> str:
    """Returns the commit of the source, or "unknown" outside a git repository."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def train(args: argparse.Namespace) -> int:
    """Trains the stages that the run does not hold yet. Returns 0 also if `--minutes` ends the training early."""
    device = _device(args.device)
    until = None if args.minutes is None else time.monotonic() + 60 * args.minutes
    if device.type == "cpu":
        pipeline.make_deterministic()
    try:
        pipeline.train(args.preset, _run_folder(args), _text_encoder(args), device, until)
    except OutOfTimeError as stopped:
        print(f"{stopped}: call train again to continue", flush=True)
    return 0


def begin(args: argparse.Namespace) -> int:
    """Writes the first checkpoints of a run from the weights of a bundle, and prints their paths."""
    _print_paths(pipeline.begin(args.preset, _run_folder(args), args.bundle))
    return 0


def export(args: argparse.Namespace) -> int:
    """Exports a finished run to a bundle, and writes its golden tensors if `--golden` names a folder."""
    preset, run = args.preset, _run_folder(args)
    folder = args.out or HERE / "bundles" / preset.bundle
    quality = json.loads(args.quality.read_text())["shown"] if args.quality else {}
    stages = "VAE, flow-matching teacher, decoder once more"
    if preset.begins_with is not None:
        stages = f"VAE and generator of {preset.begins_with}, flow-matching teacher"
    recipe = f"preset {preset.name}: {stages}, consistency distillation, APT"
    export_bundle(
        vae=load_vae(preset, run),
        generator=load_generator(preset, run),
        encoder_files=args.text_encoder,
        folder=folder,
        identity=BundleIdentity(name=preset.bundle, version=args.version, license="Apache-2.0"),
        provenance=Provenance(recipe=recipe, commit=_commit(), quality=quality),
        frame_count=preset.world.frame_count,
        frame_rate=preset.world.frame_rate,
        two_evaluations=preset.two_evaluations,
    )
    if args.golden:
        golden.write(args.golden, Bundle(folder))
    return 0


def _print_comparisons(model: PublishedModel, bundle: Path) -> None:
    for comparison in check(model, bundle):
        print(comparison, flush=True)


def import_published(args: argparse.Namespace) -> int:
    """Makes a bundle from a published model."""
    if args.check and args.precision == "bfloat16":
        raise RefusedError(
            "--check --precision bfloat16: ONNX Runtime computes bfloat16 products on GPUs only; check an import in"
            " float32, then import again without --check"
        )
    options = ImportOptions(
        steps=args.steps,
        sizes=args.size,
        frame_counts=args.frames,
        name=args.name,
        version=args.version,
        sampler=args.sampler,
        frame_rate=args.frame_rate,
        transformers=dict(args.transformer),
        loras={name: [lora for key, lora in args.lora if key == name] for name, _ in args.lora},
        attention=args.attention,
        precision=getattr(torch, args.precision),
        text_int8=args.text_weights == "int8",
        commit=_commit(),
    )
    model = import_model(args.folder, args.out, options, _print_comparisons if args.check else None)
    for warning in model.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(args.out)
    return 0


def draw_curves(args: argparse.Namespace) -> int:
    """Draws a run's logs and sample clips as PNG files, and prints their paths."""
    run = _run_folder(args)
    _print_paths(curves.draw(run, args.out or run))
    return 0


def print_prompts(args: argparse.Namespace) -> int:
    """Prints held-out prompts, then each prompt that measures diversity, `--seeds` times."""
    print("\n".join(held_out_prompts(args.count, args.seed)))
    for prompt in diversity.prompts():
        print(f"{prompt}\n" * args.seeds, end="")
    return 0


def evaluate(args: argparse.Namespace) -> int:
    """Measures a demo's clips and a run's checkpoints, writes the report after every row, and prints its table."""
    preset, run = args.preset, _run_folder(args)
    if not args.results and not any(checkpoint_path(run, row.stage).exists() for row in rows(preset)):
        raise NotTrainedError(f"nothing to measure: no results.json is given, and {run} has no stage to sample")
    published = read_results(args.results, args.seeds) if args.results else None
    prompts = published.prompts if published else held_out_prompts(args.count, PROMPTS_SEED)
    titles = [*WORLD_TITLES, *(row.title for row in rows(preset))]
    report = EvaluationReport(
        args.reports, name=preset.bundle, preset=preset.name, prompts=prompts, titles=titles, seeds=args.seeds
    )
    evaluation = Evaluation(prompts, preset.world, _device(args.device))
    if args.rows is None:
        for row in evaluation.world():
            report.put(row)
    if published:
        manifest = json.loads((args.bundle / "manifest.json").read_text())
        title = f"{manifest['name']}, {published.sampler}, through the job"
        bundle = f"{manifest['name']} {manifest['version']}: {manifest['provenance']['recipe']}"
        report.put_bundle(evaluation.published(published, title), bundle)
    if args.rows is None or args.rows:
        for row in evaluation.checkpoints(preset, run, _text_encoder(args), args.seeds, args.rows):
            report.put(row)
    if args.json:
        args.json.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    print(report.table())
    return 0


def make_findings(args: argparse.Namespace) -> int:
    """Makes findings and prints a verdict for each. Returns 1 if a finding could not be made."""
    pipeline.make_deterministic()
    report = catalogue.make(args.preset, _run_folder(args), _text_encoder(args), args.out, args.only)
    print(report.summary())
    return 1 if report.missing else 0


def pack(args: argparse.Namespace) -> int:
    """Writes the products of a run's finished stages, up to `--most` MiB, and prints the files' paths."""
    _print_paths(write_compact_checkpoints(_run_folder(args), args.out, int(args.most * 2**20)))
    return 0


def pack_text(args: argparse.Namespace) -> int:
    """Writes a text encoder with the toy world's words only."""
    write_small_text_encoder(args.text_encoder, args.out)
    return 0


def train_classifier(args: argparse.Namespace) -> int:
    """Trains the classifier, writes its weights, and prints its accuracy for each attribute."""
    accuracy = classifier_training.train(WorldConfig(), classifier_training.RECIPE, args.runs / "classifier", args.out)
    print(f"accuracy on held-out clips of the world: {accuracy}")
    return 0
