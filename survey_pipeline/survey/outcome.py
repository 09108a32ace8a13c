"""The outcome code of a drawn case, derived from everything on record.

Source: specification, section 13.1 (after AAPOR). A rating goes first, then a refusal, then other
eligible, then non-contact, then unknown, then never attempted; ties by the latest. While a survey
is open its code is the one that would hold if it ended now.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    select,
)

from survey_pipeline.store.columnar import fetch_tuples
from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import (
    call_attempts,
    case_results,
    cases,
    inbound,
    messages,
    surveys,
)
from survey_pipeline.survey.delivered_result import with_its_result
from survey_pipeline.survey.outcome_writing import write_outcomes
from survey_pipeline.survey.undone import undone
from survey_pipeline.vocabulary import (
    DISPOSITION_GROUPS,
    WENT_OUT,
    CallOutcome,
    Disposition,
    DispositionGroup,
    InboundUse,
    MessagePurpose,
    MessageState,
    RefusalReason,
)

CHUNK = 5_000
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


@dataclass(frozen=True)
class Facts:
    """What is on record of one drawn case."""

    rated: bool = False
    """By us, or by an answer that others delivered of the case."""
    opted_out: bool = False
    denied: bool = False
    """The citizen wrote that it was not their case."""
    unreadable: bool = False
    """A reply came that nobody has classified."""
    text: MessageState | None = None
    """Where the question's text is."""
    dead_number: bool = False
    """A gateway says that the number does not exist."""
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
    if facts.denied or (facts.dead_number and not facts.attempts):
        yield Disposition.BAD_CONTACT
    elif facts.text in WENT_OUT and not facts.attempts:
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
    hold_rows(connection, surveys.c.id, surveys.c.id.in_(ids))
    known = _known(connection, ids)
    codes = _codes(connection, known)
    changes = [
        (key, row.disposition, code.value, code is Disposition.BAD_CONTACT)
        for key, row in known.items()
        if (code := codes[key]) != row.disposition
    ]
    if changes:
        write_outcomes(connection, changes, now)
    return len(changes)


class _Known(NamedTuple):
    """What stands on a survey and its question; the columns of `_KNOWN` in their order."""

    survey_id: int
    disposition: str
    attempts: int
    replied: bool
    rating: str | None
    opted_out: bool
    denied: bool
    withdrawn: bool
    never_a_case: bool | None
    text: str | None
    text_reason: str | None
    delivered: str | None
    """An answer that others delivered of the case."""


def _known(connection: Connection, ids: Sequence[int]) -> dict[int, _Known]:
    rows = fetch_tuples(connection, _KNOWN.where(surveys.c.id.in_(ids)))
    return {row[0]: _Known(*row) for row in rows}


def _codes(connection: Connection, known: Mapping[int, _Known]) -> dict[int, Disposition]:
    """Return each survey's code; those of which the same is known are decided once."""
    attempts = _attempts(connection, [key for key, row in known.items() if row.attempts])
    unreadable = _unreadable(connection, [key for key, row in known.items() if row.replied])
    decided: dict[tuple[Any, ...], Disposition] = {}
    codes = {}
    for key, row in known.items():
        if key in attempts:
            codes[key] = disposition(_facts(row, attempts[key], unreadable=key in unreadable))
            continue
        alike = (row[4:], key in unreadable)
        if alike not in decided:
            decided[alike] = disposition(_facts(row, (), unreadable=key in unreadable))
        codes[key] = decided[alike]
    return codes


def _attempts(
    connection: Connection, ids: Sequence[int]
) -> dict[int, list[tuple[CallOutcome, datetime]]]:
    found: defaultdict[int, list[tuple[CallOutcome, datetime]]] = defaultdict(list)
    if ids:
        query = (
            select(call_attempts.c.survey_id, call_attempts.c.outcome, call_attempts.c.logged_at)
            .where(call_attempts.c.survey_id.in_(ids), ~undone())
            .order_by(call_attempts.c.id)
        )
        for row in connection.execute(query):
            found[row.survey_id].append((CallOutcome(row.outcome), row.logged_at))
    return dict(found)


def _unreadable(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Return the surveys with a text that nobody has classified."""
    if not ids:
        return set()
    waiting = (InboundUse.READER, InboundUse.CANNOT_TELL)
    query = select(inbound.c.survey_id).where(
        inbound.c.survey_id.in_(ids), inbound.c.use.in_(waiting)
    )
    return set(connection.scalars(query))


_KNOWN: Any = (
    select(
        surveys.c.id,
        surveys.c.disposition,
        surveys.c.attempts,
        surveys.c.replied,
        surveys.c.rating,
        surveys.c.opted_out,
        surveys.c.denied,
        surveys.c.withdrawn,
        cases.c.never_a_case,
        messages.c.state,
        messages.c.reason,
        case_results.c.answer,
    )
    .outerjoin(cases, cases.c.id == surveys.c.case_id)
    .outerjoin(
        messages,
        (messages.c.survey_id == surveys.c.id) & (messages.c.purpose == MessagePurpose.SURVEY),
    )
    .outerjoin(case_results, with_its_result())
)


def _facts(
    row: _Known, attempts: Sequence[tuple[CallOutcome, datetime]], *, unreadable: bool
) -> Facts:
    return Facts(
        rated=row.rating is not None or row.delivered is not None,
        opted_out=bool(row.opted_out),
        denied=bool(row.denied),
        unreadable=unreadable,
        text=MessageState(row.text) if row.text else None,
        dead_number=row.text_reason == RefusalReason.BAD_NUMBER,
        attempts=attempts,
        withdrawn=bool(row.withdrawn),
        never_a_case=bool(row.never_a_case),
    )
