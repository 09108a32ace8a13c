"""The queries that count: one pass over a month's surveys, however many there are.

Grouping by the few words that matter and adding up the groups here costs half of what a sum per
figure costs in the database. The pass goes through the table in its own order: looking up each
survey of a month from the index costs SQLite two thirds more (a million of them, measured).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Integer, Row, cast, exists, func, select

from survey_pipeline.calendar import first_day, last_day, month_of
from survey_pipeline.scoring.facts import Answers, Delivery, OfficeOnRegister
from survey_pipeline.store.tables import (
    cases,
    daily_reports,
    draws,
    offices,
    parents,
    satisfaction_results,
    surveys,
)
from survey_pipeline.survey.month_scan import passing_through
from survey_pipeline.survey.own_answers import split_by_mode
from survey_pipeline.vocabulary import (
    Category,
    DeliveryMode,
    Disposition,
    DissatisfactionReason,
    Mode,
    Rating,
    SurveyState,
)

FLAGS = ("texted", "delivered", "replied", "called", "reached")


@dataclass
class SurveyTally:
    """Counts of one office's drawn cases of a month."""

    drawn: int = 0
    texted: int = 0
    delivered: int = 0
    replied: int = 0
    called: int = 0
    reached: int = 0
    still_open: int = 0
    ratings: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: Counter[Disposition] = field(default_factory=Counter)
    reasons: Counter[DissatisfactionReason] = field(default_factory=Counter)
    verified: Counter[tuple[Rating, Rating]] = field(default_factory=Counter)

    @property
    def answers(self) -> tuple[Answers, Answers]:
        """Return the ratings of record by SMS and by phone."""
        return split_by_mode(self.ratings)

    def add(self, row: Row[Any]) -> None:
        """Add one group of surveys: the words of `survey_tallies`, then what it counts."""
        _, rating, mode, verification, reason, disposition, count, *course = tuple(row)
        self.drawn += count
        self.texted += course[0]
        self.delivered += course[1]
        self.replied += course[2]
        self.called += course[3]
        self.reached += course[4]
        self.still_open += course[5]
        self.outcomes[Disposition(disposition)] += count
        if reason:
            self.reasons[DissatisfactionReason(reason)] += count
        if rating:
            self.ratings[mode, rating] += count
        if verification and mode == Mode.SMS:
            self.verified[Rating(rating), Rating(verification)] += count


def survey_tallies(connection: Connection, month: str) -> dict[str, SurveyTally]:
    """Count a month's surveys by office."""
    words = (
        surveys.c.office_code,
        surveys.c.rating,
        surveys.c.rated_by,
        surveys.c.verification,
        surveys.c.reason,
        surveys.c.disposition,
    )
    query = (
        select(
            *words,
            func.count(),
            *(func.sum(cast(surveys.c[flag], Integer)) for flag in FLAGS),
            func.sum(cast(surveys.c.state == SurveyState.OPEN, Integer)),
        )
        .where(passing_through(connection, month))
        .group_by(*words)
    )
    found: defaultdict[str, SurveyTally] = defaultdict(SurveyTally)
    for row in connection.execute(query).all():
        found[row[0]].add(row)
    return dict(found)


def reported(connection: Connection, month: str) -> dict[str, int]:
    """Sum the accepted cases of a month by office."""
    rows = connection.execute(
        select(daily_reports.c.office_code, func.sum(daily_reports.c.reported))
        .where(daily_reports.c.reported_on.between(first_day(month), last_day(month)))
        .group_by(daily_reports.c.office_code)
    )
    return {office: int(count) for office, count in rows}


def counted_from(
    connection: Connection, months: Sequence[str], until: date, setting: str | None
) -> str:
    """Return the first of the window's months that counts for the volume (clause A.2).

    The later of the window's first month and the setting, or where it is blank the month of the
    first draw; without a draw the window's first.

    Args:
        connection: a transaction that reads.
        months: the window's, in order; without any, nothing is left out and the answer is blank.
        until: the last day that is looked at; later draws play no part.
        setting: `satisfaction.counted_from`, `YYYY-MM`.
    """
    first = months[0] if months else ""
    if setting:
        return max(first, setting)
    drawn_on = connection.scalar(select(func.min(draws.c.day)).where(draws.c.day <= until))
    return max(first, month_of(drawn_on)) if drawn_on else first


def deliveries(connection: Connection, months: Sequence[str]) -> dict[tuple[str, str], Delivery]:
    """Read what others delivered for some months, withdrawn rows left out."""
    rows = connection.execute(
        select(satisfaction_results).where(
            satisfaction_results.c.month.in_(months),
            satisfaction_results.c.withdrawn_at.is_(None),
        )
    )
    return {
        (row.month, row.office_code): Delivery(
            reported=row.reported,
            sampled=row.sampled,
            answers=Answers(row.satisfied, row.neutral, row.dissatisfied),
            source=row.source,
            mode=DeliveryMode(row.mode),
            delivered_on=row.delivered_on,
            late=row.late,
        )
        for row in rows
    }


def register(connection: Connection) -> list[OfficeOnRegister]:
    """Return every office with its parent department, in code point order of office_code."""
    rows = connection.execute(
        select(offices, parents.c.name.label("parent")).outerjoin(
            parents, parents.c.parent_code == offices.c.parent_code
        )
    )
    return [
        OfficeOnRegister(
            office_code=row.office_code,
            name=row.name,
            category=Category(row.category),
            parent_code=row.parent_code,
            parent=row.parent or "",
            approval_service=row.approval_service,
            exempt_reason=row.exempt_reason or None,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            withdrawn=row.withdrawn_at is not None,
        )
        for row in sorted(rows, key=lambda row: str(row.office_code))
    ]


def has_undrawn_cases(connection: Connection, month: str) -> bool:
    """Return whether an accepted case of the month waits for its draw."""
    return bool(
        connection.scalar(
            select(
                exists().where(
                    cases.c.frame_on.is_(None),
                    cases.c.reported_on.between(first_day(month), last_day(month)),
                    cases.c.withdrawn_at.is_(None),
                )
            )
        )
    )
