"""The command line: python -m zoetrope_export begin | train | curves | export | prompts | evaluate | findings...

Timing the paper's size on a GPU is a command of its own, which needs PyTorch only: python -m zoetrope_export.roofline.
"""

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
from zoetrope_export.bundle.export import BundleName, Provenance, export_bundle
from zoetrope_export.data.text import TextEncoder
from zoetrope_export.data.toyworld import WorldConfig
from zoetrope_export.evaluation import classifier, classifier_training, diversity, evaluation
from zoetrope_export.evaluation.evaluation_report import Report, ReportError
from zoetrope_export.evaluation.rows import rows
from zoetrope_export.findings.catalogue import FINDINGS, make
from zoetrope_export.recipes import compact_run, curves, pipeline, presets
from zoetrope_export.recipes.presets import Preset, PresetError
from zoetrope_export.training.loop import NotTrainedError, OutOfTimeError, StageFailedError, checkpoint

_HERE = Path(__file__).parents[2]
_TEXT_ENCODER = _HERE / "bundles" / "toybox-64"


def _names(told: str) -> list[str]:
    unknown = set(told.split(",")) - set(FINDINGS)
    if unknown:
        raise argparse.ArgumentTypeError(f"there are no findings {sorted(unknown)}, but {list(FINDINGS)}")
    return told.split(",")


def _minutes(told: str) -> float:
    minutes = float(told)
    if not minutes > 0:
        raise argparse.ArgumentTypeError(f"{told} minutes: give more than 0")
    return minutes


def _preset(told: str) -> Preset:
    try:
        return presets.read(told)
    except PresetError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m zoetrope_export", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    def preset(command: argparse.ArgumentParser) -> None:
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

    def device(command: argparse.ArgumentParser) -> None:
        command.add_argument("--device", default="cpu", help="cpu, or cuda for a GPU (default: cpu)")

    train = add(
        "train", "Train every stage that the run does not hold yet; stop it at any time, call it again to go on."
    )
    preset(train)
    device(train)
    train.add_argument("--minutes", type=_minutes, help="stop by itself after so many, to go on at the next call")
    begin = add("begin", "Begin a run with the weights of a bundle, for a preset that goes on with one.")
    preset(begin)
    begin.add_argument("--bundle", type=Path, required=True, help="folder of the bundle that the preset begins with")
    export = add("export", "Export a finished run to a bundle and check it against PyTorch.")
    preset(export)
    export.add_argument("--out", type=Path, help="folder of the bundle (default: bundles/, by its name)")
    export.add_argument("--version", required=True, help="version of the bundle, e.g. 0.1.0")
    export.add_argument("--quality", type=Path, help="JSON of a report by `evaluate`, to be told in the manifest")
    export.add_argument("--golden", type=Path, help="also write golden tensors to this folder")
    drawn = add("curves", "Draw a run's logs as curves, and its samples over time, as PNG files.")
    preset(drawn)
    drawn.add_argument("--out", type=Path, help="where they go (default: beside the logs)")
    prompts = add("prompts", "Print held-out prompts, one a line, for `./zoetrope demo --prompts-file`.")
    prompts.add_argument("--count", type=int, default=480, help="how many")
    prompts.add_argument("--seed", type=int, default=evaluation.PROMPTS_SEED, help="which")
    prompts.add_argument(
        "--seeds",
        type=int,
        default=0,
        help=f"how often each of {len(diversity.SCENES)} more prompts is repeated: every request has a seed of its own",
    )
    evaluate = add("evaluate", "Measure a demo's clips, and those of a run's checkpoints, and write the report.")
    evaluate.add_argument("results", type=Path, nargs="?", help="results.json of `./zoetrope demo`")
    preset(evaluate)
    device(evaluate)
    evaluate.add_argument("--bundle", type=Path, default=_TEXT_ENCODER, help="the bundle that made the demo's clips")
    evaluate.add_argument("--reports", type=Path, default=_HERE / "reports", help="where the report goes")
    evaluate.add_argument("--json", type=Path, help="also write every row to this file")
    evaluate.add_argument("--count", type=int, default=480, help="how many prompts, where no demo says which")
    evaluate.add_argument("--seeds", type=int, default=64, help="how many clips of one prompt measure variety")
    evaluate.add_argument(
        "--rows", nargs="*", metavar="TITLE", help="measure these checkpoints alone, and keep the report's other rows"
    )
    found = add(
        "findings", "Repeat the papers' ablations as small runs beside a run's stages, measure them, and report them."
    )
    preset(found)
    found.add_argument("--only", type=_names, metavar="NAME,...", help=f"of {', '.join(FINDINGS)} (default: all)")
    found.add_argument("--out", type=Path, default=_HERE / "reports", help="where the report goes")
    pack = add(
        "pack", "Write the products of a run's finished stages, small enough to be sent: a run goes on from them."
    )
    preset(pack)
    pack.add_argument("--out", type=Path, required=True, help="folder of the files")
    pack.add_argument("--most", type=float, default=60, help="MiB of them in all; the newest come first (default: 60)")
    words = add("pack-text", "Write a small text encoder that knows the words of the toy world alone, to train with.")
    words.add_argument("--text-encoder", type=Path, default=_TEXT_ENCODER, help="folder of the whole one")
    words.add_argument("--out", type=Path, required=True, help="folder of the small one")
    judge = add("classifier", "Train the classifier that judges clips, and write its weights.")
    judge.add_argument("--runs", type=Path, default=_HERE / "runs", help="where its checkpoint and log lie")
    judge.add_argument("--out", type=Path, default=classifier.WEIGHTS, help="where its weights go")
    return parser


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=_HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


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


