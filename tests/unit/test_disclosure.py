"""What an office is shown of its answers gives no cell away: every distribution is tried."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, product

import pytest

from survey_pipeline.reports.disclosure import (
    may_follow,
    reasons_may_follow,
    share_of_nearly_all,
    shown_answers,
    shown_reasons,
)
from survey_pipeline.vocabulary import Rating

LEAST = 5
Cells = tuple[int, int, int]


def distributions(total: int) -> Iterator[Cells]:
    for satisfied in range(total + 1):
        for neutral in range(total - satisfied + 1):
            yield satisfied, neutral, total - satisfied - neutral


def seen(cells: Cells) -> tuple[object, ...]:
    """Return all that an office sees of a month's answers."""
    total, named = sum(cells), dict(zip(Rating, cells, strict=True))
    largest = max(Rating, key=lambda name: named[name])
    share = share_of_nearly_all(named[largest], total, LEAST)
    shown = shown_answers(named, LEAST)
    return (tuple(sorted(shown.items())), share and (largest, share))


def told_apart(total: int) -> dict[tuple[object, ...], list[Cells]]:
    """Group the distributions of a total by what is seen: inside a group nobody can choose."""
    groups = defaultdict(list)
    for cells in distributions(total):
        groups[seen(cells)].append(cells)
    return groups


@pytest.mark.parametrize("total", [5, 6, 9, 10, 11, 14, 15, 19, 20, 23, 40, 97])
def test_no_small_cell_can_be_recovered(total: int) -> None:
    for shown, group in told_apart(total).items():
        for place in range(3):
            values = {cells[place] for cells in group}
            if min(values) < LEAST:
                assert len(values) >= LEAST, (shown, group)


@pytest.mark.parametrize("total", [5, 6, 9, 10, 19, 20, 40])
def test_no_sum_of_hidden_cells_is_small(total: int) -> None:
    for group in told_apart(total).values():
        for pair in combinations(range(3), 2):
            sums = {sum(cells[place] for place in pair) for cells in group}
            assert len(sums) > 1 or min(sums) >= LEAST


@pytest.mark.parametrize("total", [5, 6, 10, 15, 20, 40])
def test_unanimity_is_not_told_from_its_neighbours(total: int) -> None:
    for cells in ((total, 0, 0), (0, total, 0), (0, 0, total)):
        alike = told_apart(total)[seen(cells)]
        assert len(alike) >= LEAST
        assert any(max(one) < total for one in alike)


def test_twelve_months_side_by_side_tell_no_more_than_each() -> None:
    months: list[Cells] = [(6, 0, 0), (5, 1, 0), (4, 1, 1), (20, 0, 0), (19, 1, 0), (90, 7, 3)]
    whole = (sum(one[0] for one in months), sum(one[1] for one in months), 4)
    for cells in (*months, whole):
        group = told_apart(sum(cells))[seen(cells)]
        assert len({one[2] for one in group}) >= LEAST


def test_large_cells_are_shown() -> None:
    answers = dict(zip(Rating, (30, 8, 6), strict=True))
    assert shown_answers(answers, LEAST) == answers
    few = {**answers, Rating.DISSATISFIED: 2}
    assert shown_answers(few, LEAST) == {Rating.SATISFIED: 30}


def test_reasons_hide_who_gave_none() -> None:
    assert shown_reasons({"attitude": 8, "waiting": 6}, 20, LEAST) == {"attitude": 8, "waiting": 6}
    assert shown_reasons({"attitude": 8, "waiting": 6}, 15, LEAST) == {}
    assert shown_reasons({"attitude": 8}, 8, LEAST) == {}
    assert shown_reasons({"attitude": 8, "waiting": 1}, 20, LEAST) == {"attitude": 8}
    assert shown_reasons({}, 9, LEAST) == {}


@pytest.mark.parametrize("before", [(10, 10, 10), (20, 0, 0), (6, 3, 1), (30, 5, 5)])
def test_two_versions_side_by_side_tell_no_few_answers(before: Cells) -> None:
    earlier = dict(zip(Rating, before, strict=True))
    assert may_follow(earlier, earlier, LEAST)
    for after in product(range(36), repeat=3):
        later = dict(zip(Rating, after, strict=True))
        if after == before or not may_follow(earlier, later, LEAST):
            continue
        changes = [new - old for new, old in zip(after, before, strict=True)]
        assert min(map(abs, changes)) >= LEAST
        assert abs(changes[1] + changes[2]) >= LEAST


@pytest.mark.parametrize(
    ("after", "shown"),
    [
        ((11, 10, 10), False),
        ((9, 11, 10), False),
        ((15, 10, 10), False),  # it would tell that all five were satisfied
        ((15, 15, 5), False),  # it would tell that all five were satisfied, in two groups
        ((15, 15, 15), True),
        ((5, 5, 5), True),
        ((0, 15, 15), True),
    ],
)
def test_a_later_version_is_shown_where_each_count_moved_enough(after: Cells, shown: bool) -> None:
    earlier, later = (dict(zip(Rating, cells, strict=True)) for cells in ((10, 10, 10), after))
    assert may_follow(earlier, later, LEAST) is shown


def test_nothing_was_told_of_too_few_answers() -> None:
    earlier, later = (dict(zip(Rating, cells, strict=True)) for cells in ((3, 1, 0), (20, 6, 0)))
    assert may_follow(earlier, later, LEAST)


def test_reasons_of_two_versions_tell_no_single_one() -> None:
    assert reasons_may_follow({"attitude": 8}, {"attitude": 8, "waiting": 5}, LEAST)
    assert not reasons_may_follow({"attitude": 8}, {"attitude": 9}, LEAST)
    assert not reasons_may_follow({"attitude": 8, "waiting": 1}, {"attitude": 8}, LEAST)
