"""Checks passwords and codes at the sign-in, and changes passwords."""

from sqlalchemy import select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.people.account_names import fold_name
from survey_pipeline.people.accounts import Account, log_user_change
from survey_pipeline.people.confirmed_factors import has_second_factor
from survey_pipeline.people.passwords import hash_password, is_password
from survey_pipeline.people.second_factor import accept_code
from survey_pipeline.people.sessions import end_sessions
from survey_pipeline.people.throttle import (
    count_attempt,
    count_code,
    forget_failures,
    forget_own_failures,
)
from survey_pipeline.people.user_bodies import Body
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import users
from survey_pipeline.vocabulary import AuditAction, Role

CHANGED = {"password": "changed"}
"""What the audit log keeps of a change of a password."""


def authenticate(context: Context, name: str, password: str, address: str) -> Account | None:
    """Return the user with this name and password; None if either is wrong.

    A user with a second factor (`Account.second_factor`) is not signed in by that: a code must
    follow (`authenticate_code`), and until then the attempt counts as failed.

    Raises:
        TooManyFailures: too many attempts failed lately; the password is not checked.
    """
    account = check_password(context, name, password, address)
    if account is not None and not account.second_factor:
        forget_own_failures(context, account.name, address)
    return account


def authenticate_code(context: Context, name: str, code: str, address: str) -> bool:
    """Return whether a code completes the sign-in of a user whose password was right.

    Raises:
        TooManyFailures: too many attempts failed lately; the code is not checked.
    """
    count_code(context, name, address)
    if not accept_code(context.acting(name), name, code):
        return False
    forget_own_failures(context, name, address)
    return True


def check_password(context: Context, name: str, password: str, address: str) -> Account | None:
    """Return the user with this name and password; None if either is wrong.

    The attempt stays counted as a failure, until `forget_own_failures`.

    Raises:
        TooManyFailures: too many attempts failed lately; the password is not checked.
    """
    shown = fold_name(name)[:50]
    count_attempt(context, shown, address)
    with reading(context.engine) as connection:
        known = connection.execute(
            select(users).where(users.c.name == shown, users.c.disabled_at.is_(None))
        ).one_or_none()
    if not is_password(password, known.password_hash if known else None) or known is None:
        return None
    factor = has_second_factor(context, known.name)
    body = Body(known.office_code, known.parent_code, known.lead_agency)
    return Account(known.name, Role(known.role), body, known.created_at, second_factor=factor)


def change_password(
    context: Context, name: str, password: str, *, must_change: bool = False
) -> None:
    """Give a user another password; all their sessions end, and failed sign-ins are forgotten.

    With `must_change` they must choose another one at their next sign-in.

    Raises:
        UnknownRecord: there is no such user.
        UsageError: the password is invalid (`passwords.hash_password`).
    """
    folded = fold_name(name)
    password_hash = hash_password(password, folded, context.settings.organisation.name)
    with writing(context.engine) as connection:
        changed = connection.execute(
            update(users)
            .where(users.c.name == folded)
            .values(password_hash=password_hash, must_change=must_change)
        )
        if not changed.rowcount:
            raise UnknownRecord("nobody is called {name}", name=name)
        end_sessions(connection, folded, context.actor, context.now())
        forget_failures(connection, folded)
        log_user_change(connection, context, AuditAction.UPDATED, folded, CHANGED)


def change_own_password(
    context: Context, name: str, old: str, new: str, *, address: str, token: str
) -> None:
    """Let a user change their password; all their other sessions end.

    Args:
        context: the workspace; its actor is the user.
        name: of the user.
        old: the present password; wrong ones are throttled as at the sign-in.
        new: the password that replaces it.
        address: the IP address of the user.
        token: of the session that goes on.

    Raises:
        UsageError: the old password is wrong, or the new one is invalid or the same.
        TooManyFailures: the old one was wrong too often lately.
    """
    check_own_password(context, name, old, address)
    if old == new:
        raise UsageError("the new password is the old one")
    password_hash = hash_password(new, name, context.settings.organisation.name)
    with writing(context.engine) as connection:
        connection.execute(
            update(users)
            .where(users.c.name == name)
            .values(password_hash=password_hash, must_change=False)
        )
        end_sessions(connection, name, context.actor, context.now(), but=token)
        log_user_change(connection, context, AuditAction.UPDATED, name, CHANGED)


def check_own_password(context: Context, name: str, password: str, address: str) -> None:
    """Make sure that a signed-in user knows their password.

    Raises:
        UsageError: it is wrong.
        TooManyFailures: it was wrong too often lately.
    """
    if check_password(context, name, password, address) is None:
        raise UsageError("the present password is wrong")
    forget_own_failures(context, name, address)


def choose_password(context: Context, name: str, password: str) -> None:
    """Let a user choose their own password, instead of the one that they were given.

    Raises:
        UsageError: it is the same one, or is invalid.
    """
    with reading(context.engine) as connection:
        stored = connection.scalar(select(users.c.password_hash).where(users.c.name == name))
    if is_password(password, stored):
        raise UsageError("that is the password that you were given; choose another one")
    change_password(context, name, password)
