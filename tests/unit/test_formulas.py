"""Text that a spreadsheet would compute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.formulas import disarmed, is_formula, rearmed
from survey_pipeline.stages.intake.values.cells import read_text

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
BEFORE = ["", " ", "\t", "\n", "\r\n", "\u3000", "\u00a0", "\u200b", "\ufeff", " \n\u200f "]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_text_that_begins_like_a_formula_gets_an_apostrophe(before: str, sign: str) -> None:
    text = f"{before}{sign}cmd|' /C calc'!A0"
    assert disarmed(text) == f"'{text}"
    assert rearmed(disarmed(text)) == text


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx"])
def test_what_begins_with_a_tab_or_line_break_is_disarmed(text: str) -> None:
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "办证", "AG-1", "1+1", "a=b", "'s-Gravenhage", " 办证", "—"])
def test_other_text_stays(text: str) -> None:
    assert disarmed(text) == text
    assert rearmed(text) == text


@given(
    st.text(alphabet=st.one_of(st.sampled_from(f"{SIGNS}' \t\r\n\ufeff\u200b"), st.characters()))
)
def test_no_text_begins_like_a_formula_any_more_and_each_comes_back(text: str) -> None:
    assert not is_formula(disarmed(text))
    if is_formula(text):
        assert rearmed(disarmed(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "\n=1+1", " @x", "＝1", "﹢86", "-2+3", "\t=x"])
def test_a_disarmed_cell_is_read_as_the_cell_itself(text: str) -> None:
    assert read_text(disarmed(text)) == read_text(text)
