"""Who may sign in, and the sign-in itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.people.names import folded, new_name, skeleton
from survey_pipeline.people.passwords import hashed, verified
from survey_pipeline.people.sessions import end_sessions
from survey_pipeline.people.throttle import (
    TooManyFailures,
    count_try,
    forget_failures,
    was_right,
)
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import offices, users
from survey_pipeline.vocabulary import AuditAction, Audited, Role

__all__ = [
    "Account",
    "TooManyFailures",
    "add_first_admin",
    "add_user",
    "anybody",
    "authenticate",
    "change_own_password",
    "change_password",
    "choose_password",
    "disable_user",
    "enable_user",
    "list_users",
]


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in."""

    name: str
    role: Role
    office_code: str | None
    created_at: datetime
    disabled_at: datetime | None = None


def add_user(
    context: Context,
    name: str,
    role: Role,
    password: str,
    office_code: str | None = None,
    *,
    must_change: bool = False,
) -> Account:
    """Let somebody sign in; with `must_change` they choose another password when they first do.

    Raises:
        UsageError: the name may not be given (`names.new_name`), or an office goes with another
            role than `office`.
        UnknownRecord: no such office.
        CannotProceed: the name is taken, or looks like one that is.
    """
    shown = check_new_user(context, name, role, office_code)
    made = Account(shown, role, office_code, context.now())
    password_hash = hashed(password, shown)
    with writing(context.engine) as connection:
        _alone(connection)
        _office_exists(connection, office_code)
        _insert(connection, context, made, password_hash, must_change=must_change)
    return made


def add_first_admin(context: Context, name: str, password: str) -> Account | None:
    """Make the first admin; nothing where somebody may sign in already.

    Raises:
        UsageError: name or password may not be given.
        CannotProceed: the name is, or looks like, that of somebody who was disabled.
    """
    made = Account(new_name(name), Role.ADMIN, None, context.now())
    password_hash = hashed(password, made.name)
    with writing(context.engine) as connection:
        _alone(connection)
        if _anybody(connection):
            return None
        _insert(connection, context, made, password_hash)
    return made


def _alone(connection: Connection) -> None:
    """Let one transaction at a time change who may sign in."""
    lock_name(connection, "users", "")


def _insert(
    connection: Connection,
    context: Context,
    made: Account,
    password_hash: str,
    *,
    must_change: bool = False,
) -> None:
    _unlike_others(connection, made.name)
    row = {
        "name": made.name,
        "role": made.role.value,
        "office_code": made.office_code,
        "password_hash": password_hash,
        "must_change": must_change,
        "created_at": made.created_at,
        "created_by": context.actor,
    }
    if not insert_absent(connection, users, [row]):
        raise CannotProceed("{name} exists already", name=made.name)
    _log(connection, context, AuditAction.CREATED, made.name, {"role": made.role.value})


def _unlike_others(connection: Connection, name: str) -> None:
    """Make sure that nobody takes the name for another person's."""
    wanted = skeleton(name)
    for other in connection.scalars(select(users.c.name)):
        if other != name and skeleton(other) == wanted:
            raise CannotProceed(
                "{name} looks like {other}, who is here already; choose another name",
                name=name,
                other=other,
            )


def check_new_user(context: Context, name: str, role: Role, office_code: str | None = None) -> str:
    """Make sure that somebody may be added, before a password is asked for; return their name.

    Raises:
        UsageError: the name may not be given (`names.new_name`), or an office goes with another
            role than `office`.
        UnknownRecord: no such office.
        CannotProceed: the name is taken, or looks like one that is.
    """
    shown = new_name(name)
    if (role is Role.OFFICE) != (office_code is not None):
        raise UsageError("name the office of a person with the role office, and of nobody else")
    with reading(context.engine) as connection:
        _office_exists(connection, office_code)
        _unlike_others(connection, shown)
        taken = select(users.c.name).where(users.c.name == shown)
        if connection.execute(taken).first() is not None:
            raise CannotProceed("{name} exists already", name=shown)
    return shown


def change_password(
    context: Context, name: str, password: str, *, must_change: bool = False
) -> None:
    """Give somebody another password; every session of theirs ends, no failure counts on.

    With `must_change` they choose another one when they next sign in.

    Raises:
        UnknownRecord: nobody has that name.
    """
    password_hash = hashed(password, folded(name))
    with writing(context.engine) as connection:
        changed = connection.execute(
            update(users)
            .where(users.c.name == folded(name))
            .values(password_hash=password_hash, must_change=must_change)
        )
        if not changed.rowcount:
            raise UnknownRecord("nobody is called {name}", name=name)
        end_sessions(connection, folded(name), context.actor, context.now())
        forget_failures(connection, folded(name))
        _log(connection, context, AuditAction.UPDATED, folded(name), {"password": "changed"})


def change_own_password(
    context: Context, name: str, old: str, new: str, *, address: str, token: str
) -> None:
    """Give somebody who knows theirs another password; all their sessions but this one end.

    Args:
        context: the workspace, in their hands.
        name: whose password.
        old: the one they have; wrong ones are slowed down as at the sign-in.
        new: the one they want.
        address: where they are.
        token: of the session that stays.

    Raises:
        UsageError: the old one is wrong, or the new one may not be given.
        TooManyFailures: it was wrong too often lately.
    """
    if authenticate(context, name, old, address) is None:
        raise UsageError("the present password is wrong")
    if old == new:
        raise UsageError("the new password is the old one")
    password_hash = hashed(new, name)
    with writing(context.engine) as connection:
        connection.execute(
            update(users)
            .where(users.c.name == name)
            .values(password_hash=password_hash, must_change=False)
        )
        end_sessions(connection, name, context.actor, context.now(), but=token)
        _log(connection, context, AuditAction.UPDATED, name, {"password": "changed"})


def choose_password(context: Context, name: str, password: str) -> None:
    """Let somebody choose their own password in place of the one that they were given.

    Raises:
        UsageError: it is the same one, too short, too long, or the name itself.
    """
    with reading(context.engine) as connection:
        stored = connection.scalar(select(users.c.password_hash).where(users.c.name == name))
    if verified(password, stored):
        raise UsageError("that is the password that you were given; choose another one")
    change_password(context, name, password)


def disable_user(context: Context, name: str) -> None:
    """Let somebody sign in no more; every session of theirs ends at once.

    Raises:
        UnknownRecord: nobody has that name.
        CannotProceed: it is the last admin.
    """
    now = context.now()
    with writing(context.engine) as connection:
        _alone(connection)
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
        return _anybody(connection)


def _anybody(connection: Connection) -> bool:
    active = select(users.c.name).where(users.c.disabled_at.is_(None)).limit(1)
    return connection.execute(active).first() is not None


def authenticate(context: Context, name: str, password: str, address: str) -> Account | None:
    """Return who it is; nobody where name or password is wrong.

    Raises:
        TooManyFailures: it has failed too often lately, and must wait.
    """
    shown = folded(name)[:50]
    count_try(context, shown, address)
    with reading(context.engine) as connection:
        known = connection.execute(
            select(users).where(users.c.name == shown, users.c.disabled_at.is_(None))
        ).one_or_none()
    if not verified(password, known.password_hash if known else None) or known is None:
        return None
    was_right(context, shown, address)
    return Account(known.name, Role(known.role), known.office_code, known.created_at)


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
        at=context.now(),
        actor=context.actor,
        action=action,
        kind=Audited.USERS,
        key=name,
        after=after,
    )
    audit.append(connection, [entry])
