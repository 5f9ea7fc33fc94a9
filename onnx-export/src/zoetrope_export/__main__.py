"""Trains the video generator, measures it, and exports it to a bundle.

Start with `train`; `COMMAND --help` explains each command. A separate program times the paper's model on a GPU and
needs PyTorch only: python -m zoetrope_export.roofline.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zoetrope_export import commands
from zoetrope_export.data.tensor_files import CheckpointError
from zoetrope_export.evaluation import classifier, diversity
from zoetrope_export.evaluation.evaluation_report import ReportError
from zoetrope_export.evaluation.prompts import PROMPTS_SEED
from zoetrope_export.findings.catalogue import FINDINGS
from zoetrope_export.published.check import CheckFailedError
from zoetrope_export.published.errors import RefusedError, WriteFailedError
from zoetrope_export.published.importer import Size
from zoetrope_export.published.lora import LoraFile
from zoetrope_export.published.schedules import SCHEDULES
from zoetrope_export.recipes import presets
from zoetrope_export.recipes.presets import Preset, PresetError
from zoetrope_export.training.errors import NotTrainedError, StageFailedError

_HERE = commands.HERE
_BUNDLE = _HERE / "bundles" / "toybox-64"


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of the program. `run` is its handler, which returns the exit code."""

    name: str
    help: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def _finding_names(value: str) -> list[str]:
    unknown = set(value.split(",")) - set(FINDINGS)
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown findings {sorted(unknown)}; choose from {', '.join(FINDINGS)}")
    return value.split(",")


def _minutes(value: str) -> float:
    minutes = float(value)
    if not minutes > 0:
        raise argparse.ArgumentTypeError(f"{value} minutes are not a time limit: give more than 0")
    return minutes


def _preset(value: str) -> Preset:
    try:
        return presets.read(value)
    except PresetError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preset",
        type=_preset,
        default="toybox-64",
        help=f"{', '.join(presets.names())}, or the path of a preset's folder (default: toybox-64)",
    )
    parser.add_argument(
        "--runs",
        type=Path,
        default=_HERE / "runs",
        help="folder of all runs; this run's checkpoints and logs are in the subfolder with the preset's name"
        " (default: onnx-export/runs)",
    )
    parser.add_argument(
        "--text-encoder",
        type=Path,
        default=_BUNDLE,
        help="folder with text_encoder.onnx and tokenizer.json (default: onnx-export/bundles/toybox-64)",
    )


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", help="cpu, or cuda for a GPU (default: cpu)")


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_run_options(parser)
    _add_device(parser)
    parser.add_argument(
        "--minutes", type=_minutes, help="stop after this many minutes; the next call continues (default: no limit)"
    )


def _add_begin(parser: argparse.ArgumentParser) -> None:
    _add_run_options(parser)
    parser.add_argument(
        "--bundle", type=Path, required=True, help="folder of the bundle that the preset's `begins_with` names"
    )


def _add_export(parser: argparse.ArgumentParser) -> None:
    _add_run_options(parser)
    parser.add_argument(
        "--out", type=Path, help="folder of the bundle (default: onnx-export/bundles/ and the bundle's name)"
    )
    parser.add_argument("--version", required=True, help="version of the bundle, e.g. 0.1.0")
    parser.add_argument(
        "--quality",
        type=Path,
        help="JSON report of `evaluate`; the manifest gets the measurements of the bundle's clips from it",
    )
    parser.add_argument("--golden", type=Path, help="also write golden tensors of the bundle to this folder")


def _whole_numbers(value: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r}: expected whole numbers, such as 4 or 1,2,4") from None


def _sizes(value: str) -> tuple[Size, ...]:
    found = [re.fullmatch(r"(\d+)x(\d+)", part) for part in value.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"{value!r}: expected widths and heights, such as 1280x704 or 832x480,480x832")
    return tuple(Size(width=int(match[1]), height=int(match[2])) for match in found if match)


def _of_generator(value: str) -> tuple[str, Path]:
    """Returns the generator that an option's file belongs to, and the file."""
    name, found, file = value.partition("=")
    return (name, Path(file)) if found else ("generator", Path(value))


