"""A sentence is kept as a text and its values, and told in any language later."""

from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.i18n import (
    LOCALES,
    ORGANISATION,
    Message,
    catalogue,
    name_organisation,
    translate,
)

names = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), max_size=20)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def messages(draw: Any, depth: int = 1) -> Message:
    """Make sentences with values, some of which are sentences themselves."""
    params = draw(
        st.dictionaries(names, values | messages(depth - 1) if depth else values, max_size=3)
    )
    text = draw(words) + "".join(f"{{{name}}}{draw(words)}" for name in params)
    return Message(text, params)


@given(messages())
def test_a_stored_message_comes_back_as_it_was(message: Message) -> None:
    stored = message.to_json()
    again = Message.from_json(stored)
    assert again == message
    assert again.to_json() == stored


@given(messages(), st.sampled_from(LOCALES))
def test_a_stored_message_says_the_same_in_every_locale(message: Message, locale: str) -> None:
    assert Message.from_json(message.to_json()).render(locale) == message.render(locale)


texts = sorted(
    text for text in vars(catalogue("zh_CN"))["_catalog"] if isinstance(text, str) and text
)


@given(st.sampled_from(texts), st.data())
def test_a_note_kept_under_one_locale_is_shown_under_another(
    text: str, data: st.DataObject
) -> None:
    fields = {field for _, field, _, _ in Formatter().parse(text) if field} - {"organisation"}
    message = Message(text, {name: data.draw(values, name) for name in sorted(fields)})
    assert message.render("en") == translate(text, "en").format(**message.params)
    kept = Message.from_json(message.to_json())
    assert kept.render("zh_CN") == translate(text, "zh_CN").format(**message.params)


def test_an_organisation_may_have_braces_in_its_name() -> None:
    name_organisation("考评{一}办")
    try:
        told = Message("by the standard {organisation} alone surveys {office}", {"office": "{x}"})
        assert told.render() == "by the standard 考评{一}办 alone surveys {x}"
    finally:
        name_organisation(ORGANISATION)


def test_values_that_are_numbers_are_kept_as_they_are_written() -> None:
    assert Message.from_json(Message("{count} calls.", {"count": 3}).to_json()).params == {
        "count": "3"
    }


def test_a_sentence_within_a_sentence_is_translated_too() -> None:
    message = Message("{file} cannot be read: {problem}", {"file": "a", "problem": Message("Busy")})
    assert message.render("en") == "a cannot be read: Busy"
    assert message.render("zh_CN") == "a 无法读取：占线"


def test_a_value_with_braces_is_no_placeholder() -> None:
    assert Message("{name} is empty", {"name": "{odd}"}).render() == "{odd} is empty"


@pytest.mark.parametrize("locale", [*LOCALES, "de"])
def test_a_text_that_the_catalogue_lacks_stays_english(locale: str) -> None:
    assert translate("nobody has ever said this", locale) == "nobody has ever said this"
    assert Message("seen {count} times", {"count": 2}).render(locale) == "seen 2 times"


def test_chinese_and_english_say_the_same_sentence() -> None:
    message = Message("{file} is empty", {"file": "5月.csv"})
    assert message.render("en") == "5月.csv is empty"
    assert message.render("zh_CN") == "5月.csv 是空文件"


def test_an_empty_message_says_nothing() -> None:
    assert Message("").render("zh_CN") == ""
