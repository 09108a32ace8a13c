"""Sessions: a random token in a cookie, its hash in the database, revocable at any time."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from survey_pipeline.errors import UnknownRecord
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import users, web_sessions
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import AuditAction, Role

IDLE = timedelta(hours=12)
"""A session that is not used for so long ends by itself."""
NOTED_EVERY = timedelta(minutes=5)
"""Its use is written down no more often: a page must not cost a write."""


@dataclass(frozen=True)
class SignedIn:
    """Who is looking at a page."""

    name: str
    role: Role
    office_code: str | None
    token: str


def open_session(context: Context, name: str) -> str:
    """Begin a session; return the token for the cookie."""
    token, now = secrets.token_urlsafe(32), context.now()
    with writing(context.engine) as connection:
        connection.execute(
            web_sessions.insert().values(
                token_hash=_hash(token),
                user_name=name,
                opened_at=now,
                seen_at=now,
                expires_at=now + IDLE,
            )
        )
    return token


def find_session(context: Context, token: str) -> SignedIn | None:
    """Return whose session it is; nobody's where it has ended or its person is disabled."""
    now = context.now()
    with reading(context.engine) as connection:
        row = connection.execute(_OPEN, {"token": _hash(token), "now": now}).one_or_none()
    if row is None:
        return None
    if row.seen_at <= now - NOTED_EVERY:
        with writing(context.engine) as connection:
            connection.execute(
                update(web_sessions)
                .where(web_sessions.c.token_hash == _hash(token))
                .values(seen_at=now, expires_at=now + IDLE)
            )
    return SignedIn(row.name, Role(row.role), row.office_code, token)


_OPEN = (
    select(web_sessions.c.seen_at, users.c.name, users.c.role, users.c.office_code)
    .join(users, users.c.name == web_sessions.c.user_name)
    .where(
        web_sessions.c.token_hash == bindparam("token"),
        web_sessions.c.ended_at.is_(None),
        web_sessions.c.expires_at > bindparam("now"),
        users.c.disabled_at.is_(None),
    )
)
"""Built once: building it takes longer than asking it, and every page asks it."""


def end_session(context: Context, token: str, by: str) -> None:
    """End one session."""
    with writing(context.engine) as connection:
        connection.execute(
            update(web_sessions)
            .where(web_sessions.c.token_hash == _hash(token), web_sessions.c.ended_at.is_(None))
            .values(ended_at=context.now(), ended_by=by)
        )


@dataclass(frozen=True)
class OpenSession:
    """A session that somebody may still use; it cannot be used from what is known of it here."""

    key: str
    """The hash of its token, in hex."""
    name: str
    role: Role
    opened_at: datetime
    seen_at: datetime
    """Its last use, to a few minutes."""
    expires_at: datetime


def open_sessions(context: Context) -> list[OpenSession]:
    """Return the sessions that are open now, the latest used first."""
    query = (
        select(web_sessions, users.c.role)
        .join(users, users.c.name == web_sessions.c.user_name)
        .where(
            web_sessions.c.ended_at.is_(None),
            web_sessions.c.expires_at > context.now(),
            users.c.disabled_at.is_(None),
        )
        .order_by(web_sessions.c.seen_at.desc(), web_sessions.c.opened_at.desc())
    )
    with reading(context.engine) as connection:
        return [
            OpenSession(
                row.token_hash.hex(),
                row.user_name,
                Role(row.role),
                row.opened_at,
                row.seen_at,
                row.expires_at,
            )
            for row in connection.execute(query)
        ]


def is_session(one: OpenSession, token: str) -> bool:
    """Say whether it is the session of a token."""
    return one.key == _hash(token).hex()


def revoke_session(context: Context, key: str) -> None:
    """End somebody's session at once; it stands in the audit log.

    Raises:
        UnknownRecord: there is no such open session.
    """
    known = web_sessions.c.token_hash == (bytes.fromhex(key) if _HEX.fullmatch(key) else b"")
    with writing(context.engine) as connection:
        name = connection.execute(
            update(web_sessions)
            .where(known, web_sessions.c.ended_at.is_(None))
            .values(ended_at=context.now(), ended_by=context.actor)
            .returning(web_sessions.c.user_name)
        ).scalar_one_or_none()
        if name is None:
            raise UnknownRecord("that session has ended already")
        entry = audit.entry(
            at=context.now(),
            actor=context.actor,
            action=AuditAction.WITHDRAWN,
            kind="web_sessions",
            key=name,
        )
        audit.append(connection, [entry])


_HEX = re.compile(r"[0-9a-f]{64}")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
