"""A gateway's share of the traffic is its priority over the sum of priorities."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column, create_engine, select, values
from sqlalchemy.types import Integer

from survey_pipeline.stages.dispatch.shares import EVERYTHING, Share, shares

PRIORITIES = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 9), min_size=1)


def taken(share: Share, numbers: range) -> set[int]:
    held = values(column("n", Integer), name="numbers").data([(n,) for n in numbers]).cte()
    with create_engine("sqlite://").connect() as connection:
        return set(connection.scalars(select(held.c.n).where(share.of(held.c.n))))


@given(PRIORITIES)
def test_every_message_has_one_gateway_and_shares_follow_priorities(
    priorities: dict[str, int],
) -> None:
    parts = shares(priorities)
    whole = sum(priorities.values()) or len(priorities)
    found = {label: taken(part, range(1, whole + 1)) for label, part in parts.items()}
    assert set().union(*found.values()) == set(range(1, whole + 1))
    assert sum(map(len, found.values())) == whole
    if any(priorities.values()):
        assert {label: len(part) for label, part in found.items()} == priorities


def test_the_only_gateway_takes_everything() -> None:
    assert taken(EVERYTHING, range(1, 20)) == set(range(1, 20))
    assert taken(shares({"one": 100})["one"], range(1, 20)) == set(range(1, 20))
