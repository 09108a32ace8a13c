"""The outcome code of a drawn case, derived from everything on record.

Source: the table and the precedence in the statistics notes (after AAPOR Standard Definitions): a
rating, then a refusal, then other eligible, then non-contact, then unknown, then never attempted;
ties by the latest. While a survey is open its code is the one that would hold if it ended now.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from survey_pipeline.store.tables import (
    call_attempts,
    cases,
    inbound,
    messages,
    survey_events,
    surveys,
)
from survey_pipeline.vocabulary import (
    DISPOSITION_GROUPS,
    CallOutcome,
    Disposition,
    DispositionGroup,
    InboundUse,
    MessagePurpose,
    MessageState,
)

CHUNK = 500
"""Surveys looked at in one statement."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

BY_CALL: Mapping[CallOutcome, Disposition] = {
    CallOutcome.ANSWERED: Disposition.COMPLETE,
    CallOutcome.REFUSED: Disposition.REFUSAL,
    CallOutcome.NOT_MY_CASE: Disposition.BAD_CONTACT,
    CallOutcome.NO_ANSWER: Disposition.NO_ANSWER,
    CallOutcome.BUSY: Disposition.BUSY,
    CallOutcome.SWITCHED_OFF: Disposition.SWITCHED_OFF,
    CallOutcome.WRONG_NUMBER: Disposition.BAD_CONTACT,
    CallOutcome.INVALID_NUMBER: Disposition.BAD_CONTACT,
    CallOutcome.LANGUAGE: Disposition.LANGUAGE,
    CallOutcome.HUNG_UP: Disposition.HUNG_UP,
    CallOutcome.AGAIN: Disposition.CALL_AGAIN,
}
"""What one attempt would make of the case if nothing else were known."""

PRECEDENCE: Mapping[DispositionGroup, int] = {
    DispositionGroup.COMPLETE: 0,
    DispositionGroup.REFUSAL: 1,
    DispositionGroup.OTHER: 2,
    DispositionGroup.NON_CONTACT: 3,
    DispositionGroup.UNKNOWN_HOUSEHOLD: 4,
    DispositionGroup.UNKNOWN_OTHER: 4,
}
"""I > R > O > NC > unknown; never attempted comes after all of them."""

SENT = frozenset({MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.UNKNOWN})


@dataclass(frozen=True)
class Facts:
    """What is on record of one drawn case."""

    rated: bool = False
    opted_out: bool = False
    denied: bool = False
    """The citizen wrote that it was not their case."""
    unreadable: bool = False
    """A reply came that nobody has classified."""
    text: MessageState | None = None
    """Where the question's text is."""
    attempts: Sequence[tuple[CallOutcome, datetime]] = ()
    withdrawn: bool = False
    never_a_case: bool = False


def disposition(facts: Facts) -> Disposition:
    """Return the outcome code of a case."""
    if facts.withdrawn:
        return Disposition.NEVER_A_CASE if facts.never_a_case else Disposition.WITHDRAWN
    known = [(BY_CALL[outcome], at) for outcome, at in facts.attempts]
    known += [(code, _BEGINNING) for code in _beside_calls(facts)]
    if not known:
        return Disposition.NEVER_ATTEMPTED
    return min(
        known, key=lambda item: (PRECEDENCE[DISPOSITION_GROUPS[item[0]]], -item[1].timestamp())
    )[0]


def _beside_calls(facts: Facts) -> Iterable[Disposition]:
    if facts.rated:
        yield Disposition.COMPLETE
    if facts.opted_out:
        yield Disposition.REFUSAL
    if facts.unreadable:
        yield Disposition.UNCLASSIFIABLE
    if facts.denied:
        yield Disposition.BAD_CONTACT
    elif facts.text in SENT and not facts.attempts:
        yield Disposition.NOTHING_BACK
    elif facts.text is MessageState.UNDELIVERED and not facts.attempts:
        yield Disposition.TEXT_UNDELIVERED


def refresh_outcomes(connection: Connection, survey_ids: Iterable[int], now: datetime) -> int:
    """Derive the outcome of these surveys anew; return how many changed, each with an event."""
    wanted = sorted(set(survey_ids))
    return sum(
        _refresh(connection, wanted[start : start + CHUNK], now)
        for start in range(0, len(wanted), CHUNK)
    )


def _refresh(connection: Connection, ids: Sequence[int], now: datetime) -> int:
    facts = facts_of(connection, ids)
    current = connection.execute(
        select(surveys.c.id, surveys.c.disposition).where(surveys.c.id.in_(ids))
    )
    changes = [
        {"key": row.id, "before": row.disposition, "code": code.value}
        for row in current
        if (code := disposition(facts[row.id])) != row.disposition
    ]
    if not changes:
        return 0
    bad = Disposition.BAD_CONTACT.value
    connection.execute(
        update(surveys)
        .where(surveys.c.id == bindparam("key"))
        .values(disposition=bindparam("code"), contact_data_bad=bindparam("bad")),
        [{"key": c["key"], "code": c["code"], "bad": c["code"] == bad} for c in changes],
    )
    connection.execute(
        survey_events.insert(),
        [
            {
                "survey_id": change["key"],
                "at": now,
                "what": "disposition",
                "before": change["before"],
                "after": change["code"],
            }
            for change in changes
        ],
    )
    return len(changes)


def facts_of(connection: Connection, ids: Sequence[int]) -> dict[int, Facts]:
    """Read what is on record of these surveys (at most a few hundred)."""
    attempts: dict[int, list[tuple[CallOutcome, datetime]]] = defaultdict(list)
    for row in connection.execute(
        select(call_attempts.c.survey_id, call_attempts.c.outcome, call_attempts.c.logged_at)
        .where(call_attempts.c.survey_id.in_(ids))
        .order_by(call_attempts.c.id)
    ):
        attempts[row.survey_id].append((CallOutcome(row.outcome), row.logged_at))
    unreadable = set(
        connection.scalars(
            select(inbound.c.survey_id).where(
                inbound.c.survey_id.in_(ids),
                inbound.c.use.in_((InboundUse.READER, InboundUse.CANNOT_TELL)),
            )
        )
    )
    return {
        row.id: _facts(row, attempts[row.id], unreadable=row.id in unreadable)
        for row in connection.execute(_FACTS.where(surveys.c.id.in_(ids)))
    }


_FACTS: Any = (
    select(
        surveys.c.id,
        surveys.c.rating,
        surveys.c.opted_out,
        surveys.c.denied,
        surveys.c.withdrawn,
        cases.c.never_a_case,
        messages.c.state.label("text_state"),
    )
    .outerjoin(cases, cases.c.id == surveys.c.case_id)
    .outerjoin(
        messages,
        (messages.c.survey_id == surveys.c.id) & (messages.c.purpose == MessagePurpose.SURVEY),
    )
)


def _facts(
    row: Row[Any], attempts: Sequence[tuple[CallOutcome, datetime]], *, unreadable: bool
) -> Facts:
    return Facts(
        rated=row.rating is not None,
        opted_out=row.opted_out,
        denied=row.denied,
        unreadable=unreadable,
        text=MessageState(row.text_state) if row.text_state else None,
        attempts=attempts,
        withdrawn=row.withdrawn,
        never_a_case=bool(row.never_a_case),
    )
