"""The version is kept in the top folder's pom.xml; the Python package has the same one."""

import re
import tomllib

from conftest import HERE


def test_the_package_has_the_version_of_the_pom():
    (revision,) = re.findall(r"<revision>(.+)</revision>", (HERE.parent / "pom.xml").read_text())
    assert tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["version"] == revision
