"""Times the paper's model at its full size, with random weights, on a GPU, against the GPU's measured maxima.

Needs PyTorch only. Writes PRESET.md and PRESET.json after every measurement; the most important ones come first.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import platform
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch.nn.attention import SDPBackend

from zoetrope_export.roofline import timing_report
from zoetrope_export.roofline.ceilings import best, measure_ceilings
from zoetrope_export.roofline.decoder import Taps
from zoetrope_export.roofline.measurements import Measured, Measurements
from zoetrope_export.roofline.place import Place, relative_error
from zoetrope_export.roofline.preset import APT_8B, APT_SMOKE, PRESETS, FullPreset
from zoetrope_export.roofline.stages import Stage, shape_of, stages, with_taps

_REPORTS = Path(__file__).parents[3] / "reports"
_ERROR_OF_SLICE = 0.03  # bf16 has 8 bits: the error of one product is 2e-3 to 1e-2, that of a few layers little more
_ERROR_OF_COMPILED = 0.1  # larger, because it is the error of all layers, and both results are rounded
_SHORT = 0.2  # seconds; a shorter run is repeated four times as often


@dataclass(frozen=True)
class Limits:
    """The limits of a call: modes, repeats of a stage, and the seconds after which no further stage starts."""

    eager_only: bool
    repeats: int
    budget_seconds: float


class Benchmark:
    """Measures the ceilings and every stage, prints its progress, and writes the report after every row."""

    def __init__(self, measurements: Measurements, folder: Path, place: Place, limits: Limits) -> None:
        self.measurements, self.folder, self.place, self.limits = measurements, folder, place, limits
        self.began = time.monotonic()

    def measure(self, preset: FullPreset) -> None:
        """Measures the ceilings, then every stage."""
        for ceiling in measure_ceilings(preset, self.place):
            self.measurements.ceilings.append(ceiling)
            rate = ceiling.refused or f"{ceiling.rate / 1e12:,.3g} T/s"
            self._log(f"{ceiling.kind}, {ceiling.way}, {ceiling.shape}: {rate}")
        timing_report.write(self.measurements, self.folder)
        attention, convolution = (best(self.measurements.ceilings, kind) for kind in ("attention", "convolution"))
        fastest = getattr(SDPBackend, attention.way) if attention is not None else None
        chosen = with_taps(preset, cast(Taps, convolution.way)) if convolution is not None else preset
        for stage in stages(chosen):
            try:
                self._stage(stage, fastest)
            except Exception as failed:  # the other stages can still be measured
                self._leave_out(stage, f"failed: {type(failed).__name__}: {str(failed).strip()[:300]}")
            gc.collect()
        self._log(f"report: {timing_report.write(self.measurements, self.folder)}")

    def _stage(self, stage: Stage, fastest: SDPBackend | None) -> None:
        if self._out_of_time():
            self._leave_out(stage, "no time left")
            return
        error = stage.error_of_slice(self.place, fastest)
        self.place.forget_peak()
        torch.compiler.reset()
        model, inputs = self.place.build(stage.make), stage.inputs(self.place)
        with stage.attention(fastest):
            eager = self._row(stage, "eager", lambda: stage.run(model, inputs), lambda out: error, _ERROR_OF_SLICE)
            if self.limits.eager_only:
                return
            if self._out_of_time():
                self._leave_out(stage, "compiled: no time left")
                return
            for region in stage.regions(model):
                region.compile(dynamic=False)
            self.place.forget_peak()
            self._row(
                stage,
                "compiled",
                lambda: stage.run(model, inputs),
                lambda out: relative_error(out, eager),
                _ERROR_OF_COMPILED,
            )

    def _row(
        self,
        stage: Stage,
        mode: str,
        run: Callable[[], torch.Tensor],
        error: Callable[[torch.Tensor], float],
        error_bound: float,
    ) -> torch.Tensor:
        """Runs the stage once, times it, and adds a row with the error of its output. Returns that output."""
        began = time.monotonic()
        out = run()
        self.place.wait()
        first = time.monotonic() - began
        again = self.place.timed(run, 1).median  # the second warm-up gives the number of repeats
        timing = self.place.timed(run, (4 if again < _SHORT else 1) * self.limits.repeats)
        peak = self.place.peak_gib()
        row = Measured(
            stage=stage.name,
            size=stage.size,
            mode=mode,
            timing=timing,
            first_run_seconds=first,
            peak_gib=peak,
            error=error(out),
            error_bound=error_bound,
        )
        self.measurements.measured.append(row)
        timing_report.write(self.measurements, self.folder)
        seconds = f"{timing.median:.4f} s ({timing.low:.4f} to {timing.high:.4f})"
        self._log(f"{stage.label}, {mode}: {seconds}, error {row.error:.1e}, first run {first:.1f} s")
        return out

    def _out_of_time(self) -> bool:
        return time.monotonic() - self.began > self.limits.budget_seconds

    def _leave_out(self, stage: Stage, why: str) -> None:
        self.measurements.left_out.append(f"{stage.label}: {why}")
        self._log(self.measurements.left_out[-1])
        timing_report.write(self.measurements, self.folder)

    def _log(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:5.0f} s] {text}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m zoetrope_export.roofline", description=__doc__)
    parser.add_argument(
        "--preset", choices=sorted(PRESETS), default=APT_8B.name, help=f"the model to time (default: {APT_8B.name})"
    )
    parser.add_argument(
        "--device",
        choices=("cuda", "cpu"),
        default="cuda",
        help=f"cuda, or cpu for {APT_SMOKE.name} only (default: cuda)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="folder to write the two reports to (default: onnx-export/reports; none with --shapes, which only prints)",
    )
    parser.add_argument(
        "--shapes",
        action="store_true",
        help="only compute and print shapes and operations, without a GPU; write them only if --out is given",
    )
    parser.add_argument("--eager-only", action="store_true", help="time eager mode only, without torch.compile")
    parser.add_argument(
        "--repeats",
        type=int,
        default=5,
        help="number of timed runs of a stage, four times as many if a run takes less than 0.2 s (default: 5)",
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=480,
        help="seconds after which no further stage starts; the report names the stages left out (default: 480)",
    )
    return parser


def _machine(place: Place) -> dict[str, str]:
    if not place.on_gpu:
        return {"device": f"CPU ({platform.machine()})", "torch": torch.__version__}
    properties = torch.cuda.get_device_properties(place.device)
    return {
        "device": f"{properties.name} ({properties.total_memory / 2**30:.0f} GiB)",
        "torch": torch.__version__,
        "CUDA": str(torch.version.cuda),
        "cuDNN": str(torch.backends.cudnn.version()),
        "Python": platform.python_version(),
    }


def _holds_measurements(folder: Path, name: str) -> bool:
    found = folder / f"{name}.json"
    return found.exists() and bool(json.loads(found.read_text())["measured"])


def main(arguments: list[str] | None = None) -> int:
    """Measures and reports. Returns 0 if every stage is measured and its error is within the bound, else 1."""
    parser = _parser()
    given = sys.argv[1:] if arguments is None else arguments
    args = parser.parse_args(given)
    preset = PRESETS[args.preset]
    if not args.shapes and args.device == "cuda" and not torch.cuda.is_available():
        parser.error(
            f"--device cuda: PyTorch {torch.__version__} sees no GPU here; give --shapes, or --preset {APT_SMOKE.name}"
            " --device cpu"
        )
    if not args.shapes and args.device == "cpu" and preset is not APT_SMOKE:
        parser.error(f"{preset.name} takes hours on a CPU; give --preset {APT_SMOKE.name} or --device cuda")
    if args.shapes and args.out and _holds_measurements(args.out, preset.name):
        parser.error(
            f"{args.out / preset.name}.json holds measurements, which --shapes would replace; give --out another folder"
        )
    place = Place(torch.device(args.device), torch.bfloat16)
    measurements = Measurements(
        preset=preset.name,
        command=f"{timing_report.COMMAND} {shlex.join(given)}".strip(),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine={} if args.shapes else _machine(place),
        shapes=[shape_of(stage) for stage in stages(preset)],
    )
    if args.shapes:
        if args.out:
            timing_report.write(measurements, args.out)
        print(timing_report.render(measurements))
        return 0 if all(s.counted == s.work.total for s in measurements.shapes) else 1
    torch.backends.cudnn.benchmark = True  # few and fixed shapes of convolutions: cuDNN picks each one's fastest kernel
    limits = Limits(eager_only=args.eager_only, repeats=args.repeats, budget_seconds=args.budget)
    Benchmark(measurements, args.out or _REPORTS, place, limits).measure(preset)
    print(timing_report.render(measurements))
    return 0 if all(row.within_bound for row in measurements.measured) and not measurements.left_out else 1


if __name__ == "__main__":
    sys.exit(main())
