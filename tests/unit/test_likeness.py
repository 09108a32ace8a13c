"""What counts as the same, and what differs by little (specification, section 14.C)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.likeness import NearRecords, alike, same_words


@pytest.mark.parametrize(
    ("first", "second"),
    [("优化营商环境", " 优化 营商环境　"), ("ＡＢ改革", "AB改革"), ('="reform"', "reform")],
)
def test_blanks_and_width_make_no_difference(first: str, second: str) -> None:
    assert same_words(first) == same_words(second)


def test_upper_and_lower_case_differ_and_are_alike() -> None:
    assert same_words("Reform") != same_words("reform")
    assert alike("Reform", "reform")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("优化营商环境改革", "优化营商环境改革工作"),
        ("优化营商环境", "优化营商环境。"),
        ("“最多跑一次”改革", "最多跑一次改革"),
        ("王小伟", "王晓伟"),
        ("张三", "张三丰"),
        ("tenderofthebridge", "tenderoftebridge"),
        ("违规收受礼品案", "违规收受礼金案"),
    ],
)
def test_what_differs_by_little_is_alike(first: str, second: str) -> None:
    assert alike(first, second)
    assert alike(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("reform", "reform"),
        ("", "a"),
        ("张伟", "张军"),
        ("2022年平安建设", "2023年平安建设"),
        ("第3期通报", "第4期通报"),
        ("数字化改革", "营商环境"),
        ("。", "，"),
    ],
)
def test_what_is_the_same_or_another_thing_is_not(first: str, second: str) -> None:
    assert not alike(first, second)


@given(st.text(max_size=12), st.text(max_size=12))
def test_likeness_has_no_direction_and_is_never_sameness(first: str, second: str) -> None:
    one, other = same_words(first), same_words(second)
    assert not alike(one, one)
    if alike(one, other):
        assert one != other


def near(*records: tuple[str, str, tuple[str, ...]]) -> str | None:
    """Add records (office, key, words), and return what the last one is near to."""
    known = NearRecords()
    for record in records:
        known.add(*record)
    office, key, _ = records[-1]
    found = known.near(office, key)
    return found and found[0]


def test_a_record_is_near_where_every_word_is_the_same_or_alike_and_one_is_not_the_same() -> None:
    first = ("AG-1", "S-1", ("王小伟", "礼品"))
    assert near(first, ("AG-1", "S-2", ("王晓伟", "礼品"))) == "S-1"
    assert near(first, ("AG-1", "S-2", ("王小伟", "礼品"))) is None, "that is the same"
    assert near(first, ("AG-1", "S-2", ("王晓伟", "公车"))) is None
    assert near(first, ("AG-1", "S-2", ("王晓伟", ""))) is None, "a blank matches nothing"
    assert near(first, ("AG-1", "S-1", ("王晓伟", "礼品"))) is None, "itself"
    assert near(first, ("AG-2", "S-2", ("王晓伟", "礼品"))) is None, "another office"


def test_the_later_of_two_is_near_to_the_earlier_alone() -> None:
    known = NearRecords()
    known.add("AG-1", "A-1", ("reform",))
    known.add("AG-1", "A-2", ("Reform",))
    assert known.near("AG-1", "A-1") is None
    assert known.near("AG-1", "A-2") == ("A-1", ("reform",))
    known.add("AG-1", "A-1", ("Reform",))
    assert known.near("AG-1", "A-1") is None, "corrected"


def test_the_comparisons_of_a_large_group_are_bounded() -> None:
    works = [("AG-1", f"A-{number}", (f"work {number} of us",)) for number in range(1000)]
    assert near(*works, ("AG-1", "A-x", ("wrk 5 of us",))) is None, "the latest alone"
    assert near(*works, ("AG-1", "A-x", ("wrk 999 of us",))) == "A-999"
