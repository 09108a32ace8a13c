"""Who has not reported: every office owes a report each working day, a zero report included.

Source: "按要求每日报送", part A; that working days are meant is a local decision.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import daily_reports, offices
from survey_pipeline.survey.context import Context


@dataclass(frozen=True)
class MissingReport:
    """An office that owes reports."""

    office_code: str
    name: str
    days: Sequence[date]
    """The working days without one, oldest first."""


def missing_reports(context: Context, day: date, looking_back: timedelta) -> list[MissingReport]:
    """Return the offices that have not reported on working days up to `day`, both included.

    Args:
        context: the workspace.
        day: the last day looked at.
        looking_back: how far back; the first day is `day` less that.
    """
    owed = {
        one
        for back in range(looking_back.days + 1)
        if context.calendar.is_working_day(one := day - back * ONE_DAY)
    }
    with reading(context.engine) as connection:
        came = _reported(connection, day - looking_back)
        owing = connection.execute(_OWING).all()
    missing = []
    for office_code, name, first, last in owing:
        # a set's difference, because the loop runs for every office with every look at the day
        without = owed.difference(came.get(office_code, ()))
        if first or last:
            without = {one for one in without if (first or date.min) <= one <= (last or date.max)}
        if without:
            missing.append(MissingReport(office_code, name, sorted(without)))
    return missing


_OWING = (
    select(offices.c.office_code, offices.c.name, offices.c.valid_from, offices.c.valid_until)
    .where(offices.c.exempt_reason.is_(None), offices.c.withdrawn_at.is_(None))
    .order_by(offices.c.office_code)
)


def _reported(connection: Connection, since: date) -> dict[str, set[date]]:
    """Return by office the days on which it reported cases, or that it had none."""
    query = select(daily_reports.c.office_code, daily_reports.c.reported_on).where(
        daily_reports.c.reported_on >= since,
        (daily_reports.c.reported > 0) | daily_reports.c.zero,
    )
    came: dict[str, set[date]] = defaultdict(set)
    for office_code, reported_on in connection.execute(query):
        came[office_code].add(reported_on)
    return came
