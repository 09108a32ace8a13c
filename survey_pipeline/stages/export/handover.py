"""The call list for those who call in our place (specification, section 7).

By the shipped standard that is the health commission, for the health offices. A case is handed
over once its reply window has ended without a rating, unread and unclear replies included. From
then on it is theirs: the survey is marked, a text that comes later is kept and not counted
(`survey.rating`), and the results come back: the list with its two empty columns filled in, as
`results`, or a month's counts as `satisfaction` of mode `phone`. The list of a day can be written
again: it shows the same cases, and what came due since.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    exists,
    not_,
    or_,
    select,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.formulas import disarmed
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.stages.export.destination import replaced
from survey_pipeline.stages.export.other_callers import callers_of
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import (
    cases,
    inbound,
    messages,
    offices,
    opt_outs,
    survey_events,
    surveys,
)
from survey_pipeline.vocabulary import (
    ON_ITS_WAY,
    AuditAction,
    CallReason,
    InboundUse,
    MessagePurpose,
    MessageState,
    RecordKind,
    ResultMode,
    SurveyEventKind,
)
from survey_pipeline.vocabulary.call_list import HANDOVER_COLUMNS, TO_FILL_IN
from survey_pipeline.vocabulary.names import CALL_REASONS, MODES, named

CHUNK = 500
_UNREAD = (InboundUse.READER, InboundUse.CANNOT_TELL)


@dataclass(frozen=True)
class Handover:
    """What was handed over."""

    path: Path
    day: date
    cases: int
    new: int
    """Of these, on a list for the first time."""


def export_handover(context: Context, category: str, day: date, path: Path) -> Handover:
    """Write the call list of a day, mark its cases as handed over, and log every number shown.

    Args:
        category: one whose texts are ours and whose calls are others', by the standard in force
            on the day or at the draw of an open survey.
        day: the day of the handover; windows that ended by its end (or by now) are on the list.
        path: where to; `.csv` or `.xlsx` by its ending; mode 0600, an older file is replaced.

    Raises:
        UsageError: a category of which nothing is handed over, or another ending.
        CannotProceed: the day has not come, or nothing can be written there.
    """
    if path.suffix.lower() not in {".csv", ".xlsx"}:
        raise UsageError("{file}: the call list is a .csv or an .xlsx file", file=path.name)
    if day > context.today():
        raise CannotProceed("{day} has not come yet: nothing can be handed over", day=day)
    callers = callers_of(context, category, day)
    with replaced(path) as temporary:
        rows, new = _hand_over(context, category, day, callers)
        if path.suffix.lower() == ".xlsx":
            _write_xlsx(temporary, rows, context, day, callers)
        else:
            _write_csv(temporary, rows)
    return Handover(path, day, len(rows), new)


def _hand_over(
    context: Context, category: str, day: date, callers: Message
) -> tuple[list[dict[str, str]], int]:
    """Mark and log in one transaction: a list that could not be written is written again."""
    now = context.now()
    until = min(now, context.calendar.end_of(day))
    with writing(context.engine) as connection:
        hold_rows(connection, surveys.c.id, *_on_the_list(context, category, day, until))
        found = connection.execute(_listed(context, category, day, until)).all()
        new = [row.id for row in found if row.handed_over_on is None]
        for start in range(0, len(new), CHUNK):
            _mark(connection, new[start : start + CHUNK], day, context, now)
        audit.append(connection, _log(context, category, found, day, now))
    source = callers.render(context.settings.locale)
    return [_cells(context, row, source) for row in found], len(new)


def _listed(context: Context, category: str, day: date, until: datetime) -> Select[Any]:
    """Select the list of a day: what stood on it before, and what is due and on no list."""
    survey = surveys.c
    unread = _inbound(inbound.c.survey_id == survey.id, inbound.c.use.in_(_UNREAD))
    sent = survey.texted & not_(
        _text(messages.c.state.in_((MessageState.UNDELIVERED, MessageState.UNKNOWN)))
    )
    reason = case(
        (unread, CallReason.UNCLEAR.value),
        (sent, CallReason.NO_REPLY.value),
        else_=CallReason.UNDELIVERED.value,
    )
    return (
        select(
            survey.id,
            survey.office_code,
            offices.c.name.label("office"),
            survey.case_no,
            survey.month,
            cases.c.served_on,
            cases.c.item,
            survey.phone,
            survey.drawn_on,
            survey.handed_over_on,
            reason.label("reason"),
        )
        .outerjoin(cases, cases.c.id == survey.case_id)
        .outerjoin(offices, offices.c.office_code == survey.office_code)
        .where(*_on_the_list(context, category, day, until))
        .order_by(survey.office_code, survey.case_no)
    )


def _on_the_list(
    context: Context, category: str, day: date, until: datetime
) -> list[ColumnElement[bool]]:
    handed_over_on = surveys.c.handed_over_on
    new = and_(handed_over_on.is_(None), _due(context, until))
    return [_may_be_called(category), or_(handed_over_on == day, new)]


def _may_be_called(category: str) -> ColumnElement[bool]:
    """Unrated, theirs to call, and nothing the citizen said or we withdrew speaks against it."""
    survey = surveys.c
    opted_out = exists().where(
        opt_outs.c.phone_hash == survey.phone_hash, opt_outs.c.ended_at.is_(None)
    )
    return and_(
        survey.category == category,
        survey.own_calls.is_(False),
        survey.rating.is_(None),
        survey.phone.is_not(None),
        survey.opted_out.is_(False),
        survey.denied.is_(False),
        survey.withdrawn.is_(False),
        not_(opted_out),
    )


def _due(context: Context, until: datetime) -> ColumnElement[bool]:
    """The reply window has ended; where no text was accepted it runs from the draw.

    Not yet, where the text may still go out, or where one has come in that nobody has read:
    what it says comes first.
    """
    survey = surveys.c
    waiting = _text(messages.c.state.in_(ON_ITS_WAY))
    pending = _inbound(
        inbound.c.phone_hash == survey.phone_hash, inbound.c.use == InboundUse.PENDING
    )
    never_sent = survey.opened_at <= until - context.settings.survey.reply_window
    window_over = or_(survey.reply_until <= until, and_(survey.reply_until.is_(None), never_sent))
    return and_(window_over, not_(waiting), not_(pending))


def _text(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        messages.c.survey_id == surveys.c.id,
        messages.c.purpose == MessagePurpose.SURVEY,
        *where,
    )


def _inbound(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*where)


def _mark(
    connection: Connection, ids: Sequence[int], day: date, context: Context, now: datetime
) -> None:
    connection.execute(
        update(surveys).where(surveys.c.id.in_(ids)).values(handed_over_on=day, handed_over_at=now)
    )
    connection.execute(  # no reader need look any more: the commission asks
        update(inbound)
        .where(inbound.c.survey_id.in_(ids), inbound.c.use == InboundUse.READER)
        .values(use=InboundUse.CANNOT_TELL)
    )
    connection.execute(
        survey_events.insert(),
        [
            {
                "survey_id": key,
                "at": now,
                "what": SurveyEventKind.HANDED_OVER,
                "after": day.isoformat(),
                "by": context.actor,
            }
            for key in ids
        ],
    )


def _log(
    context: Context, category: str, found: Sequence[Row[Any]], day: date, now: datetime
) -> Iterator[dict[str, Any]]:
    for row in found:
        yield audit.entry(
            at=now,
            actor=context.actor,
            action=AuditAction.EXPORTED,
            kind=RecordKind.CASES,
            key=f"{row.office_code}/{row.case_no}",
            reason=f"handover {category} {day}",
        )


def _cells(context: Context, row: Row[Any], source: str) -> dict[str, str]:
    """Return a case's cells, in the order of `HANDOVER_COLUMNS`."""
    return {
        "office_code": row.office_code,
        "office": row.office or "",
        "case_no": row.case_no,
        "month": row.month,
        "served_on": row.served_on.isoformat() if row.served_on else "",
        "item": row.item or "",
        "phone": context.keys.decrypt(row.phone).removeprefix("+86"),
        "drawn_on": row.drawn_on.isoformat(),
        "reason": row.reason,
        **dict.fromkeys(TO_FILL_IN, ""),
        "mode": ResultMode.PHONE,
        "source": source,
    }


def _write_csv(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """Write the list with a byte order mark: it is opened in Excel, where names need it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HANDOVER_COLUMNS)
        for row in rows:
            writer.writerow(map(disarmed, row.values()))


def _write_xlsx(
    path: Path, rows: Sequence[dict[str, str]], context: Context, day: date, callers: Message
) -> None:
    from survey_pipeline.stages.export.list_workbook import write_list  # noqa: PLC0415 - loads XlsxWriter

    locale = context.settings.locale
    shown = [
        {
            **row,
            "reason": named(CALL_REASONS, row["reason"], locale),
            "mode": named(MODES, row["mode"], locale),
        }
        for row in rows
    ]
    title = Message(N_("Cases for {callers} to call"), {"callers": callers}).render(locale)
    headings = [translate(label, locale) for label in HANDOVER_COLUMNS.values()]
    write_list(
        path, f"{title}  {day}", headings, [list(row.values()) for row in shown], day, locale
    )
