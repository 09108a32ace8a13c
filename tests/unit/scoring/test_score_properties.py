"""What holds of every score, whatever the citizens said and others delivered."""

import json
import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.scoring.facts import (
    Answers,
    CaseResults,
    Delivery,
    MonthFacts,
    MonthOfOffice,
    OfficeFacts,
    OfficeOnRegister,
    SurveyCounts,
)
from survey_pipeline.scoring.month import OfficeScore, score_month
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.standard.load import read_standard
from survey_pipeline.vocabulary import (
    Category,
    DeliveryMode,
    Disposition,
    DissatisfactionReason,
    Rating,
)

STANDARD, _ = read_standard(
    Path(__file__).parents[3] / "config" / "standards" / "wenzhou-2023.toml"
)
FULL = 300_000
"""30 points in ten-thousandths."""

few = st.integers(0, 40)
answers = st.builds(Answers, few, few, few)
deliveries = st.builds(
    Delivery,
    reported=st.integers(0, 900),
    sampled=st.integers(0, 900),
    answers=answers,
    source=st.sampled_from(["bureau", "commission"]),
    mode=st.sampled_from(DeliveryMode),
    delivered_on=st.just(date(2023, 6, 20)),
    late=st.booleans(),
)


@st.composite
def by_case(draw: Any, sms: Answers, phone: Answers) -> CaseResults:
    """Results of single cases: some came before our answers, of which they are a part."""
    own_sms, own_phone = (
        Answers(*(draw(st.integers(0, own.of(rating))) for rating in Rating))
        for own in (sms, phone)
    )
    return CaseResults(
        draw(answers), draw(answers), draw(answers), own_sms, own_phone, ("bureau",),
        date(2023, 6, 20), draw(few),
    )  # fmt: skip


@st.composite
def months(draw: Any, name: str) -> MonthOfOffice:
    sms, phone, delivery = draw(answers), draw(answers), draw(st.none() | deliveries)
    results = None if delivery else draw(st.none() | by_case(sms, phone))
    return MonthOfOffice(name, draw(st.integers(0, 900)), sms, phone, delivery, results)


offices = st.builds(
    OfficeFacts,
    office=st.builds(
        OfficeOnRegister,
        office_code=st.just(""),
        name=st.just("Office"),
        category=st.sampled_from(Category),
        parent_code=st.just("P-1"),
        parent=st.just("Bureau"),
        approval_service=st.booleans(),
        exempt_reason=st.sampled_from([None, None, None, "merged"]),
    ),
    month=months("2023-05"),
    surveys=st.builds(
        SurveyCounts,
        drawn=few,
        outcomes=st.dictionaries(st.sampled_from(Disposition), few),
        reasons=st.dictionaries(st.sampled_from(DissatisfactionReason), few),
        still_open=few,
        verified=st.dictionaries(
            st.tuples(st.sampled_from(Rating), st.sampled_from(Rating)), st.integers(1, 9)
        ),
    ),
    earlier=st.tuples() | st.tuples(months("2023-04")),
    ended_months=st.integers(1, 3),
)


@st.composite
def cities(draw: Any) -> MonthFacts:
    found = draw(st.lists(offices, min_size=1, max_size=6))
    coded = tuple(
        replace(one, office=replace(one.office, office_code=f"O-{number}"))
        for number, one in enumerate(found)
    )
    return MonthFacts("2023-05", date(2023, 6, 20), date(2023, 6, 26), True, coded)


