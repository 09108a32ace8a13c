"""Who stands out: by counts alone, and never by a small one."""

from decimal import Decimal
from fractions import Fraction

import pytest

from survey_pipeline.signals.standing_out import (
    Proportion,
    allowed_share,
    chance_of,
    judge,
    usual_share,
)

HONEST = {f"O-{number}": Proportion(4, 200) for number in range(20)}


def test_an_office_far_above_the_others_is_named() -> None:
    found = judge({**HONEST, "BAD": Proportion(40, 200)}, 0.01)
    assert [code for code, judged in found.items() if judged.named] == ["BAD"]
    assert found["BAD"].others == Proportion(80, 4000)


def test_small_counts_do_not_shout() -> None:
    found = judge({**HONEST, "SMALL": Proportion(1, 1), "TWO": Proportion(2, 2)}, 0.01)
    assert not any(judged.named for judged in found.values())


def test_one_and_a_half_times_the_odds_of_the_others_is_no_evidence() -> None:
    assert chance_of(Proportion(29, 1000), Proportion(2000, 100_000)) == 1
    assert allowed_share(Fraction(2, 5)) == Fraction(1, 2)
    assert allowed_share(Fraction(1, 3), Fraction(2)) == Fraction(1, 2)


def test_what_nobody_does_is_taken_to_happen_in_one_of_a_hundred() -> None:
    assert usual_share(Proportion(0, 10**9)) == Fraction(1, 100)
    assert not judge({"A": Proportion(0, 10_000), "B": Proportion(3, 100)}, 0.01)["B"].named


def test_few_others_are_a_weak_yardstick() -> None:
    alone = Proportion(20, 100)
    assert chance_of(alone, Proportion(0, 0)) == 1
    assert chance_of(alone, Proportion(0, 4)) == 1  # 0 of 4 may be 49 %
    assert chance_of(alone, Proportion(0, 4000)) < 1e-10


def test_the_bound_is_over_the_offices_of_the_month() -> None:
    """The same count stands out of few offices and not of many."""
    counts = {"O": Proportion(12, 200)}
    others = {f"O-{number}": Proportion(1, 200) for number in range(400)}
    chance = judge({**counts, **others}, 0.01)["O"].chance
    assert 0.01 / 401 < chance < 0.01 / 3
    assert not judge({**counts, **others}, 0.01)["O"].named
    few = {code: others[code] for code in list(others)[:3]} | {"REST": Proportion(397, 79_400)}
    assert judge({**counts, **few}, 0.01)["O"].named


@pytest.mark.parametrize("count", [Proportion(0, 10), Proportion(3, 5)])
def test_a_count_has_its_wilson_interval(count: Proportion) -> None:
    interval = count.interval
    assert interval is not None
    assert interval.low <= Decimal(count.count) / count.of <= interval.high


def test_nothing_has_no_share() -> None:
    assert Proportion(0, 0).share is None
    assert Proportion(0, 0).interval is None
