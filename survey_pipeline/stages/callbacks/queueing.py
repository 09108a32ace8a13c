"""Queue the calls that are needed; a second run adds nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, and_, case, exists, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.stages.callbacks.call_plan import CallPlan
from survey_pipeline.stages.callbacks.candidates import (
    conditions,
    may_be_called,
    text_arrived_after_all,
)
from survey_pipeline.stages.callbacks.capacity import Candidate, cohort_end, in_turn, room
from survey_pipeline.stages.callbacks.obsolete import obsolete
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import hold_rows, lock_name
from survey_pipeline.store.tables import calls, inbound, surveys
from survey_pipeline.survey.delivered_result import answered_elsewhere
from survey_pipeline.survey.leases import unheld
from survey_pipeline.survey.lifecycle import add_calls, end_calls, hold_surveys
from survey_pipeline.vocabulary import CallEnd, CallReason, CallState, InboundUse

PRIORITY = {reason: number for number, reason in enumerate(CallReason)}
"""A reason's place in the queue: the order in which the vocabulary lists them."""


@dataclass(frozen=True)
class QueuedCalls:
    """What one run added to the queue."""

    queued: Mapping[CallReason, int] = field(default_factory=dict)
    """New calls by reason."""
    no_room: int = 0
    """`no_reply` cases for which the day's capacity left no room."""
    unread: int = 0
    """Unclear replies that no reader took in time: they are called now."""
    not_needed: int = 0
    """Calls taken out again: the text arrived after all, or the citizen wrote meanwhile."""

    @property
    def total(self) -> int:
        """New calls in all."""
        return sum(self.queued.values())


def schedule_of(context: Context) -> CallPlan:
    """Return the calling rules of a workspace."""
    return CallPlan(context.settings.callbacks, context.calendar)


def queue_calls(context: Context) -> QueuedCalls:
    """Queue a call for every survey that needs one now.

    Only calls that are ours by the standard in force at the draw, only open surveys, never a
    citizen who opted out; at most one open call a survey, and one for each reason ever. `no_reply`
    cases enter as far as the day's capacity goes.

    Source: specification, section 7.1.
    """
    now, schedule = context.now(), schedule_of(context)
    due_at = schedule.first_due(now)
    queued: dict[CallReason, int] = {}
    no_room = 0
    with _in_turn(context) as connection:
        unread = _give_up_waiting_for_readers(connection, now - context.settings.survey.code_within)
    with _in_turn(context) as connection:
        not_needed = _take_out_obsolete(connection, now)
    possible = may_be_called(due_at)
    needed = conditions(context.settings, now, cohort_end(schedule, now))
    # In the order of the queue: a survey that two reasons fit is called for the first one, and
    # `room` counts the calls that the earlier reasons have just added.
    for reason, condition in needed.items():
        with _in_turn(context) as connection:
            found = _candidates(connection, and_(possible, condition))
            if reason is CallReason.NO_REPLY:
                chosen = in_turn(found, room(connection, schedule, now))
                no_room = len(found) - len(chosen)
            elif reason is CallReason.VERIFY:
                share = context.settings.callbacks.verify_satisfied
                chosen = [survey for survey in found if is_verified(survey.rank_hash, share)]
            else:
                chosen = found
            _insert(connection, reason, chosen, now, due_at)
            queued[reason] = len(chosen)
    return QueuedCalls(queued, no_room, unread, not_needed)


@contextmanager
def _in_turn(context: Context) -> Iterator[Connection]:
    """Open a transaction of one host at a time; each holds its surveys once, in their order."""
    with writing(context.engine) as connection:
        lock_name(connection, "queue", "")  # of two hosts, the second finds the calls queued
        yield connection


def is_verified(rank_hash: str, share: Decimal) -> bool:
    """Return whether a satisfied answer is among the random share that is called.

    The rank is hashed once more: drawn cases have the lowest ranks, so that their own hash is not
    evenly spread. The same survey gets the same answer whenever it is asked.

    Args:
        rank_hash: the case's rank in the draw, SHA-256 in hex.
        share: from 0 to 1.
    """
    number = int.from_bytes(sha256(f"verify:{rank_hash}".encode()).digest()[:8])
    return number < share * 2**64


def _give_up_waiting_for_readers(connection: Connection, before: datetime) -> int:
    """Mark the texts that no reader read in time, but for those that came with an opt-out."""
    unread = and_(
        inbound.c.use == InboundUse.READER, inbound.c.received_at <= before, ~inbound.c.opted_out
    )
    hold_surveys(connection, select(inbound.c.survey_id).where(unread))
    given_up = connection.execute(update(inbound).where(unread).values(use=InboundUse.CANNOT_TELL))
    return given_up.rowcount


def _take_out_obsolete(connection: Connection, now: datetime) -> int:
    """Close calls that are not needed any more and not held; return how many.

    Either the text that had been given up did arrive, and no attempt was made yet; or the citizen
    wrote while the call was held, and its caller brought no result.
    """
    arrived = and_(
        calls.c.reason == CallReason.UNDELIVERED,
        calls.c.attempts == 0,
        exists().where(surveys.c.id == calls.c.survey_id, text_arrived_after_all(now)),
    )
    elsewhere = exists().where(surveys.c.id == calls.c.survey_id, answered_elsewhere())
    why = case(
        (elsewhere, CallEnd.ANSWERED_ELSEWHERE.value),
        (obsolete(), CallEnd.SMS_REPLY.value),
        else_=CallEnd.TEXT_ARRIVED.value,
    )
    unwanted = (unheld(now), or_(obsolete(), arrived))
    open_calls = select(calls.c.survey_id).where(calls.c.state == CallState.OPEN, *unwanted)
    hold_surveys(connection, open_calls)
    return end_calls(connection, CallState.CLOSED, why, now, *unwanted)


def _candidates(connection: Connection, condition: ColumnElement[bool]) -> list[Candidate]:
    hold_rows(connection, surveys.c.id, condition)
    rows = connection.execute(
        select(surveys.c.id, surveys.c.office_code, surveys.c.rank_hash, surveys.c.closes_at)
        .where(condition)
        # By rank, so that calls of one age are taken by chance and not by office.
        .order_by(surveys.c.rank_hash, surveys.c.id)
    )
    return [Candidate(row.id, row.office_code, row.rank_hash, row.closes_at) for row in rows]


def _insert(
    connection: Connection,
    reason: CallReason,
    chosen: Sequence[Candidate],
    now: datetime,
    due_at: datetime,
) -> None:
    add_calls(
        connection,
        [
            {
                "survey_id": survey.survey_id,
                "reason": reason,
                "priority": PRIORITY[reason],
                "queued_at": now,
                "due_at": due_at,
                "last_at": survey.closes_at,
                "attempts": 0,
                "extra_attempts": 0,
                "slots": "",
            }
            for survey in chosen
        ],
    )
