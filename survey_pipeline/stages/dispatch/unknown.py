"""The life of *unknown*: a receipt decides, else the provider is asked, else the policy.

A text whose sender died is unknown as well. It is sent again only where the provider shows that it
never had it, or under the policy `resend` (specification, section 5).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway, SentAnswer, SentState
from survey_pipeline.stages.dispatch.outbox import MOST_TRIES
from survey_pipeline.stages.dispatch.provider_lookup import (
    ask_providers,
    found_move,
    not_asked_since,
    note_answers,
    texts_in_batches,
)
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import messages, send_attempts, surveys
from survey_pipeline.survey.leases import sender_silent
from survey_pipeline.survey.lifecycle import Move, move_messages
from survey_pipeline.survey.restored import NOT_KNOWN_SINCE
from survey_pipeline.vocabulary import MessageState, MessageWhy, SurveyState


def take_up_expired_leases(context: Context) -> int:
    """Turn texts whose sender went silent into unknown ones; return how many."""
    now = context.now()
    with writing(context.engine) as connection:
        silent = connection.execute(
            select(messages.c.id, messages.c.attempt_id).where(sender_silent(now))
        )
        why = MessageWhy.LEASE_RAN_OUT
        moves = [Move(key, MessageState.UNKNOWN, why, attempt) for key, attempt in silent]
        return move_messages(connection, context, moves)


def ask_about_unknown(context: Context, gateways: Mapping[str, Gateway]) -> Counter[SentState]:
    """Ask the providers about texts unknown for longer than `unknown_after`.

    Returns:
        How many were found, shown to be absent, or stayed unknown.
    """
    before = context.now() - context.settings.sending.unknown_after
    conditions = [
        messages.c.state == MessageState.UNKNOWN,
        surveys.c.state == SurveyState.OPEN,
        send_attempts.c.started_at <= before,
        not_asked_since(before),
    ]
    told: Counter[SentState] = Counter()
    for asked in texts_in_batches(context, conditions):
        answers = ask_providers(context, gateways, asked)
        _record(context, asked, answers)
        told.update(answer.state for answer in answers)
    return told


def _record(context: Context, asked: Sequence[Row[Any]], answers: Sequence[SentAnswer]) -> None:
    now = context.now()
    pairs = zip(asked, answers, strict=True)
    moves = [move for row, answer in pairs if (move := _move(context, row, answer))]
    queued = {move.message_id for move in moves if move.after is MessageState.QUEUED}
    again = [
        {"key": row.id, "attempt": row.attempt_id, "spent": row.tries, "now": now}
        for row in asked
        if row.id in queued
    ]
    with writing(context.engine) as connection:
        move_messages(connection, context, moves)
        if again:
            connection.execute(_AGAIN, again)
        note_answers(connection, asked, answers, now)


def _move(context: Context, row: Row[Any], answer: SentAnswer) -> Move | None:
    """Return the move that an answer asks for; None if the answer tells nothing."""
    if answer.state is SentState.FOUND:
        return found_move(row, answer)
    if row.doubt == NOT_KNOWN_SINCE:
        return None  # the lost database may have sent it by an attempt that we do not know
    resend = context.settings.sending.unknown_policy == "resend"
    if answer.state is SentState.ABSENT:
        why = MessageWhy.PROVIDER_NEVER_HAD_IT
    elif answer.state is SentState.CANNOT_TELL and resend:
        why = MessageWhy.POLICY_RESEND
    else:
        return None
    if row.tries + 1 >= MOST_TRIES:
        return Move(row.id, MessageState.FAILED, why, row.attempt_id)
    return Move(row.id, MessageState.QUEUED, why, row.attempt_id)


_AGAIN: Any = (
    update(messages)
    .where(
        messages.c.id == bindparam("key"),
        messages.c.state == MessageState.QUEUED,
        messages.c.attempt_id == bindparam("attempt"),
        messages.c.tries == bindparam("spent"),
    )
    .values(tries=messages.c.tries + 1, not_before=bindparam("now"))
)
"""Counts a try once, however many workers have asked about the text."""
