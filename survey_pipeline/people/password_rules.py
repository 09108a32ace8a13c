"""Which passwords a user may choose: long, hard to guess, and not made of known names.

How easily a password is guessed is estimated by zxcvbn (Wheeler, USENIX Security 2016), which
brings its own lists: 30,000 common passwords, words of English, names, keyboard rows, dates. It
works offline. A password in a list, or a small change of one, is found in few guesses; NIST SP
800-63B (section 5.1.1.2) asks for such a check instead of rules about kinds of characters.
"""

from math import prod

from survey_pipeline.errors import UsageError

SHORTEST, LONGEST = 10, 200
"""Characters. The length makes a password strong (NIST SP 800-63B, section 5.1.1.2)."""
FEWEST_GUESSES = 10**8
"""Fewer would do for an attacker at the sign-in (zxcvbn: scores below 3)."""
LOOKED_AT = 40
"""Characters that are estimated: more make a password only harder to guess."""
MOST_READINGS = 64
"""Ways of reading signs as letters (4 and @ for a, and so on) that are tried: each takes as long as
the whole estimate, and all of them together take seconds. No list has a password with more."""
SHORTEST_NAME = 4
"""Bytes in UTF-8: two Chinese characters or four letters; shorter names stand in many words."""


def check_new_password(password: str, *names: str) -> None:
    """Make sure that a password may be chosen.

    Args:
        password: the password.
        names: of the user and the organisation, which everybody knows.

    Raises:
        UsageError: it is too short, too long, holds one of the names, or is easy to guess.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(
            "a password has {least} to {most} characters", least=SHORTEST, most=LONGEST
        )
    for name in names:
        if _holds(password, name):
            raise UsageError("the password must not contain {name}; choose another one", name=name)
    if guesses_for(password, *names) < FEWEST_GUESSES:
        raise UsageError(
            "this password is easy to guess: it is in the list of common passwords, or made of "
            "such parts. Choose several words that have nothing to do with each other"
        )


def guesses_for(password: str, *names: str) -> int:
    """Return how many guesses an attacker who knows the names needs, about.

    A password with so many kinds of signs that the estimate would take seconds counts as hard.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists load only where a password is chosen

    looked_at = password[:LOOKED_AT]
    if _readings(looked_at) > MOST_READINGS:
        return FEWEST_GUESSES
    return int(zxcvbn(looked_at, user_inputs=list(names))["guesses"])


def _readings(password: str) -> int:
    """Return in how many ways zxcvbn reads signs of a password as letters."""
    from zxcvbn.matching import L33T_TABLE  # noqa: PLC0415 - as above

    return prod(max(1, len(set(signs) & set(password))) for signs in L33T_TABLE.values())


def _holds(password: str, name: str) -> bool:
    known = name.strip().casefold()
    return len(known.encode()) >= SHORTEST_NAME and known in password.casefold()