def _train(preset: Preset, args: argparse.Namespace) -> None:
    device = _device(args.device)
    until = None if args.minutes is None else time.monotonic() + 60 * args.minutes
    if device.type == "cpu":
        pipeline.deterministic()
    encoder = TextEncoder(args.text_encoder / "text_encoder.onnx", args.text_encoder / "tokenizer.json")
    try:
        pipeline.train(preset, args.runs / preset.name, encoder, device, until)
    except OutOfTimeError as late:
        print(f"{late}: call again to go on", flush=True)


def _export(preset: Preset, args: argparse.Namespace) -> None:
    folder = args.out or _HERE / "bundles" / preset.bundle
    run = args.runs / preset.name
    quality = json.loads(args.quality.read_text())["shown"] if args.quality else {}
    stages = "VAE, flow-matching teacher, decoder once more"
    if preset.begins_with is not None:
        stages = f"VAE and generator of {preset.begins_with}, flow-matching teacher"
    told = f"preset {preset.name}: {stages}, consistency distillation, APT"
    export_bundle(
        pipeline.load_vae(preset, run),
        pipeline.load_generator(preset, run),
        args.text_encoder,
        folder,
        BundleName(preset.bundle, args.version, "Apache-2.0"),
        Provenance(told, _commit(), quality),
        preset.world.frame_count,
        preset.world.frame_rate,
        preset.two_evaluations,
    )
    if args.golden:
        golden.write(args.golden, Bundle(folder))


def _print_prompts(count: int, seed: int, seeds: int) -> None:
    print("\n".join(evaluation.held_out_prompts(count, seed)))
    for prompt in diversity.prompts():
        print(f"{prompt}\n" * seeds, end="")


def _evaluate(preset: Preset, args: argparse.Namespace) -> None:
    run = args.runs / preset.name
    if not args.results and not any(checkpoint(run, row.stage).exists() for row in rows(preset)):
        raise NotTrainedError(f"nothing to measure: no results.json is given, and {run} has no stage to sample")
    published = evaluation.read_results(args.results, args.seeds) if args.results else None
    prompts = published.prompts if published else evaluation.held_out_prompts(args.count, evaluation.PROMPTS_SEED)
    titles = [*evaluation.WORLD_TITLES, *(row.title for row in rows(preset))]
    report = Report(args.reports, preset.bundle, preset.name, prompts, titles, args.seeds)
    evaluated = evaluation.Evaluation(prompts, preset.world, _device(args.device))
    if args.rows is None:
        for row in evaluated.world():
            report.put(row)
    if published:
        manifest = json.loads((args.bundle / "manifest.json").read_text())
        title = f"{manifest['name']}, {published.sampler}, through the job"
        told = f"{manifest['name']} {manifest['version']}: {manifest['provenance']['recipe']}"
        report.shipped(evaluated.published(published, title), told)
    if args.rows is None or args.rows:
        encoder = TextEncoder(args.text_encoder / "text_encoder.onnx", args.text_encoder / "tokenizer.json")
        for row in evaluated.checkpoints(preset, run, encoder, args.seeds, args.rows):
            report.put(row)
    if args.json:
        args.json.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    print(report.table())


def _find(preset: Preset, args: argparse.Namespace) -> int:
    pipeline.deterministic()
    encoder = TextEncoder(args.text_encoder / "text_encoder.onnx", args.text_encoder / "tokenizer.json")
    report = make(preset, args.runs / preset.name, encoder, args.out, args.only)
    print(report.summary())
    return 1 if report.missing else 0


def main() -> int:
    """Runs one command; 0 on success, 1 where it cannot be done, and why in a line."""
    args = _parser().parse_args()
    try:
        return _run(args)
    except NotTrainedError as missing:
        told = f"{missing}; python -m zoetrope_export train --preset {args.preset.name} trains what is missing"
    except (FileNotFoundError, PresetError, ReportError, StageFailedError) as error:
        told = str(error)
    print(f"zoetrope_export {args.command}: {told}", file=sys.stderr)
    return 1


def _run(args: argparse.Namespace) -> int:
    match args.command:
        case "train":
            _train(args.preset, args)
        case "begin":
            print(*pipeline.begin(args.preset, args.runs / args.preset.name, args.bundle), sep="\n")
        case "export":
            _export(args.preset, args)
        case "curves":
            run = args.runs / args.preset.name
            for path in curves.draw(run, args.out or run):
                print(path)
        case "findings":
            return _find(args.preset, args)
        case "prompts":
            _print_prompts(args.count, args.seed, args.seeds)
        case "pack":
            for path in compact_run.pack_run(args.runs / args.preset.name, args.out, int(args.most * 2**20)):
                print(path)
        case "pack-text":
            compact_run.pack_text_encoder(args.text_encoder, args.out)
        case "classifier":
            trained = classifier_training.train(
                WorldConfig(), classifier_training.RECIPE, args.runs / "classifier", args.out
            )
            print(f"right on held-out clips of the world: {trained}")
        case _:
            _evaluate(args.preset, args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
