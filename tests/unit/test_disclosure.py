"""What an office is shown of its answers gives no cell away: every distribution is tried."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import pytest

from survey_pipeline.reports.disclosure import share_of_nearly_all, shown_answers, shown_reasons
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
