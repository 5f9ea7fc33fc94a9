"""A table of the package's subpackages and of what each may import, and a check of the source against it.

    python tests/architecture.py

prints the number of import cycles and every import that the table forbids, and exits with 1 if there is any. An import
counts wherever it is written: at the top of a module, inside a function, under TYPE_CHECKING, relative, or as a call of
importlib.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
PACKAGE = "zoetrope_export"
MOST_AT_TOP = 6

# These modules at the top may import every subpackage. No subpackage imports them.
COMMAND_LINE = {"__main__", "commands"}

# A subpackage may import itself and the subpackages in its row. No row has `findings`, so only the command line imports
# it.
SUBPACKAGES: dict[str, set[str]] = {
    "data": set(),
    "models": {"data"},
    "sampling": {"data", "models"},
    "training": {"data", "models", "sampling"},
    "recipes": {"data", "models", "sampling", "training"},
    "bundle": {"data", "models", "sampling"},
    "published": {"data", "models", "sampling", "bundle"},
    "evaluation": {"data", "models", "sampling", "training", "recipes"},
    "findings": {"data", "models", "sampling", "training", "recipes", "evaluation"},
    "roofline": {"models"},
}


@dataclass(frozen=True)
class Import:
    """One import of a module of the package in another one."""

    importer: str
    imported: str
    line: int


def modules_of(source: Path) -> dict[str, Path]:
    """Returns the path of every module of the package, by its dotted name without the package's name."""
    root = source / PACKAGE
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return found


def imports_of(source: Path) -> list[Import]:
    """Returns every import of one module of the package by another."""
    modules, found = modules_of(source), []
    for name, path in modules.items():
        is_package = path.name == "__init__.py"
        for node in ast.walk(ast.parse(path.read_text())):
            for target in _targets(node, name, is_package, modules):
                found.append(Import(name, target, node.lineno))
    return found


def _targets(node: ast.AST, importer: str, is_package: bool, modules: dict[str, Path]) -> Iterator[str]:
    """Yields the modules of the package that one node of the source imports."""
    match node:
        case ast.Import(names):
            for alias in names:
                yield from _known(alias.name, modules)
        case ast.ImportFrom(module, names, level):
            base = module or ""
            if level:
                package = [] if importer == "__init__" else importer.split(".")
                package = package[: len(package) - level + is_package] if package else []
                base = ".".join([PACKAGE, *package, *filter(None, [module])])
            for alias in names:  # each is a module of the package `base`, or something that the module `base` defines
                submodule = list(_known(f"{base}.{alias.name}", modules, exact=True))
                yield from submodule or _known(base, modules)
        case ast.Call(ast.Name(id="__import__") | ast.Attribute(attr="import_module"), [ast.Constant(str(name)), *_]):
            yield from _known(name, modules)
        case ast.Call(ast.Name(id="import_module"), [ast.Constant(str(name)), *_]):
            yield from _known(name, modules)


def _known(dotted: str, modules: dict[str, Path], exact: bool = False) -> Iterator[str]:
    """Yields the module of the package with this absolute name; unless `exact`, else the nearest one above it."""
    if dotted == PACKAGE:
        yield "__init__"
        return
    if not dotted.startswith(f"{PACKAGE}."):
        return
    parts = dotted.removeprefix(f"{PACKAGE}.").split(".")
    while parts:
        if ".".join(parts) in modules:
            yield ".".join(parts)
            return
        if exact:
            return
        parts.pop()


def cycles(edges: set[tuple[str, str]]) -> list[list[str]]:
    """Returns the groups of names that reach each other along edges; a name with an edge to itself is a group."""
    after: dict[str, set[str]] = {}
    for start, end in edges:
        after.setdefault(start, set()).add(end)
        after.setdefault(end, set())

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for end in after[waiting.pop()] - seen:
                seen.add(end)
                waiting.append(end)
        return seen

    reach = {name: reached(name) for name in after}
    groups = {tuple(sorted(other for other in reach[name] if name in reach[other])) for name in after}
    return [list(group) for group in sorted(groups) if group]


def subpackage_of(module: str) -> str:
    """Returns the subpackage of a module; for a module at the top of the package, its own name."""
    return module.split(".", maxsplit=1)[0]


def module_cycles(imports: list[Import]) -> list[list[str]]:
    """Returns the cycles of modules."""
    return cycles({(i.importer, i.imported) for i in imports})


def subpackage_cycles(imports: list[Import]) -> list[list[str]]:
    """Returns the cycles of subpackages."""
    edges = {(subpackage_of(i.importer), subpackage_of(i.imported)) for i in imports}
    return cycles({(start, end) for start, end in edges if start != end})


def faults(source: Path, subpackages: dict[str, set[str]] = SUBPACKAGES) -> list[str]:
    """Returns one line for each violation of the package's architecture."""
    imports = imports_of(source)
    return [
        *_faults_of_the_top(source, subpackages),
        *_faults_of_imports(imports, modules_of(source), subpackages),
        *(f"cycle of modules: {', '.join(cycle)}" for cycle in module_cycles(imports)),
        *(f"cycle of subpackages: {', '.join(cycle)}" for cycle in subpackage_cycles(imports)),
    ]


def _faults_of_the_top(source: Path, subpackages: dict[str, set[str]]) -> Iterator[str]:
    root = source / PACKAGE
    top = sorted(path.name for path in root.glob("*.py"))
    if len(top) > MOST_AT_TOP:
        yield f"{len(top)} modules at the top of the package, at most {MOST_AT_TOP}: {', '.join(top)}"
    existing = {path.relative_to(root).parts[0] for path in root.glob("*/**/*.py")}
    for subpackage in sorted(existing - subpackages.keys()):
        yield f"subpackage {subpackage} is not in the table of subpackages"
    for subpackage in sorted(subpackages.keys() - existing):
        yield f"the table has a row for the subpackage {subpackage}, which does not exist"


def _faults_of_imports(
    imports: list[Import], modules: dict[str, Path], subpackages: dict[str, set[str]]
) -> Iterator[str]:
    for i in imports:
        importer, imported = subpackage_of(i.importer), subpackage_of(i.imported)
        place = f"{i.importer}, line {i.line}, imports {i.imported}"
        if modules[i.importer].name == "__init__.py":
            yield f"{place}: an __init__ holds only a docstring"
        elif i.imported.endswith("__main__"):
            yield f"{place}: nothing imports __main__"
        elif i.importer not in COMMAND_LINE and imported not in {importer, *subpackages.get(importer, set())}:
            allowed = ", ".join(sorted(subpackages.get(importer, set()))) or "no other subpackage"
            yield f"{place}: {importer} may import {allowed}"


def main() -> int:
    """Prints the number of cycles and every fault. Returns 1 if there is any, else 0."""
    found, imports = faults(SOURCE), imports_of(SOURCE)
    between_modules, between_subpackages = module_cycles(imports), subpackage_cycles(imports)
    print(f"{len(modules_of(SOURCE))} modules in {len(SUBPACKAGES)} subpackages")
    print(f"import cycles: {len(between_modules)} of modules, {len(between_subpackages)} of subpackages")
    print("\n".join(found) or "no import breaks the table of subpackages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
