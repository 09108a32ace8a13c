"""What a packed line is worth: unpacked, it is shown exactly like the one that was packed."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.packing import pack, unpack
from survey_pipeline.standard.entry import Label

words = st.text(min_size=1, max_size=8).filter(str.strip)
values = st.one_of(words, st.integers(), st.decimals(allow_nan=False), st.dates())
plain_messages = st.builds(
    Message,
    words.filter(lambda text: "{" not in text and "}" not in text),
    st.dictionaries(st.sampled_from(("a", "b", "clause")), values, max_size=3),
)
messages = st.one_of(
    plain_messages,
    st.builds(
        lambda inner, value: Message("{inner}: {value}", {"inner": inner, "value": value}),
        plain_messages,
        values,
    ),
)
figures = st.none() | st.fractions(max_denominator=30)
points = st.none() | st.integers(-300_000, 300_000).map(lambda units: Fraction(units, 10_000))
leaves = st.builds(
    Line,
    st.sampled_from(("supervision", "hotline")),
    st.sampled_from(("C1.1", "D4")),
    st.builds(Label, zh=words, en=words),
    points=points,
    count=st.none() | st.integers(0, 9),
    rate=figures,
    factor=figures,
    note=st.none() | messages,
    evidence=st.lists(messages, max_size=2).map(tuple),
    counted=st.booleans(),
)
trees = st.builds(
    lambda head, children: Line(**{**vars(head), "children": tuple(children)}),
    leaves,
    st.lists(leaves, max_size=3),
)


@given(st.lists(trees, max_size=3))
def test_lines_come_back_as_they_were(lines: Any) -> None:
    back = unpack(pack(lines))
    assert [one.to_json() for one in back] == [one.to_json() for one in lines]


def test_equal_lines_give_equal_texts() -> None:
    lines = [
        Line(
            "bonus",
            "G1",
            Label(zh="甲", en="A"),
            points=Fraction(1, 4),
            rate=Fraction(1, 6),
            evidence=(Message("{a} of {day}", {"a": Decimal("1.50"), "day": date(2023, 5, 4)}),),
        )
        for _ in range(2)
    ]
    assert pack(lines[:1]) == pack(lines[1:])
    assert "甲" in pack(lines)


def test_what_lines_share_stands_there_once() -> None:
    shared = Message("file {name}, a long one", {"name": "records.xlsx"})
    lines = [
        Line(
            "hotline",
            "D1.1",
            Label(zh="未按期受理", en="Not accepted in time"),
            points=Fraction(-1, 5),
            evidence=(Message("{record} in {origin}", {"record": f"H-{n}", "origin": shared}),),
        )
        for n in range(50)
    ]
    text = pack(lines)
    assert (text.count("Not accepted in time"), text.count("a long one")) == (1, 1)
    assert unpack(text) == tuple(lines)
