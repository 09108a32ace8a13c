"""Runs of consecutive numbers, and gaps in the case numbers that an office counts up."""

import pytest

from survey_pipeline.signals.patterns import Gaps, gaps, in_runs


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ([], 0),
        ([7], 0),
        ([1, 2], 0),  # two may be a family's
        ([3, 1, 2], 3),
        ([1, 2, 3, 3, 9, 20, 21, 22, 23, 40, 41], 7),  # the same number twice counts once
        ([1, 3, 5, 7], 0),
    ],
)
def test_only_three_and_more_are_a_run(numbers: list[int], found: int) -> None:
    assert in_runs(numbers) == found


def test_gaps_are_counted_in_each_series_apart() -> None:
    one = [f"AG0504{number:04d}" for number in (0, 1, 2, 4, 5, 6, 9)]
    other = [f"B-{number}" for number in range(10, 20)]
    assert gaps([*one, *other]) == Gaps(missing=3, span=20)


def test_a_shared_counter_and_few_numbers_say_nothing() -> None:
    shared = [f"{number}" for number in (1000, 1400, 1777, 2500, 2510, 2900)]
    assert gaps(shared) == Gaps(0, 0)
    assert gaps(["1", "2", "3", "5"]) == Gaps(0, 0)
    assert gaps(["no counter", "none"]) == Gaps(0, 0)


def test_numbers_of_another_length_are_another_series() -> None:
    assert gaps([*(f"{number}" for number in range(95, 100)), "100", "101"]) == Gaps(0, 5)
