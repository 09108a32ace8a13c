"""A month's facts, office by office: counts from the tables, no citizen.

Source: specification, sections 8, 12.4 and 14.A. A case counts in the month in which it
was reported. A rating of a case that was withdrawn after the draw stays (it must not mend a score).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.scoring.facts import (
    Answers,
    Delivery,
    MonthFacts,
    MonthOfOffice,
    OfficeFacts,
    OfficeOnRegister,
    SurveyCounts,
)
from survey_pipeline.stages.satisfaction import tallies
from survey_pipeline.stages.satisfaction.case_results import ResultTally, result_tallies
from survey_pipeline.standard.load import ended_months, months_of_window
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import case_results, surveys
from survey_pipeline.survey.own_answers import own_answers

Key = tuple[str, str]
"""(month, office_code)."""


@dataclass(frozen=True)
class Gathered:
    """The counts of each table, not yet joined by office."""

    reported: Mapping[Key, int]
    surveys: Mapping[str, tallies.SurveyTally]
    answers: Mapping[Key, tuple[Answers, Answers]] = field(default_factory=dict)
    """Of the months before: SMS, phone."""
    deliveries: Mapping[Key, Delivery] = field(default_factory=dict)
    results: Mapping[Key, ResultTally] = field(default_factory=dict)
    """What others delivered case by case."""


def gather_month(
    context: Context, standard: Standard, month: str, as_of: date | None = None
) -> MonthFacts:
    """Gather the facts of a month and of the window's months before it.

    Args:
        context: the workspace.
        standard: the standard in force for that month.
        month: `YYYY-MM`.
        as_of: the day up to which months count as ended and deliveries as overdue; today.

    Raises:
        CannotProceed: the month has not begun, or nothing is known of it.
    """
    today = context.today()
    if first_day(month) > today:
        raise CannotProceed("{month} has not begun: there is nothing to score yet", month=month)
    months = months_of_window(standard, month)
    with reading(context.engine) as connection:
        register = tallies.register(connection)
        gathered = _gather(connection, months)
        undrawn = tallies.has_undrawn_cases(connection, month)
    day = as_of or today
    offices = tuple(
        _office(office, gathered, months, day)
        for office in register
        if _is_listed(office, month) or _has_data(gathered, month, office.office_code)
    )
    if not any(_has_data(gathered, month, office.office_code) for office in register):
        raise CannotProceed(
            "nothing was reported, drawn or delivered in {month}. Import its cases first: "
            "survey-pipeline import cases FILE",
            month=month,
        )
    ended = not any(tally.still_open for tally in gathered.surveys.values())
    return MonthFacts(
        month=month,
        as_of=day,
        due_on=standard.satisfaction.due_on(month, context.calendar.next_working_day),
        complete=today > last_day(month) and ended and not undrawn,
        offices=offices,
        min_ratings=context.settings.ranking.min_ratings,
    )


def _gather(connection: Connection, months: tuple[str, ...]) -> Gathered:
    return Gathered(
        reported={
            (month, office): count
            for month in months
            for office, count in tallies.reported(connection, month).items()
        },
        surveys=tallies.survey_tallies(connection, months[-1]),
        answers=own_answers(connection, surveys.c.month.in_(months[:-1])),
        deliveries=tallies.deliveries(connection, months),
        results=result_tallies(connection, case_results.c.month.in_(months)),
    )


def _is_listed(office: OfficeOnRegister, month: str) -> bool:
    """An exempt office too: it stands in the list, not scored and with its reason."""
    return not office.withdrawn and office.valid_within(first_day(month), last_day(month))


def _has_data(gathered: Gathered, month: str, office_code: str) -> bool:
    key = (month, office_code)
    return bool(
        gathered.reported.get(key)
        or office_code in gathered.surveys
        or key in gathered.deliveries
        or key in gathered.results
    )


def _office(
    office: OfficeOnRegister, gathered: Gathered, months: tuple[str, ...], as_of: date
) -> OfficeFacts:
    """Return one office's facts; its earlier months are those in which it was valid."""
    *before, month = months
    own = [m for m in before if office.valid_within(first_day(m), last_day(m))]
    tally = gathered.surveys.get(office.office_code, tallies.SurveyTally())
    return OfficeFacts(
        office=office,
        month=_month(office, gathered, month, tally.answers),
        surveys=_counts(tally, gathered.results.get((month, office.office_code))),
        earlier=tuple(
            _month(
                office,
                gathered,
                m,
                gathered.answers.get((m, office.office_code), (Answers(), Answers())),
            )
            for m in own
        ),
        ended_months=ended_months((*own, month), as_of),
    )


def _month(
    office: OfficeOnRegister, gathered: Gathered, month: str, answers: tuple[Answers, Answers]
) -> MonthOfOffice:
    key = (month, office.office_code)
    results = gathered.results.get(key)
    return MonthOfOffice(
        month=month,
        reported=gathered.reported.get(key, 0),
        sms=answers[0],
        phone=answers[1],
        delivery=gathered.deliveries.get(key),
        results=results.case_results() if results else None,
    )


def _counts(tally: tallies.SurveyTally, results: ResultTally | None) -> SurveyCounts:
    verified = tally.verified + results.pairs if results else tally.verified
    return SurveyCounts(
        drawn=tally.drawn,
        texted=tally.texted,
        delivered=tally.delivered,
        replied=tally.replied,
        called=tally.called,
        reached=tally.reached,
        still_open=tally.still_open,
        outcomes=dict(tally.outcomes),
        reasons=dict(tally.reasons),
        verified=dict(verified),
    )
