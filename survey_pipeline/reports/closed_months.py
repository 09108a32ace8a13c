"""What an office sees of its own scores: closed months, and counts that name no citizen.

An office must not learn who was asked or who gave which answer. A month is shown once its last
survey has ended; what rests on ratings is shown from `privacy.min_cell` ratings on (specification,
sections 9 and 10). The bound holds for each answer and reason (`disclosure`). Rate, points and rank
are hidden together with the counts, because the counts follow from them. The number of drawn cases
is never shown: a small office may have had all its cases drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.reports.disclosure import (
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
    version: int
    published: bool
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
    coefficient: Decimal | None
    points: Decimal | None
    rank: int | None
    reasons: Mapping[DissatisfactionReason, int]
    """How many named each."""
    notes: Sequence[Message]


def closed_months(context: Context, office_code: str) -> list[ClosedMonth]:
    """Return an office's scores of closed months, newest first; of each the one that stands.

    That is the published version, else the last one that was computed after the month had closed.
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
    return sorted(found, key=lambda month: month.month, reverse=True)


def _month(head: Row[Any], row: Row[Any], least: int) -> ClosedMonth:
    month = MonthRow.from_json(row.facts)
    enough, nobody = month.rated >= least, month.rated == 0
    answers = {rating: month.answers.of(rating) for rating in Rating}
    shown = shown_answers(answers, least) if enough else {}
    whole = len(shown) == len(answers)
    common = max(answers, key=lambda rating: answers[rating])
    share = share_of_nearly_all(answers[common], month.rated, least)
    unhappy = month.rated - answers[Rating.SATISFIED]
    return ClosedMonth(
        month=head.month,
        version=head.version,
        published=head.published_at is not None,
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
        coefficient=month.coefficient if enough else None,
        points=month.points if whole else None,
        rank=row.rank if whole else None,
        reasons=shown_reasons(month.reasons, unhappy, least) if shown else {},
        notes=_notes(month.notes) if enough or nobody else [],
    )


def _notes(notes: Sequence[Message]) -> list[Message]:
    """Return a row's notes without those that count cases drawn or people's answers."""
    return [note for note in notes if not any(map(_is_a_count, note.params.items()))]


def _is_a_count(param: tuple[str, object]) -> bool:
    name, value = param
    return name != "reported" and str(value).isdigit()
