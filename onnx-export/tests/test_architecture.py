"""The package keeps to the table of subpackages, and each rule catches a planted fault."""

import subprocess
import sys

import pytest
from architecture import (
    COMMAND_LINE,
    MOST_AT_TOP,
    PACKAGE,
    SOURCE,
    SUBPACKAGES,
    cycles,
    faults,
    imports_of,
    module_cycles,
)

FORBIDDEN = [
    (subpackage, other)
    for subpackage, allowed in SUBPACKAGES.items()
    for other in sorted(SUBPACKAGES.keys() - {subpackage, *allowed})
]


@pytest.fixture
def package(tmp_path):
    """Makes a package whose subpackages each have a module `sound`; returns a function that adds a module."""

    def add(name, text=""):
        path = tmp_path / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    for name in (
        "__init__.py",
        *(f"{name}.py" for name in COMMAND_LINE),
        *(f"{subpackage}/{file}.py" for subpackage in SUBPACKAGES for file in ("__init__", "sound")),
    ):
        add(name)
    assert faults(tmp_path) == []
    return add


def test_the_package_has_no_fault_and_no_import_cycle():
    assert faults(SOURCE) == []


def test_the_command_prints_the_number_of_cycles():
    done = subprocess.run(
        [sys.executable, "tests/architecture.py"], cwd=SOURCE.parent, capture_output=True, text=True, check=True
    )
    assert "import cycles: 0 of modules, 0 of subpackages" in done.stdout


@pytest.mark.parametrize(("subpackage", "other"), FORBIDDEN, ids=lambda subpackage: subpackage)
def test_an_import_against_the_table_is_a_fault(subpackage, other, package, tmp_path):
    package(f"{subpackage}/wrong.py", f"from {PACKAGE}.{other} import sound\n")
    assert any(
        fault.startswith(f"{subpackage}.wrong, line 1, imports {other}.sound: {subpackage} may ")
        for fault in faults(tmp_path)
    )


@pytest.mark.parametrize(
    ("subpackage", "allowed"),
    SUBPACKAGES.items(),
    ids=lambda subpackage: subpackage if isinstance(subpackage, str) else "",
)
def test_an_import_that_the_table_allows_is_not_a_fault(subpackage, allowed, package, tmp_path):
    package(
        f"{subpackage}/right.py", "\n".join(f"from {PACKAGE}.{other} import sound" for other in [subpackage, *allowed])
    )
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        f"import {PACKAGE}.models.sound\n",
        f"import {PACKAGE}.models.sound as other\n",
        f"from {PACKAGE}.models.sound import anything\n",
        f"from {PACKAGE}.models import sound\n",
        "from ..models import sound\n",
        "from ..models.sound import anything\n",
        f"def f():\n    from {PACKAGE}.models import sound\n",
        f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {PACKAGE}.models import sound\n",
        f"try:\n    from {PACKAGE}.models import sound\nexcept ImportError:\n    pass\n",
        f"import importlib\nsound = importlib.import_module('{PACKAGE}.models.sound')\n",
        f"from importlib import import_module\nsound = import_module('{PACKAGE}.models.sound')\n",
        f"sound = __import__('{PACKAGE}.models.sound')\n",
    ],
)
def test_an_import_counts_wherever_it_is_written(text, package, tmp_path):
    package("data/wrong.py", text)
    (fault,) = faults(tmp_path)
    assert fault.startswith("data.wrong, line ")
    assert fault.endswith("imports models.sound: data may import no other subpackage")


@pytest.mark.parametrize("text", [f"from {PACKAGE} import __main__\n", f"import {PACKAGE}.__main__\n"])
def test_nothing_imports_the_main_module(text, package, tmp_path):
    package("findings/wrong.py", text)
    assert faults(tmp_path) == ["findings.wrong, line 1, imports __main__: nothing imports __main__"]


def test_no_subpackage_imports_the_commands(package, tmp_path):
    package("findings/wrong.py", f"from {PACKAGE} import commands\n")
    (fault,) = faults(tmp_path)
    assert fault.startswith("findings.wrong, line 1, imports commands: findings may import ")


@pytest.mark.parametrize("module", sorted(COMMAND_LINE))
def test_only_the_command_line_imports_findings(module, package, tmp_path):
    package(f"{module}.py", f"from {PACKAGE}.findings import sound\n")
    assert faults(tmp_path) == []
    assert all("findings" not in allowed for allowed in SUBPACKAGES.values())


def test_an_init_that_imports_is_a_fault(package, tmp_path):
    package("models/__init__.py", f"from {PACKAGE}.models.sound import anything\n")
    assert faults(tmp_path) == ["models, line 1, imports models.sound: an __init__ holds only a docstring"]


def test_a_cycle_of_modules_is_a_fault(package, tmp_path):
    package("models/a.py", f"from {PACKAGE}.models import b\n")
    package("models/b.py", f"def f():\n    from {PACKAGE}.models.c import anything\n")
    package("models/c.py", "from . import a\n")
    assert module_cycles(imports_of(tmp_path)) == [["models.a", "models.b", "models.c"]]
    assert faults(tmp_path) == ["cycle of modules: models.a, models.b, models.c"]


def test_a_cycle_of_subpackages_is_a_fault_even_if_the_table_allows_both_directions(package, tmp_path):
    package("models/a.py", f"from {PACKAGE}.data import sound\n")
    package("data/b.py", f"from {PACKAGE}.models import sound\n")
    both_ways = {**SUBPACKAGES, "data": {"models"}}
    assert module_cycles(imports_of(tmp_path)) == []
    assert faults(tmp_path, both_ways) == ["cycle of subpackages: data, models"]


def test_a_module_that_imports_itself_is_a_cycle():
    assert cycles({("a", "a"), ("a", "b"), ("b", "c")}) == [["a"]]


def test_too_many_modules_at_the_top_are_a_fault(package, tmp_path):
    for number in range(MOST_AT_TOP - 1 - len(COMMAND_LINE)):
        package(f"more_{number}.py")
    assert faults(tmp_path) == []
    package("one_too_many.py")
    (fault,) = faults(tmp_path)
    assert fault.startswith(f"{MOST_AT_TOP + 1} modules at the top of the package, at most {MOST_AT_TOP}: ")


def test_a_subpackage_without_a_row_and_a_row_without_a_subpackage_are_faults(package, tmp_path):
    package("attic/__init__.py")
    assert faults(tmp_path) == ["subpackage attic is not in the table of subpackages"]
    without = {subpackage: allowed for subpackage, allowed in SUBPACKAGES.items() if subpackage != "roofline"}
    assert faults(tmp_path, {**without, "cellar": set(), "attic": set()}) == [
        "subpackage roofline is not in the table of subpackages",
        "the table has a row for the subpackage cellar, which does not exist",
    ]
