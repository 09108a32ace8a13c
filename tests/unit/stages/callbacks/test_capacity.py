"""Who of the silent enters: by chance, one per office in turn, never alphabetically."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.calendar import Calendar
from survey_pipeline.settings import Callbacks
from survey_pipeline.stages.callbacks.call_plan import CallPlan
from survey_pipeline.stages.callbacks.capacity import Candidate, cohort_end, in_turn
from survey_pipeline.stages.callbacks.queueing import is_verified

SHIPPED = CallPlan(Callbacks(), Calendar(ZoneInfo("Asia/Shanghai")))
SHIPPED_ENDS = datetime(2023, 5, 8, 4, tzinfo=UTC), datetime(2023, 5, 8, 9, 30, tzinfo=UTC)
"""Monday 8 May 2023: 12:00 and 17:30 in Shanghai."""
END = datetime(2023, 5, 15, tzinfo=UTC)


def silent(counts: dict[str, int]) -> list[Candidate]:
    """Silent surveys by office, with ranks as the draw makes them."""
    return [
        Candidate(number, office, sha256(f"{office}:{number}".encode()).hexdigest(), END)
        for office, count in counts.items()
        for number in range(count)
    ]


offices = st.dictionaries(st.text("ABCXYZ", min_size=1, max_size=3), st.integers(0, 8), max_size=8)


@given(counts=offices, places=st.integers(0, 40))
def test_one_per_office_in_turn(counts: dict[str, int], places: int) -> None:
    chosen = in_turn(silent(counts), places)
    assert len(chosen) == min(places, sum(counts.values()))
    taken = Counter(one.office_code for one in chosen)
    most = max(taken.values(), default=0)
    assert all(taken[office] >= min(count, most - 1) for office, count in counts.items())


@given(counts=offices, places=st.integers(0, 40))
def test_the_lowest_ranks_of_an_office_enter(counts: dict[str, int], places: int) -> None:
    everyone = silent(counts)
    chosen = in_turn(everyone, places)
    for office in counts:
        ranks = sorted(one.rank_hash for one in everyone if one.office_code == office)
        entered = [one.rank_hash for one in chosen if one.office_code == office]
        assert entered == ranks[: len(entered)]


@given(counts=offices, places=st.integers(0, 40), order=st.randoms())
def test_the_order_of_the_rows_plays_no_part(counts: Any, places: Any, order: Any) -> None:
    everyone = silent(counts)
    shuffled = list(everyone)
    order.shuffle(shuffled)
    assert in_turn(shuffled, places) == in_turn(everyone, places)


def test_no_office_is_favoured_by_its_code_or_size() -> None:
    first = Counter(
        in_turn(
            [
                Candidate(n, office, sha256(f"{day}:{office}:{n}".encode()).hexdigest(), END)
                for office, size in (("A-1", 20), ("Z-9", 1))
                for n in range(size)
            ],
            1,
        )[0].office_code
        for day in range(400)
    )
    assert 150 < first["A-1"] < 250


def test_the_verified_are_the_share_asked_for_and_stay_the_same() -> None:
    ranks = [sha256(str(number).encode()).hexdigest() for number in range(4000)]
    chosen = [rank for rank in ranks if is_verified(rank, Decimal("0.05"))]
    assert 150 < len(chosen) < 250
    assert set(chosen) <= {rank for rank in ranks if is_verified(rank, Decimal("0.2"))}


def test_nobody_and_everybody_are_shares_too() -> None:
    ranks = [sha256(str(number).encode()).hexdigest() for number in range(50)]
    assert not any(is_verified(rank, Decimal(0)) for rank in ranks)
    assert all(is_verified(rank, Decimal(1)) for rank in ranks)


def test_low_ranks_are_verified_as_often_as_others() -> None:
    low = [f"{0:08x}{sha256(str(number).encode()).hexdigest()[8:]}" for number in range(4000)]
    assert 150 < sum(is_verified(rank, Decimal("0.05")) for rank in low) < 250


def test_a_cohort_ends_with_a_window_of_calling_hours() -> None:
    noon, evening = SHIPPED_ENDS
    assert cohort_end(SHIPPED, noon + timedelta(hours=1)) == noon
    assert cohort_end(SHIPPED, noon - timedelta(minutes=1)) == evening - timedelta(days=1)
    assert cohort_end(SHIPPED, evening) == evening
