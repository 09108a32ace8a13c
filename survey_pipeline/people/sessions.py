"""Sessions: a random token in a cookie, its hash in the database, revocable at any time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import users, web_sessions
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import Role

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
        row = connection.execute(
            select(web_sessions.c.seen_at, users.c.name, users.c.role, users.c.office_code)
            .join(users, users.c.name == web_sessions.c.user_name)
            .where(
                web_sessions.c.token_hash == _hash(token),
                web_sessions.c.ended_at.is_(None),
                web_sessions.c.expires_at > now,
                users.c.disabled_at.is_(None),
            )
        ).one_or_none()
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


def end_session(context: Context, token: str, by: str) -> None:
    """End one session."""
    with writing(context.engine) as connection:
        connection.execute(
            update(web_sessions)
            .where(web_sessions.c.token_hash == _hash(token), web_sessions.c.ended_at.is_(None))
            .values(ended_at=context.now(), ended_by=by)
        )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