def leaves(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for line in lines:
        if line["counted"]:
            found += leaves(line["children"]) if line["children"] else [line]
    return found


def added(score: OfficeScore) -> Decimal:
    return sum((Decimal(leaf["points"]) for leaf in leaves(score.lines)), Decimal(0))


@given(cities())
def test_the_counted_lines_add_up_to_the_points(city: MonthFacts) -> None:
    for score in score_month(STANDARD, city):
        if score.points is not None:
            assert added(score) == Decimal(score.points) / 10_000
            assert Decimal(score.lines[0]["points"]) == added(score)


@given(cities())
def test_points_are_between_nothing_and_thirty(city: MonthFacts) -> None:
    for score in score_month(STANDARD, city):
        assert score.points is None or 0 <= score.points <= FULL


@given(cities())
def test_there_are_points_exactly_where_somebody_rated_an_appraised_office(
    city: MonthFacts,
) -> None:
    for score in score_month(STANDARD, city):
        expected = score.row.appraised and score.row.rated > 0
        assert (score.points is not None) == expected
        assert (score.row.rate is not None) == expected
        assert expected or score.row.notes


@given(cities())
def test_a_row_is_read_back_as_it_was_stored(city: MonthFacts) -> None:
    for score in score_month(STANDARD, city):
        stored = json.loads(json.dumps(score.row.to_json()))
        assert MonthRow.from_json(stored) == score.row
        assert json.dumps(MonthRow.from_json(stored).to_json()) == json.dumps(stored)


@given(cities())
def test_the_answers_add_up_whichever_way_they_came(city: MonthFacts) -> None:
    for score in score_month(STANDARD, city):
        row = score.row
        by_way = row.rated_by_sms + row.rated_by_phone + row.rated_elsewhere
        by_answer = row.satisfied + row.neutral + row.dissatisfied
        assert row.rated == by_way == by_answer


@given(cities(), st.randoms(use_true_random=False))
def test_the_order_of_the_offices_changes_nothing(city: MonthFacts, chance: random.Random) -> None:
    shuffled = list(city.offices)
    chance.shuffle(shuffled)
    again = score_month(STANDARD, replace(city, offices=tuple(shuffled)))
    key = lambda score: score.office_code  # noqa: E731 - one word, used twice
    assert sorted(again, key=key) == sorted(score_month(STANDARD, city), key=key)


@given(cities())
def test_one_more_satisfied_citizen_never_costs_points(city: MonthFacts) -> None:
    one = city.offices[0]
    better = replace(one, month=replace(one.month, sms=one.month.sms + Answers(satisfied=1)))
    before = score_month(STANDARD, replace(city, offices=(one,)))[0].points
    after = score_month(STANDARD, replace(city, offices=(better,)))[0].points
    assert before is None or (after is not None and after >= before)


@given(cities())
def test_a_line_that_does_not_count_carries_no_points_and_says_why(city: MonthFacts) -> None:
    for score in score_month(STANDARD, city):
        for line in score.lines:
            for child in line["children"]:
                assert child["counted"] or (child["points"] is None and child["note"])


@given(cities())
def test_the_gap_between_sms_and_phone_is_over_the_same_people(city: MonthFacts) -> None:
    for office, score in zip(city.offices, score_month(STANDARD, city), strict=True):
        pairs = office.surveys.verified
        found = score.row.verification
        assert found.pairs == sum(pairs.values())
        assert found.same == sum(n for (sms, phone), n in pairs.items() if sms == phone)
        if pairs:
            worth: dict[Rating, Fraction | int] = {
                Rating.SATISFIED: 1,
                Rating.NEUTRAL: Fraction(3, 5),
                Rating.DISSATISFIED: 0,
            }
            mean = sum(worth[phone] * n for (_, phone), n in pairs.items()) / Fraction(
                sum(pairs.values())
            )
            assert abs(Fraction(str(found.phone_mean)) - mean) <= Fraction(1, 20_000)


@given(cities(), st.integers(0, 12))
def test_only_offices_with_enough_ratings_are_ranked_and_the_others_say_why(
    city: MonthFacts, least: int
) -> None:
    before, scores = (score_month(STANDARD, facts) for facts in (city, enough(city, least)))
    assert [score.points for score in scores] == [score.points for score in before]
    ranked = [score for score in scores if score.rank is not None]
    assert all(score.row.rated >= least for score in ranked)
    for score in scores:
        if score.points is not None and score.rank is None:
            assert f"a rank needs {least}" in score.row.notes[0].render("en")
    places = [(-(score.points or 0), score.rank) for score in ranked]
    assert sorted(places) == sorted(places, key=lambda place: place[1] or 0)


def enough(city: MonthFacts, least: int) -> MonthFacts:
    return replace(city, min_ratings=least)
