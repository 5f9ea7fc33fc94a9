"""Builds parameter dataclasses from tables of TOML. Refuses unknown keys, missing keys and values of a wrong type.

Uses the standard library only, because training also runs on machines that have PyTorch and cannot install more.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """A problem with the value at `path`, the keys from the table down to it."""

    path: tuple[str, ...]
    message: str


class ParametersError(ValueError):
    """A table does not fit its dataclass; holds all of the table's problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{'.'.join(p.path)}: {p.message}" for p in problems))
        self.problems = problems


def from_table(kind: type[T], table: dict[str, Any]) -> T:
    """Returns the dataclass `kind` with the table's values; dataclasses within it are tables within the table.

    Raises `ParametersError` with all problems. A ValueError that a dataclass raises for its values is one of them.
    """
    problems: list[Problem] = []
    built = _dataclass(kind, table, (), problems)
    if problems:
        raise ParametersError(problems)
    return built


def _dataclass(kind: Any, table: dict[str, Any], path: tuple[str, ...], problems: list[Problem]) -> Any:
    before, hints, known = len(problems), get_type_hints(kind), {f.name: f for f in fields(kind)}
    for key in sorted(table.keys() - known.keys()):
        problems.append(Problem((*path, key), f"unknown; known are {', '.join(known)}"))
    for name, f in known.items():
        if name not in table and f.default is MISSING and f.default_factory is MISSING:
            problems.append(Problem((*path, name), "missing"))
    values = {name: _value(hints[name], table[name], (*path, name), problems) for name in known if name in table}
    if len(problems) == before:
        try:
            return kind(**values)
        except ValueError as error:
            problems.append(Problem(path, str(error)))
    return None


def _value(hint: Any, value: Any, path: tuple[str, ...], problems: list[Problem]) -> Any:
    if isinstance(hint, UnionType):  # T | None: TOML has no null; a missing key means None
        hint = next(kind for kind in get_args(hint) if kind is not NoneType)
    origin, parts = get_origin(hint), get_args(hint)
    if is_dataclass(hint) and isinstance(value, dict):
        return _dataclass(hint, value, path, problems)
    if origin is tuple and isinstance(value, list):
        kinds = parts[:1] * len(value) if parts[-1] is Ellipsis else parts
        if len(kinds) == len(value):
            return tuple(_value(kind, part, path, problems) for kind, part in zip(kinds, value, strict=True))
    if origin is Literal and value in parts:
        return value
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        problems.append(Problem(path, f"{value!r} is not {_name(hint)}"))
    return value


def _name(hint: Any) -> str:
    match get_origin(hint):
        case None:
            return "a table" if is_dataclass(hint) else f"of type {hint.__name__}"
        case origin if origin is Literal:
            return f"one of {', '.join(map(repr, get_args(hint)))}"
        case _:
            kind, *rest = get_args(hint)
            return f"a list of {'' if Ellipsis in rest else f'{1 + len(rest)} '}{kind.__name__}"
