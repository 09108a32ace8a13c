"""What a caller sees of the call that they hold; only here is a number shown in full."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.callbacks.scripts import ScriptCase, script_of
from survey_pipeline.store import audit
from survey_pipeline.store.tables import (
    audit_log,
    call_attempts,
    calls,
    cases,
    inbound,
    messages,
    offices,
    parents,
    surveys,
)
from survey_pipeline.survey.undone import undone
from survey_pipeline.vocabulary import BESIDE_RATING, AuditAction, CallReason, Mode, RecordKind


@dataclass(frozen=True)
class EarlierAttempt:
    """An attempt made before, oldest first."""

    number: int
    at: datetime
    by: str
    outcome: str
    note: str | None
    rating: str | None = None
    undone: bool = False
    """Taken back: it does not count, and its number was given again."""


@dataclass(frozen=True)
class ReplyOnCard:
    """A text of the citizen."""

    at: datetime
    text: str | None
    read_as: str | None


@dataclass(frozen=True)
class CallCard:
    """A call as its holder sees it."""

    id: int
    office_code: str
    office: str
    case_no: str
    item: str | None
    served_on: date | None
    citizen_name: str | None
    phone: str
    """The number in full, E.164."""
    reason: str
    attempt: int
    """Which attempt this will be, from 1."""
    attempts_left: int
    """How many attempts are left, this one included."""
    lease_until: datetime
    leased_at: datetime
    last_at: datetime
    """The survey's last moment: no call after it."""
    appointment: datetime | None
    text: str | None
    """The question as the citizen got it; nothing where none was written."""
    text_state: str | None
    replies: Sequence[ReplyOnCard]
    rating: str | None
    """The SMS rating that stands; a call keeps its answer beside it."""
    history: Sequence[EarlierAttempt]
    script: str
    """What to say."""
    meanwhile: Message | None
    """What happened while the call waited or was held: an SMS answer that came in."""

    def to_json(self, locale: str) -> dict[str, Any]:
        """Return the card as `callbacks next --json` prints it."""
        document = asdict(self)
        document["meanwhile"] = self.meanwhile.render(locale) if self.meanwhile else None
        return document


def card_of(connection: Connection, context: Context, call_id: int) -> CallCard:
    """Read everything the holder of a call sees."""
    row = connection.execute(_CARD, {"call": call_id}).one()
    office = row.office or row.office_code
    return CallCard(
        id=row.id,
        office_code=row.office_code,
        office=office,
        case_no=row.case_no,
        item=row.item,
        served_on=row.served_on,
        citizen_name=context.keys.decrypt(row.citizen_name) if row.citizen_name else None,
        phone=context.keys.decrypt(row.phone) if row.phone else "",
        reason=row.reason,
        attempt=row.attempts + 1,
        attempts_left=max(
            1, context.settings.callbacks.max_attempts + row.extra_attempts - row.attempts
        ),
        lease_until=row.lease_until,
        leased_at=row.leased_at,
        last_at=row.last_at,
        appointment=row.appointment_from,
        text=row.text,
        text_state=row.text_state,
        replies=replies_to(connection, row.survey_id),
        rating=row.rating,
        history=_history(connection, row.survey_id),
        script=_script(context, row, office),
        meanwhile=_meanwhile(row),
    )


def note_look(connection: Connection, card: CallCard, by: str, now: datetime) -> None:
    """Write the look at a full number into the audit log, once per lease."""
    if not is_noted(connection, card, by):
        key, why = _looked_at(card)
        looked = audit.entry(
            at=now, actor=by, action=AuditAction.LOOKED, kind=RecordKind.CASES, key=key, reason=why
        )
        audit.append(connection, [looked])


def is_noted(connection: Connection, card: CallCard, by: str) -> bool:
    """Return whether it is noted that the holder of a call has seen its number."""
    key, why = _looked_at(card)
    known = select(audit_log.c.id).where(
        audit_log.c.kind == RecordKind.CASES,
        audit_log.c.key == key,
        audit_log.c.action == AuditAction.LOOKED,
        audit_log.c.actor == by,
        audit_log.c.reason == why,
        audit_log.c.at >= card.leased_at,
    )
    return connection.execute(known.limit(1)).first() is not None


def _looked_at(card: CallCard) -> tuple[str, str]:
    return f"{card.office_code}/{card.case_no}", f"call {card.id}"


def meanwhile(connection: Connection, call_id: int) -> Message | None:
    """Return a sentence where an SMS answer has made a call obsolete."""
    return _meanwhile(connection.execute(_CARD, {"call": call_id}).one())


def _meanwhile(row: Row[Any]) -> Message | None:
    if row.reason in BESIDE_RATING or row.rating is None or row.rated_by != Mode.SMS:
        return None
    return Message(
        "An SMS answer arrived meanwhile. What you hear now is kept as well; the answer given "
        "first counts. If nobody answers, the call is over."
    )


def _script(context: Context, row: Row[Any], office: str) -> str:
    about = ScriptCase(
        organisation=context.settings.organisation.name,
        office=office,
        parent=row.parent or office,
        item=row.item or row.case_no,
        served_on=row.served_on or row.drawn_on,  # a case that was deleted since has its draw
    )
    return script_of(context.home, CallReason(row.reason), row.category, about)


def replies_to(connection: Connection, survey_id: int) -> list[ReplyOnCard]:
    """Return what the citizen wrote about a survey, the oldest first."""
    rows = connection.execute(_REPLIES, {"survey": survey_id})
    return [ReplyOnCard(row.received_at, row.text, row.reply_class) for row in rows]


def _history(connection: Connection, survey_id: int) -> list[EarlierAttempt]:
    rows = connection.execute(_HISTORY, {"survey": survey_id})
    return [
        EarlierAttempt(
            row.number, row.logged_at, row.by, row.outcome, row.note, row.rating, bool(row.undone)
        )
        for row in rows
    ]


_CARD: Any = (
    select(
        calls,
        surveys.c.office_code,
        surveys.c.case_no,
        surveys.c.phone,
        surveys.c.rating,
        surveys.c.rated_by,
        cases.c.item,
        cases.c.served_on,
        cases.c.citizen_name,
        surveys.c.drawn_on,
        offices.c.name.label("office"),
        surveys.c.category,
        parents.c.name.label("parent"),
        messages.c.text,
        messages.c.state.label("text_state"),
    )
    .join(surveys, surveys.c.id == calls.c.survey_id)
    .outerjoin(cases, cases.c.id == surveys.c.case_id)
    .outerjoin(offices, offices.c.office_code == surveys.c.office_code)
    .outerjoin(parents, parents.c.parent_code == offices.c.parent_code)
    .outerjoin(
        messages,
        (messages.c.survey_id == surveys.c.id) & (messages.c.purpose == "survey"),
    )
    .where(calls.c.id == bindparam("call"))
)
_REPLIES = (
    select(inbound.c.received_at, inbound.c.text, inbound.c.reply_class)
    .where(inbound.c.survey_id == bindparam("survey"))
    .order_by(inbound.c.received_at, inbound.c.id)
)
_HISTORY = (
    select(call_attempts, case((undone(), 1), else_=0).label("undone"))
    .where(call_attempts.c.survey_id == bindparam("survey"))
    .order_by(call_attempts.c.id)
)
