"""The life of *unknown*: a receipt decides, else the provider is asked, else the policy.

A text whose sender died is unknown as well. It is sent again only where the provider shows that it
never had it, or under the policy `resend` (product.md section 5).
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select, update

from survey_pipeline.gateways.port import Gateway, SentAnswer, SentState
from survey_pipeline.stages.dispatch.moves import Move, move_messages
from survey_pipeline.stages.dispatch.outbox import MOST_TRIES, outgoing
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import messages, send_attempts, surveys
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import MessageState, ReceiptState, SurveyState

ASKED_AT_ONCE = 16
"""Questions to a provider under way at once."""
LEASE_RAN_OUT = "lease_ran_out"
BY_POLICY = "policy_resend"
ABSENT = "provider_never_had_it"
BY_RECEIPT = {
    ReceiptState.DELIVERED: MessageState.DELIVERED,
    ReceiptState.UNDELIVERED: MessageState.UNDELIVERED,
}


def take_up_expired_leases(context: Context) -> int:
    """Turn texts whose sender went silent into unknown ones; return how many."""
    now = context.now()
    with writing(context.engine) as connection:
        ids = connection.scalars(
            select(messages.c.id).where(
                messages.c.state == MessageState.SENDING, messages.c.lease_until <= now
            )
        )
        moves = [Move(key, MessageState.UNKNOWN, LEASE_RAN_OUT) for key in ids]
        return move_messages(connection, context, moves)


def ask_about_unknown(context: Context, gateways: Mapping[str, Gateway]) -> Counter[SentState]:
    """Ask the providers about texts unknown for longer than `unknown_after`.

    Returns:
        How many were found, shown to be absent, or stayed unknown.
    """
    asked = _to_ask(context)
    if not asked:
        return Counter()
    answers = asyncio.run(_ask_all(context, gateways, asked))
    _record(context, asked, answers)
    return Counter(answer.state for answer in answers)


def _to_ask(context: Context) -> Sequence[Row[Any]]:
    waits, now = context.settings.sending.unknown_after, context.now()
    query: Any = (
        select(
            messages.c.id,
            messages.c.attempt_id,
            messages.c.gateway,
            messages.c.provider_id,
            messages.c.phone,
            messages.c.text,
            messages.c.template,
            messages.c.variables,
            messages.c.tries,
            send_attempts.c.started_at,
        )
        .join(send_attempts, send_attempts.c.id == messages.c.attempt_id)
        .join(surveys, surveys.c.id == messages.c.survey_id)
        .where(
            messages.c.state == MessageState.UNKNOWN,
            messages.c.phone.is_not(None),
            surveys.c.state == SurveyState.OPEN,
            send_attempts.c.started_at <= now - waits,
            or_(messages.c.looked_up_at.is_(None), messages.c.looked_up_at <= now - waits),
        )
        .order_by(messages.c.id)
    )
    with reading(context.engine) as connection:
        found: Sequence[Row[Any]] = connection.execute(query).all()
    return found


async def _ask_all(
    context: Context, gateways: Mapping[str, Gateway], asked: Sequence[Row[Any]]
) -> list[SentAnswer]:
    room = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(gateway: Gateway, row: Row[Any]) -> SentAnswer:
        async with room:
            return await _ask(context, gateway, row)

    found: dict[int, SentAnswer] = {}
    for label, gateway in gateways.items():
        mine = [row for row in asked if row.gateway == label]
        if mine:
            async with gateway:
                answers = await asyncio.gather(*(ask(gateway, row) for row in mine))
            found |= {row.id: answer for row, answer in zip(mine, answers, strict=True)}
    return [found.get(row.id, SentAnswer(SentState.CANNOT_TELL)) for row in asked]


async def _ask(context: Context, gateway: Gateway, row: Row[Any]) -> SentAnswer:
    try:
        return await gateway.find_sent(outgoing(context, row), row.started_at, row.provider_id)
    except Exception:  # whatever its author forgot: it cannot tell
        return SentAnswer(SentState.CANNOT_TELL)


def _record(context: Context, asked: Sequence[Row[Any]], answers: Sequence[SentAnswer]) -> None:
    now = context.now()
    pairs = list(zip(asked, answers, strict=True))
    with writing(context.engine) as connection:
        connection.execute(
            update(messages)
            .where(messages.c.id.in_([row.id for row in asked]))
            .values(looked_up_at=now)
        )
        for row, answer in pairs:
            if answer.provider_id is not None:
                connection.execute(_provider_id(row, answer.provider_id))
        moves = [move for row, answer in pairs if (move := _move(context, row, answer, now))]
        move_messages(connection, context, moves)
        again = [move.message_id for move in moves if move.after is MessageState.QUEUED]
        connection.execute(
            update(messages)
            .where(messages.c.id.in_(again), messages.c.state == MessageState.QUEUED)
            .values(tries=messages.c.tries + 1, not_before=now)
        )


def _provider_id(row: Row[Any], provider_id: str) -> Any:
    same = and_(messages.c.id == row.id, messages.c.attempt_id == row.attempt_id)
    return update(messages).where(same).values(provider_id=provider_id)


def _move(context: Context, row: Row[Any], answer: SentAnswer, now: datetime) -> Move | None:
    """Say where an answer takes an unknown text; nowhere where nothing can be told."""
    if answer.state is SentState.FOUND:
        after = BY_RECEIPT.get(answer.receipt, MessageState.ACCEPTED) if answer.receipt else None
        return Move(row.id, after or MessageState.ACCEPTED, "provider_has_it", row.attempt_id)
    resend = context.settings.sending.unknown_policy == "resend"
    if answer.state is SentState.CANNOT_TELL and not resend:
        return None
    why = ABSENT if answer.state is SentState.ABSENT else BY_POLICY
    if row.tries + 1 >= MOST_TRIES:
        return Move(row.id, MessageState.FAILED, why, row.attempt_id)
    return Move(row.id, MessageState.QUEUED, why, row.attempt_id)
