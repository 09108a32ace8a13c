"""What holds of every reply, whatever else is in it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.stages.replies.reading import STANDARD_OPTIONS, read_reply
from survey_pipeline.stages.replies.reading.words import LEXICON
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
STOPS = frozenset("。！!,，、.")
STRANGE = st.text("龘犇猋骉淼焱磊晶鑫森垚嫑氼囧槑", min_size=1, max_size=6)
EDGE = st.text(" 　\n\t。！!,，、.~…“”（）【】\u200b\u202e\ufeff", max_size=6)
RATED = {ReplyClass(rating.value) for rating in Rating}

NEGATIONS = (  # noqa: SIM905 - a list of words as data
    "不 没 没有 未 别 勿 莫 无 非 难 不是 并不 并非 从不 从未 从来没 不太 不怎么 不大 不够 "
    "不很 不算 谈不上 称不上 说不上 算不上 一点都不 一点也不 毫不 绝不 决不 不可能 不会 "
    "不能 无法 未能 难以 不要 不觉得 根本不 不见得 未必 未曾 不曾 何曾 哪里 谈何 休想"
).split()
TURNING = (  # noqa: SIM905 - a list of words as data
    "但 但是 不过 可是 就是 只是 然而 可 除了 虽然 呵呵 哈哈 🙂 😂 🤣 如果 要是 可能 也许 "
    "应该 大概 以前 现在 上次 终于 才怪了 吗 么 呢 嘛 难道 是不是 能不能 勉强吧不 差不多 "
    "还算 只有 有些 部分"
).split()
PLACES = (  # noqa: SIM905 - a list of words as data
    "1月 1日 1号 1楼 1层 1次 1天 1个 1分 1星 1元 1% 1点 1岁 1小时 1号窗口 3楼 2号线 第1 "
    "周1 周一 星期三 窗口1 医院3 三楼1 约1 不到1 不是1 不选1 别选1 -1 +1 1+ 1.5 1/2 1:30 "
    "10 001 1个月 13800138000 验证码1 尾号3 今天1 差3 还差3 不满3 收到1 T1 R3 1T 希望1 "
    "1或2 1到3 1至3 1~3"
).split()

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
        if no == "没有" and STOPS.intersection(between):
            continue  # "没有，满意": nothing is wrong
        assert read_reply(no + between + label).reply_class is not ReplyClass.SATISFIED


@given(st.sampled_from(POSITIVE), st.sampled_from(NEGATIONS))
def test_no_word_that_negates_leaves_the_praise_after_it_booked(label: str, no: str) -> None:
    apart = [] if no == "没有" else [f"{no}，{label}"]
    for text in (no + label, f"服务{no}{label}", f"我{no}{label}", *apart):
        assert read_reply(text).reply_class is not ReplyClass.SATISFIED


@given(st.sampled_from(sorted(LABELS)), EDGE, st.sampled_from("?？⁇❓⸮؟‽"), EDGE)
def test_a_question_mark_anywhere_leaves_no_rating(
    label: str, before: str, mark: str, after: str
) -> None:
    for text in (label + before + mark + after, mark + before + label, f"1{mark}", f"2 {mark}"):
        assert read_reply(text).reply_class not in RATED


@given(st.sampled_from([*sorted(LABELS), "1", "2", "3"]), st.sampled_from(TURNING), st.booleans())
def test_a_word_that_turns_or_doubts_leaves_no_rating(label: str, word: str, apart: bool) -> None:
    between = "，" if apart else ""
    assert read_reply(label + between + word).reply_class not in RATED
    assert read_reply(word + between + label).reply_class not in RATED


@given(labels, st.integers(0, 40), STRANGE)
def test_an_unknown_character_at_any_place_leaves_no_rating(
    label: str, at: int, strange: str
) -> None:
    text = f"您好，服务{label}，谢谢！"
    at = at % len(text)
    assert read_reply(text[:at] + strange + text[at:]).reply_class not in RATED


@given(option_maps, st.sampled_from(PLACES))
def test_a_number_that_names_a_place_day_or_count_is_no_option(
    options: dict[str, Rating], text: str
) -> None:
    assert read_reply(text, options).reply_class not in RATED


def test_an_opt_out_needs_no_options() -> None:
    assert read_reply("1 TD", {}).reply_class is ReplyClass.OPT_OUT


def test_a_word_repeated_to_the_limit_is_read_like_any_other() -> None:
    for word in sorted({*LEXICON, *"发号楼月等跑次"}):
        text = (word * 500)[:499] + "嫑"
        assert read_reply(text).reply_class not in RATED


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
        "满意，" + "在我妈办" * 120,
        "3，" + "没有不太" * 120,
        "3，" + "我 " * 240,
        "一 " * 250,
        "stop " * 99 + "嫑",
        "very very " * 49 + "嫑",
        "发自我的" * 120,
        "\n".join("满意嫑" * 80),
    ],
)
def test_hostile_text_is_unclear(text: str) -> None:
    assert read_reply(text).reply_class is ReplyClass.UNCLEAR


def test_a_keyword_in_much_blank_still_stops() -> None:
    assert read_reply(" \u200b" * 5_000 + "TD" + "\n" * 5_000).reply_class is ReplyClass.OPT_OUT


def test_standard_options_are_the_standards() -> None:
    assert dict(STANDARD_OPTIONS) == dict(zip("123", Rating, strict=True))
