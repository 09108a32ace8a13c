"""The rates against the published vector, and what holds of them whatever the counts are."""

from dataclasses import astuple, fields
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.statistics.response_rates import (
    Eligibility,
    OutcomeCounts,
    ResponseRates,
    count_outcomes,
    estimated_eligibility,
    response_rates,
)
from survey_pipeline.vocabulary import Disposition

VECTOR = OutcomeCounts(
    complete=5, partial=3, refusal=2, non_contact=1, other=2,
    unknown_household=1, unknown_other=1, not_eligible=1,
)  # fmt: skip
"""rOpenSci outcomerate (CC0), with e = 0.5."""

counts = st.builds(OutcomeCounts, **{f.name: st.integers(0, 50) for f in fields(OutcomeCounts)})
shares = st.fractions(0, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rr1", "1/3"), ("rr2", "8/15"), ("rr3", "5/14"), ("rr4", "4/7"), ("rr5", "5/13"),
        ("rr6", "8/13"), ("coop1", "5/12"), ("coop2", "2/3"), ("coop3", "1/2"), ("coop4", "4/5"),
        ("ref1", "2/15"), ("ref2", "1/7"), ("ref3", "2/13"), ("con1", "4/5"), ("con2", "6/7"),
        ("con3", "12/13"),
    ],
)  # fmt: skip
def test_published_vector(name: str, value: str) -> None:
    rates = response_rates(VECTOR, Eligibility.all_alike(Fraction(1, 2)))
    assert getattr(rates, name) == Fraction(value)


def test_e_is_by_default_the_share_of_the_known_that_are_eligible() -> None:
    assert estimated_eligibility(VECTOR) == Eligibility.all_alike(Fraction(13, 14))
    assert response_rates(VECTOR).rr3 == Fraction(5) / (13 + 2 * Fraction(13, 14))


def test_e_may_differ_by_class() -> None:
    likely = Eligibility(household=Fraction(1), respondent=Fraction(0), other=Fraction(1, 4))
    one_each = OutcomeCounts(complete=1, unknown_household=1, unknown_respondent=1, unknown_other=1)
    assert response_rates(one_each, likely).rr3 == Fraction(1) / (2 + Fraction(1, 4))


def test_nothing_known_is_undefined_and_not_zero() -> None:
    assert set(astuple(response_rates(OutcomeCounts()))) == {None}


def test_only_unknown_cases_leave_undefined_what_rests_on_e() -> None:
    rates = response_rates(OutcomeCounts(unknown_household=3))
    assert (rates.rr1, rates.rr3, rates.rr5, rates.coop1) == (0, None, None, None)


def test_a_dead_number_stays_in_the_denominator() -> None:
    codes = {Disposition.COMPLETE: 1, Disposition.BAD_CONTACT: 1, Disposition.WITHDRAWN: 5}
    assert response_rates(count_outcomes(codes)).rr1 == Fraction(1, 2)


@given(counts=counts, e=st.builds(Eligibility, shares, shares, shares))
def test_rates_are_shares_in_their_order(counts: OutcomeCounts, e: Eligibility) -> None:
    rates = response_rates(counts, e)
    assert all(rate is None or 0 <= rate <= 1 for rate in astuple(rates))
    for first, second, third in (
        (rates.rr1, rates.rr3, rates.rr5),
        (rates.ref1, rates.ref2, rates.ref3),
        (rates.con1, rates.con2, rates.con3),
    ):
        known = [rate for rate in (first, second, third) if rate is not None]
        assert known == sorted(known)


@given(counts=counts)
def test_without_partials_pairs_agree(counts: OutcomeCounts) -> None:
    whole = OutcomeCounts(**{**vars(counts), "partial": 0})
    rates = response_rates(whole)
    pairs = (("rr1", "rr2"), ("rr3", "rr4"), ("rr5", "rr6"), ("coop1", "coop2"), ("coop3", "coop4"))
    assert all(getattr(rates, one) == getattr(rates, two) for one, two in pairs)


@given(counts=counts, share=shares)
def test_at_the_bounds_of_e_the_estimates_meet(counts: OutcomeCounts, share: Fraction) -> None:
    nobody = response_rates(counts, Eligibility.all_alike(Fraction(0)))
    everybody = response_rates(counts, Eligibility.all_alike(Fraction(1)))
    assert (nobody.rr3, nobody.ref2, nobody.con2) == (nobody.rr5, nobody.ref3, nobody.con3)
    assert (everybody.rr3, everybody.ref2, everybody.con2) == (
        everybody.rr1,
        everybody.ref1,
        everybody.con1,
    )
    between = response_rates(counts, Eligibility.all_alike(share)).rr3
    if nobody.rr3 is not None and everybody.rr3 is not None and between is not None:
        assert everybody.rr3 <= between <= nobody.rr3


@given(counts=st.dictionaries(st.sampled_from(Disposition), st.integers(0, 99)))
def test_every_code_is_counted_once(counts: dict[Disposition, int]) -> None:
    total = count_outcomes(counts)
    assert total.eligible + total.unknown + total.not_eligible == sum(counts.values())


def test_every_rate_has_a_value_in_the_vector() -> None:
    rates = response_rates(VECTOR, Eligibility.all_alike(Fraction(1, 2)))
    assert len(fields(ResponseRates)) == 16
    assert None not in astuple(rates)
