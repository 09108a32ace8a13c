"""A year's counts by month and office, in one pass each: what its satisfaction score pools.

Source: specification, section 14.A. Months that have ended by the day of the score count whole; of
the one under way only what is dated up to that day (a result of a single case by the day of its
answer), and no delivery, since a month that is not over cannot be delivered. When something came in
plays no part.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, String, and_, cast, func, or_, select

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.scoring.evidence import OfficeYear
from survey_pipeline.scoring.facts import Answers, MonthOfOffice
from survey_pipeline.stages.satisfaction import tallies
from survey_pipeline.stages.satisfaction.case_results import as_case_results, result_tallies
from survey_pipeline.standard.load import VolumeSpan, window_months
from survey_pipeline.standard.model import Window
from survey_pipeline.store.tables import case_results, cases, daily_reports, surveys
from survey_pipeline.survey.own_answers import own_answers
from survey_pipeline.vocabulary import SurveyState

Key = tuple[str, str]
"""(month, office_code)."""


@dataclass(frozen=True)
class YearOfMonths:
    """The counts of reports and surveys in a year's months."""

    offices: tuple[OfficeYear, ...]
    """Every office valid in one of the months, by office_code; exempt ones too."""
    counted_from: str
    """The first month that counts for the volume, `YYYY-MM`."""
    settled: bool
    """Every case of these months was in a draw, and every survey has ended."""


def gather_months(
    connection: Connection, window: Window, as_of: date, counted_from: str | None
) -> YearOfMonths:
    """Count the window's months up to a day for every office.

    Args:
        connection: a transaction that reads.
        window: of the standard in force.
        as_of: the day; not after the window's end.
        counted_from: the setting of that name, `YYYY-MM`.
    """
    months = window_months(window, as_of)
    span = VolumeSpan(tallies.counted_from(connection, months, as_of, counted_from), as_of)
    ended = [month for month in months if last_day(month) <= as_of]
    reported = _reported(connection, months, as_of)
    ours = or_(surveys.c.month.in_(ended), surveys.c.drawn_on <= as_of)
    answers = own_answers(connection, surveys.c.month.in_(months), ours)
    deliveries = tallies.deliveries(connection, ended)
    result = case_results.c
    results = as_case_results(
        result_tallies(
            connection,
            result.month.in_(months),
            or_(result.month.in_(ended), result.answered_on <= as_of),
            ours=ours,
        )
    )

    def counted(month: str, office_code: str) -> MonthOfOffice:
        sms, phone = answers.get((month, office_code), (Answers(), Answers()))
        return MonthOfOffice(
            month=month,
            reported=reported.get((month, office_code), 0),
            sms=sms,
            phone=phone,
            delivery=deliveries.get((month, office_code)),
            results=results.get((month, office_code)),
        )

    found = []
    for office in tallies.register(connection):
        own = [month for month in months if office.valid_within(first_day(month), last_day(month))]
        if own and not office.withdrawn:
            rows = tuple(counted(month, office.office_code) for month in own)
            found.append(OfficeYear(office, rows, span.ended_months(own)))
    return YearOfMonths(tuple(found), span.counted_from, _settled(connection, months))


def _reported(connection: Connection, months: tuple[str, ...], as_of: date) -> dict[Key, int]:
    """Sum the accepted cases by month and office."""
    if not months:
        return {}
    month = func.substr(cast(daily_reports.c.reported_on, String), 1, 7)  # ISO on both engines
    rows = connection.execute(
        select(month, daily_reports.c.office_code, func.sum(daily_reports.c.reported))
        .where(
            daily_reports.c.reported_on.between(
                first_day(months[0]), min(as_of, last_day(months[-1]))
            )
        )
        .group_by(month, daily_reports.c.office_code)
    )
    return {(month, office): int(count) for month, office, count in rows}


def _settled(connection: Connection, months: tuple[str, ...]) -> bool:
    """Return whether no case of these months can still be drawn or answered."""
    if not months:
        return True
    undrawn = select(cases.c.id).where(
        cases.c.frame_on.is_(None),
        cases.c.reported_on.between(first_day(months[0]), last_day(months[-1])),
        cases.c.withdrawn_at.is_(None),
    )
    still_open = select(surveys.c.id).where(
        and_(surveys.c.state == SurveyState.OPEN, surveys.c.month.in_(months))
    )
    return all(
        connection.execute(query.limit(1)).first() is None for query in (undrawn, still_open)
    )
