"""Second factors: an app that makes a new code every 30 seconds (TOTP, RFC 6238).

A factor is offered, confirmed by a code of it, and asked for at every sign-in from then on. Each
code is accepted once, up to one step early or late. Recovery codes stand in for a lost app.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import Connection, delete, func, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.people.account_names import fold_name
from survey_pipeline.people.accounts import log_user_change
from survey_pipeline.people.passwords import generate_password
from survey_pipeline.people.sessions import end_sessions
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import recovery_codes, second_factors, users
from survey_pipeline.vocabulary import AuditAction

STEP_SECONDS, DIGITS = 30, 6
"""What every app takes for granted (RFC 6238, section 4.1)."""
WINDOW = 1
"""Steps by which the app's clock may be ahead or behind (RFC 6238, section 5.2)."""
RECOVERY_CODES = 10
SET_UP, REMOVED, RESET = "set up", "removed", "reset"
NEW_CODES, CODE_USED = "new recovery codes", "recovery code used"
"""What the audit log says of a change, under `second_factor`."""


@dataclass(frozen=True)
class OfferedFactor:
    """A secret that waits for the first code of it; shown once."""

    secret: str
    """Base32."""
    address: str
    """The same with name and organisation, as `otpauth://`, for a QR code."""


def offer_factor(context: Context, name: str) -> OfferedFactor:
    """Make a secret for a user's app; one that was offered before and not confirmed is dropped.

    Raises:
        CannotProceed: the user has a second factor already.
    """
    secret = pyotp.random_base32()
    row = {"user_name": name, "secret": secret, "offered_at": context.now()}
    with writing(context.engine) as connection:
        unconfirmed = second_factors.c.confirmed_at.is_(None)
        connection.execute(
            delete(second_factors).where(second_factors.c.user_name == name, unconfirmed)
        )
        if not insert_absent(connection, second_factors, [row]):
            raise CannotProceed("you have a second factor already; remove it first")
    issuer = context.settings.organisation.name
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    return OfferedFactor(secret, address)


def confirm_factor(context: Context, name: str, code: str, token: str) -> Sequence[str]:
    """Confirm an offered factor by a code of it; return recovery codes, which are shown once.

    All other sessions of the user end.

    Args:
        context: the workspace; its actor is the user.
        name: of the user.
        code: from the app.
        token: of the session that goes on.

    Raises:
        UsageError: no factor was offered, or the code is not one of it.
    """
    with writing(context.engine) as connection:
        if not _accept_app_code(connection, context.now(), name, _plain(code), confirmed=False):
            raise UsageError(
                "that is not the app's present code. Check the clock of your phone and type the "
                "next code, or begin again"
            )
        connection.execute(
            update(second_factors)
            .where(second_factors.c.user_name == name)
            .values(confirmed_at=context.now())
        )
        end_sessions(connection, name, context.actor, context.now(), but=token)
        _log(connection, context, name, SET_UP)
        return _new_recovery_codes(connection, name)


def renew_recovery_codes(context: Context, name: str) -> Sequence[str]:
    """Replace the recovery codes of a user; return the new ones, which are shown once."""
    with writing(context.engine) as connection:
        _log(connection, context, name, NEW_CODES)
        return _new_recovery_codes(connection, name)


def recovery_codes_left(context: Context, name: str) -> int:
    """Return how many recovery codes of a user are unused."""
    unused = select(func.count()).where(
        recovery_codes.c.user_name == name, recovery_codes.c.used_at.is_(None)
    )
    with reading(context.engine) as connection:
        return connection.scalar(unused) or 0


def accept_code(context: Context, name: str, code: str) -> bool:
    """Return whether a code is right for a user's factor; it is used up by that.

    Args:
        context: the workspace.
        name: of the user.
        code: from the app, or a recovery code.
    """
    typed = _plain(code)
    with writing(context.engine) as connection:
        if len(typed) == DIGITS:
            return _accept_app_code(connection, context.now(), name, typed, confirmed=True)
        if used := _use_recovery_code(connection, context.now(), name, typed):
            _log(connection, context, name, CODE_USED)
        return used


def remove_factor(context: Context, name: str, token: str) -> None:
    """Remove a user's own factor; all their other sessions end."""
    with writing(context.engine) as connection:
        if _delete(connection, name):
            end_sessions(connection, name, context.actor, context.now(), but=token)
            _log(connection, context, name, REMOVED)


def reset_factor(context: Context, name: str) -> None:
    """Remove the factor of a user who cannot give codes any more; all their sessions end.

    Raises:
        UnknownRecord: there is no such user.
        CannotProceed: the user has no second factor.
    """
    folded = fold_name(name)
    with writing(context.engine) as connection:
        if connection.scalar(select(users.c.name).where(users.c.name == folded)) is None:
            raise UnknownRecord("nobody is called {name}", name=name)
        if not _delete(connection, folded):
            raise CannotProceed("{name} has no second factor", name=folded)
        end_sessions(connection, folded, context.actor, context.now())
        _log(connection, context, folded, RESET)


def _accept_app_code(
    connection: Connection, now: datetime, name: str, code: str, *, confirmed: bool
) -> bool:
    """Accept a code of the app once: two requests with the same code update the row in turn."""
    is_confirmed = second_factors.c.confirmed_at.is_not(None)
    wanted = (second_factors.c.user_name == name, is_confirmed == confirmed)
    secret = connection.scalar(select(second_factors.c.secret).where(*wanted))
    if secret is None or (step := _step_of(secret, code, now)) is None:
        return False
    unused = or_(second_factors.c.last_step.is_(None), second_factors.c.last_step < step)
    taken = connection.execute(update(second_factors).where(*wanted, unused).values(last_step=step))
    return bool(taken.rowcount)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is; None if it is none of the window's."""
    app, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    steps = range(present - WINDOW, present + WINDOW + 1)
    right = [step for step in steps if hmac.compare_digest(app.generate_otp(step), code)]
    return max(right, default=None)


def _use_recovery_code(connection: Connection, now: datetime, name: str, code: str) -> bool:
    used = connection.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.user_name == name,
            recovery_codes.c.code_hash == _hash(code),
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return bool(used.rowcount)


def _new_recovery_codes(connection: Connection, name: str) -> Sequence[str]:
    codes = [generate_password() for _ in range(RECOVERY_CODES)]
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_name == name))
    rows = [{"user_name": name, "code_hash": _hash(_plain(code))} for code in codes]
    connection.execute(recovery_codes.insert(), rows)
    return codes


def _delete(connection: Connection, name: str) -> bool:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_name == name))
    gone = connection.execute(delete(second_factors).where(second_factors.c.user_name == name))
    return bool(gone.rowcount)


def _plain(code: str) -> str:
    """Return a code without what people type between its signs, in ASCII."""
    plain = unicodedata.normalize("NFKC", code).casefold()
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _log(connection: Connection, context: Context, name: str, change: str) -> None:
    log_user_change(connection, context, AuditAction.UPDATED, name, {"second_factor": change})
