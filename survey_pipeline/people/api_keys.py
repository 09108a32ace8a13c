"""API keys with which the systems of offices report cases: shown once, stored as a hash."""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault, UnknownRecord
from survey_pipeline.people.sessions import Defer, run_now
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import api_keys, offices
from survey_pipeline.vocabulary import AuditAction, Audited

log = logging.getLogger(__name__)

PREFIX = "sp_"
NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class OfficeKey:
    """What is known of a key, without the key itself."""

    id: int
    office_code: str
    label: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def add_key(context: Context, office_code: str, label: str) -> tuple[int, str]:
    """Make a key for an office; return its number and the key, which is not stored.

    Raises:
        UnknownRecord: there is no such office.
    """
    key = PREFIX + secrets.token_urlsafe(32)
    with writing(context.engine) as connection:
        known = select(offices.c.office_code).where(
            offices.c.office_code == office_code, offices.c.withdrawn_at.is_(None)
        )
        if connection.scalar(known) is None:
            raise UnknownRecord("there is no office {code}", code=office_code)
        number: int = connection.execute(
            api_keys.insert()
            .values(
                office_code=office_code,
                label=label,
                key_hash=_hash(key),
                created_at=context.now(),
                created_by=context.actor,
            )
            .returning(api_keys.c.id)
        ).scalar_one()
        _log(connection, context, AuditAction.CREATED, number)
    return number, key


def revoke_key(context: Context, number: int) -> None:
    """Revoke a key.

    Raises:
        UnknownRecord: there is no such key, or it was revoked before.
    """
    with writing(context.engine) as connection:
        done = connection.execute(
            update(api_keys)
            .where(api_keys.c.id == number, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=context.now(), revoked_by=context.actor)
        )
        if not done.rowcount:
            raise UnknownRecord("there is no key {number} in force", number=number)
        _log(connection, context, AuditAction.WITHDRAWN, number)


def list_keys(context: Context) -> Sequence[OfficeKey]:
    """Return all keys, by number."""
    with reading(context.engine) as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.id)).all()
    return [
        OfficeKey(row.id, row.office_code, row.label, row.created_at, row.used_at, row.revoked_at)
        for row in rows
    ]


def office_of_key(context: Context, key: str, defer: Defer = run_now) -> str | None:
    """Return the code of the office whose key it is; None if it is unknown or revoked.

    Args:
        context: the workspace.
        key: as it was sent.
        defer: runs the write of its use, which must not delay the response.
    """
    now = context.now()
    with reading(context.engine) as connection:
        row = connection.execute(
            select(api_keys).where(
                api_keys.c.key_hash == _hash(key), api_keys.c.revoked_at.is_(None)
            )
        ).one_or_none()
    if row is None:
        return None
    if row.used_at is None or row.used_at <= now - NOTED_EVERY:
        defer(f"key {row.id}", lambda: _note_use(context, row.id, now))
    return str(row.office_code)


def _note_use(context: Context, number: int, now: datetime) -> None:
    """Store that a key is used; if that fails, a later request will do it."""
    try:
        with writing(context.engine) as connection:
            connection.execute(update(api_keys).where(api_keys.c.id == number).values(used_at=now))
    except DatabaseFault as error:
        known = {"action": "key_use_unnoted", "error": type(error).__name__}
        log.info("the use of a key is not written down", extra=known)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _log(connection: Connection, context: Context, action: AuditAction, number: int) -> None:
    entry = audit.entry(
        at=context.now(), actor=context.actor, action=action, kind=Audited.API_KEYS, key=str(number)
    )
    audit.append(connection, [entry])
