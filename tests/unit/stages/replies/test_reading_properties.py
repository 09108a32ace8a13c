"""What holds of every reply, whatever else is in it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.stages.replies.reading import STANDARD_OPTIONS, read_reply
from survey_pipeline.vocabulary import Rating, ReplyClass

POSITIVE = ["满意", "很满意", "非常满意", "服务很好", "很好", "好评", "👍"]
NEUTRAL = ["一般", "还可以", "还行", "基本满意"]
NEGATIVE = ["不满意", "很差", "差评", "不太满意", "👎"]
LABELS = {
    **dict.fromkeys(POSITIVE, Rating.SATISFIED),
    **dict.fromkeys(NEUTRAL, Rating.NEUTRAL),
    **dict.fromkeys(NEGATIVE, Rating.DISSATISFIED),
}
STOP = ["TD", "T", "r", "退订", "STOP", "UNSUBSCRIBE", "QUIT", "CANCEL", "END", "拒收", "别再发了"]
STRANGE = st.text("龘犇猋骉淼焱磊晶鑫森垚嫑氼囧槑", min_size=1, max_size=6)
EDGE = st.text(" 　\n\t。！!,，、.~…“”（）【】\u200b\u202e\ufeff", max_size=6)
RATED = {ReplyClass(rating.value) for rating in Rating}

labels = st.sampled_from(sorted(LABELS))
option_maps = st.permutations(list(Rating)).map(lambda r: dict(zip("123", r, strict=True)))


def wide(text: str) -> str:
    """Return ASCII letters and digits in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@given(labels, STRANGE, STRANGE)
def test_unknown_text_beside_a_rating_is_left_to_a_person(
    label: str, before: str, after: str
) -> None:
    for text in (before + label, label + after, before + label + after, f"{label}，{after}"):
        assert read_reply(text).reply_class is ReplyClass.UNCLEAR


@given(st.sampled_from(POSITIVE), EDGE)
def test_a_negation_before_praise_is_never_praise(label: str, between: str) -> None:
    for no in ("不", "没", "没有", "不是", "并非", "不要", "别", "未"):
        assert read_reply(no + between + label).reply_class is not ReplyClass.SATISFIED


@given(labels, labels, st.sampled_from(["", " ", "，", "。", "\n", "但", "和"]))
def test_two_different_ratings_are_no_rating(one: str, other: str, between: str) -> None:
    if LABELS[one] is not LABELS[other]:
        assert read_reply(one + between + other).reply_class not in RATED


@given(option_maps, st.sampled_from("123"), labels, st.sampled_from(["", " ", "、", "：", "."]))
def test_digit_and_words_must_agree(
    options: dict[str, Rating], digit: str, label: str, between: str
) -> None:
    agree = options[digit] is LABELS[label]
    expected = ReplyClass(LABELS[label].value) if agree else ReplyClass.UNCLEAR
    assert read_reply(digit + between + label, options).reply_class is expected
    assert read_reply(label + between + digit, options).reply_class is expected


@given(option_maps, st.sampled_from("123"))
def test_digits_mean_what_the_message_offered(options: dict[str, Rating], digit: str) -> None:
    assert read_reply(digit, options).rating is options[digit]
    assert read_reply(f"我选{digit}", options).rating is options[digit]


@given(st.sampled_from([*sorted(LABELS), *STOP, "1", "2", "3", "START", "没办过"]), EDGE, EDGE)
def test_width_blanks_and_punctuation_around_change_nothing(
    text: str, before: str, after: str
) -> None:
    plain = read_reply(text)
    assert read_reply(before + text + after) == plain
    assert read_reply(before + wide(text) + after) == plain


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_text_without_a_word_of_the_lists_is_no_rating(text: str) -> None:
    known = (
        "123一二三壹贰叁满意好错评赞力说剔杠棒优秀流美般可以行得去马虎凑合强普通坏中等将就平淡差垃"
    )
    known += "圾劣糟烂鬼屁怪球周热颗星滿贊讚"
    folded = unicodedata.normalize("NFKC", text)
    if not any(c in known or c in "👍👎❶❷❸➀➁➂➊➋➌" for c in folded):
        assert read_reply(text).reply_class not in RATED


@given(st.sampled_from(STOP), st.sampled_from([*sorted(LABELS), "1", "2", "3"]))
def test_an_opt_out_with_a_rating_is_an_opt_out(stop: str, rating: str) -> None:
    for text in (f"{rating} {stop}", f"{stop}，{rating}", f"{rating}\n{stop}"):
        reading = read_reply(text)
        assert reading.reply_class is ReplyClass.OPT_OUT
        assert reading.with_rating
        assert reading.rating is None


@pytest.mark.parametrize("stop", STOP)
def test_an_opt_out_alone_comes_with_no_rating(stop: str) -> None:
    reading = read_reply(stop)
    assert reading.reply_class is ReplyClass.OPT_OUT
    assert not reading.with_rating


WORDS = st.sampled_from(
    [
        *LABELS,
        *STOP,
        *"123不没很了吗但",
        "START",
        "没办过",
        "希望",
        "服务",
        "，",
        " ",
        "?",
        "\u0301",
    ]
)


@given(st.one_of(st.text(), st.lists(WORDS, max_size=12).map("".join)))
def test_any_text_is_read_and_a_rating_stands_only_with_its_class(text: str) -> None:
    reading = read_reply(text)
    assert reading.why
    assert (reading.rating is not None) == (reading.reply_class in RATED)
    if reading.rating is not None:
        assert reading.reply_class == reading.rating.value
    assert not reading.with_rating or reading.reply_class is ReplyClass.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "满意" * 50_000,
        "1" * 100_000,
        "1" + "\u0301\u0323" * 10_000,
        "不" * 500 + "满意",
        "跑了" * 249,
        "别再" * 250,
        "\ufdfa" * 500,
        "\ud800满意",
        "请以后不要再给我" * 60,
    ],
)
def test_hostile_text_is_unclear(text: str) -> None:
    assert read_reply(text).reply_class is ReplyClass.UNCLEAR


def test_a_keyword_in_much_blank_still_stops() -> None:
    assert read_reply(" \u200b" * 5_000 + "TD" + "\n" * 5_000).reply_class is ReplyClass.OPT_OUT


def test_standard_options_are_the_standards() -> None:
    assert dict(STANDARD_OPTIONS) == dict(zip("123", Rating, strict=True))
