"""The outbox: texts are claimed under a lease, handed over, and their results recorded.

Claim, commit, call, record: the attempt is committed before the gateway is called, and no
transaction is open during the call. A sender that dies in between leaves a lease that runs out; the
text is then *unknown*, never sent blindly again (specification, sections 5 and 10).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    literal,
    select,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.gateways.port import OutgoingMessage, SendResult
from survey_pipeline.stages.dispatch.shares import Share
from survey_pipeline.store.bulk import scratch
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.engine import writing
from survey_pipeline.store.migrate import require_file
from survey_pipeline.store.tables import messages, send_attempts, surveys
from survey_pipeline.survey.lifecycle import (
    Lease,
    Move,
    claim_messages,
    hold_surveys,
    move_messages,
    of_messages,
    of_phones,
)
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.survey.pausing import not_paused
from survey_pipeline.vocabulary import MessageState, MessageWhy, RefusalReason, SendOutcome

MOST_TRIES = 8
"""After so many attempts that certainly did not go out, the phone takes the case."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
"""The backoff after an attempt that was not sent: doubled each time."""
NOT_HANDED_OVER = "not_handed_over"
"""Reason of an attempt that ended before its gateway was called: it says nothing of the gateway."""

_RESULTS = {
    "attempt_id": String,
    "outcome": String,
    "provider_id": String,
    "reason": String,
    "error": String,
}


@dataclass(frozen=True, repr=False)
class Claimed:
    """A message in this sender's hands."""

    id: int
    phone_hash: bytes
    tries: int
    begin_by: datetime
    """Latest moment at which it may be handed over under this lease."""
    outgoing: OutgoingMessage


class Sent(NamedTuple):
    """The result of a claimed message; None if it was not handed over."""

    message: Claimed
    result: SendResult | None


class Outbox:
    """The outbox as one sender of one gateway sees it.

    Args:
        context: the workspace.
        gateway: the gateway's label.
        worker: the name that the leases are taken under.
        day: only what was drawn that day.
        alone: whether there is no other gateway.
    """

    def __init__(
        self,
        context: Context,
        gateway: str,
        worker: str,
        day: date | None,
        *,
        alone: bool = False,
    ) -> None:
        self._alone = alone
        self._context = context
        self._gateway = gateway
        self._worker = worker
        self._day = day

    def claim(self, share: Share, most: int) -> Sequence[Claimed]:
        """Take due messages of the gateway's share under a lease.

        Args:
            share: which part of the traffic is the gateway's.
            most: at most so many.
        """
        context, now = self._context, self._context.now()
        until = now + context.settings.sending.lease
        lease = Lease(self._gateway, self._worker, until, context.new_token())
        with writing(context.engine) as connection:
            rows = claim_messages(connection, self._due(share, most, now), lease, now, _CLAIMED)
            if rows:
                _note_attempts(connection, lease, now)
        require_file(context.engine)  # commits to a deleted file succeed, and are lost
        # A text begun late in its lease may be taken for unknown before its result is recorded.
        begin_by = until - context.settings.sending.lease / 2
        in_turn = sorted(rows, key=lambda row: (row.not_before, row.id))  # RETURNING has no order
        return [self._claimed(row, begin_by) for row in in_turn]

    def _due(self, share: Share, most: int, now: datetime) -> Select[tuple[int]]:
        """Select the texts to claim, the longest due first."""
        due = select(messages.c.id).where(*due_now(now), share.of(messages.c.id), not_paused())
        if self._day is not None:
            drawn = select(surveys.c.id).where(surveys.c.drawn_on == self._day)
            due = due.where(messages.c.survey_id.in_(drawn))
        in_turn = due.order_by(messages.c.not_before, messages.c.id).limit(most)
        # another sender's claim is passed over, not waited for
        return in_turn.with_for_update(skip_locked=True)

    def _claimed(self, row: Any, begin_by: datetime) -> Claimed:
        return Claimed(row.id, row.phone_hash, row.tries, begin_by, outgoing(self._context, row))

    def record(self, sent: Sequence[Sent]) -> Counter[SendOutcome]:
        """Write down what became of claimed messages; return how many had which outcome."""
        finished = [(message, result) for message, result in sent if result is not None]
        texts = [message.id for message, _ in sent]
        stopped = [  # the carrier says that this person told us to stop
            message.phone_hash
            for message, result in finished
            if result.reason is RefusalReason.OPTED_OUT
        ]
        with writing(self._context.engine) as connection:
            hold_surveys(connection, of_messages(texts), of_phones(stopped))
            self._close_attempts(connection, sent)
            moves = [_move(message, result) for message, result in finished]
            moves += [_back_to_queue(message) for message, result in sent if result is None]
            move_messages(connection, self._context, moves)
            self._postpone(connection, finished)
            for phone_hash in stopped:
                opt_out(connection, phone_hash, self._gateway, None, self._context.now())
        return Counter(result.outcome for _, result in finished)

    def _close_attempts(self, connection: Connection, sent: Sequence[Sent]) -> None:
        rows = [_attempt_row(message, result) for message, result in sent]
        now = self._context.now()
        with scratch(connection, "results_now", _RESULTS, rows) as results:
            connection.execute(_close_statement(results, now))

    def _postpone(
        self, connection: Connection, finished: Sequence[tuple[Claimed, SendResult]]
    ) -> None:
        """Set when texts that go back to the queue are due again, and count the try.

        A broken configuration spends no try. Where no other gateway takes the text, it waits all
        the same, so that the next trial is with another one: if this text alone is refused,
        it holds up no other.
        """
        now = self._context.now()
        waits = []
        for message, result in finished:
            wait = {"key": message.id, "attempt": message.outgoing.attempt_id}
            if result.outcome in (SendOutcome.THROTTLED, SendOutcome.NOT_SENT):
                until = result.retry_at or now + backoff(message.tries)
                waits.append({**wait, "until": until, "spent": message.tries + 1})
            elif self._alone and result.reason is RefusalReason.CONFIGURATION:
                waits.append({**wait, "until": now + FIRST_WAIT, "spent": message.tries})
        if waits:
            connection.execute(_POSTPONE, waits)


