"""Ranks as 1 1 3."""

from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.scoring.ranks import ranks


def test_equal_points_share_a_rank_and_the_next_is_skipped() -> None:
    points = {"a": 290_000, "b": 291_000, "c": 291_000, "d": None, "e": 0}
    assert ranks(points) == {"a": 3, "b": 1, "c": 1, "d": None, "e": 4}


@given(st.dictionaries(st.integers(), st.integers(0, 300_000) | st.none()))
def test_a_rank_is_one_more_than_the_number_of_better_ones(points: dict[int, int | None]) -> None:
    for key, rank in ranks(points).items():
        own = points[key]
        if own is None:
            assert rank is None
        else:
            assert rank == 1 + sum(
                1 for other in points.values() if other is not None and other > own
            )
