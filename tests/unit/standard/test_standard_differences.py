"""Two standards compared: nothing that differs is left out, and it is said in words."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book.differences import RuleDifference, find_differences

ROOT = Path(__file__).parents[3]
THIS: Standard = read_standard(ROOT / FOLDER / "wenzhou-2023.toml")[0]
NEXT: Standard = read_standard(ROOT / "tests/data/standards/wenzhou-2024.toml")[0]


def found(key: str, aspect: str = "rule", locale: str = "en") -> RuleDifference:
    [difference] = [
        difference
        for difference in find_differences(THIS, NEXT, locale)
        if (difference.key, difference.aspect) == (key, aspect)
    ]
    return difference


def test_a_standard_does_not_differ_from_itself() -> None:
    assert find_differences(THIS, THIS, "en") == []


def test_a_figure_that_changed_is_told_with_both_sentences() -> None:
    assert found("supervision.clauses.C1.1").to_json() == {
        "clause": "C1.1",
        "key": "supervision.clauses.C1.1",
        "label": "Higher decisions not carried out",
        "aspect": "rule",
        "change": "changed",
        "was": ["3 to 5 off for each case."],
        "is": ["2 to 6 off for each case."],
    }
    assert found("supervision.clauses.C1.1", locale="zh_CN").now == ("每例扣2至6分。",)


def test_a_clause_that_is_new_was_nothing() -> None:
    difference = found("supervision.clauses.C1.6")
    assert (difference.change, difference.was) == ("added", ())
    assert difference.now == ("0.2 to 1.5 off for each case.",)


def test_a_clause_that_is_gone_is_nothing_now() -> None:
    gone = [
        difference
        for difference in find_differences(NEXT, THIS, "en")
        if difference.change == "removed"
    ]
    assert [difference.key for difference in gone] == ["supervision.clauses.C1.6"]


def test_of_two_lists_that_read_alike_what_differs_is_named() -> None:
    difference = found("supervision.self_found")
    assert difference.was == ("clauses only here: none",)
    assert difference.now == ("clauses only here: C1.6",)


def test_titles_and_single_keys_are_compared_too() -> None:
    assert found("title", "file").now == ("Standard of 2024 (made up)",)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    elif isinstance(value, list | tuple):
        for number, below in enumerate(value):
            yield from leaves(below, (*path, number))
    elif value is not None:
        yield path, value


def another(value: Any) -> Any:
    """Return another value of the same kind, as little away as it can be."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, Decimal):
        return value + Decimal("0.01")
    if isinstance(value, int):
        return value + 1
    if isinstance(value, date):
        return value + timedelta(days=1)
    return value if isinstance(value, StrEnum) else f"{value}?"


def plain(value: Any) -> Any:
    """Return a dump of a standard in which every list may be changed."""
    if isinstance(value, dict):
        return {key: plain(below) for key, below in value.items()}
    return [plain(below) for below in value] if isinstance(value, tuple) else value


def changed(path: tuple[Any, ...]) -> Standard | None:
    """Return the standard with one value changed; None where it may not be so."""
    data = inner = plain(THIS.model_dump(by_alias=True))
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = another(inner[path[-1]])
    try:
        return Standard.model_validate(data)
    except ValidationError:
        return None


def test_whatever_changes_is_found() -> None:
    looked_at = 0
    for path, _ in leaves(THIS.model_dump(by_alias=True)):
        other = changed(path)
        if other is None or other == THIS or path in {("id",), ("year",)}:
            continue
        looked_at += 1
        told = (find_differences(THIS, other, locale) for locale in ("en", "zh_CN"))
        assert any(told), path
    assert looked_at > 300


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_no_difference_has_two_sides_alike(locale: str) -> None:
    for difference in find_differences(THIS, NEXT, locale):
        assert difference.was != difference.now, difference.key
