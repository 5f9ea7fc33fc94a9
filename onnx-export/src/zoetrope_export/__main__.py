"""The command line: python -m zoetrope_export train | export | prompts | evaluate.

Timing the paper's size on a GPU is a command of its own, which needs PyTorch only: python -m zoetrope_export.roofline.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from zoetrope_export import evaluation, golden, recipe
from zoetrope_export.bundle import Bundle
from zoetrope_export.export import BundleName, Provenance, export_bundle
from zoetrope_export.presets import PRESETS, Preset
from zoetrope_export.text import TextEncoder

_HERE = Path(__file__).parents[2]
_TEXT_ENCODER = _HERE / "bundles" / "toybox-64"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m zoetrope_export", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    def preset(command: argparse.ArgumentParser) -> None:
        command.add_argument("--preset", choices=sorted(PRESETS), default="toybox-64", help="what to train")
        command.add_argument("--runs", type=Path, default=_HERE / "runs", help="where checkpoints and logs lie")
        command.add_argument(
            "--text-encoder", type=Path, default=_TEXT_ENCODER, help="folder of text_encoder.onnx and tokenizer.json"
        )

    preset(
        add("train", "Train every stage that the run does not hold yet; stop it at any time, call it again to go on.")
    )
    export = add("export", "Export a finished run to a bundle and check it against PyTorch.")
    preset(export)
    export.add_argument("--out", type=Path, help="folder of the bundle (default: bundles/<preset>)")
    export.add_argument("--version", required=True, help="version of the bundle, e.g. 0.1.0")
    export.add_argument("--quality", type=Path, help="JSON of a report by `evaluate`, to be told in the manifest")
    export.add_argument("--golden", type=Path, help="also write golden tensors to this folder")
    prompts = add("prompts", "Print held-out prompts, one a line, for `./zoetrope demo --prompts-file`.")
    prompts.add_argument("--count", type=int, default=480, help="how many")
    prompts.add_argument("--seed", type=int, default=3, help="which")
    evaluate = add("evaluate", "Measure the clips of a demo's results.json and write the report.")
    evaluate.add_argument("results", type=Path, help="results.json of `./zoetrope demo`")
    evaluate.add_argument("--bundle", type=Path, default=_TEXT_ENCODER, help="the bundle that made the clips")
    evaluate.add_argument("--reports", type=Path, default=_HERE / "reports", help="where the report goes")
    return parser


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=_HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _train(preset: Preset, args: argparse.Namespace) -> None:
    recipe.deterministic()
    encoder = TextEncoder(args.text_encoder / "text_encoder.onnx", args.text_encoder / "tokenizer.json")
    recipe.train(preset, args.runs / preset.name, encoder)


def _export(preset: Preset, args: argparse.Namespace) -> None:
    folder = args.out or _HERE / "bundles" / preset.name
    run = args.runs / preset.name
    quality = json.loads(args.quality.read_text())["shown"] if args.quality else {}
    told = f"preset {preset.name}: VAE, flow-matching teacher, consistency distillation to one step"
    export_bundle(
        recipe.load_vae(preset, run),
        recipe.load_generator(preset, run),
        args.text_encoder,
        folder,
        BundleName(preset.name, args.version, "Apache-2.0"),
        Provenance(told, _commit(), quality),
        preset.world.frame_count,
        preset.world.frame_rate,
    )
    if args.golden:
        golden.write(args.golden, Bundle(folder))


def main() -> int:
    """Runs one command; 0 on success."""
    args = _parser().parse_args()
    match args.command:
        case "train":
            _train(PRESETS[args.preset], args)
        case "export":
            _export(PRESETS[args.preset], args)
        case "prompts":
            print("\n".join(evaluation.held_out_prompts(args.count, args.seed)))
        case _:
            manifest = json.loads((args.bundle / "manifest.json").read_text())
            print(evaluation.write_report(args.results, args.reports, manifest))
    return 0


if __name__ == "__main__":
    sys.exit(main())
