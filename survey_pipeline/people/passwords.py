"""Passwords are stored as Argon2id hashes (RFC 9106), never as text."""

import secrets
from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from survey_pipeline.people.password_rules import LONGEST, check_new_password

CONCURRENT_HASHES = 2
"""Hashes computed at the same time: each takes 64 MiB and a core for a while."""
_TURNS = BoundedSemaphore(CONCURRENT_HASHES)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _dummy_hash() -> str:
    """Return a hash to check for an unknown name, so that it takes as long as a known one."""
    return _hasher().hash("nobody's password")


def hash_password(password: str, *names: str) -> str:
    """Return the hash that is stored for a new password.

    Args:
        password: the password.
        names: of the user and the organisation, which must not stand in it.

    Raises:
        UsageError: the password may not be chosen (`password_rules.check_new_password`).
    """
    check_new_password(password, *names)
    with _TURNS:
        return _hasher().hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Return whether a password has the stored hash; without one, False after the same time."""
    with _TURNS:
        right = _hasher().verify(password[: LONGEST + 1], stored or _dummy_hash())
    return right and stored is not None


def generate_password() -> str:
    """Return a random password to be shown once: 80 bits, without letters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
