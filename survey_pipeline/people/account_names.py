"""Names of users: how they are compared, and which are allowed.

The journal shows what a user does under their name. So a name must be readable there, must not be
one under which the program itself acts, and must not look like another user's. Look-alikes have the
same skeleton (UTS 39, section 4), with a short table of our own instead of its 6,000 rows.
"""

import unicodedata
from functools import lru_cache

from survey_pipeline.errors import UsageError

LONGEST = 50
"""Characters."""
OWN = ("system", "scheduler", "web", "worker", "first-admin", "root", "api", "nobody")
"""Names under which the program acts, or that suggest it."""
OWN_BEGINNING = "key of "
"""Begin of the actor's name when an office's system reports."""

_LOOK_ALIKES = str.maketrans(
    {
        # Cyrillic and Greek
        **dict(zip("аеорсухіјѕһԁԛԝкмтвнг", "aeopcyxijshdqwkmtbhr", strict=True)),
        **dict(zip("αορνκτιυχεγ", "aopvktiuxey", strict=True)),
        # digits and strokes
        **dict.fromkeys("0〇○◯", "o"),
        **dict.fromkeys("1|ǀ∣ıⅼ", "l"),
        **dict.fromkeys("–—―‐‑‒−ー一㇐_", "-"),
        **dict.fromkeys("·・•‧∙⋅。．", "."),
        # Katakana and other signs beside the characters that they look like
        **dict(zip("ニハロカエトタオ", "二八口力工卜夕才", strict=True)),
        "囗": "口",
        "⺁": "厂",
    }
)


def fold_name(name: str) -> str:
    """Return a name as it is compared: NFKC, casefolded, without surrounding blanks."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


@lru_cache(maxsize=20_000)
def skeleton(name: str) -> str:
    """Return what a name looks like: names with the same skeleton may be confused."""
    parts = unicodedata.normalize("NFKD", fold_name(name))
    letters = "".join(
        sign for sign in parts if unicodedata.category(sign) not in ("Mn", "Cf", "Zs")
    )
    return letters.translate(_LOOK_ALIKES).replace("rn", "m").replace("vv", "w")


def check_new_name(name: str) -> str:
    """Return the name of a new user as it is stored.

    Raises:
        UsageError: it is empty, too long, unreadable, or one of the program's own.
    """
    kept = fold_name(name)
    if not kept or len(kept) > LONGEST:
        raise UsageError("give a name of 1 to {most} characters", most=LONGEST)
    if not kept.isprintable() or not any(sign.isalnum() for sign in kept) or "  " in kept:
        raise UsageError("a name has letters, digits and signs that can be seen, and no line ends")
    if kept.startswith(OWN_BEGINNING) or skeleton(kept) in _OWN_SKELETONS:
        raise UsageError("the program itself acts as {name}; choose another name", name=kept)
    return kept


_OWN_SKELETONS = frozenset(skeleton(name) for name in OWN)
