"""Who may sign in, and the sign-in itself, slowed down where it fails again and again."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, update

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.people.passwords import hashed, verified
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import offices, sign_in_failures, users, web_sessions
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import AuditAction, Role

WINDOW = timedelta(minutes=15)
"""Failures are counted over so long."""
MOST_FOR_NAME, MOST_FROM_ADDRESS = 5, 30
"""After so many failures within it, nobody signs in with that name, or from that address."""


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in."""

    name: str
    role: Role
    office_code: str | None
    created_at: datetime
    disabled_at: datetime | None = None


class TooManyFailures(CannotProceed):
    """A name or an address has failed too often; it is not even looked at whether it is right."""


def folded(name: str) -> str:
    """Return a name as it is compared: one width, one case, no blanks around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def add_user(
    context: Context, name: str, role: Role, password: str, office_code: str | None = None
) -> Account:
    """Let somebody sign in.

    Raises:
        UsageError: the name is empty, or an office goes with another role than `office`.
        UnknownRecord: no such office.
        CannotProceed: the name is taken.
    """
    shown = check_new_user(context, name, role, office_code)
    row = {
        "name": shown,
        "role": role.value,
        "office_code": office_code,
        "password_hash": hashed(password, shown),
        "created_at": context.now(),
        "created_by": context.actor,
    }
    with writing(context.engine) as connection:
        if not insert_absent(connection, users, [row]):
            raise CannotProceed("{name} exists already", name=shown)
        _log(connection, context, AuditAction.CREATED, shown, {"role": role.value})
    return Account(shown, role, office_code, context.now())


def check_new_user(context: Context, name: str, role: Role, office_code: str | None = None) -> str:
    """Make sure that somebody may be added, before a password is asked for; return their name.

    Raises:
        UsageError: the name is empty, or an office goes with another role than `office`.
        UnknownRecord: no such office.
        CannotProceed: the name is taken.
    """
    shown = folded(name)
    if not shown or len(shown) > 50:
        raise UsageError("give a name of 1 to 50 characters")
    if (role is Role.OFFICE) != (office_code is not None):
        raise UsageError("name the office of a person with the role office, and of nobody else")
    with reading(context.engine) as connection:
        _office_exists(connection, office_code)
        taken = select(users.c.name).where(users.c.name == shown)
        if connection.execute(taken).first() is not None:
            raise CannotProceed("{name} exists already", name=shown)
    return shown


def change_password(context: Context, name: str, password: str) -> None:
    """Give somebody another password; every session of theirs ends.

    Raises:
        UnknownRecord: nobody has that name.
    """
    with writing(context.engine) as connection:
        changed = connection.execute(
            update(users)
            .where(users.c.name == folded(name))
            .values(password_hash=hashed(password, folded(name)))
        )
        if not changed.rowcount:
            raise UnknownRecord("nobody is called {name}", name=name)
        end_sessions(connection, folded(name), context.actor, context.now())
        _log(connection, context, AuditAction.UPDATED, folded(name), {"password": "changed"})


def disable_user(context: Context, name: str) -> None:
    """Let somebody sign in no more; every session of theirs ends at once.

    Raises:
        UnknownRecord: nobody has that name.
        CannotProceed: it is the last admin.
    """
    now = context.now()
    with writing(context.engine) as connection:
        lock_name(connection, "admins", "")  # two at once would each leave the other as the last
        known = connection.execute(select(users).where(users.c.name == folded(name))).one_or_none()
        if known is None:
            raise UnknownRecord("nobody is called {name}", name=name)
        if known.disabled_at is not None:
            return
        others = select(func.count()).where(
            users.c.role == Role.ADMIN, users.c.disabled_at.is_(None), users.c.name != known.name
        )
        if known.role == Role.ADMIN and not connection.scalar(others):
            raise CannotProceed("{name} is the last admin; make another one first", name=name)
        connection.execute(
            update(users)
            .where(users.c.name == known.name)
            .values(disabled_at=now, disabled_by=context.actor)
        )
        end_sessions(connection, known.name, context.actor, now)
        _log(connection, context, AuditAction.WITHDRAWN, known.name, None)


def enable_user(context: Context, name: str) -> None:
    """Let somebody who was disabled sign in again, with the password that they had.

    Raises:
        UnknownRecord: nobody has that name.
    """
    with writing(context.engine) as connection:
        enabled = connection.execute(
            update(users)
            .where(users.c.name == folded(name), users.c.disabled_at.is_not(None))
            .values(disabled_at=None, disabled_by=None)
        )
        if enabled.rowcount:
            _log(connection, context, AuditAction.UPDATED, folded(name), {"disabled": "no"})
            return
        known = select(users.c.name).where(users.c.name == folded(name))
        if connection.scalar(known) is None:
            raise UnknownRecord("nobody is called {name}", name=name)


def list_users(context: Context) -> Sequence[Account]:
    """Return everybody, by name."""
    with reading(context.engine) as connection:
        rows = connection.execute(select(users).order_by(users.c.name)).all()
    return [
        Account(row.name, Role(row.role), row.office_code, row.created_at, row.disabled_at)
        for row in rows
    ]


def anybody(context: Context) -> bool:
    """Say whether somebody may sign in at all; if not, `run` prints a link for the first admin."""
    with reading(context.engine) as connection:
        active = select(func.count()).select_from(users).where(users.c.disabled_at.is_(None))
        return bool(connection.scalar(active))


def authenticate(context: Context, name: str, password: str, address: str) -> Account | None:
    """Return who it is; nobody where name or password is wrong.

    Raises:
        TooManyFailures: the name or the address has failed too often lately.
    """
    shown, now = folded(name)[:50], context.now()
    with reading(context.engine) as connection:
        if _tired(connection, shown, address, now):
            raise TooManyFailures(
                "too many failed sign-ins: wait {minutes} minutes",
                minutes=int(WINDOW.total_seconds() // 60),
            )
        known = connection.execute(
            select(users).where(users.c.name == shown, users.c.disabled_at.is_(None))
        ).one_or_none()
    if verified(password, known.password_hash if known else None) and known is not None:
        return Account(known.name, Role(known.role), known.office_code, known.created_at)
    with writing(context.engine) as connection:
        connection.execute(
            sign_in_failures.insert().values(name=shown, address=address[:60], at=now)
        )
        connection.execute(sign_in_failures.delete().where(sign_in_failures.c.at < now - WINDOW))
    return None


def end_sessions(connection: Connection, name: str, by: str, now: datetime) -> None:
    """End every open session of somebody."""
    connection.execute(
        update(web_sessions)
        .where(web_sessions.c.user_name == name, web_sessions.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=by)
    )


def _tired(connection: Connection, name: str, address: str, now: datetime) -> bool:
    rows = connection.execute(
        select(sign_in_failures.c.name, sign_in_failures.c.address).where(
            sign_in_failures.c.at >= now - WINDOW,
            or_(sign_in_failures.c.name == name, sign_in_failures.c.address == address),
        )
    ).all()
    for_name = [row for row in rows if row.name == name]
    from_address = [row for row in rows if row.address == address]
    return len(for_name) >= MOST_FOR_NAME or len(from_address) >= MOST_FROM_ADDRESS


def _office_exists(connection: Connection, office_code: str | None) -> None:
    if office_code is None:
        return
    known = select(offices.c.office_code).where(
        offices.c.office_code == office_code, offices.c.withdrawn_at.is_(None)
    )
    if connection.scalar(known) is None:
        raise UnknownRecord("there is no office {code}", code=office_code)


def _log(
    connection: Connection,
    context: Context,
    action: AuditAction,
    name: str,
    after: dict[str, str] | None,
) -> None:
    entry = audit.entry(
        at=context.now(), actor=context.actor, action=action, kind="users", key=name, after=after
    )
    audit.append(connection, [entry])
