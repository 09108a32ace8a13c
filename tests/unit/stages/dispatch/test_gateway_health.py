"""Who is unwell loses share to the well, and gets it back when all is quiet."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.settings import Traffic
from survey_pipeline.stages.dispatch.gateway_health import (
    GatewayFigures,
    GatewayState,
    ShareChange,
    decide_changes,
    parts_now,
    unwell_why,
)
from survey_pipeline.stages.dispatch.shares import WHOLE, configured_shares
from survey_pipeline.testing import NOON
from survey_pipeline.vocabulary import ShareMove

POLICY = Traffic()
MINUTE = timedelta(minutes=1)
GOOD, BAD = GatewayFigures(attempts=100), GatewayFigures(attempts=100, failed=6)
LABELS = ("a", "b", "c", "d")


def standing(configured: int, share: int | None = None, **values: Any) -> GatewayState:
    return GatewayState(configured, configured if share is None else share, **values)


def even() -> dict[str, GatewayState]:
    return {"a": standing(5000), "b": standing(5000)}


def after(
    states: Mapping[str, GatewayState], shifts: list[ShareChange], at: Any
) -> dict[str, GatewayState]:
    moved = {
        one.gateway: replace(states[one.gateway], share=one.after, moved_at=at) for one in shifts
    }
    return {**states, **moved}


def shares(states: Mapping[str, GatewayState]) -> dict[str, int]:
    return {label: one.share for label, one in states.items()}


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        (GatewayFigures(attempts=20, failed=1), None),  # 5 % is not more than 5 %
        (GatewayFigures(attempts=20, failed=2), ShareMove.FAILING),
        (GatewayFigures(attempts=19, failed=19), None),
        (GatewayFigures(attempts=1000, failed=51), ShareMove.FAILING),
        (GatewayFigures(attempts=1000, failed=50), None),
        (GatewayFigures(receipts=20, late=2), None),  # 10 % is not more than 10 %
        (GatewayFigures(receipts=20, late=3), ShareMove.LATE),
        (GatewayFigures(receipts=19, late=19), None),
        (GatewayFigures(attempts=20, failed=2, receipts=20, late=3), ShareMove.FAILING),
        (GatewayFigures(), None),
    ],
)
def test_unwell_is_more_than_a_share_of_at_least_twenty(
    figures: GatewayFigures, says: ShareMove | None
) -> None:
    assert unwell_why(figures, POLICY) is says


def test_an_unwell_gateway_loses_ten_points_to_the_well_one() -> None:
    shifts = decide_changes(NOON, even(), {"a": BAD, "b": GOOD}, POLICY)
    assert shifts == [
        ShareChange("a", 5000, 4000, ShareMove.FAILING, BAD),
        ShareChange("b", 5000, 6000, ShareMove.RELIEVED, GOOD),
    ]


def test_it_loses_no_more_than_it_has() -> None:
    states = {"a": standing(5000, 300), "b": standing(5000, 9700)}
    assert shares(
        after(states, decide_changes(NOON, states, {"a": BAD, "b": GOOD}, POLICY), NOON)
    ) == {"a": 0, "b": WHOLE}


def test_what_is_lost_is_divided_by_the_configured_shares_of_the_well() -> None:
    states = {"a": standing(5000), "b": standing(4000, 5000), "c": standing(1000, 0)}
    found = decide_changes(NOON, states, {"a": BAD, "b": GOOD, "c": GOOD}, POLICY)
    assert {one.gateway: one.after - one.before for one in found} == {
        "a": -1000,
        "b": 800,
        "c": 200,
    }


def test_where_the_well_have_no_configured_share_they_get_it_evenly() -> None:
    states = {"a": standing(WHOLE), "b": standing(0), "c": standing(0)}
    found = decide_changes(NOON, states, {"a": BAD}, POLICY)
    assert {one.gateway: one.after for one in found} == {"a": 9000, "b": 500, "c": 500}


def test_nobody_loses_twice_within_a_minute() -> None:
    once = after(even(), decide_changes(NOON, even(), {"a": BAD}, POLICY), NOON)
    assert decide_changes(NOON + MINUTE - timedelta(seconds=1), once, {"a": BAD}, POLICY) == []
    twice = after(once, decide_changes(NOON + MINUTE, once, {"a": BAD}, POLICY), NOON + MINUTE)
    assert shares(twice) == {"a": 3000, "b": 7000}


def test_when_all_is_quiet_ten_points_drift_back_every_ten_minutes() -> None:
    states = {
        "a": standing(5000, 3500, moved_at=NOON),
        "b": standing(5000, 6500, moved_at=NOON),
    }
    assert decide_changes(NOON + 9 * MINUTE, states, {}, POLICY) == []
    ten = NOON + 10 * MINUTE
    drifted = after(states, decide_changes(ten, states, {"a": GOOD}, POLICY), ten)
    assert shares(drifted) == {"a": 4500, "b": 5500}
    assert decide_changes(ten + 9 * MINUTE, drifted, {}, POLICY) == []
    back = decide_changes(ten + 10 * MINUTE, drifted, {}, POLICY)
    assert [(one.after, one.why) for one in back] == [
        (5000, ShareMove.DRIFT),
        (5000, ShareMove.DRIFT),
    ]


def test_nothing_drifts_while_a_gateway_is_unwell() -> None:
    long_ago = NOON - timedelta(days=1)
    states = {
        "a": standing(5000, 0, moved_at=long_ago),
        "b": standing(5000, WHOLE, moved_at=long_ago),
    }
    assert decide_changes(NOON, states, {"a": BAD, "b": GOOD}, POLICY) == []


def test_a_stopped_gateway_neither_loses_nor_gains() -> None:
    states = {**even(), "a": standing(5000, stopped_at=NOON)}
    assert decide_changes(NOON, states, {"a": BAD, "b": GOOD}, POLICY) == []
    assert decide_changes(NOON, states, {"a": GOOD, "b": BAD}, POLICY) == []


def test_whoever_is_stopped_or_rests_leaves_its_part_to_the_others_by_their_shares() -> None:
    states = {
        "a": standing(4000, stopped_at=NOON),
        "b": standing(2000, rests_until=NOON + MINUTE),
        "c": standing(3000),
        "d": standing(1000),
    }
    assert {label: one.size for label, one in parts_now(states, NOON).items()} == {
        "c": 7500,
        "d": 2500,
    }
    assert {label: one.size for label, one in parts_now(states, NOON + MINUTE).items()} == {
        "b": 3333,
        "c": 5000,
        "d": 1667,
    }


def test_a_gateway_without_share_steps_in_where_it_alone_is_left() -> None:
    states = {"a": standing(WHOLE, stopped_at=NOON), "b": standing(0)}
    assert {label: one.size for label, one in parts_now(states, NOON).items()} == {"b": WHOLE}


def test_where_nobody_takes_part_nobody_has_a_part() -> None:
    assert parts_now({"a": standing(WHOLE, rests_until=NOON + MINUTE)}, NOON) == {}


FIGURES = st.sampled_from(
    [
        GatewayFigures(),
        GOOD,
        BAD,
        GatewayFigures(attempts=19, failed=19),
        GatewayFigures(50, 0, 50, 6),
    ]
)
DAYS = st.lists(
    st.tuples(st.integers(10, 700), st.fixed_dictionaries(dict.fromkeys(LABELS, FIGURES))),
    max_size=60,
)
"""Times between two looks in seconds, and what was seen then."""
PRIORITIES = st.fixed_dictionaries(dict.fromkeys(LABELS, st.integers(0, 9)))


@given(PRIORITIES, DAYS)
def test_whatever_happens_shares_add_up_and_nobody_loses_twice_a_minute(
    priorities: dict[str, int], days: list[tuple[int, dict[str, GatewayFigures]]]
) -> None:
    configured = configured_shares(priorities)
    states = {label: standing(configured[label]) for label in LABELS}
    now, lost = NOON, dict.fromkeys(LABELS, NOON - timedelta(days=1))
    for seconds, figures in days:
        now += timedelta(seconds=seconds)
        found = decide_changes(now, states, figures, POLICY)
        ill = {label for label in LABELS if unwell_why(figures[label], POLICY)}
        if len(ill) == len(LABELS):
            assert found == []
        for one in found:
            assert abs(one.after - one.before) <= POLICY.step * 100 * len(LABELS)
            if one.gateway in ill:
                assert one.after < one.before
                assert now - lost[one.gateway] >= POLICY.every
                lost[one.gateway] = now
            elif ill:
                assert (one.why, one.after > one.before) == (ShareMove.RELIEVED, True)
        states = after(states, found, now)
        assert sum(shares(states).values()) == WHOLE
        assert min(shares(states).values()) >= 0


@given(PRIORITIES, DAYS)
def test_left_in_peace_shares_come_back_to_the_configured_ones_exactly_and_stay(
    priorities: dict[str, int], days: list[tuple[int, dict[str, GatewayFigures]]]
) -> None:
    configured = configured_shares(priorities)
    states, now = {label: standing(configured[label]) for label in LABELS}, NOON
    for seconds, figures in days:
        now += timedelta(seconds=seconds)
        states = after(states, decide_changes(now, states, figures, POLICY), now)
    for _ in range(11):
        now += POLICY.quiet
        before = shares(states)
        states = after(states, decide_changes(now, states, {}, POLICY), now)
        for label, share in shares(states).items():
            between = sorted((before[label], configured[label]))
            assert between[0] <= share <= between[1]
    assert shares(states) == configured
    assert decide_changes(now + POLICY.quiet, states, {}, POLICY) == []
