"""Segments are counted as the network counts them (3GPP TS 23.038 and 23.040)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.stages.dispatch.segments import measure


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # no escape is cut from its character
        ("满" * 70, "UCS-2", 70, 1),
        ("满" * 71, "UCS-2", 71, 2),
        ("满" * 134, "UCS-2", 134, 2),
        ("满" * 135, "UCS-2", 135, 3),
        ("👍" * 35, "UCS-2", 70, 1),
        ("👍" * 36, "UCS-2", 72, 2),
        ("👍" * 67, "UCS-2", 134, 3),  # 33 to a segment: a pair is not cut in two
        ("`", "UCS-2", 1, 1),
        ("[1]~{2}\\|^", "GSM-7", 18, 1),
    ],
)
def test_a_text_takes_what_the_network_says(
    text: str, encoding: str, units: int, segments: int
) -> None:
    size = measure(text)
    assert (size.encoding, size.units, size.segments) == (encoding, units, segments)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_ucs2_units_are_those_of_utf16(text: str) -> None:
    size = measure(text + "满")
    assert size.units == len((text + "满").encode("utf-16-le")) // 2
    assert size.segments >= -(-size.units // 67) or size.units <= 70


@given(st.text("ab€[满👍", max_size=300), st.text("ab€[满👍", max_size=30))
def test_a_longer_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert measure(text + more).segments >= measure(text).segments
