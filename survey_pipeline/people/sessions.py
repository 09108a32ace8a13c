"""Sessions: a random token in a cookie, its hash in the database; each can be revoked."""

import hashlib
import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault, UnknownRecord
from survey_pipeline.people.confirmed_factors import has_confirmed_factor
from survey_pipeline.people.networks import network_of
from survey_pipeline.people.user_bodies import Body
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import users, web_sessions
from survey_pipeline.vocabulary import AuditAction, Audited, Role

log = logging.getLogger(__name__)

IDLE = timedelta(hours=12)
"""A session ends after so long without use."""
LONGEST = timedelta(hours=16)
"""A session ends after so long in any case: after a working day, before the next one begins."""
NOTED_EVERY = timedelta(minutes=5)
"""Least time between two writes of `seen_at`, so that not every page costs a write."""


@dataclass(frozen=True)
class SignedIn:
    """A user with a session."""

    name: str
    role: Role
    body: Body
    token: str
    must_change: bool = False
    """Whether they must choose another password first."""
    must_enrol: bool = False
    """Whether they must set up a second factor first (`security.second_factor_for`)."""

    @property
    def office_code(self) -> str | None:
        """Of a user with the role `office`."""
        return self.body.office_code


Write = Callable[[], object]
Defer = Callable[[str, Write], object]
"""Runs a write with a name, now or later in the background."""


def run_now(_name: str, write: Write) -> None:
    """Run a write at once."""
    write()


def open_session(context: Context, name: str, *, address: str = "", browser: str = "") -> str:
    """Open a session; return the token for the cookie.

    Args:
        context: the workspace.
        name: of the user.
        address: the IP address that it is opened from.
        browser: in a word or two.
    """
    token, now = secrets.token_urlsafe(32), context.now()
    with writing(context.engine) as connection:
        connection.execute(
            web_sessions.insert().values(
                token_hash=_hash(token),
                user_name=name,
                opened_at=now,
                seen_at=now,
                expires_at=now + IDLE,
                network=network_of(address) or None,
                browser=browser or None,
            )
        )
    return token


def find_session(context: Context, token: str, defer: Defer = run_now) -> SignedIn | None:
    """Return the user of a session; None if it has ended or the user is disabled.

    Args:
        context: the workspace.
        token: from the cookie.
        defer: runs the write of its use, which must not delay the page.
    """
    now = context.now()
    with reading(context.engine) as connection:
        asked = {"token": _hash(token), "now": now, "opened": now - LONGEST}
        row = connection.execute(_OPEN, asked).one_or_none()
    if row is None:
        return None
    if row.seen_at <= now - NOTED_EVERY:
        defer(f"session {_hash(token).hex()}", lambda: _note_use(context, token, now))
    role = Role(row.role)
    must_enrol = role in context.settings.security.second_factor_for and not row.factor
    body = Body(row.office_code, row.parent_code, row.lead_agency)
    return SignedIn(row.name, role, body, token, row.must_change, must_enrol)


def _note_use(context: Context, token: str, now: datetime) -> None:
    """Store that a session is used; if that fails, a later page will do it."""
    try:
        with writing(context.engine) as connection:
            connection.execute(
                update(web_sessions)
                .where(web_sessions.c.token_hash == _hash(token), web_sessions.c.ended_at.is_(None))
                .values(seen_at=now, expires_at=now + IDLE)
            )
    except DatabaseFault as error:
        known = {"action": "session_use_unnoted", "error": type(error).__name__}
        log.info("the use of a session is not written down", extra=known)


_OPEN = (
    select(
        web_sessions.c.seen_at,
        users.c.name,
        users.c.role,
        users.c.office_code,
        users.c.parent_code,
        users.c.lead_agency,
        users.c.must_change,
        has_confirmed_factor(users.c.name).label("factor"),
    )
    .join(users, users.c.name == web_sessions.c.user_name)
    .where(
        web_sessions.c.token_hash == bindparam("token"),
        web_sessions.c.ended_at.is_(None),
        web_sessions.c.expires_at > bindparam("now"),
        web_sessions.c.opened_at > bindparam("opened"),
        users.c.disabled_at.is_(None),
    )
)
"""Built once: building the statement takes longer than running it, and every page does."""


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
    """A session that has not ended; what is here does not suffice to use it."""

    key: str
    """The hash of its token, in hex."""
    name: str
    role: Role
    opened_at: datetime
    seen_at: datetime
    """Its last use, to a few minutes."""
    expires_at: datetime
    network: str
    browser: str


def end_sessions(
    connection: Connection, name: str, by: str, now: datetime, *, but: str = ""
) -> int:
    """End all open sessions of a user, except that of a token; return how many."""
    return connection.execute(
        update(web_sessions)
        .where(
            web_sessions.c.user_name == name,
            web_sessions.c.ended_at.is_(None),
            web_sessions.c.token_hash != _hash(but),
        )
        .values(ended_at=now, ended_by=by)
    ).rowcount


def end_other_sessions(context: Context, name: str, token: str) -> None:
    """End all sessions of a user except the present one."""
    with writing(context.engine) as connection:
        if end_sessions(connection, name, context.actor, context.now(), but=token):
            _log(connection, context, name)


def open_sessions(context: Context, name: str | None = None) -> list[OpenSession]:
    """Return the open sessions, of all users or one, the latest used first."""
    now = context.now()
    query = (
        select(web_sessions, users.c.role)
        .join(users, users.c.name == web_sessions.c.user_name)
        .where(
            web_sessions.c.ended_at.is_(None),
            web_sessions.c.expires_at > now,
            web_sessions.c.opened_at > now - LONGEST,
            users.c.disabled_at.is_(None),
            *([] if name is None else [web_sessions.c.user_name == name]),
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
                min(row.expires_at, row.opened_at + LONGEST),
                row.network or "",
                row.browser or "",
            )
            for row in connection.execute(query)
        ]


def is_session(session: OpenSession, token: str) -> bool:
    """Return whether a session has this token."""
    return session.key == _hash(token).hex()


def revoke_session(context: Context, key: str, *, owner: str | None = None) -> None:
    """End a session at once, and write it to the audit log.

    Args:
        context: the workspace; its actor ends the session.
        key: of the session (`OpenSession.key`).
        owner: the user whose session it must be; None: any.

    Raises:
        UnknownRecord: there is no such open session.
    """
    known = web_sessions.c.token_hash == (bytes.fromhex(key) if _HEX.fullmatch(key) else b"")
    theirs = [] if owner is None else [web_sessions.c.user_name == owner]
    with writing(context.engine) as connection:
        name = connection.execute(
            update(web_sessions)
            .where(known, web_sessions.c.ended_at.is_(None), *theirs)
            .values(ended_at=context.now(), ended_by=context.actor)
            .returning(web_sessions.c.user_name)
        ).scalar_one_or_none()
        if name is None:
            raise UnknownRecord("that session has ended already")
        _log(connection, context, name)


def _log(connection: Connection, context: Context, name: str) -> None:
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.WITHDRAWN,
        kind=Audited.WEB_SESSIONS,
        key=name,
    )
    audit.append(connection, [entry])


_HEX = re.compile(r"[0-9a-f]{64}")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
