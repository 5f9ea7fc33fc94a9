"""The ranges of the numbers and the rules of the texts in a manifest, which docs/bundle-format.md lists.

The job refuses a bundle that breaks one, so none is written, and none is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
_PATH = re.compile(r"(?=.{1,255}$)[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*")
_LICENSE = re.compile(r"[!-~][ -~]{0,199}")
_SHA_256 = re.compile(r"[0-9a-f]{64}")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_MOST_CHARACTERS = 500
_MOST_FRAMES_A_SECOND = 240
_MOST_SHOWN = 80

Rule = tuple[Callable[[Any], bool], str]


def check_values(manifest: dict[str, Any]) -> None:
    """Raises `ValueError` with every value of a manifest that is out of its range or breaks its rule."""
    faults = [
        f"{path}: expected {expected}, got {repr(value)[:_MOST_SHOWN]}"
        for path, value in _values("", manifest)
        for pattern, (holds, expected) in _RULES.items()
        if re.fullmatch(pattern, path) and not holds(value)
    ]
    if faults:
        raise ValueError("manifest: " + "; ".join(faults))


def _values(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yields every value of a manifest with its path, in which [] is any item of a list."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _values(f"{path}[]", inner)


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _whole(most: int) -> Rule:
    return lambda value: _is_whole(value, 1, most), f"a whole number from 1 to {most}"


def _is_finite(value: Any) -> bool:
    with np.errstate(over="ignore"):
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and abs(value) < 1e300
            and bool(np.isfinite(np.float32(value)))
        )


def _all(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda values: isinstance(values, list | tuple) and all(map(holds, values))


def _text(pattern: re.Pattern[str], expected: str) -> Rule:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None, expected


def _is_line(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= _MOST_CHARACTERS
        and all(unicodedata.category(character) not in _INVISIBLE for character in value)
    )


def _one_of(*values: str) -> Rule:
    return lambda value: value in values, f"one of {', '.join(values)}"


def _is_frame_rate(value: Any) -> bool:
    num: Any = value.get("num") if isinstance(value, dict) else None
    den: Any = value.get("den") if isinstance(value, dict) else None
    if not (_is_whole(num, 1, 10**6) and _is_whole(den, 1, 10**6)):
        return True  # a fault of that part
    return bool(den <= num <= _MOST_FRAMES_A_SECOND * den)


_FINITE: Rule = (_all(_is_finite), "a list of numbers that are finite in float32")
_LINE: Rule = (
    lambda value: _is_line(value) and not value.isspace() and value != "",
    f"text of 1 to {_MOST_CHARACTERS} characters without control characters",
)
_NAME_RULE = _text(_NAME, "a name of 1 to 100 letters, digits and _ . + -")
_GRAPH = r"(text_encoder|image_encoder|decoder|generator|generators\.[^.]+)"
_AXIS = r"(inputs|outputs)\.[^.]+\.shape"

_RULES: dict[str, Rule] = {
    r"name|version": _NAME_RULE,
    r"license": _text(_LICENSE, "text of 1 to 200 printable ASCII characters"),
    rf"(tokenizer|{_GRAPH}|{_GRAPH}\.external_data\[\])\.file": _text(
        _PATH, "a relative path of letters, digits and _ . + -"
    ),
    rf"{_GRAPH}\.file": (lambda value: str(value).endswith(".onnx"), "a name in .onnx"),
    r".*\.sha256": _text(_SHA_256, "64 lower-case hexadecimal digits"),
    r"tokenizer\.(max_tokens|pad_to_multiple_of)": _whole(65536),
    rf"{_GRAPH}\.max_batch": _whole(4096),
    rf"{_GRAPH}\.precision": _one_of("float32", "float16", "bfloat16", "int8"),
    rf"{_GRAPH}\.opsets\..+": _whole(1000),
    rf"{_GRAPH}\.{_AXIS}\[\]": (
        lambda axis: (
            _is_whole(axis, 1, 1 << 24)
            or (isinstance(axis, str) and _NAME.fullmatch(axis) is not None and not axis[0].isdigit())
        ),
        "a symbol, or a size from 1 to 16777216",
    ),
    r"latents\.channels": _whole(16384),
    r"latents\.(spatial|temporal)_compression": _whole(256),
    r"latents\.frames|video\.frame_count|video\.frame_counts\[\]": _whole(65536),
    r"(latents|video|video\.sizes\[\])\.(width|height)": _whole(16384),
    r"latents\.(shift|scale)|samplers\[\]\.(timesteps|sigmas)": _FINITE,
    r"latents\.scale": (
        _all(lambda value: not _is_finite(value) or bool(np.float32(value) != 0)),
        "numbers other than 0",
    ),
    r"samplers\[\]\.name": _NAME_RULE,
    r"samplers\[\]\.timesteps": (
        _all(lambda value: not _is_finite(value) or bool(np.float32(value) > 0)),
        "numbers above 0",
    ),
    r"samplers\[\]\.steps|default_steps": _whole(1000),
    r"samplers\[\]\.generators\[\]": _NAME_RULE,
    r"video\.frame_rate\.(num|den)": _whole(1_000_000),
    r"video\.frame_rate": (_is_frame_rate, f"1 to {_MOST_FRAMES_A_SECOND} frames a second"),
    r"provenance\.(recipe|commit|source\.repository|source\.files\[\]\.file)": _LINE,
    r"provenance\.source\.revision": (_is_line, f"text of at most {_MOST_CHARACTERS} characters"),
    r"provenance\.quality\..+": (_is_finite, "a number that is finite in float32"),
}
