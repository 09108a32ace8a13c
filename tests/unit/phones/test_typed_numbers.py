"""Phones as people type them (specification, sections 3 and 12)."""

import random
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.i18n import Message
from survey_pipeline.phones import kind_of, number_plan
from survey_pipeline.phones import typed_numbers as phones
from survey_pipeline.stages.intake.values.cells import UNKNOWN_RANGE, Doubtful, read_phone
from survey_pipeline.typed import DIGITS_LOST
from survey_pipeline.vocabulary import PhoneKind


@pytest.mark.parametrize(
    "cell",
    [
        "13812345678",
        " 13812345678 ",
        "138 1234 5678",
        "138-1234-5678",
        "1381234-5678",
        "+8613812345678",
        "+86 138-1234-5678",
        "008613812345678",
        "8613812345678",
        "86-13812345678",
        "013812345678",
        "１３８１２３４５６７８",
        "13812345678.0",
        "1.3812345678E10",
        "1.3812345678E+10",
        "'13812345678",
        "'+8613812345678",
        "(+86)13812345678",
        "13,812,345,678",
        "13,812,345,678.00",
        "138·1234·5678",
        "138•1234•5678",
        "138・1234・5678",
        "138_1234_5678",
        "138,1234,5678",
        "138/1234/5678",
        "138*1234*5678",
        "[13812345678]",
        '"13812345678"',
        "‘13812345678",
        "13812345678；",
        "手机：13812345678",
        "Tel: +86 138 1234 5678",
        "tel:+8613812345678",
        "+86(0)13812345678",
        "++8613812345678",
        "086-13812345678",
        "1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e312345678",
        "\u202d13812345678\u202c",
        "138\u200b1234\u200b5678",
        "+86\ufe0f13812345678",
        "138\u00ad12345678",
        '="13812345678"',
    ],
)
def test_a_mobile_is_read_however_it_is_typed(cell: str) -> None:
    assert read_phone(cell) == "+8613812345678"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0577-88966822", "+8657788966822"),
        ("(0577)88966822", "+8657788966822"),
        ("（0577）88966822", "+8657788966822"),
        ("0577 8896 6822", "+8657788966822"),
        ("+86 577 88966822", "+8657788966822"),
        ("+86-0577-88966822", "+8657788966822"),
        ("010-62345678", "+861062345678"),
        ("0991-2345678", "+869912345678"),
        ("0577/88966822", "+8657788966822"),
        ("0577,88966822", "+8657788966822"),
        ("0577——88966822", "+8657788966822"),
        ("0577-8896,6822", "+8657788966822"),
        ("05778896-6822", "+8657788966822"),
        ("010-6234-5678", "+861062345678"),
        ("电话:0577-88966822", "+8657788966822"),
    ],
)
def test_a_landline_with_its_area_code_is_read(cell: str, number: str) -> None:
    assert read_phone(cell) == number
    assert kind_of(number) == PhoneKind.LANDLINE


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("138****1234", phones.MASKED),
        ("138xxxx1234", phones.MASKED),
        ("138＊＊＊＊1234", phones.MASKED),
        ("****", phones.MASKED),
        ("138····1234", phones.MASKED),
        ("138....1234", phones.MASKED),
        ("138----1234", phones.MASKED),
        ("138____1234", phones.MASKED),
        ("138####1234", phones.MASKED),
        ("138■■■■1234", phones.MASKED),
        ("138〇〇〇〇1234", phones.MASKED),
        ("138某某某某1234", phones.MASKED),
        ("138……1234", phones.MASKED),
        ("1381234****", phones.MASKED),
        ("0577-8896682*", phones.MASKED),
        ("0577-8896****", phones.MASKED),
        ("13812345678+13912345678", phones.TWO_NUMBERS),
        ("13812345678与13912345678", phones.TWO_NUMBERS),
        ("13812345678/5679", phones.TWO_NUMBERS),
        ("0577-88966822/23", phones.TWO_NUMBERS),
        ("0577-88966822-0577-88966823", phones.TWO_NUMBERS),
        ("13812345678,13912345678", phones.TWO_NUMBERS),
        ("1381234567/8", phones.TWO_NUMBERS),
        ("13812345678转801", phones.EXTENSION),
        ("0577-88966822(801)", phones.EXTENSION),
        ("0577-88966822,801", phones.EXTENSION),
        ("张三13812345678", phones.WORDS),
        ("13812345678(张三)", phones.WORDS),
        ("13812345678微信同号", phones.WORDS),
        ("+13812345678", phones.FOREIGN),
        ("1.38123E+10", DIGITS_LOST),
        ("1.38E10", DIGITS_LOST),
        ("13812345678/13912345678", phones.TWO_NUMBERS),
        ("13812345678、0577-88966822", phones.TWO_NUMBERS),
        ("13812345678 13912345678", phones.TWO_NUMBERS),
        ("1381234567813912345678", phones.TWO_NUMBERS),
        ("13812345678或13912345678", phones.TWO_NUMBERS),
        ("13812345678\n13912345678", phones.TWO_NUMBERS),
        ("0577-88966822转801", phones.EXTENSION),
        ("0577-88966822-801", phones.EXTENSION),
        ("057788966822 ext. 12", phones.EXTENSION),
        ("0577-88966822 分机：8", phones.EXTENSION),
        ("+852 5123 4567", phones.FOREIGN),
        ("0085251234567", phones.FOREIGN),
        ("+1 202 555 0100", phones.FOREIGN),
        ("88966822", phones.NO_AREA_CODE),
        ("8896682", phones.NO_AREA_CODE),
        ("57788966822", phones.LOST_ZERO),
        ("400-123-4567", phones.SERVICE),
        ("不愿提供", phones.NOT_A_NUMBER),
        ("138a2345678", phones.NOT_A_NUMBER),
        ("-", phones.NOT_A_NUMBER),
    ],
)
def test_each_refusal_has_its_own_reason(cell: str, reason: Any) -> None:
    assert read_phone(cell) == reason


