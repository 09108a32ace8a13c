"""The one order in which transactions hold what belongs to a survey.

A transaction that writes to surveys, or to what hangs on them, holds all of its surveys first, with
one statement that goes by their ids. Only then does it touch texts, calls, replies and the list of
opt-outs. So two transactions on PostgreSQL never wait for each other. A transaction that holds no
survey changes rows that it has just taken (`SKIP LOCKED`), or a single row.

On SQLite there is nothing to do: a transaction that writes is alone already.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, select, union

from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import messages, surveys

_THEIRS = surveys.alias("theirs")
SurveyIds = Select[tuple[int]]


def hold_surveys(connection: Connection, *which: SurveyIds) -> None:
    """Hold the surveys that any of these queries selects, until the transaction ends.

    Args:
        connection: a transaction that writes, which holds no survey yet.
        which: queries of surveys' ids; see `of_phones` and `of_messages`.
    """
    chosen: Any = which[0] if len(which) == 1 else union(*which)
    hold_rows(connection, surveys.c.id, surveys.c.id.in_(chosen))


def of_phones(phones: "Collection[bytes] | Select[Any]") -> SurveyIds:
    """Select all surveys of these phones: an opt-out, or a reply, may concern any of them.

    Args:
        phones: keyed hashes of numbers, or a query of them.
    """
    return select(_THEIRS.c.id).where(_THEIRS.c.phone_hash.in_(phones))


def of_messages(message_ids: "Collection[int] | Select[Any]") -> SurveyIds:
    """Select the surveys of these texts."""
    return select(messages.c.survey_id).where(messages.c.id.in_(message_ids))