def due_now(now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions under which a message may be claimed."""
    return [
        messages.c.state == MessageState.QUEUED,
        messages.c.not_before <= now,
        messages.c.expires_at > now,
        messages.c.phone.is_not(None),  # else deleted at the citizen's request, while it was tried
    ]


def outgoing(context: Context, row: Any) -> OutgoingMessage:
    """Return a stored message as a gateway takes it."""
    variables: Mapping[str, str] = row.variables or {}
    return OutgoingMessage(
        attempt_id=row.attempt_id,
        to=context.keys.decrypt(row.phone),
        text=row.text,
        template=row.template.removesuffix(".txt"),
        variables=variables,
    )


def backoff(tries: int) -> timedelta:
    """Return the wait after so many earlier tries."""
    return min(FIRST_WAIT * (1 << tries), LONGEST_WAIT)


def _note_attempts(connection: Connection, lease: Lease, now: datetime) -> None:
    """Write down the attempts that begin with a claim."""
    started = literal(now, UtcDateTime)
    columns = (messages.c.attempt_id, messages.c.id, messages.c.gateway, started)
    connection.execute(
        send_attempts.insert().from_select(
            ["id", "message_id", "gateway", "started_at"], select(*columns).where(lease.held())
        )
    )


def _attempt_row(message: Claimed, result: SendResult | None) -> tuple[Any, ...]:
    attempt = message.outgoing.attempt_id
    if result is None:
        return (attempt, SendOutcome.NOT_SENT.value, None, NOT_HANDED_OVER, None)
    reason = result.reason.value if result.reason else None
    return (attempt, result.outcome.value, result.provider_id, reason, result.error)


def _close_statement(results: Table, now: datetime) -> Any:
    return (
        update(send_attempts)
        .where(send_attempts.c.id == results.c.attempt_id)
        .values(
            ended_at=now,
            outcome=results.c.outcome,
            provider_id=results.c.provider_id,
            reason=results.c.reason,
            error=results.c.error,
        )
    )


def _move(message: Claimed, result: SendResult) -> Move:
    """Return the move of a message that an outcome asks for."""
    attempt = message.outgoing.attempt_id
    if result.outcome is SendOutcome.ACCEPTED:
        return Move(message.id, MessageState.ACCEPTED, None, None, result.provider_id)
    if result.outcome is SendOutcome.UNKNOWN:
        return Move(message.id, MessageState.UNKNOWN, None, attempt)
    if result.outcome is SendOutcome.REFUSED:
        if result.reason is RefusalReason.CONFIGURATION:
            return _back_to_queue(message)
        reason = result.reason or RefusalReason.OTHER
        return Move(message.id, MessageState.FAILED, reason, attempt)
    if message.tries + 1 >= MOST_TRIES:
        return Move(message.id, MessageState.FAILED, MessageWhy.NOT_SENT, attempt)
    return _back_to_queue(message)


def _back_to_queue(message: Claimed) -> Move:
    return Move(message.id, MessageState.QUEUED, None, message.outgoing.attempt_id)


_CLAIMED = (
    messages.c.id,
    messages.c.not_before,
    messages.c.attempt_id,
    messages.c.phone,
    messages.c.phone_hash,
    messages.c.text,
    messages.c.template,
    messages.c.variables,
    messages.c.tries,
)
_POSTPONE: Any = (
    update(messages)
    .where(
        messages.c.id == bindparam("key"),
        messages.c.attempt_id == bindparam("attempt"),
        messages.c.state == MessageState.QUEUED,
    )
    .values(not_before=bindparam("until"), tries=bindparam("spent"))
)