def _lora(value: str) -> tuple[str, LoraFile]:
    name, path = _of_generator(value)
    match = re.fullmatch(r"(.+):(-?[0-9.]+)", str(path))
    return name, LoraFile(path=Path(match[1]), scale=float(match[2])) if match else LoraFile(path=path)


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="folder of the published model, as it lies on the hub")
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle, which must not exist")
    parser.add_argument(
        "--steps", type=_whole_numbers, required=True, help="numbers of generator passes; the first is the default"
    )
    parser.add_argument(
        "--size", type=_sizes, required=True, metavar="WxH,...", help="sizes of videos; the first is the default"
    )
    parser.add_argument(
        "--frames",
        type=_whole_numbers,
        required=True,
        metavar="N,...",
        help="numbers of frames, each 4 k + 1; the first is the default",
    )
    parser.add_argument(
        "--sampler",
        choices=tuple(SCHEDULES),
        help="another sampler than that of the student, which the folder's and files' names tell",
    )
    parser.add_argument(
        "--transformer",
        type=_of_generator,
        action="append",
        default=[],
        metavar="[GENERATOR=]FILE",
        help="safetensors file that replaces the folder's transformer; of a model with two, write high_noise=FILE or"
        " low_noise=FILE",
    )
    parser.add_argument(
        "--lora",
        type=_lora,
        action="append",
        default=[],
        metavar="[GENERATOR=]FILE[:SCALE]",
        help="LoRA in safetensors to merge into the transformer, with a strength (default: 1); can be repeated",
    )
    parser.add_argument(
        "--attention",
        choices=("fused", "plain"),
        default="fused",
        help="fused for ONNX Runtime on CPU and CUDA, plain for TensorRT (default: fused)",
    )
    parser.add_argument(
        "--precision",
        choices=("float32", "float16", "bfloat16"),
        default="float32",
        help="precision of the products in generator, image encoder and decoder; bfloat16 in the generator alone, for"
        " GPUs that have it (default: float32)",
    )
    parser.add_argument(
        "--text-weights",
        choices=("stored", "int8"),
        default="stored",
        help="weights of the text encoder: as the checkpoint stores them, or 8-bit (default: stored)",
    )
    parser.add_argument(
        "--check", action="store_true", help="compare each graph with PyTorch, on a small example, and print the errors"
    )
    parser.add_argument("--name", help="name of the bundle (default: that of the repository)")
    parser.add_argument("--version", default="1", help="version of the bundle (default: 1)")
    parser.add_argument("--frame-rate", type=int, help="frames a second (default: that of the model, 24 or 16)")


def _add_curves(parser: argparse.ArgumentParser) -> None:
    _add_run_options(parser)
    parser.add_argument("--out", type=Path, help="folder of the PNG files (default: the run's folder)")


def _add_prompts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=480, help="number of prompts (default: 480)")
    parser.add_argument(
        "--seed", type=int, default=PROMPTS_SEED, help=f"seed of their random choice (default: {PROMPTS_SEED})"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=0,
        help=f"also print {len(diversity.SCENES)} prompts that measure diversity, each this many times; the demo gives"
        " each request its own seed (default: 0)",
    )


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "results",
        type=Path,
        nargs="?",
        help="results.json of `./zoetrope demo`; without it, only checkpoints are measured",
    )
    _add_run_options(parser)
    _add_device(parser)
    parser.add_argument(
        "--bundle",
        type=Path,
        default=_BUNDLE,
        help="folder of the bundle that made the demo's clips (default: onnx-export/bundles/toybox-64)",
    )
    parser.add_argument(
        "--reports",
        type=Path,
        default=_HERE / "reports",
        help="folder of the report, its pictures and its JSON (default: onnx-export/reports)",
    )
    parser.add_argument("--json", type=Path, help="also write every row to this file")
    parser.add_argument(
        "--count", type=int, default=480, help="number of prompts if no results.json is given (default: 480)"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=64,
        help="clips of each prompt that measures diversity; give the value of `prompts --seeds` (default: 64)",
    )
    parser.add_argument(
        "--rows",
        nargs="*",
        metavar="TITLE",
        help="measure only the checkpoints of the rows with these titles, or only the demo's clips if no title is"
        " given; the report keeps its other rows (default: every row)",
    )


