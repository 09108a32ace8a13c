"""What an office sees of itself: the days it reported, and its scores of closed months.

An office never sees who was asked or who said what: a month is shown when its last survey has
ended, and what rests on ratings only from `privacy.min_cell` ratings on (specification, sections 9
and 10). The bound holds for every answer and reason (`disclosure`); rate, points and rank are held
back with the counts, which would follow from them. How many were drawn is not shown at all: of a
small office it may be everybody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.calendar import ONE_DAY, first_day, last_day, month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.reports.disclosure import (
    share_of_nearly_all,
    shown_answers,
    shown_reasons,
)
from survey_pipeline.reports.owing import Obligation, obligation
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    daily_reports,
    month_scores,
    office_month_scores,
    offices,
    parents,
)
from survey_pipeline.vocabulary import Rating

MOST_MONTHS = 36


class DayState(StrEnum):
    """Where an office's report of a day stands."""

    REPORTED = "reported"
    ZERO = "zero"
    """It said that it had no case."""
    MISSING = "missing"
    """A report was owed and did not come."""
    OPEN = "open"
    """It is owed today."""
    FREE = "free"
    """None is owed: no working day, before the office's time or after it."""
    AHEAD = "ahead"


@dataclass(frozen=True)
class OfficeView:
    """An office, as the head of its page names it."""

    office_code: str
    name: str
    parent_code: str
    parent: str


@dataclass(frozen=True)
class ReportedDay:
    """One day of an office's calendar."""

    day: date
    state: DayState
    reported: int
    """Accepted cases, withdrawn ones taken off."""
    working: bool


@dataclass(frozen=True)
class ReportedMonth:
    """A month of an office's reports."""

    month: str
    days: Sequence[ReportedDay]
    certain: bool
    """Whether the year's working days are known."""

    @property
    def reported(self) -> int:
        """Cases of the whole month."""
        return sum(one.reported for one in self.days)

    def count(self, state: DayState) -> int:
        """Return how many days are in a state."""
        return sum(one.state is state for one in self.days)

    @property
    def missing(self) -> list[date]:
        """The days whose report did not come, the latest first."""
        return [one.day for one in reversed(self.days) if one.state is DayState.MISSING]

    @property
    def weeks(self) -> Iterator[Sequence[ReportedDay | None]]:
        """Yield the weeks, Monday first; places outside the month are empty."""
        places: list[ReportedDay | None] = [None] * self.days[0].day.weekday()
        places += self.days
        places += [None] * (-len(places) % 7)
        for start in range(0, len(places), 7):
            yield places[start : start + 7]


@dataclass(frozen=True)
class OfficeMonth:
    """An office's score of a closed month, as far as it may see it."""

    month: str
    version: int
    published: bool
    standard: str
    reported: int
    enough: bool
    """Whether there are `least` ratings; if not, nothing that rests on ratings is here."""
    least: int
    """`privacy.min_cell`."""
    nobody: bool
    """Nobody rated at all: that may be told, with the reason."""
    whole: bool
    """Whether every answer's count may be shown; if not, neither rate, points nor rank are here."""
    nearly_all: Rating | None
    """The answer that nearly everybody gave, where that may be told."""
    nearly_all_share: Decimal | None
    """...and at least which share of them did."""
    rated: int | None
    satisfied: int | None
    neutral: int | None
    dissatisfied: int | None
    rate: Decimal | None
    rate_low: Decimal | None
    rate_high: Decimal | None
    coefficient: Decimal | None
    points: Decimal | None
    rank: int | None
    reasons: Mapping[str, int]
    """`DissatisfactionReason` -> how many named it."""
    notes: Sequence[Message]


def look_at_office(context: Context, office_code: str) -> OfficeView:
    """Return an office's name.

    Raises:
        UnknownRecord: there is no such office.
    """
    with reading(context.engine) as connection:
        found = connection.execute(
            select(offices.c.name, offices.c.parent_code, parents.c.name.label("parent"))
            .outerjoin(parents, parents.c.parent_code == offices.c.parent_code)
            .where(offices.c.office_code == office_code)
        ).one_or_none()
    if found is None:
        raise UnknownRecord("there is no office {code}", code=office_code)
    return OfficeView(office_code, found.name, found.parent_code, found.parent or "")


def reported_month(context: Context, office_code: str, month: str) -> ReportedMonth:
    """Return what an office reported in a month, day by day.

    Raises:
        UnknownRecord: there is no such office.
    """
    first, last = first_day(month), last_day(month)
    with reading(context.engine) as connection:
        known = select(offices.c.office_code).where(offices.c.office_code == office_code)
        if connection.scalar(known) is None:
            raise UnknownRecord("there is no office {code}", code=office_code)
        came = {
            row.reported_on: row
            for row in connection.execute(
                select(daily_reports).where(
                    daily_reports.c.office_code == office_code,
                    daily_reports.c.reported_on.between(first, last),
                )
            )
        }
        owing = _Owing(context, obligation(connection, context, office_code))
    days = [first + offset * ONE_DAY for offset in range((last - first).days + 1)]
    return ReportedMonth(
        month,
        [owing.day(day, came.get(day)) for day in days],
        context.calendar.covers(first.year),
    )


