"""Passwords are kept as Argon2id hashes (RFC 9106), never themselves."""

import secrets
from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from survey_pipeline.errors import UsageError

SHORTEST, LONGEST = 10, 200
"""Characters. Length is what makes a password strong (NIST SP 800-63B, section 5.1.1.2)."""

AT_ONCE = 2
"""Hashes that are made at the same time: each takes 64 MiB and a whole core for a while."""
_TURNS = BoundedSemaphore(AT_ONCE)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    """Return a hash that no password has: an unknown name takes as long as a known one."""
    return _hasher().hash("nobody's password")


def hashed(password: str, name: str) -> str:
    """Return what is stored of a password.

    Raises:
        UsageError: it is too short, too long, or the name itself.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(
            "a password has {least} to {most} characters", least=SHORTEST, most=LONGEST
        )
    if password.casefold() == name.casefold():
        raise UsageError("the password must not be the name")
    with _TURNS:
        return _hasher().hash(password)


def verified(password: str, stored: str | None) -> bool:
    """Say whether it is the password; without a stored one it takes as long and is not."""
    with _TURNS:
        right = _hasher().verify(password[: LONGEST + 1], stored or _nobody())
    return right and stored is not None


def made_up() -> str:
    """Return a password for somebody else, to be told once: 80 bits, without look-alikes."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
