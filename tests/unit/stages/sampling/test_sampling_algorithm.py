"""The draw as section 4 of the specification writes it, held against a second, naive reading of the
same words."""

import hashlib
import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.stages.sampling.algorithm import (
    Policy,
    draw,
    group_phones,
    rank_all,
    segments,
)
from survey_pipeline.stages.sampling.roll import columns, read_roll, write_roll
from survey_pipeline.standard.responsibility import Responsibilities, Responsibility

DAY = date(2023, 5, 4)


def policy(
    rate: str = "0.2", minimum: int = 2, maximum: int = 30, monthly_minimum: int = 0
) -> Policy:
    everything_ours = Responsibility(clause="A.8", survey="ours", calls="ours")
    return Policy(
        Decimal(rate),
        minimum,
        maximum,
        30,
        30,
        carried_out=Responsibilities([everything_ours]),
        monthly_minimum=monthly_minimum,
    )


@pytest.mark.parametrize(
    ("eligible", "n"),
    [(0, 0), (1, 1), (2, 2), (10, 2), (11, 3), (100, 20), (149, 30), (150, 30), (1000, 30)],
)
def test_sample_size_is_the_rate_rounded_up_between_minimum_and_maximum(
    eligible: int, n: int
) -> None:
    assert policy().sample_size(eligible, 0) == n


def test_the_rate_is_the_decimal_as_written() -> None:
    # 0.1 as a binary float times 30 is above 3 and would round up to 4
    assert policy("0.1", minimum=0).sample_size(30, 0) == 3


@pytest.mark.parametrize(
    ("eligible", "earlier", "n"),
    [(3, 0, 3), (12, 0, 10), (12, 7, 3), (12, 8, 3), (12, 10, 3), (60, 0, 12), (60, 40, 12)],
)
def test_a_small_office_is_asked_as_a_whole_until_it_has_enough(
    eligible: int, earlier: int, n: int
) -> None:
    assert policy(monthly_minimum=10).sample_size(eligible, earlier) == n


def test_a_policy_kept_before_there_was_a_monthly_minimum_has_none() -> None:
    kept = policy(monthly_minimum=10).to_json()
    assert Policy.from_json(kept).monthly_minimum == 10
    del kept["monthly_minimum"]
    assert Policy.from_json(kept).monthly_minimum == 0


@given(
    st.integers(0, 400),
    st.integers(0, 60),
    st.builds(
        policy,
        st.decimals("0.01", "1", places=2).map(str),
        st.integers(0, 5),
        st.integers(5, 60),
        st.integers(0, 80),
    ),
)
def test_the_monthly_minimum_only_ever_adds_and_never_beyond_its_bounds(
    eligible: int, earlier: int, rules: Any
) -> None:
    n = rules.sample_size(eligible, earlier)
    without = replace(rules, monthly_minimum=0).sample_size(eligible, earlier)
    assert without <= n <= min(eligible, rules.maximum)
    if n > without:
        assert n + earlier <= rules.monthly_minimum
    if n < min(eligible, rules.maximum):
        assert n + earlier >= rules.monthly_minimum


def test_a_rank_is_sha256_of_seed_day_office_and_case() -> None:
    expected = hashlib.sha256(b"s33d:2023-05-04:WZ-1:A,7").digest()
    assert rank_all("s33d", DAY, ["WZ-1,A,7"]) == [expected]


def test_a_group_is_the_number_of_the_first_line_with_that_phone() -> None:
    assert group_phones([b"a", b"b", b"a", b"c", b"b"]) == [1, 2, 1, 4, 2]


def test_offices_stand_together_even_where_codes_begin_alike() -> None:
    lines = sorted(["A,1", "A,2", "A!,1", "A-,1", "AB,1", "A.,9"])
    assert [(one.office_code, one.end - one.start) for one in segments(lines)] == [
        ("A!", 1),
        ("A", 2),
        ("A-", 1),
        ("A.", 1),
        ("AB", 1),
    ]


offices = st.sampled_from(["A", "A!", "A-1", "B", "中山路"])
cases = st.dictionaries(
    st.tuples(offices, st.text("0123456789,/", min_size=1, max_size=3)),
    st.tuples(st.binary(min_size=1, max_size=1), st.booleans()),
    max_size=40,
)
policies = st.builds(
    policy,
    st.decimals("0.01", "1", places=2).map(str),
    st.integers(0, 3),
    st.integers(3, 6),
    st.integers(0, 8),
)
drawn_before = st.dictionaries(offices, st.integers(0, 8))


