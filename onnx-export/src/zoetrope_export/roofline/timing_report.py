"""Writes the measurements as Markdown and JSON."""

from __future__ import annotations

import json
from pathlib import Path

from zoetrope_export.roofline.ceilings import Ceiling
from zoetrope_export.roofline.measurements import Measured, Measurements

COMMAND = "PYTHONPATH=onnx-export/src python -m zoetrope_export.roofline"
_TERA = 1e12
_PEAK = {"H100": 989.0, "H200": 989.0}  # dense bf16 TFLOP/s by the datasheet of the SXM part
_SIZE = "1280x720x49"
_TABLE_7 = {"text encoder": 0.28, "generator": 2.65, "decoder": 3.10}  # seconds on one H100, Seaweed-APT's Table 7
_GOALS = {"generator": 2.1, "decoder": 2.0}  # seconds at _SIZE on one H200


def write(measurements: Measurements, folder: Path) -> Path:
    """Writes PRESET.json and PRESET.md, each atomically. Returns the path of PRESET.md."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{measurements.preset}.md"
    for path, text in (
        (page, render(measurements)),
        (page.with_suffix(".json"), json.dumps(measurements.as_json(), indent=1) + "\n"),
    ):
        partial = path.with_name(path.name + ".part")
        partial.write_text(text)
        partial.replace(path)
    return page


def render(measurements: Measurements) -> str:
    """Returns the report in Markdown, which also names what was not measured."""
    return "\n".join(
        [
            *_head(measurements),
            *_shapes(measurements),
            *_times(measurements),
            *_ceilings(measurements),
            *_how(measurements),
        ]
    )


def _head(measurements: Measurements) -> list[str]:
    summary = (
        "Random weights, one clip, bf16. Times are medians: by the device's own events on a GPU, by the clock on a CPU."
        if measurements.measured
        else "**Not measured: there was no GPU.** Shapes and operations are computed; times are not."
    )
    return [f"# {measurements.preset}: time on one device against its ceilings", "", summary, ""]


def _shapes(measurements: Measurements) -> list[str]:
    rows = [
        f"| {s.stage} | {s.size} | {s.parameters / 1e9:.3f} | {' and '.join(_x(i) for i in s.inputs)} | {_x(s.output)} "
        f"| {s.work.weights / _TERA:,.5g} | {s.work.attention / _TERA:,.5g} | {s.work.total / _TERA:,.5g} |"
        for s in measurements.shapes
    ]
    agree = all(s.counted == s.work.total for s in measurements.shapes)
    note = (
        "The operations are computed by formula (`work.py`); PyTorch's own counter gives exactly the same numbers."
        if agree
        else "**PyTorch's own counter gives other numbers: "
        + "; ".join(f"{s.stage} {s.counted}" for s in measurements.shapes)
    )
    return [
        "## Shapes and operations",
        "",
        "| stage | size | parameters, 10^9 | input | output | TFLOP in weights | in attention | in all |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        note,
        "",
    ]


def _times(measurements: Measurements) -> list[str]:
    if not measurements.measured and not measurements.left_out:
        return _against_the_paper(measurements)
    lines = [
        "## Times",
        "",
        "| stage | size | mode | seconds (lowest to highest) | TFLOP/s | floor, s | floor / time | peak memory, GiB "
        "| relative error | first run, s |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_time(measurements, row) for row in measurements.measured),
        "",
        "The floor is the time at the ceilings below: operations in weights at the fastest matrix product, those in",
        "attention at the fastest attention, or each weight read once if that takes longer. The relative error of an",
        "eager row is that of a thin slice against float64 on the CPU; a compiled row's is against the eager output.",
        "",
    ]
    wrong = [f"- **wrong**: {_label(row)}: {row.error:.2g}" for row in measurements.measured if not row.within_bound]
    lines += wrong + [f"- not measured: {' '.join(what.split())}" for what in measurements.left_out]
    if wrong or measurements.left_out:
        lines.append("")
    return lines + _against_the_paper(measurements)


def _time(measurements: Measurements, row: Measured) -> str:
    shape, t = measurements.shape(row), row.timing
    floor = measurements.floor(shape)
    at_best = ["-", "-"] if floor is None else [f"{floor:.4f}", f"{floor / t.median:.2f}"]
    cells = [
        row.stage,
        row.size,
        row.mode,
        f"{t.median:.4f} ({t.low:.4f} to {t.high:.4f})",
        f"{shape.work.total / t.median / _TERA:,.3g}",
        *at_best,
        "-" if row.peak_gib is None else f"{row.peak_gib:.1f}",
        f"{row.error:.1e}",
        f"{row.first_run_seconds:.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _against_the_paper(measurements: Measurements) -> list[str]:
    fastest: dict[str, Measured] = {}
    for row in measurements.measured:
        counts = row.size == _SIZE or row.stage == "text encoder"
        if (
            counts
            and row.within_bound
            and (row.stage not in fastest or row.timing.median < fastest[row.stage].timing.median)
        ):
            fastest[row.stage] = row
    if measurements.preset != "apt-8b":
        return []
    peak = next((rate for name, rate in _PEAK.items() if name in measurements.machine.get("device", "")), None)
    lines = [
        f"## {_SIZE} against the paper",
        "",
        "| stage | seconds, fastest valid mode | of the datasheet's peak | goal | Table 7 of the paper, one H100 |",
        "|---|---|---|---|---|",
    ]
    for stage, paper in _TABLE_7.items():
        if stage not in fastest:
            lines.append(f"| {stage} | not measured | - | {_GOALS.get(stage, '-')} | {paper} |")
            continue
        row = fastest[stage]
        rate = measurements.shape(row).work.total / row.timing.median / _TERA
        share = "-" if peak is None else f"{100 * rate / peak:.0f}%"
        lines.append(
            f"| {stage} | {row.timing.median:.3f} ({row.mode}) | {share} | {_GOALS.get(stage, '-')} | {paper} |"
        )
    if len(fastest) == len(_TABLE_7):
        total = sum(row.timing.median for row in fastest.values())
        lines.append(f"| in all | {total:.3f} | - | - | {sum(_TABLE_7.values()):.2f} |")
    return [
        *lines,
        "",
        "The paper states neither its text encoder nor its decoder's widths; for both, usual sizes are timed here.",
        "",
    ]


def _ceilings(measurements: Measurements) -> list[str]:
    if not measurements.ceilings:
        return []
    lines = ["## Ceilings", "", "| what | way | shape | rate | milliseconds |", "|---|---|---|---|---|"]
    return [*lines, *(_ceiling(c) for c in measurements.ceilings), ""]


def _ceiling(c: Ceiling) -> str:
    if c.timing is None:
        return f"| {c.kind} | {c.way} | {c.shape} | refused: {c.refused} | - |"
    unit = "TB/s" if c.kind == "copy" else "TFLOP/s"
    return f"| {c.kind} | {c.way} | {c.shape} | {c.rate / _TERA:,.3g} {unit} | {1000 * c.timing.median:.3g} |"


def _how(measurements: Measurements) -> list[str]:
    machine = ", ".join(f"{name} {value}" for name, value in measurements.machine.items())
    if measurements.measured:
        lines = [
            f"Measured on {measurements.date} on {machine}, with, from the top folder,",
            "",
            "```",
            measurements.command,
        ]
    else:
        lines = [
            "To measure, in about ten minutes on a machine with an H200 and PyTorch, from the top folder:",
            "",
            "```",
            COMMAND if measurements.preset == "apt-8b" else measurements.command,
        ]
    return [*lines, "```", ""]


def _label(row: Measured) -> str:
    return f"{row.stage}, {row.size}, {row.mode}"


def _x(shape: list[int]) -> str:
    return "[" + ", ".join(str(n) for n in shape) + "]"
