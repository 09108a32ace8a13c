"""What is held of one citizen, by the number: in every table, also where only its hash is left."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select

from survey_pipeline.context import Context
from survey_pipeline.privacy.held_numbers import files_with
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    call_attempts,
    cases,
    inbound,
    messages,
    opt_outs,
    representatives,
    surveys,
)
from survey_pipeline.vocabulary import AuditAction, Audited

Shown = dict[str, Any]
_CASE = ("office_code", "case_no", "served_on", "reported_on", "item", "channel", "subject_type",
         "citizen_name", "remark")  # fmt: skip
_SURVEY = ("office_code", "case_no", "drawn_on", "state", "closed_at", "rating", "rated_by",
           "reason", "verification", "opted_out")  # fmt: skip
_TEXT = ("queued_at", "state", "text")
_REPLY = ("received_at", "text", "reply_class", "decision")
_CALL = ("logged_at", "by", "outcome", "rating", "reason", "note", "correct_why")
_OPT_OUT = ("started_at", "ended_at", "by", "reason", "ended_by", "ended_reason")
_REPRESENTATIVE = ("year", "rep_no", "name", "group")


@dataclass(frozen=True)
class Holding:
    """All that is held of a number, by kind; values decrypted, moments and days in ISO form."""

    found: dict[str, Sequence[Shown]]
    sha256: str
    """SHA-256, in hex, over what was shown, as canonical JSON."""
    receipt: str
    """The key of the journal's entry."""

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {kind: len(rows) for kind, rows in self.found.items()}


def show_citizen(context: Context, number: str, by: str) -> Holding:
    """Return what is held of a number, and put on record that it was shown.

    Files of the workspace that hold it are named.
    Cases that were never drawn are found by reading the whole table: of millions it takes a while.

    Args:
        context: the workspace.
        number: E.164.
        by: who asked for it.
    """
    phone_hash = context.keys.phone_hash(number)
    with reading(context.engine) as connection:
        found = dict(_found(connection, context, phone_hash))
    files = [file.path.relative_to(context.home) for file in files_with(context.home, number)]
    found["files"] = [{"file": str(file)} for file in files]
    text = json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    holding = Holding(found, hashlib.sha256(text.encode()).hexdigest(), context.new_token())
    entry = audit.entry(
        at=context.now(),
        actor=by,
        action=AuditAction.LOOKED,
        kind=Audited.CITIZENS,
        key=holding.receipt,
        after={"counts": holding.counts, "sha256": holding.sha256},
    )
    with writing(context.engine) as connection:
        audit.append(connection, [entry])
    return holding


def _found(
    connection: Connection, context: Context, phone_hash: bytes
) -> "list[tuple[str, Sequence[Shown]]]":
    theirs = select(surveys.c.id).where(surveys.c.phone_hash == phone_hash)
    wanted: list[tuple[Table, tuple[str, ...], ColumnElement[bool]]] = [
        (cases, _CASE, cases.c.phone_hash == phone_hash),
        (surveys, _SURVEY, surveys.c.phone_hash == phone_hash),
        (messages, _TEXT, messages.c.survey_id.in_(theirs)),
        (inbound, _REPLY, inbound.c.phone_hash == phone_hash),
        (call_attempts, _CALL, call_attempts.c.survey_id.in_(theirs)),
        (opt_outs, _OPT_OUT, opt_outs.c.phone_hash == phone_hash),
        (representatives, _REPRESENTATIVE, representatives.c.phone_hash == phone_hash),
    ]
    return [
        (table.name, [_shown(context, row) for row in connection.execute(query)])
        for table, names, where in wanted
        for query in [select(*(table.c[name] for name in names)).where(where)]
    ]


def _shown(context: Context, row: Row[Any]) -> Shown:
    return {
        name: _plain(context, value) for name, value in row._mapping.items() if value is not None
    }


def _plain(context: Context, value: Any) -> Any:
    if isinstance(value, bytes):
        return context.keys.decrypt(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
