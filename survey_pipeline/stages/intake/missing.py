"""Who has not reported: every office owes a report each working day, a zero report included.

Source: "按要求每日报送", part A; that working days are meant is a local decision.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

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
    days = [
        one
        for back in range(looking_back.days, -1, -1)
        if context.calendar.is_working_day(one := day - back * ONE_DAY)
    ]
    with reading(context.engine) as connection:
        came: dict[str, set[date]] = defaultdict(set)
        for row in connection.execute(
            select(daily_reports.c.office_code, daily_reports.c.reported_on).where(
                daily_reports.c.reported_on >= day - looking_back,
                (daily_reports.c.reported > 0) | daily_reports.c.zero,
            )
        ):
            came[row.office_code].add(row.reported_on)
        owing = connection.execute(
            select(offices)
            .where(offices.c.exempt_reason.is_(None), offices.c.withdrawn_at.is_(None))
            .order_by(offices.c.office_code)
        ).all()
    missing = []
    for office in owing:
        open_from, open_until = office.valid_from or date.min, office.valid_until or date.max
        owed = [
            one
            for one in days
            if open_from <= one <= open_until and one not in came[office.office_code]
        ]
        if owed:
            missing.append(MissingReport(office.office_code, office.name, owed))
    return missing
