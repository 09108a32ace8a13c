"""Who may sign in: adding, disabling and listing users."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.people.account_names import check_new_name, fold_name, skeleton
from survey_pipeline.people.confirmed_factors import has_confirmed_factor
from survey_pipeline.people.passwords import hash_password
from survey_pipeline.people.sessions import end_sessions
from survey_pipeline.people.user_bodies import NO_BODY, Body, body_of, known_body
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import users
from survey_pipeline.vocabulary import AuditAction, Audited, Role


@dataclass(frozen=True)
class Account:
    """A user who may sign in."""

    name: str
    role: Role
    body: Body
    created_at: datetime
    disabled_at: datetime | None = None
    second_factor: bool = False
    """Whether a code is asked for after the password."""

    @property
    def office_code(self) -> str | None:
        """Of a user with the role `office`."""
        return self.body.office_code


def add_user(
    context: Context,
    name: str,
    role: Role,
    password: str,
    body: str | None = None,
    *,
    must_change: bool = False,
) -> Account:
    """Add a user.

    Args:
        context: the workspace.
        name: of the user.
        role: of the user.
        password: the first one.
        body: code of the office or department, or name of the lead agency, of a role that has one
            (`user_bodies.BODY_COLUMNS`).
        must_change: whether they must choose another password at their first sign-in.

    Raises:
        UsageError: the name is invalid (`names.check_new_name`), the password is, or the body does
            not go with the role (`user_bodies.body_of`).
        UnknownRecord: there is no such body.
        CannotProceed: the name is taken, or looks like one that is.
    """
    shown = check_new_user(context, name, role, body)
    password_hash = hash_password(password, shown, context.settings.organisation.name)
    with writing(context.engine) as connection:
        _lock_users(connection)
        own = known_body(connection, context, body_of(role, body))
        made = Account(shown, role, own, context.now())
        _insert(connection, context, made, password_hash, must_change=must_change)
    return made


def add_first_admin(context: Context, name: str, password: str) -> Account | None:
    """Add the first admin; None if there is a user already.

    Raises:
        UsageError: name or password are invalid.
        CannotProceed: the name is, or looks like, that of a disabled user.
    """
    made = Account(check_new_name(name), Role.ADMIN, NO_BODY, context.now())
    password_hash = hash_password(password, made.name, context.settings.organisation.name)
    with writing(context.engine) as connection:
        _lock_users(connection)
        if _has_users(connection):
            return None
        _insert(connection, context, made, password_hash)
    return made


def check_new_user(context: Context, name: str, role: Role, body: str | None = None) -> str:
    """Make sure that a user may be added, before a password is asked for; return their name.

    Raises:
        UsageError: the name is invalid (`names.check_new_name`), or the body does not go with the
            role (`user_bodies.body_of`).
        UnknownRecord: there is no such body.
        CannotProceed: the name is taken, or looks like one that is.
    """
    shown = check_new_name(name)
    own = body_of(role, body)
    with reading(context.engine) as connection:
        known_body(connection, context, own)
        _check_look_alikes(connection, shown)
        taken = select(users.c.name).where(users.c.name == shown)
        if connection.execute(taken).first() is not None:
            raise CannotProceed("{name} exists already", name=shown)
    return shown


def disable_user(context: Context, name: str) -> None:
    """Disable a user; all their sessions end at once.

    Raises:
        UnknownRecord: there is no such user.
        CannotProceed: it is the last admin.
    """
    now = context.now()
    with writing(context.engine) as connection:
        _lock_users(connection)
        known = connection.execute(select(users).where(users.c.name == fold_name(name)))
        user = known.one_or_none()
        if user is None:
            raise UnknownRecord("nobody is called {name}", name=name)
        if user.disabled_at is not None:
            return
        if user.role == Role.ADMIN and not _other_admins(connection, user.name):
            raise CannotProceed("{name} is the last admin; make another one first", name=name)
        connection.execute(
            update(users)
            .where(users.c.name == user.name)
            .values(disabled_at=now, disabled_by=context.actor)
        )
        end_sessions(connection, user.name, context.actor, now)
        log_user_change(connection, context, AuditAction.WITHDRAWN, user.name, None)


def enable_user(context: Context, name: str) -> None:
    """Let a disabled user sign in again, with the password that they had.

    Raises:
        UnknownRecord: there is no such user.
    """
    with writing(context.engine) as connection:
        enabled = connection.execute(
            update(users)
            .where(users.c.name == fold_name(name), users.c.disabled_at.is_not(None))
            .values(disabled_at=None, disabled_by=None)
        )
        if enabled.rowcount:
            change = {"disabled": "no"}
            log_user_change(connection, context, AuditAction.UPDATED, fold_name(name), change)
            return
        known = select(users.c.name).where(users.c.name == fold_name(name))
        if connection.scalar(known) is None:
            raise UnknownRecord("nobody is called {name}", name=name)


def list_users(context: Context) -> Sequence[Account]:
    """Return all users, by name."""
    with reading(context.engine) as connection:
        factor = has_confirmed_factor(users.c.name).label("factor")
        rows = connection.execute(select(users, factor).order_by(users.c.name)).all()
    return [
        Account(
            row.name,
            Role(row.role),
            Body(row.office_code, row.parent_code, row.lead_agency),
            row.created_at,
            row.disabled_at,
            second_factor=row.factor,
        )
        for row in rows
    ]


def has_users(context: Context) -> bool:
    """Return whether anybody may sign in; if not, `run` prints a link for the first admin."""
    with reading(context.engine) as connection:
        return _has_users(connection)


def log_user_change(
    connection: Connection,
    context: Context,
    action: AuditAction,
    name: str,
    after: dict[str, str] | None,
) -> None:
    """Write a change of a user to the audit log."""
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=action,
        kind=Audited.USERS,
        key=name,
        after=after,
    )
    audit.append(connection, [entry])


def _lock_users(connection: Connection) -> None:
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
    _check_look_alikes(connection, made.name)
    row = {
        "name": made.name,
        "role": made.role.value,
        **vars(made.body),
        "password_hash": password_hash,
        "must_change": must_change,
        "created_at": made.created_at,
        "created_by": context.actor,
    }
    if not insert_absent(connection, users, [row]):
        raise CannotProceed("{name} exists already", name=made.name)
    change = {"role": made.role.value}
    if made.body.name is not None:
        change["body"] = made.body.name
    log_user_change(connection, context, AuditAction.CREATED, made.name, change)


def _check_look_alikes(connection: Connection, name: str) -> None:
    """Make sure that a name cannot be mistaken for another user's.

    Raises:
        CannotProceed: it can.
    """
    wanted = skeleton(name)
    for other in connection.scalars(select(users.c.name)):
        if other != name and skeleton(other) == wanted:
            raise CannotProceed(
                "{name} looks like {other}, who is here already; choose another name",
                name=name,
                other=other,
            )


def _has_users(connection: Connection) -> bool:
    active = select(users.c.name).where(users.c.disabled_at.is_(None)).limit(1)
    return connection.execute(active).first() is not None


def _other_admins(connection: Connection, name: str) -> int:
    others = select(func.count()).where(
        users.c.role == Role.ADMIN, users.c.disabled_at.is_(None), users.c.name != name
    )
    return connection.scalar(others) or 0
