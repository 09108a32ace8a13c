"""What stands in a text beside what is meant (specification, section 3)."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.typed import (
    as_key,
    folded,
    is_blank,
    is_spreadsheet_error,
    readable,
    says_nothing,
    seen,
    tidy,
)

UNSEEN = (
    "\u00ad\u034f\u061c\u180e\u200b\u200d\u200e\u200f"
    "\u202a\u202c\u202d\u202e\u2060\u2066\ufe0f\ufeff\x1a"
)


@given(
    st.text(alphabet="AG-01/处办", min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from(UNSEEN)), max_size=6),
)
def test_unseen_characters_make_no_other_key(key: Any, added: Any) -> None:
    marked = key
    for place, character in added:
        marked = marked[:place] + character + marked[place:]
    assert as_key(marked) == as_key(key)
    assert folded(marked) == folded(key)


def test_every_format_character_that_is_not_drawn_is_unseen() -> None:
    drawn = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2}
    left = [
        hex(code)
        for code in range(0x10000)
        if unicodedata.category(chr(code)) == "Cf" and code not in drawn and seen(chr(code))
    ]
    assert left == []


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="00123"', "00123"),
        ('= "00123"', "00123"),
        ('="00123" ', "00123"),
        ("'00123", "00123"),
        ("\u2018123", "123"),
        ('\'="00123"', "00123"),
        ('＝"00123"', "00123"),
        ('="a""b"', 'a"b'),
        ('=""', ""),
        ("\u202aAG-1\u202c", "AG-1"),
        ("\u00a0\u3000AG-1\t", "AG-1"),
        ("=1+1", "=1+1"),
        ('="a"&"b"', '="a"&"b"'),
        ("'B1", "'B1"),
        ("\u529e\u8bc1\x1a", "\u529e\u8bc1"),
    ],
)
def test_a_cell_is_the_text_it_stands_for(cell: str, text: str) -> None:
    assert tidy(cell) == text


@given(st.text(max_size=40))
def test_a_tidy_text_stays_as_it_is(cell: Any) -> None:
    once = tidy(cell)
    assert tidy(once) == once
    assert as_key(as_key(cell)) == as_key(cell)


def test_a_very_long_cell_is_tidied_at_once() -> None:
    assert tidy("办" + " " * 1_000_000 + "证") == "办" + " " * 1_000_000 + "证"
    assert is_blank("\u200b" * 1_000_000)


@pytest.mark.parametrize(
    "text",
    [
        "无",
        "暂无",
        "没有",
        "-",
        "--",
        "——",
        "/",
        "N/A",
        "n/a",
        "NULL",
        "None",
        "none.",
        "无。",
        "（无）",
        "“无”",
        "无/无",
        "目前没有",
        "NaN",
        "\\N",
        "（null）",
        "不适用",
        "Ｎ／Ａ",
        "－",
        "―",
        "…",
        "。",
        "\\",
        "|",
        "___",
        "无备注",
    ],
)
def test_words_that_say_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "无锡",
        "无房证明",
        "没有证件",
        "空调",
        "nano",
        "N",
        "Nancy",
        "*",
        "****",
        "无业",
        "1-2",
        "+",
    ],
)
def test_words_that_say_something(text: str) -> None:
    assert not says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "#DIV/0!",
        "#N/A",
        "#REF!",
        "#NAME?",
        "#VALUE!",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        "#FIELD!",
        "#BLOCKED!",
        "#n/a",
        "＃DIV/0！",
        "#####",
        "Err:502",
        "错误:508",
        "#VALUE",
        "#ERROR!",
    ],
)
def test_a_spreadsheets_errors(text: str) -> None:
    assert is_spreadsheet_error(text)


@pytest.mark.parametrize("text", ["#1", "#123", "#A座", "#楼", "", "error", "Err", "# 办证"])
def test_what_is_no_error(text: str) -> None:
    assert not is_spreadsheet_error(text)


def test_a_free_text_keeps_what_changes_its_look() -> None:
    family = "\U0001f468\u200d\U0001f469"
    assert readable(f"办\u200b证\u202e {family}") == f"办证 {family}"
