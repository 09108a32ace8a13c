"""Every reply of the tables is read as the table says, and the figures of docs/replies.md hold.

The imagined replies were written before the grammar was looked at; half of them were held out until
it was done, and the fresh and the last ones were written after that. A rule may still leave some of
them to a reader, but books none wrongly.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from survey_pipeline.stages.replies.reading import read_reply
from survey_pipeline.vocabulary import ReplyClass

TESTS = Path(__file__).parents[3]
REPLIES = TESTS / "data" / "replies"
TRIALS = TESTS / "data" / "trials" / "replies.tsv"
PAGE = TESTS.parent / "docs" / "replies.md"
BOOKED = 0.9
"""The share of certain replies that must be booked by rule."""


def rows(path: Path) -> list[tuple[str, str]]:
    """Return reply and class of each row; `\\n` stands for a newline, blanks matter."""
    lines = path.read_text("utf-8").split("\n")[1:]
    cells = [line.split("\t") for line in lines if line]
    return [(cell[0], cell[1]) for cell in cells]


def read(text: str) -> str:
    return read_reply(text.replace("\\n", "\n")).reply_class.value


def is_held_out(text: str) -> bool:
    """Return whether a reply is of the half that nobody looked at: an odd first digit."""
    return int(hashlib.sha256(text.encode()).hexdigest()[0], 16) % 2 == 1


def imagined(*, held_out: bool) -> list[tuple[str, str]]:
    return [row for row in rows(REPLIES / "imagined.tsv") if is_held_out(row[0]) is held_out]


SETS = {
    "replies.tsv of the trials": rows(TRIALS),
    "examples.tsv": rows(REPLIES / "examples.tsv"),
    "more.tsv": rows(REPLIES / "more.tsv"),
    "imagined.tsv, development half": imagined(held_out=False),
    "imagined.tsv, held-out half": imagined(held_out=True),
    "fresh.tsv": rows(REPLIES / "fresh.tsv"),
    "neighbours.tsv": rows(REPLIES / "neighbours.tsv"),
    "last.tsv": rows(REPLIES / "last.tsv"),
}


def wrong_and_left(table: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Return the replies that are booked wrongly, and the certain ones that are left unclear."""
    read_otherwise = [(text, read(text)) for text, expected in table if read(text) != expected]
    wrong = [text for text, found in read_otherwise if found != ReplyClass.UNCLEAR]
    return wrong, [text for text, found in read_otherwise if found == ReplyClass.UNCLEAR]


@pytest.mark.parametrize("path", [TRIALS, REPLIES / "examples.tsv", REPLIES / "more.tsv"])
def test_each_reply_is_read_as_the_table_says(path: Path) -> None:
    otherwise = [(text, want, read(text)) for text, want in rows(path) if read(text) != want]
    assert not otherwise


@pytest.mark.parametrize("name", list(SETS))
def test_no_reply_is_booked_wrongly_and_most_certain_ones_are_booked(name: str) -> None:
    table = SETS[name]
    certain = sum(expected != ReplyClass.UNCLEAR for _, expected in table)
    wrong, left = wrong_and_left(table)
    assert not wrong
    assert certain - len(left) >= BOOKED * certain


@pytest.mark.parametrize("name", list(SETS))
def test_the_page_says_what_is_measured(name: str) -> None:
    table = SETS[name]
    certain = sum(expected != ReplyClass.UNCLEAR for _, expected in table)
    wrong, left = wrong_and_left(table)
    booked = certain - len(left)
    line = (
        f"| {name} | {len(table)} | {certain} | {booked} | {booked / certain:.1%} | {len(wrong)} |"
    )
    assert line in PAGE.read_text("utf-8")


def test_the_tables_hold_no_reply_twice_with_two_classes() -> None:
    classes: dict[str, set[str]] = {}
    for table in SETS.values():
        for text, expected in table:
            classes.setdefault(text, set()).add(expected)
    assert {text: found for text, found in classes.items() if len(found) > 1} == {}
