"""`docs/promises.md` names tests that exist, and the engines on which they run.

That a file of tests can be read at all, the suite itself shows: it collects every one.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {
    "promises.md": {"both": "both", "SQLite": "sqlite", "no database": "none"},
    "promises.zh_CN.md": {"两种": "both", "SQLite": "sqlite", "不涉及": "none"},
}
"""Each page with its words for engines."""
ROW = re.compile(r"(?m)^\| (?P<sentence>[^|]+) \| (?P<engines>[^|]+) \| (?P<tests>[^|]*`[^|]+) \|$")
SECTION = re.compile(r"(?m)^## (\d+\.\d+)")


class Promise(NamedTuple):
    sentence: str
    engines: frozenset[str]
    tests: tuple[str, ...]


def promises(page: str) -> Iterator[Promise]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    for row in ROW.finditer(text):
        engines = frozenset(PAGES[page][word] for word in row["engines"].split(", "))
        yield Promise(row["sentence"], engines, tuple(re.findall(r"`([^`]+)`", row["tests"])))


def defined(file: str) -> set[str]:
    """Return the tests of a file that pytest collects: functions of that name, none skipped."""
    found = ast.parse((ROOT / file).read_text("utf-8")).body
    return {
        node.name
        for node in found
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if not any("skip" in ast.unparse(mark) for mark in node.decorator_list)
    }


def engine(file: str) -> str:
    """Return on which engines a file of tests runs."""
    text = (ROOT / file).read_text("utf-8")
    if 'usefixtures("database")' in text or re.search(r"def \w+\([^)]*\bdatabase: str", text):
        return "both"
    return "none" if file.startswith(("tests/unit/", "tests/health/")) else "sqlite"


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_names_tests_that_are_there_and_their_engines(page: str) -> None:
    found = list(promises(page))
    assert len(found) > 15
    for promise in found:
        named = [test.split("::") for test in promise.tests]
        assert named, promise.sentence
        assert [(file, name) for file, name in named if name not in defined(file)] == []
        assert {engine(file) for file, _ in named} == promise.engines, promise.sentence


def test_the_pages_have_every_section_of_the_specification_and_the_same_tests() -> None:
    wanted = SECTION.findall((ROOT / "docs/specification/promises.md").read_text("utf-8"))
    for page in PAGES:
        assert SECTION.findall((ROOT / "docs" / page).read_text("utf-8")) == wanted
    english, chinese = ([promise.tests for promise in promises(page)] for page in PAGES)
    assert english == chinese
