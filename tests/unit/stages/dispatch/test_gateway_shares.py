"""A gateway's share of the traffic is its priority over the sum of priorities."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column, create_engine, select, values
from sqlalchemy.types import Integer

from survey_pipeline.stages.dispatch.shares import (
    EVERYTHING,
    WHOLE,
    Share,
    configured_shares,
    divide,
    ranges,
)

LABELS = st.text("abc", min_size=1, max_size=3)
PRIORITIES = st.dictionaries(LABELS, st.integers(0, 9), min_size=1, max_size=6)
A_FEW = 5
"""So far a gateway's count of consecutive texts may be from its share, however many they are."""


def taken(share: Share, numbers: range) -> set[int]:
    held: Any = values(column("n", Integer), name="numbers").data([(n,) for n in numbers]).cte()
    with create_engine("sqlite://").connect() as connection:
        return set(connection.scalars(select(held.c.n).where(share.of(held.c.n))))


@given(PRIORITIES)
def test_configured_shares_follow_priorities_and_add_up(priorities: dict[str, int]) -> None:
    found = configured_shares(priorities)
    assert sum(found.values()) == WHOLE
    total = sum(priorities.values())
    for label, share in found.items():
        exact = WHOLE * priorities[label] / total if total else WHOLE / len(priorities)
        assert abs(share - exact) < 1


def test_gateways_that_all_have_priority_0_share_evenly() -> None:
    assert configured_shares({"a": 0, "b": 0, "c": 0}) == {"a": 3334, "b": 3333, "c": 3333}


@given(st.integers(0, WHOLE), PRIORITIES)
def test_what_is_divided_adds_up_and_nobody_gets_less_than_nothing(
    amount: int, weights: dict[str, int]
) -> None:
    found = divide(amount, weights)
    assert sum(found.values()) == amount
    assert min(found.values()) >= 0
    if any(weights.values()):
        assert not [label for label, weight in weights.items() if not weight and found[label]]


@given(PRIORITIES, st.integers(1, 10**9), st.integers(50, 400))
def test_each_text_has_one_gateway_and_any_few_consecutive_ones_spread_by_share(
    priorities: dict[str, int], start: int, count: int
) -> None:
    shares = configured_shares(priorities)
    found = {
        label: taken(part, range(start, start + count)) for label, part in ranges(shares).items()
    }
    assert sum(map(len, found.values())) == count
    assert set().union(*found.values()) == set(range(start, start + count))
    for label, numbers in found.items():
        assert abs(len(numbers) - count * shares[label] / WHOLE) < A_FEW


@given(st.integers(1, 10**9))
def test_twenty_consecutive_texts_go_half_and_half(start: int) -> None:
    parts = ranges(configured_shares({"a": 1, "b": 1}))
    assert abs(len(taken(parts["a"], range(start, start + 20))) - 10) <= 2


@given(PRIORITIES)
def test_the_order_of_the_configuration_does_not_matter(priorities: dict[str, int]) -> None:
    turned = dict(reversed(priorities.items()))
    assert ranges(configured_shares(turned)) == ranges(configured_shares(priorities))


def test_the_only_gateway_takes_everything() -> None:
    assert taken(EVERYTHING, range(1, 20)) == set(range(1, 20))
    assert ranges(configured_shares({"one": 100})) == {"one": EVERYTHING}


def test_a_gateway_without_share_takes_nothing() -> None:
    assert taken(ranges({"a": 0, "b": WHOLE})["a"], range(1, 20)) == set()
