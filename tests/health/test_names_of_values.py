"""A stored value has one name: in sentences, and the same words in headings."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeGuard

import survey_pipeline
from survey_pipeline import vocabulary
from survey_pipeline.i18n import translate

PACKAGE = Path(survey_pipeline.__file__).parent

NO_NAMES = {
    "OUTCOMES": "cli/callbacks: what `callbacks log --outcome` takes, with the options to add",
    "CHOICES": "web/replies: what the reader may decide, not what was decided",
    "GIVES_NOTHING": "scoring/bonus: why an award gives no points, a sentence",
    "TOLD": "stages/dispatch/trial_text: what came of a test text, a sentence",
    "WHY_CLOSED": "web/calls: what a caller is told whose call ended meanwhile, a sentence",
    "SIGNAL_SENTENCES": "vocabulary/signal_names: what a signal counts, a sentence",
    "SCRIPTS": "stages/callbacks/scripts: the file of what the caller says",
}
"""Tables keyed by an enum that do not name its values, and what they are."""


class Name(NamedTuple):
    """What one table calls one value."""

    table: str
    value: str
    """`Rating.SATISFIED`."""
    text: str


def names() -> Iterator[Name]:
    """Every text that a module's table gives to a member of an enum."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                if isinstance(target, ast.Name) and target.id not in NO_NAMES:
                    yield from named_in(f"{path.relative_to(PACKAGE)}:{target.id}", node.value)


def named_in(table: str, written: ast.Dict) -> Iterator[Name]:
    for key, value in zip(written.keys, written.values, strict=True):
        member = key.value if isinstance(key, ast.Attribute) and key.attr == "value" else key
        if is_enum_member(member) and isinstance(value, ast.Call) and calls_n_(value):
            yield Name(table, ast.unparse(member), ast.literal_eval(value.args[0]))


def is_enum_member(key: ast.expr | None) -> TypeGuard[ast.Attribute]:
    return (
        isinstance(key, ast.Attribute)
        and isinstance(key.value, ast.Name)
        and hasattr(vocabulary, key.value.id)
    )


def calls_n_(value: ast.Call) -> bool:
    return ast.unparse(value.func) == "N_"


def test_no_value_has_two_names() -> None:
    found = defaultdict(list)
    for name in names():
        found[name.value].append(name)
    different = [
        same_value
        for same_value in found.values()
        if len({one.text.casefold() for one in same_value}) > 1
        or len({translate(one.text, "zh_CN") for one in same_value}) > 1
    ]
    assert different == [], "name it in vocabulary/names.py alone, or say in NO_NAMES what it is"


def test_the_values_that_people_read_most_are_found() -> None:
    found = {name.value for name in names()}
    assert {"Rating.SATISFIED", "Disposition.REFUSAL", "Category.HEALTH"} <= found


def test_names_stand_in_the_vocabulary_alone() -> None:
    elsewhere = {name.table for name in names() if not name.table.startswith("vocabulary/")}
    assert elsewhere == set()