class _Owing:
    """On which days an office owes a report (docs/decisions/daily-reports.md)."""

    def __init__(self, context: Context, owed: Obligation | None) -> None:
        self._context, self._owed, self._today = context, owed, context.today()

    def day(self, day: date, came: Row[Any] | None) -> ReportedDay:
        """Return how a day stands, given what came for it."""
        working = self._context.calendar.is_working_day(day)
        reported = came.reported if came else 0
        return ReportedDay(day, self._state(day, came, working=working), reported, working)

    def _state(self, day: date, came: Row[Any] | None, *, working: bool) -> DayState:
        if came is not None and came.reported:
            return DayState.REPORTED
        if came is not None and came.zero:
            return DayState.ZERO
        if day > self._today:
            return DayState.AHEAD
        if not working or self._owed is None or day not in self._owed:
            return DayState.FREE
        return DayState.OPEN if day == self._today else DayState.MISSING


def closed_months(context: Context, office_code: str) -> list[OfficeMonth]:
    """Return an office's scores of closed months, newest first; of each the one that stands.

    That is the published version, else the last one that was computed after the month had closed.
    """
    with reading(context.engine) as connection:
        return _closed(connection, context, office_code, None)


def closed_month(context: Context, office_code: str, month: str) -> OfficeMonth:
    """Return an office's score of one closed month.

    Raises:
        UnknownRecord: the month is not closed or not scored yet, or the office is not in it.
    """
    with reading(context.engine) as connection:
        found = _closed(connection, context, office_code, month)
    if not found:
        raise UnknownRecord(
            "the scores of {month} are not here: a month is shown when its last survey has ended",
            month=month,
        )
    return found[0]


def _closed(
    connection: Connection, context: Context, office_code: str, month: str | None
) -> list[OfficeMonth]:
    query = select(month_scores).where(
        month_scores.c.complete.is_(True), month_scores.c.month <= month_of(context.today())
    )
    if month is not None:
        query = query.where(month_scores.c.month == month)
    heads = connection.execute(
        query.order_by(
            month_scores.c.month.desc(),
            month_scores.c.published_at.is_(None),
            month_scores.c.version.desc(),
        )
    ).all()
    stand: dict[str, Row[Any]] = {}
    for head in heads:
        stand.setdefault(head.month, head)
    by_id = {head.id: head for head in list(stand.values())[:MOST_MONTHS]}
    rows = connection.execute(
        select(office_month_scores).where(
            office_month_scores.c.score_id.in_(by_id),
            office_month_scores.c.office_code == office_code,
        )
    )
    least = context.settings.privacy.min_cell
    found = [_month(by_id[row.score_id], row, least) for row in rows]
    return sorted(found, key=lambda one: one.month, reverse=True)


def _month(head: Row[Any], row: Row[Any], least: int) -> OfficeMonth:
    facts: Mapping[str, Any] = row.facts
    rated: int = facts["rated"]
    enough, nobody = rated >= least, rated == 0
    answers = {one: int(facts[one.value]) for one in Rating}
    shown = shown_answers(answers, least) if enough else {}
    whole = len(shown) == len(answers)

    def figure(name: str) -> Decimal | None:
        return Decimal(facts[name]) if whole and facts[name] is not None else None

    common = max(answers, key=lambda one: answers[one])
    share = share_of_nearly_all(answers[common], rated, least)
    unhappy = rated - answers[Rating.SATISFIED]
    return OfficeMonth(
        month=head.month,
        version=head.version,
        published=head.published_at is not None,
        standard=head.standard,
        reported=facts["reported"],
        enough=enough,
        least=least,
        nobody=nobody,
        whole=whole,
        nearly_all=common if share is not None else None,
        nearly_all_share=share,
        rated=rated if enough else None,
        satisfied=shown.get(Rating.SATISFIED),
        neutral=shown.get(Rating.NEUTRAL),
        dissatisfied=shown.get(Rating.DISSATISFIED),
        rate=figure("rate"),
        rate_low=figure("rate_low"),
        rate_high=figure("rate_high"),
        coefficient=Decimal(facts["coefficient"]) if enough and facts["coefficient"] else None,
        points=figure("points"),
        rank=row.rank if whole else None,
        reasons=shown_reasons(facts["reasons"], unhappy, least) if shown else {},
        notes=_notes(facts["note"]) if enough or nobody else [],
    )


def _notes(stored: Sequence[str]) -> list[Message]:
    """Return a row's notes without those that count cases drawn or people's answers."""
    notes = [Message.from_json(one) for one in stored]
    return [one for one in notes if not any(map(_is_a_count, one.params.items()))]


def _is_a_count(param: tuple[str, object]) -> bool:
    name, value = param
    return name != "reported" and str(value).isdigit()
