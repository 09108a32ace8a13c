"""The list of opt-outs as people keep it: by phone, by letter, at the counter; and who is on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.phones import masked, without_numbers
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import inbound, opt_outs, representatives, surveys
from survey_pipeline.survey.opt_outs import (
    PersonsRequest,
    end_by_hand,
    in_force,
    opt_out_on_request,
)

LONGEST_REASON = 500


@dataclass(frozen=True)
class ListedOptOut:
    """A number that is asked no more."""

    id: int
    number: str | None
    """Masked; None where nothing but the hash is left of it."""
    since: datetime
    how: str
    """`sms` (a text, or a provider's word), `phone` (a logged call) or `by_hand`."""
    by: str | None
    """Who entered it, where a person did."""
    reason: str | None


def add_opt_out(context: Context, number: str, by: str, reason: str) -> bool:
    """Stop everything to a number; return whether it was not on the list yet.

    Args:
        context: the workspace.
        number: E.164.
        by: who took the request.
        reason: how the person asked.

    Raises:
        UsageError: `by` or `reason` is blank, or the reason too long.
    """
    request = PersonsRequest(masked(number), _name(by), _reason(reason))
    phone_hash = context.keys.phone_hash(number)
    with writing(context.engine) as connection:
        return opt_out_on_request(connection, phone_hash, request, context.now()) is not None


def remove_opt_out(context: Context, number: str, by: str, reason: str) -> None:
    """Let a number be asked again from the next draw on; what was cancelled stays cancelled.

    Raises:
        UsageError: `by` or `reason` is blank, or the reason too long.
        UnknownRecord: the number is not on the list.
    """
    by, reason = _name(by), _reason(reason)
    phone_hash = context.keys.phone_hash(number)
    with writing(context.engine) as connection:
        if end_by_hand(connection, phone_hash, by, reason, context.now()) is None:
            raise UnknownRecord(
                "{number} is not on the list of opt-outs", number=masked(number)
            ).at_terminal("See: opt-outs list")


def list_opt_outs(context: Context, number: str | None = None) -> Sequence[ListedOptOut]:
    """Return the opt-outs in force, the oldest first; of one number if it is given (E.164)."""
    query = select(opt_outs).where(opt_outs.c.ended_at.is_(None)).order_by(opt_outs.c.id)
    if number is not None:
        query = query.where(in_force(context.keys.phone_hash(number)))
    with reading(context.engine) as connection:
        rows = connection.execute(query).all()
        return [_listed(connection, context, row) for row in rows]


def _listed(connection: Connection, context: Context, row: Row[Any]) -> ListedOptOut:
    return ListedOptOut(
        row.id,
        row.masked or _still_known(connection, context, row.phone_hash),
        row.started_at,
        _how(row),
        row.by,
        row.reason,
    )


def _how(row: Row[Any]) -> str:
    if row.by is None:
        return "sms"
    return "by_hand" if row.call_attempt_id is None else "phone"


def _still_known(connection: Connection, context: Context, phone_hash: bytes) -> str | None:
    """Return the masked number of a hash while the number itself is kept somewhere."""
    for table in (surveys, representatives, inbound):
        query = select(table.c.phone).where(
            table.c.phone_hash == phone_hash, table.c.phone.is_not(None)
        )
        if (phone := connection.scalar(query.limit(1))) is not None:
            return masked(context.keys.decrypt(phone))
    return None


def _name(by: str) -> str:
    if not by.strip():
        raise UsageError("say who takes the request: --by NAME")
    return by.strip()


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise UsageError("say how the person asked, or why the opt-out ends: --reason R")
    if len(reason) > LONGEST_REASON:
        raise UsageError(
            "the reason is longer than {most} characters: shorten it", most=LONGEST_REASON
        )
    return without_numbers(reason)