@pytest.mark.parametrize(
    ("cell", "text", "digits"),
    [
        ("1381234567", phones.TOO_SHORT, 10),
        ("12345", phones.TOO_SHORT, 5),
        ("138123456789", phones.TOO_LONG, 12),
        ("330302199001011234", phones.TOO_LONG, 18),
        ("1,381,234,567", phones.TOO_SHORT, 10),
        ("138·1234", phones.TOO_SHORT, 7),
        ("0577889668221", phones.TOO_LONG, 13),
    ],
)
def test_wrong_lengths_name_the_digits(cell: str, text: Any, digits: int) -> None:
    assert read_phone(cell) == Message(text.text, {"digits": digits})


def test_no_range_begins_with_120() -> None:
    assert read_phone("12012345678") == Message(phones.NO_SUCH_RANGE.text, {"start": "120"})


def test_an_unknown_range_is_taken_with_a_warning() -> None:
    assert read_phone("14912345678") == Doubtful("+8614912345678", UNKNOWN_RANGE)


def _is_mobile(digits: Any) -> Any:
    number = phonenumbers.parse(digits, "CN")
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }


def test_the_vetted_pattern_agrees_with_phonenumbers() -> None:
    rng = random.Random(20230504)
    for prefix in range(13000, 20000):  # every prefix of five digits, some numbers of each
        for _ in range(2):
            digits = f"{prefix}{rng.randrange(10**6):06d}"
            assert bool(number_plan.KNOWN_MOBILE.fullmatch(digits)) == _is_mobile(digits), digits


def test_every_landline_that_phonenumbers_knows_is_taken() -> None:
    rng = random.Random(20230504)
    tried = 0
    while tried < 1500:
        digits = f"0{rng.randrange(10**9, 10**11)}"
        number = phonenumbers.parse(digits, "CN")
        short = len(digits) < 11  # 110 or 95588 behind an area code: services, no citizen's
        if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE or short:
            continue
        tried += 1
        assert read_phone(digits) == f"+86{digits[1:]}", digits


@given(st.text(max_size=40))
def test_any_text_gives_a_number_or_a_reason(cell: Any) -> None:
    result = read_phone(cell)
    number = result.value if isinstance(result, Doubtful) else result
    assert isinstance(number, str | Message)
    if isinstance(number, str):
        assert number.startswith("+86")
        assert number[1:].isascii()
        assert number[1:].isdigit()


@given(st.from_regex(number_plan.MOBILE, fullmatch=True), st.sampled_from(["", "+86", "0086 "]))
def test_reading_what_was_read_changes_nothing(digits: Any, prefix: Any) -> None:
    once = read_phone(prefix + digits)
    number = once.value if isinstance(once, Doubtful) else once
    assert number == f"+86{digits}"
    assert read_phone(number) == once
    assert kind_of(number) == PhoneKind.MOBILE
