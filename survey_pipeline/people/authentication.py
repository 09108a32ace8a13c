"""Checks passwords at the sign-in, and changes them."""

from sqlalchemy import select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.people.account_names import fold_name
from survey_pipeline.people.accounts import Account, log_user_change
from survey_pipeline.people.passwords import hash_password, is_password
from survey_pipeline.people.sessions import end_sessions
from survey_pipeline.people.throttle import count_attempt, forget_failures, forget_own_failures
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import users
from survey_pipeline.vocabulary import AuditAction, Role

CHANGED = {"password": "changed"}
"""What the audit log keeps of a change of a password."""


def authenticate(context: Context, name: str, password: str, address: str) -> Account | None:
    """Return the user with this name and password; None if either is wrong.

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
    forget_own_failures(context, shown, address)
    return Account(known.name, Role(known.role), known.office_code, known.created_at)


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
    password_hash = hash_password(password, folded)
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
    if authenticate(context, name, old, address) is None:
        raise UsageError("the present password is wrong")
    if old == new:
        raise UsageError("the new password is the old one")
    password_hash = hash_password(new, name)
    with writing(context.engine) as connection:
        connection.execute(
            update(users)
            .where(users.c.name == name)
            .values(password_hash=password_hash, must_change=False)
        )
        end_sessions(connection, name, context.actor, context.now(), but=token)
        log_user_change(connection, context, AuditAction.UPDATED, name, CHANGED)


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