def naive_draw(reported: Any, seed: Any, rules: Any, earlier: Any) -> Any:
    """Work through section 4's words one by one, without a thought for speed."""
    lines = sorted(f"{office},{no}" for office, no in reported)
    facts = {f"{office},{no}": value for (office, no), value in reported.items()}

    def rank(line: Any) -> Any:
        office, _, no = line.partition(",")
        return hashlib.sha256(f"{seed}:2023-05-04:{office}:{no}".encode()).hexdigest()

    left = [
        line
        for line in lines
        if facts[line][1]
        and all(
            rank(line) <= rank(other)
            for other in lines
            if facts[other][1] and facts[other][0] == facts[line][0]
        )
    ]
    result = {}
    for office in {line.partition(",")[0] for line in lines}:
        own = [line for line in left if line.partition(",")[0] == office]
        wanted = math.ceil(rules.rate * len(own))
        lacking = rules.monthly_minimum - earlier.get(office, 0)
        n = min(len(own), rules.maximum, max(rules.minimum, wanted, lacking))
        result[office] = (len(own), sorted(own, key=rank)[:n])
    return result


@given(cases, policies, st.text("0123456789abcdef", min_size=1, max_size=8), drawn_before)
def test_the_draw_is_what_the_promise_says(
    reported: Any, rules: Any, seed: Any, earlier: Any
) -> None:
    lines = sorted(f"{office},{no}" for office, no in reported)
    facts = {f"{office},{no}": value for (office, no), value in reported.items()}
    ranks = rank_all(seed, DAY, lines)
    groups = group_phones([facts[line][0] for line in lines])
    found = draw(lines, ranks, groups, [facts[line][1] for line in lines], rules, earlier)
    assert {one.office_code: (one.eligible, [lines[i] for i in one.drawn]) for one in found} == (
        naive_draw(reported, seed, rules, earlier)
    )


@given(cases, policies)
def test_no_phone_is_drawn_twice(reported: Any, rules: Any) -> None:
    lines = sorted(f"{office},{no}" for office, no in reported)
    facts = {f"{office},{no}": value for (office, no), value in reported.items()}
    phones = [facts[line][0] for line in lines]
    eligible = [facts[line][1] for line in lines]
    found = draw(lines, rank_all("s", DAY, lines), group_phones(phones), eligible, rules, {})
    drawn = [phones[index] for one in found for index in one.drawn]
    assert len(drawn) == len(set(drawn))
    assert all(eligible[index] for one in found for index in one.drawn)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])),
            st.sampled_from(["eligible", "quiet"]),
            st.integers(1, 10**6),
        )
    )
)
def test_a_roll_is_read_back_as_it_was_written(rows: Any) -> None:
    rows = sorted({(f"A,{no}", reason, group) for no, reason, group in rows})
    roll = write_roll([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])
    assert [tuple(line) for line in read_roll(roll.packed)] == rows
    assert write_roll(*columns(read_roll(roll.packed))) == roll


def test_the_hashes_are_of_lines_joined_by_newlines_without_a_final_one() -> None:
    roll = write_roll(["A,1", "B,2"], ["eligible", "quiet"], [1, 1])
    assert roll.frame_hash == hashlib.sha256(b"A,1\nB,2").hexdigest()
    assert roll.roll_hash == hashlib.sha256(b"A,1,eligible,1\nB,2,quiet,1").hexdigest()


def test_an_empty_frame_has_the_hash_of_nothing() -> None:
    roll = write_roll([], [], [])
    assert (roll.frame, roll.frame_hash) == (0, hashlib.sha256(b"").hexdigest())
    assert read_roll(roll.packed) == []


def test_hashes_do_not_depend_on_the_size_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"A,{number:06d}" for number in range(100)]
    whole = write_roll(lines, ["eligible"] * 100, list(range(1, 101)))
    monkeypatch.setattr("survey_pipeline.stages.sampling.roll.BATCH", 7)
    parts = write_roll(lines, ["eligible"] * 100, list(range(1, 101)))
    assert (parts.frame_hash, parts.roll_hash) == (whole.frame_hash, whole.roll_hash)
