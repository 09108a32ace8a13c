"""Numbers of senders, and numbers in texts that must not show them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.phones import e164, without_numbers


@pytest.mark.parametrize(
    "sender",
    [
        "13812341001",
        "8613812341001",
        "+8613812341001",
        "008613812341001",
        "+86 138-1234-1001",
        "tel:+8613812341001",
        "TEL:+86-138-1234-1001",
        " 86 138 1234 1001",
        "(+86)13812341001",
        "<tel:+86-138-1234-1001>",
        "+86(0)13812341001",
        "＋８６ １３８１２３４１００１",
        "013812341001",
        "sip:+8613812341001@ims.example",
        "tel:13812341001;phone-context=+86",
        "086-13812341001",
        "\u202a+8613812341001\u202c",
        "+86138\u200b12341001",
        "+86\u00a0138\u20111234\u20111001",
    ],
)
def test_a_senders_number_as_gateways_write_it(sender: str) -> None:
    assert e164(sender) == "+8613812341001"


@pytest.mark.parametrize(
    "sender",
    [
        "10086",
        "1069000000",
        "+85251234567",
        "+12025550100",
        "+1 381 234 1001",
        "BANK",
        "",
        "1381234",
    ],
)
def test_other_senders_stay_as_they_are(sender: str) -> None:
    assert e164(sender) == sender


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13812340001", "138****0001"),
        ("+86 138-1234-0001", "138****0001"),
        ("１３８１２３４０００１", "138****0001"),
        ("138\u200b12340001", "138****0001"),
        ("张三13812340001", "张三138****0001"),
        ("0577-88966822", "**********22"),
        ("330302199001011234", "****************34"),
    ],
)
def test_a_number_in_a_text_is_masked(text: str, shown: str) -> None:
    assert without_numbers(text) == shown


@pytest.mark.parametrize(
    "text", ["2023050400017", "WZ-AG-001", "20231301", "2023-05-04 09:12:33", "33030001", "无"]
)
def test_codes_and_dates_are_shown(text: str) -> None:
    assert without_numbers(text) == text


@given(st.from_regex("1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "-", ".", " - "]))
def test_however_a_mobile_is_split_its_middle_is_not_shown(number: Any, between: Any) -> None:
    written = between.join((number[:3], number[3:7], number[7:]))
    assert without_numbers(f"办{written}证") == f"办{number[:3]}****{number[7:]}证"
