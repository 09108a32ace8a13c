"""Published words as they are quoted: where the page damaged them mended, with a mark."""

from collections.abc import Iterator

import pytest

from survey_pipeline.edited import shipped
from survey_pipeline.standard.entry import Entry, entries
from survey_pipeline.standard.load import standard_for
from survey_pipeline.standard.quoting import is_mended_from, quotation

TEXT = (shipped() / "docs/standard/wenzhou-2023.zh.txt").read_text("utf-8")


def shipped_entries() -> Iterator[Entry]:
    folder = shipped() / "config" / "standards"
    yield from entries(standard_for(2023, {2023: "wenzhou-2023"}, folder).standard)


def entry(clause: str) -> Entry:
    return next(found for found in shipped_entries() if found.clause == clause)


@pytest.mark.parametrize(
    ("clause", "text", "mended"),
    [
        ("C", "监督检查评价(25分)", True),
        ("D1", "限扣分值 4", True),
        ("G", "(分项2分封顶)", True),
        ("0.3", "日常评议(85分)", False),
        ("C2.2e", "受到开除处分的,每人次扣9", False),
    ],
)
def test_words_are_quoted_as_the_file_has_them(clause: str, text: str, mended: bool) -> None:
    assert quotation(entry(clause)) == (text, mended)


@pytest.mark.parametrize(
    ("words", "is_mended"),
    [
        ("监督检查评价(25分)", True),
        ("监督检查评价(26分)", False),
        ("监督检查得分(25分)", False),
        ("限扣分值 4", True),
    ],
)
def test_mended_words_are_the_pages_own(words: str, is_mended: bool) -> None:
    assert is_mended_from(words, TEXT) is is_mended


def test_no_quotation_of_the_shipped_standard_is_damaged() -> None:
    for found in shipped_entries():
        text, mended = quotation(found)
        assert text.count("(") == text.count(")"), text
        assert text.count("《") == text.count("》"), text
        assert mended is (found.place not in TEXT), text
