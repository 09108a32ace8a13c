"""How calls enter the queue, end, and come back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, update

from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import calls
from survey_pipeline.survey.lifecycle.leaving import leaving
from survey_pipeline.vocabulary import CallEnd, CallOutcome, CallState


def add_calls(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Put calls into the queue; a survey that has an open call is passed over.

    Returns:
        How many were added.
    """
    return insert_absent(connection, calls, [{**row, "state": CallState.OPEN} for row in rows])


def end_calls(
    connection: Connection,
    after: CallState,
    why: CallEnd | CallOutcome | ColumnElement[str],
    now: datetime,
    *where: ColumnElement[bool],
    columns: Mapping[str, Any] | None = None,
) -> int:
    """End open calls.

    Args:
        connection: a transaction that writes.
        after: how they end.
        why: what ended them; an expression where that differs between them.
        now: the present moment.
        where: which open calls.
        columns: what else is written onto them; the lease stays as it is otherwise.

    Returns:
        How many ended.
    """
    ended = connection.execute(
        update(calls)
        .where(leaving([CallState.OPEN], after), *where)
        .values({**(columns or {}), "state": after, "why": why, "ended_at": now})
    )
    return ended.rowcount


def reopen_calls(
    connection: Connection,
    before: Iterable[CallState],
    *where: ColumnElement[bool],
    columns: Mapping[str, Any] | None = None,
) -> int:
    """Open ended calls again, because what ended them was taken back.

    Args:
        connection: a transaction that writes.
        before: the states that they leave.
        where: which of the calls in these states.
        columns: what else is written onto them.

    Returns:
        How many were opened.
    """
    opened = connection.execute(
        update(calls)
        .where(leaving(before, CallState.OPEN), *where)
        .values({**(columns or {}), "state": CallState.OPEN, "why": None, "ended_at": None})
    )
    return opened.rowcount