def _add_findings(parser: argparse.ArgumentParser) -> None:
    _add_run_options(parser)
    parser.add_argument(
        "--only",
        type=_finding_names,
        metavar="NAME,...",
        help=f"make only these findings; the names are {', '.join(FINDINGS)} (default: all)",
    )
    parser.add_argument(
        "--out", type=Path, default=_HERE / "reports", help="folder of the report (default: onnx-export/reports)"
    )


def _add_pack(parser: argparse.ArgumentParser) -> None:
    _add_run_options(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of the files")
    parser.add_argument(
        "--most",
        type=float,
        default=60,
        help="largest size of all files together in MiB; the newest stages are written first (default: 60)",
    )


def _add_pack_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--text-encoder",
        type=Path,
        default=_BUNDLE,
        help="folder of the whole text encoder (default: onnx-export/bundles/toybox-64)",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the small text encoder")


def _add_classifier(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--runs",
        type=Path,
        default=_HERE / "runs",
        help="folder of all runs; the checkpoint and log are in its subfolder `classifier` (default: onnx-export/runs)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=classifier.WEIGHTS,
        help=f"file of the weights (default: onnx-export/classifier/{classifier.WEIGHTS.name})",
    )


COMMANDS = (
    Command(
        name="train",
        help="Train every stage that the run does not hold yet. Stop it at any time; the same command continues.",
        add_options=_add_train,
        run=commands.train,
    ),
    Command(
        name="begin",
        help="Start a run with the weights of a bundle, for a preset that continues one (`begins_with`).",
        add_options=_add_begin,
        run=commands.begin,
    ),
    Command(
        name="export",
        help="Export a finished run to a bundle and check it against PyTorch.",
        add_options=_add_export,
        run=commands.export,
    ),
    Command(
        name="import",
        help="Make a bundle from a published few-step model.",
        add_options=_add_import,
        run=commands.import_published,
    ),
    Command(
        name="curves",
        help="Draw a run's logs as curves, and its sample clips over time, as PNG files.",
        add_options=_add_curves,
        run=commands.draw_curves,
    ),
    Command(
        name="prompts",
        help="Print held-out prompts, one per line, for `./zoetrope demo --prompts-file`.",
        add_options=_add_prompts,
        run=commands.print_prompts,
    ),
    Command(
        name="evaluate",
        help="Measure the clips of a demo and of a run's checkpoints, and write the report.",
        add_options=_add_evaluate,
        run=commands.evaluate,
    ),
    Command(
        name="findings",
        help="Repeat the papers' ablations as small runs from a finished run's weights; measure and report them.",
        add_options=_add_findings,
        run=commands.make_findings,
    ),
    Command(
        name="pack",
        help="Write the products of a run's finished stages as small files, to continue the run on another machine.",
        add_options=_add_pack,
        run=commands.pack,
    ),
    Command(
        name="pack-text",
        help="Write a small text encoder for training that has the toy world's words only.",
        add_options=_add_pack_text,
        run=commands.pack_text,
    ),
    Command(
        name="classifier",
        help="Train the classifier that `evaluate` measures clips with, and write its weights.",
        add_options=_add_classifier,
        run=commands.train_classifier,
    ),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m zoetrope_export", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_options(subparsers.add_parser(command.name, help=command.help, description=command.help))
    return parser


def _handler(name: str) -> Callable[[argparse.Namespace], int]:
    """Returns the handler of a command. Raises `LookupError` for a command that is not in the table."""
    for command in COMMANDS:
        if command.name == name:
            return command.run
    raise LookupError(f"command {name!r} has no handler; COMMANDS has {', '.join(c.name for c in COMMANDS)}")


def main() -> int:
    """Runs one command. Returns its exit code; after one line on standard error 1 if it failed, 130 if it was ended."""
    args = _parser().parse_args()
    run = _handler(args.command)
    try:
        return run(args)
    except NotTrainedError as missing:
        reason = f"{missing}; python -m zoetrope_export train --preset {args.preset.name} trains what is missing"
    except (
        CheckFailedError,
        CheckpointError,
        FileNotFoundError,
        PresetError,
        RefusedError,
        ReportError,
        StageFailedError,
        WriteFailedError,
    ) as error:
        reason = str(error)
    except KeyboardInterrupt:
        print(f"zoetrope_export {args.command}: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    print(f"zoetrope_export {args.command}: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both signals let a command remove what is not complete
    sys.exit(main())
