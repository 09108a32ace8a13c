"""What an office sees of its own scores: closed months, and counts that name no citizen.

An office must not learn who was asked or who gave which answer. A month is shown once its last
survey has ended; what rests on ratings is shown from `privacy.min_cell` ratings on (specification,
sections 9 and 10). The bound holds for each answer and reason (`disclosure`). Rate, points and rank
are hidden together with the counts, because the counts follow from them. The number of drawn cases
is never shown: a small office may have had all its cases drawn.

A closed month may be computed again. If an office could compare two versions, it would learn what
few people answered. So a later version replaces the one shown before only if the difference does
not tell that; else the earlier one stays, and the month says that its score has changed since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.reports.disclosure import (
    may_follow,
    reasons_may_follow,
    share_of_nearly_all,
    shown_answers,
    shown_reasons,
)
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    month_scores,
    office_month_scores,
)
from survey_pipeline.vocabulary import DissatisfactionReason, Rating

MOST_MONTHS = 36


@dataclass(frozen=True)
class ClosedMonth:
    """An office's score of a closed month, as far as it may see it."""

    month: str
    score_id: int
    """The key of the stored score that is shown."""
    version: int
    published_at: datetime | None
    changed_since: bool
    """Whether the score has changed since in too few answers for the change to be shown."""
    standard: str
    reported: int
    enough: bool
    """Whether there are `least` ratings; if not, nothing that rests on ratings is here."""
    least: int
    """`privacy.min_cell`."""
    nobody: bool
    """No citizen rated: the office may know that, with the reason."""
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
    satisfied_share: Decimal | None
    coefficient: Decimal | None
    points: Decimal | None
    rank: int | None
    """In the city."""
    reasons: Mapping[DissatisfactionReason, int]
    """How many named each."""
    notes: Sequence[Message]

    @property
    def published(self) -> bool:
        """Whether it stays as it is."""
        return self.published_at is not None


def closed_months(context: Context, office_code: str) -> list[ClosedMonth]:
    """Return an office's scores of closed months, newest first; of each one version.

    That is the published version, else the last one that was computed after the month had closed,
    unless its difference from a version shown before would tell what few people answered.
    """
    with reading(context.engine) as connection:
        return _closed(connection, context, office_code, None)


def closed_month(context: Context, office_code: str, month: str) -> ClosedMonth:
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
) -> list[ClosedMonth]:
    heads = closed_heads(connection, month_of(context.today()), month)
    rows = connection.execute(
        select(
            office_month_scores.c.score_id, office_month_scores.c.rank, office_month_scores.c.facts
        ).where(
            office_month_scores.c.score_id.in_([head.id for head in heads]),
            office_month_scores.c.office_code == office_code,
        )
    )
    by_id = {row.score_id: row for row in rows}
    versions: dict[str, list[ClosedVersion]] = {}
    for head in heads:
        if head.id in by_id:
            row = by_id[head.id]
            facts = MonthRow.from_json(row.facts)
            versions.setdefault(head.month, []).append(ClosedVersion(head, facts, row.rank))
    least = context.settings.privacy.min_cell
    return [shown_version(versions[name], least) for name in sorted(versions, reverse=True)]


def closed_heads(connection: Connection, last: str, month: str | None) -> list[Row[Any]]:
    """Return the versions of closed months, of each month the oldest first."""
    closed = and_(month_scores.c.complete.is_(True), month_scores.c.month <= last)
    wanted = closed if month is None else and_(closed, month_scores.c.month == month)
    newest = select(month_scores.c.month).where(wanted).distinct()
    newest = newest.order_by(month_scores.c.month.desc()).limit(MOST_MONTHS)
    found = connection.execute(
        select(month_scores)
        .where(closed, month_scores.c.month.in_(newest))
        .order_by(month_scores.c.month, month_scores.c.version)
    )
    return list(found)


@dataclass(frozen=True)
class ClosedVersion:
    """An office's row in one version of a closed month, with what it may not see."""

    head: Row[Any]
    facts: MonthRow
    rank: int | None
    """In the city."""

    @property
    def answers(self) -> dict[Rating, int]:
        """How many gave each answer."""
        return {rating: self.facts.answers.of(rating) for rating in Rating}

    def may_follow(self, earlier: "ClosedVersion", least: int) -> bool:
        """Return whether it may be shown to a reader who saw an earlier one (`disclosure`)."""
        return may_follow(earlier.answers, self.answers, least) and reasons_may_follow(
            earlier.facts.reasons, self.facts.reasons, least
        )


def _as_they_stood(versions: Sequence[ClosedVersion]) -> list[ClosedVersion]:
    """Return a month's versions in the order in which an office could see them.

    Until the month's first publication that is the version computed last, from then on the highest
    one that is published.
    """
    published = [version for version in versions if version.head.published_at is not None]
    published.sort(key=lambda version: version.head.published_at)
    first = published[0].head.published_at if published else None
    stood = [version for version in versions if first is None or version.head.computed_at <= first]
    highest = 0
    for version in published:
        if version.head.version > highest:
            highest = version.head.version
            stood.append(version)
    return stood


def shown_version(versions: Sequence[ClosedVersion], least: int) -> ClosedMonth:
    """Return the last version that may be shown to an office that saw the ones shown before.

    Args:
        versions: the closed versions of one month, the oldest first; at least one.
        least: `privacy.min_cell`.
    """
    stood, shown = _as_they_stood(versions), list[ClosedVersion]()
    for version in stood:
        if all(version.may_follow(earlier, least) for earlier in shown):
            shown.append(version)
    return _month(shown[-1], least, changed_since=shown[-1] is not stood[-1])


def _month(version: ClosedVersion, least: int, *, changed_since: bool) -> ClosedMonth:
    head, month, answers = version.head, version.facts, version.answers
    enough, nobody = month.rated >= least, month.rated == 0
    shown = shown_answers(answers, least) if enough else {}
    whole = len(shown) == len(answers)
    common = max(answers, key=lambda rating: answers[rating])
    share = share_of_nearly_all(answers[common], month.rated, least)
    unhappy = month.rated - answers[Rating.SATISFIED]
    return ClosedMonth(
        month=head.month,
        score_id=head.id,
        version=head.version,
        published_at=head.published_at,
        changed_since=changed_since,
        standard=head.standard,
        reported=month.reported,
        enough=enough,
        least=least,
        nobody=nobody,
        whole=whole,
        nearly_all=common if share is not None else None,
        nearly_all_share=share,
        rated=month.rated if enough else None,
        satisfied=shown.get(Rating.SATISFIED),
        neutral=shown.get(Rating.NEUTRAL),
        dissatisfied=shown.get(Rating.DISSATISFIED),
        rate=month.rate if whole else None,
        rate_low=month.rate_low if whole else None,
        rate_high=month.rate_high if whole else None,
        satisfied_share=month.answers.satisfied_share if whole else None,
        coefficient=month.coefficient if enough else None,
        points=month.points if whole else None,
        rank=version.rank if whole else None,
        reasons=shown_reasons(month.reasons, unhappy, least) if shown else {},
        notes=_notes(month.notes) if enough or nobody else [],
    )


def _notes(notes: Sequence[Message]) -> list[Message]:
    """Return a row's notes without those that count cases drawn or people's answers."""
    return [note for note in notes if not any(map(_is_a_count, note.params.items()))]


def _is_a_count(param: tuple[str, object]) -> bool:
    name, value = param
    return name != "reported" and str(value).isdigit()
