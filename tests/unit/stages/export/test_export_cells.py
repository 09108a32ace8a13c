"""Text that a spreadsheet would compute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.stages.export.cells import disarmed, disarmed_code, looks_like_formula

FIRST = ["=", "+", "-", "@", "\t", "\r", "\n"]


@pytest.mark.parametrize("sign", FIRST)
def test_text_that_begins_like_a_formula_gets_an_apostrophe(sign: str) -> None:
    assert disarmed(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


@given(st.text())
def test_no_text_begins_like_a_formula_any_more(text: str) -> None:
    assert not looks_like_formula(disarmed(text))
    assert disarmed(text).removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize("code", ["AG-1", "WZ_1/2.3", "-1", "处室-1", "007"])
def test_a_plain_code_stays_the_key_it_is(code: str) -> None:
    assert disarmed_code(code) == code


@pytest.mark.parametrize("code", ["=A1", "+86", "@x", "-1+1", "-cmd|x", "\t1", "-A(1)"])
def test_a_code_with_other_signs_is_disarmed(code: str) -> None:
    assert disarmed_code(code) == f"'{code}"
