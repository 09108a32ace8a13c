"""Asks providers what became of texts; an answer counts as a receipt does.

Texts are read and settled a batch at a time: a million of them must not be in memory at once, and
a process that is stopped keeps what it has learnt so far.
"""

import asyncio
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway, SentAnswer, SentState
from survey_pipeline.stages.dispatch.outbox import outgoing
from survey_pipeline.stages.dispatch.receipts import honour_opt_outs
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import messages, send_attempts, surveys
from survey_pipeline.survey.lifecycle import Move
from survey_pipeline.vocabulary import MessageState, MessageWhy, ReceiptState, RefusalReason

ASKED_AT_ONCE = 16
"""Questions to a provider under way at once."""
BATCH = 256
"""Texts asked about before what was learnt is written down."""
BY_RECEIPT = {
    ReceiptState.DELIVERED: MessageState.DELIVERED,
    ReceiptState.UNDELIVERED: MessageState.UNDELIVERED,
}


def texts_in_batches(
    context: Context, conditions: Sequence[ColumnElement[bool]]
) -> Iterator[Sequence[Row[Any]]]:
    """Yield the texts to ask about, with their attempts; each as it stands when its turn comes.

    Args:
        context: the workspace.
        conditions: on `messages`, their present `send_attempts` and their `surveys`.
    """
    joined = (
        select(
            messages.c.id,
            messages.c.state,
            messages.c.attempt_id,
            messages.c.gateway,
            messages.c.provider_id,
            messages.c.phone,
            messages.c.text,
            messages.c.template,
            messages.c.variables,
            messages.c.tries,
            send_attempts.c.started_at,
            send_attempts.c.reason.label("doubt"),
        )
        .join(send_attempts, send_attempts.c.id == messages.c.attempt_id)
        .join(surveys, surveys.c.id == messages.c.survey_id)
        .where(messages.c.phone.is_not(None), *conditions)
        .order_by(messages.c.id)
    )
    with reading(context.engine) as connection:
        chosen: Any = joined.with_only_columns(messages.c.id)
        found = connection.execute(chosen, execution_options={"yield_per": 10_000}).scalars()
        ids = array("q", found)
    for start in range(0, len(ids), BATCH):
        with reading(context.engine) as connection:
            batch: Any = joined.where(messages.c.id.in_(ids[start : start + BATCH].tolist()))
            rows = connection.execute(batch).all()
        if rows:
            yield rows


def not_asked_since(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that no provider was asked about a text since then."""
    return or_(messages.c.looked_up_at.is_(None), messages.c.looked_up_at <= moment)


def ask_providers(
    context: Context, gateways: Mapping[str, Gateway], asked: Sequence[Row[Any]]
) -> list[SentAnswer]:
    """Ask each text's provider; without its gateway configured, the answer is `CANNOT_TELL`."""
    return asyncio.run(_ask_all(context, gateways, asked))


async def _ask_all(
    context: Context, gateways: Mapping[str, Gateway], asked: Sequence[Row[Any]]
) -> list[SentAnswer]:
    room = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask_in_turn(gateway: Gateway, row: Row[Any]) -> SentAnswer:
        async with room:
            return await _find_sent(context, gateway, row)

    found: dict[int, SentAnswer] = {}
    for label, gateway in gateways.items():
        mine = [row for row in asked if row.gateway == label]
        if mine:
            async with gateway:
                answers = await asyncio.gather(*(ask_in_turn(gateway, row) for row in mine))
            found |= {row.id: answer for row, answer in zip(mine, answers, strict=True)}
    return [found.get(row.id, SentAnswer(SentState.CANNOT_TELL)) for row in asked]


async def _find_sent(context: Context, gateway: Gateway, row: Row[Any]) -> SentAnswer:
    try:
        return await gateway.find_sent(outgoing(context, row), row.started_at, row.provider_id)
    except Exception:  # a fault of the gateway's code tells nothing about the text
        return SentAnswer(SentState.NO_ANSWER)


def found_move(row: Row[Any], answer: SentAnswer) -> Move:
    """Return the move of a text that its provider has: the same as for a receipt of that state."""
    after = BY_RECEIPT.get(answer.receipt) if answer.receipt else None
    return Move(
        row.id,
        after or MessageState.ACCEPTED,
        MessageWhy.PROVIDER_HAS_IT,
        row.attempt_id,
        answer.provider_id,
        answer.reason,
    )


def note_answers(
    connection: Connection,
    asked: Sequence[Row[Any]],
    answers: Sequence[SentAnswer],
    now: datetime,
) -> None:
    """Note when the texts were asked about, and honour what answers say of opt-outs."""
    connection.execute(
        update(messages)
        .where(messages.c.id.in_([row.id for row in asked]))
        .values(looked_up_at=now)
    )
    stopped = [
        (row.gateway, row.id)
        for row, answer in zip(asked, answers, strict=True)
        if answer.reason is RefusalReason.OPTED_OUT
    ]
    honour_opt_outs(connection, stopped, now)
