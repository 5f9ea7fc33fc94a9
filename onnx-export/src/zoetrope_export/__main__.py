"""The command line: python -m zoetrope_export begin | train | curves | export | prompts | evaluate | findings...

Timing the paper's size on a GPU is a command of its own, which needs PyTorch only: python -m zoetrope_export.roofline.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from zoetrope_export.bundle import golden
from zoetrope_export.bundle.bundle import Bundle
from zoetrope_export.bundle.export import BundleIdentity, Provenance, export_bundle
from zoetrope_export.bundle.small_text_encoder import write_small_text_encoder
from zoetrope_export.data.text import TextEncoder
from zoetrope_export.data.toyworld import WorldConfig
from zoetrope_export.evaluation import classifier, classifier_training, diversity, evaluation
from zoetrope_export.evaluation.demo_results import read_results
from zoetrope_export.evaluation.evaluation_report import EvaluationReport, ReportError
from zoetrope_export.evaluation.prompts import PROMPTS_SEED, held_out_prompts
from zoetrope_export.evaluation.rows import rows
from zoetrope_export.findings.catalogue import FINDINGS, make
from zoetrope_export.recipes import curves, pipeline, presets
from zoetrope_export.recipes.compact_checkpoints import write_compact_checkpoints
from zoetrope_export.recipes.presets import Preset, PresetError
from zoetrope_export.recipes.run_files import load_generator, load_vae
from zoetrope_export.training.checkpoints import checkpoint_path
from zoetrope_export.training.errors import NotTrainedError, OutOfTimeError, StageFailedError

_HERE = Path(__file__).parents[2]
_TEXT_ENCODER = _HERE / "bundles" / "toybox-64"


@dataclass(frozen=True)
class Command:
    """A command: its name, its help, its options, and its handler, which returns the exit code."""

    name: str
    help: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def _finding_names(value: str) -> list[str]:
    unknown = set(value.split(",")) - set(FINDINGS)
    if unknown:
        raise argparse.ArgumentTypeError(f"there are no findings {sorted(unknown)}, but {list(FINDINGS)}")
    return value.split(",")


def _minutes(value: str) -> float:
    minutes = float(value)
    if not minutes > 0:
        raise argparse.ArgumentTypeError(f"{value} minutes: give more than 0")
    return minutes


def _preset(value: str) -> Preset:
    try:
        return presets.read(value)
    except PresetError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _add_preset(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--preset",
        type=_preset,
        default="toybox-64",
        help=f"what to train: {', '.join(presets.names())}, or the path of a folder like theirs",
    )
    command.add_argument("--runs", type=Path, default=_HERE / "runs", help="where checkpoints and logs lie")
    command.add_argument(
        "--text-encoder", type=Path, default=_TEXT_ENCODER, help="folder of text_encoder.onnx and tokenizer.json"
    )


def _add_device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", default="cpu", help="cpu, or cuda for a GPU (default: cpu)")


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError:
        raise SystemExit(f"--device {name}: no such device; give cpu or cuda") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SystemExit(
            f"--device {name}: PyTorch {torch.__version__} sees no GPU here; run on a machine with one and a CUDA build"
            " of PyTorch, or give --device cpu"
        )
    return device


def _run_folder(args: argparse.Namespace) -> Path:
    folder: Path = args.runs / args.preset.name
    return folder


def _text_encoder(args: argparse.Namespace) -> TextEncoder:
    return TextEncoder(args.text_encoder / "text_encoder.onnx", args.text_encoder / "tokenizer.json")


def _print_paths(paths: list[Path]) -> None:
    print(*paths, sep="\n")


def _add_train(command: argparse.ArgumentParser) -> None:
    _add_preset(command)
    _add_device(command)
    command.add_argument("--minutes", type=_minutes, help="stop by itself after so many, to go on at the next call")


def _train(args: argparse.Namespace) -> int:
    device = _device(args.device)
    until = None if args.minutes is None else time.monotonic() + 60 * args.minutes
    if device.type == "cpu":
        pipeline.deterministic()
    try:
        pipeline.train(args.preset, _run_folder(args), _text_encoder(args), device, until)
    except OutOfTimeError as late:
        print(f"{late}: call again to go on", flush=True)
    return 0


def _add_begin(command: argparse.ArgumentParser) -> None:
    _add_preset(command)
    command.add_argument("--bundle", type=Path, required=True, help="folder of the bundle that the preset begins with")


def _begin(args: argparse.Namespace) -> int:
    _print_paths(pipeline.begin(args.preset, _run_folder(args), args.bundle))
    return 0


def _add_export(command: argparse.ArgumentParser) -> None:
    _add_preset(command)
    command.add_argument("--out", type=Path, help="folder of the bundle (default: bundles/, by its name)")
    command.add_argument("--version", required=True, help="version of the bundle, e.g. 0.1.0")
    command.add_argument("--quality", type=Path, help="JSON of a report by `evaluate`, to be told in the manifest")
    command.add_argument("--golden", type=Path, help="also write golden tensors to this folder")


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=_HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _export(args: argparse.Namespace) -> int:
    preset, run = args.preset, _run_folder(args)
    folder = args.out or _HERE / "bundles" / preset.bundle
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


def _add_curves(command: argparse.ArgumentParser) -> None:
    _add_preset(command)
    command.add_argument("--out", type=Path, help="where they go (default: beside the logs)")


def _draw_curves(args: argparse.Namespace) -> int:
    run = _run_folder(args)
    _print_paths(curves.draw(run, args.out or run))
    return 0


def _add_prompts(command: argparse.ArgumentParser) -> None:
    command.add_argument("--count", type=int, default=480, help="how many")
    command.add_argument("--seed", type=int, default=PROMPTS_SEED, help="which")
    command.add_argument(
        "--seeds",
        type=int,
        default=0,
        help=f"how often each of {len(diversity.SCENES)} more prompts is repeated: every request has a seed of its own",
    )


def _print_prompts(args: argparse.Namespace) -> int:
    print("\n".join(held_out_prompts(args.count, args.seed)))
    for prompt in diversity.prompts():
        print(f"{prompt}\n" * args.seeds, end="")
    return 0


def _add_evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("results", type=Path, nargs="?", help="results.json of `./zoetrope demo`")
    _add_preset(command)
    _add_device(command)
    command.add_argument("--bundle", type=Path, default=_TEXT_ENCODER, help="the bundle that made the demo's clips")
    command.add_argument("--reports", type=Path, default=_HERE / "reports", help="where the report goes")
    command.add_argument("--json", type=Path, help="also write every row to this file")
    command.add_argument("--count", type=int, default=480, help="how many prompts, where no demo says which")
    command.add_argument("--seeds", type=int, default=64, help="how many clips of one prompt measure variety")
    command.add_argument(
        "--rows", nargs="*", metavar="TITLE", help="measure these checkpoints alone, and keep the report's other rows"
    )


def _evaluate(args: argparse.Namespace) -> int:
    preset, run = args.preset, _run_folder(args)
    if not args.results and not any(checkpoint_path(run, row.stage).exists() for row in rows(preset)):
        raise NotTrainedError(f"nothing to measure: no results.json is given, and {run} has no stage to sample")
    published = read_results(args.results, args.seeds) if args.results else None
    prompts = published.prompts if published else held_out_prompts(args.count, PROMPTS_SEED)
    titles = [*evaluation.WORLD_TITLES, *(row.title for row in rows(preset))]
    report = EvaluationReport(
        args.reports, name=preset.bundle, preset=preset.name, prompts=prompts, titles=titles, seeds=args.seeds
    )
    evaluated = evaluation.Evaluation(prompts, preset.world, _device(args.device))
    if args.rows is None:
        for row in evaluated.world():
            report.put(row)
    if published:
        manifest = json.loads((args.bundle / "manifest.json").read_text())
        title = f"{manifest['name']}, {published.sampler}, through the job"
        bundle = f"{manifest['name']} {manifest['version']}: {manifest['provenance']['recipe']}"
        report.shipped(evaluated.published(published, title), bundle)
    if args.rows is None or args.rows:
        for row in evaluated.checkpoints(preset, run, _text_encoder(args), args.seeds, args.rows):
            report.put(row)
    if args.json:
        args.json.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    print(report.table())
    return 0


def _add_findings(command: argparse.ArgumentParser) -> None:
    _add_preset(command)
    command.add_argument(
        "--only", type=_finding_names, metavar="NAME,...", help=f"of {', '.join(FINDINGS)} (default: all)"
    )
    command.add_argument("--out", type=Path, default=_HERE / "reports", help="where the report goes")


def _make_findings(args: argparse.Namespace) -> int:
    pipeline.deterministic()
    report = make(args.preset, _run_folder(args), _text_encoder(args), args.out, args.only)
    print(report.summary())
    return 1 if report.missing else 0


def _add_pack(command: argparse.ArgumentParser) -> None:
    _add_preset(command)
    command.add_argument("--out", type=Path, required=True, help="folder of the files")
    command.add_argument(
        "--most", type=float, default=60, help="MiB of them in all; the newest come first (default: 60)"
    )


def _pack(args: argparse.Namespace) -> int:
    _print_paths(write_compact_checkpoints(_run_folder(args), args.out, int(args.most * 2**20)))
    return 0


def _add_pack_text(command: argparse.ArgumentParser) -> None:
    command.add_argument("--text-encoder", type=Path, default=_TEXT_ENCODER, help="folder of the whole one")
    command.add_argument("--out", type=Path, required=True, help="folder of the small one")


def _pack_text(args: argparse.Namespace) -> int:
    write_small_text_encoder(args.text_encoder, args.out)
    return 0


def _add_classifier(command: argparse.ArgumentParser) -> None:
    command.add_argument("--runs", type=Path, default=_HERE / "runs", help="where its checkpoint and log lie")
    command.add_argument("--out", type=Path, default=classifier.WEIGHTS, help="where its weights go")


def _train_classifier(args: argparse.Namespace) -> int:
    accuracy = classifier_training.train(WorldConfig(), classifier_training.RECIPE, args.runs / "classifier", args.out)
    print(f"right on held-out clips of the world: {accuracy}")
    return 0


COMMANDS = (
    Command(
        "train",
        "Train every stage that the run does not hold yet; stop it at any time, call it again to go on.",
        _add_train,
        _train,
    ),
    Command(
        "begin", "Begin a run with the weights of a bundle, for a preset that goes on with one.", _add_begin, _begin
    ),
    Command("export", "Export a finished run to a bundle and check it against PyTorch.", _add_export, _export),
    Command(
        "curves", "Draw a run's logs as curves, and its samples over time, as PNG files.", _add_curves, _draw_curves
    ),
    Command(
        "prompts",
        "Print held-out prompts, one a line, for `./zoetrope demo --prompts-file`.",
        _add_prompts,
        _print_prompts,
    ),
    Command(
        "evaluate",
        "Measure a demo's clips, and those of a run's checkpoints, and write the report.",
        _add_evaluate,
        _evaluate,
    ),
    Command(
        "findings",
        "Repeat the papers' ablations as small runs beside a run's stages, measure them, and report them.",
        _add_findings,
        _make_findings,
    ),
    Command(
        "pack",
        "Write the products of a run's finished stages, small enough to be sent: a run goes on from them.",
        _add_pack,
        _pack,
    ),
    Command(
        "pack-text",
        "Write a small text encoder that knows the words of the toy world alone, to train with.",
        _add_pack_text,
        _pack_text,
    ),
    Command(
        "classifier",
        "Train the classifier that judges clips, and write its weights.",
        _add_classifier,
        _train_classifier,
    ),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m zoetrope_export", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_options(commands.add_parser(command.name, help=command.help, description=command.help))
    return parser


def _handler(name: str) -> Callable[[argparse.Namespace], int]:
    """The handler of a command. Raises `LookupError` for one that is not in the table."""
    for command in COMMANDS:
        if command.name == name:
            return command.run
    raise LookupError(f"command {name!r} has no handler; COMMANDS has {', '.join(c.name for c in COMMANDS)}")


def main() -> int:
    """Runs one command. Returns 0 on success; 1 after a line that says why it could not be done."""
    args = _parser().parse_args()
    run = _handler(args.command)
    try:
        return run(args)
    except NotTrainedError as missing:
        reason = f"{missing}; python -m zoetrope_export train --preset {args.preset.name} trains what is missing"
    except (FileNotFoundError, PresetError, ReportError, StageFailedError) as error:
        reason = str(error)
    print(f"zoetrope_export {args.command}: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
