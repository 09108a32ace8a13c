"""The packages that the program declares are those that it imports."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NOT_IMPORTED = {
    "python-multipart": "FastAPI reads forms with it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}
"""Declared packages that no file imports, each with its reason."""
WITH_ANOTHER = {"pydantic-core": "pydantic pins the version that fits"}
"""Imported packages that another declared one brings, each with its reason."""


def imported() -> set[str]:
    """The distributions that the package imports, at the top of a file or within a function."""
    distributions = packages_distributions()
    found: set[str] = set()
    for name in set(modules()) - set(sys.stdlib_module_names) - {"survey_pipeline"}:
        found |= {str(canonicalize_name(one)) for one in distributions.get(name, [name])}
    return found


def modules() -> Iterator[str]:
    for path in (ROOT / "survey_pipeline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield (node.module or "").split(".")[0]


def declared(requirements: list[str]) -> set[str]:
    return {str(canonicalize_name(Requirement(text).name)) for text in requirements}


def test_every_imported_package_is_declared_and_every_declared_one_imported() -> None:
    needed, demo = declared(PROJECT["dependencies"]), PROJECT["optional-dependencies"]["demo"]
    assert imported() - needed - set(WITH_ANOTHER) == declared(demo)
    assert needed - imported() == set(NOT_IMPORTED)


def test_the_demos_packages_are_asked_for_within_the_simulation_alone() -> None:
    users = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "survey_pipeline").rglob("*.py")
        if re.search(r"^\s*(import|from) openpyxl", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert users == ["survey_pipeline/simulation/real_forms.py"]
