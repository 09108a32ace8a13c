"""Messages, calls and surveys change state through `survey.lifecycle`, and through nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import survey_pipeline

PACKAGE = Path(str(survey_pipeline.__file__)).parent
TABLES = {"messages", "calls", "surveys"}
DOOR = "survey/lifecycle"
BUILDERS = "testing/"
"""Its modules put rows into tests' databases as if a whole history lay behind them."""
BY_HAND = re.compile(rf"\b(?:UPDATE|INTO)\s+\"?(?:{'|'.join(sorted(TABLES))})\b", re.IGNORECASE)
"""A statement written as text."""


def outside() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith((DOOR, "store/", BUILDERS)):
            yield path


def to_table(call: ast.Call) -> str | None:
    """Return what a call does to one of the tables: `insert`, `update`, or nothing."""
    function, arguments = call.func, [ast.unparse(argument) for argument in call.args]
    if isinstance(function, ast.Attribute) and ast.unparse(function.value) in TABLES:
        return function.attr  # messages.insert()
    if isinstance(function, ast.Name | ast.Attribute):
        name = function.id if isinstance(function, ast.Name) else function.attr
        if name in {"insert", "update"} and arguments[:1] and arguments[0] in TABLES:
            return name  # update(messages)
        if name.startswith("insert") and arguments[1:2] and arguments[1] in TABLES:
            return "insert"  # insert_absent(connection, messages, ...)
    return None


def names_state(node: ast.AST) -> bool:
    """Whether a dict, or the keywords of a `.values(...)`, name the column `state`."""
    if isinstance(node, ast.Dict):
        return any(isinstance(key, ast.Constant) and key.value == "state" for key in node.keys)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        keywords = {keyword.arg for keyword in node.keywords}
        return node.func.attr == "values" and "state" in keywords
    return False


def writes(tree: ast.Module) -> list[int]:
    """The lines of a module that add rows to the tables, or may write their state.

    A module that updates one of the tables may name no `state` in any dict: it could reach the
    statement by a variable.
    """
    nodes = list(ast.walk(tree))
    done = [(node.lineno, to_table(node)) for node in nodes if isinstance(node, ast.Call)]
    added = [line for line, what in done if what == "insert"]
    if not any(what == "update" for _, what in done):
        return added
    return added + [getattr(node, "lineno", 0) for node in nodes if names_state(node)]


def test_nothing_else_writes_a_state() -> None:
    found: dict[str, list[object]] = {}
    for path in outside():
        text = path.read_text(encoding="utf-8")
        if hits := [*writes(ast.parse(text)), *BY_HAND.findall(text)]:
            found[str(path.relative_to(PACKAGE))] = hits
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "connection.execute(messages.insert(), [row])",
        "insert_absent(connection, calls, rows)",
        "update(calls).where(calls.c.id == 1).values(state='open')",
        "update(surveys).values({'state': 'closed'})",
        "update(messages).values(**{'state': 'failed'})",
        "row = {'state': 'failed'}\nupdate(messages).values(row)",
        "surveys.update().values(state='closed')",
    ],
)
def test_the_look_finds_what_it_looks_for(line: str) -> None:
    assert writes(ast.parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "update(calls).values(lease_by=None)",
        "update(reviews).values(state='open')",
        "shown = {'state': row.state}",
        "select(messages.c.state)",
    ],
)
def test_the_look_leaves_everything_else_alone(line: str) -> None:
    assert writes(ast.parse(line)) == []
