"""Parameter dataclasses from tables of TOML, strictly: an unknown key, a missing one and a wrong type are all refused.

Of the standard library alone: training also runs where there is PyTorch and nothing can be installed.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """What is wrong at `path`, the keys down to a value."""

    path: tuple[str, ...]
    told: str


class ParametersError(ValueError):
    """A table that is not what was asked for: all of its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{'.'.join(p.path)}: {p.told}" for p in problems))
        self.problems = problems


def from_table(kind: type[T], table: dict[str, Any]) -> T:
    """The dataclass `kind` with the table's values; dataclasses within it are tables within the table.

    Raises `ParametersError`. A ValueError of a dataclass that refuses its values is one of its problems.
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


def _value(hint: Any, told: Any, path: tuple[str, ...], problems: list[Problem]) -> Any:
    if isinstance(hint, UnionType):  # T | None: TOML has no null, a key is left out instead
        hint = next(kind for kind in get_args(hint) if kind is not NoneType)
    origin, parts = get_origin(hint), get_args(hint)
    if is_dataclass(hint) and isinstance(told, dict):
        return _dataclass(hint, told, path, problems)
    if origin is tuple and isinstance(told, list):
        kinds = parts[:1] * len(told) if parts[-1] is Ellipsis else parts
        if len(kinds) == len(told):
            return tuple(_value(kind, one, path, problems) for kind, one in zip(kinds, told, strict=True))
    if origin is Literal and told in parts:
        return told
    if hint is float and type(told) is int:
        return float(told)
    if type(told) is not hint:
        problems.append(Problem(path, f"{told!r} is not {_name(hint)}"))
    return told


def _name(hint: Any) -> str:
    match get_origin(hint):
        case None:
            return "a table" if is_dataclass(hint) else f"of type {hint.__name__}"
        case origin if origin is Literal:
            return f"one of {', '.join(map(repr, get_args(hint)))}"
        case _:
            kind, *rest = get_args(hint)
            return f"a list of {'' if Ellipsis in rest else f'{1 + len(rest)} '}{kind.__name__}"
