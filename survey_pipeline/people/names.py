"""Names of people: how they are compared, and which may be given.

What a person does stands in the journal under their name. So a name must be readable there, must
not be one under which the program itself acts, and must not look like another person's: compared by
skeletons as in Unicode's report on security (UTS 39, section 4), with a short table of our own in
place of its six thousand rows.
"""

import unicodedata
from functools import lru_cache

from survey_pipeline.errors import UsageError

LONGEST = 50
"""Characters."""
OWN = ("system", "scheduler", "web", "worker", "first-admin", "root", "api", "nobody")
"""Names under which the program acts, or that read as if it did."""
OWN_BEGINNING = "key of "
"""So begins the actor of what an office's system reports."""

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


def folded(name: str) -> str:
    """Return a name as it is compared: one width, one case, no blanks around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


@lru_cache(maxsize=20_000)
def skeleton(name: str) -> str:
    """Return what a name looks like: two names with one skeleton are taken for each other."""
    parts = unicodedata.normalize("NFKD", folded(name))
    letters = "".join(one for one in parts if unicodedata.category(one) not in ("Mn", "Cf", "Zs"))
    return letters.translate(_LOOK_ALIKES).replace("rn", "m").replace("vv", "w")


def new_name(name: str) -> str:
    """Return a name as it is kept, if somebody new may have it.

    Raises:
        UsageError: it is empty, too long, cannot be read, or is one of the program's own.
    """
    kept = folded(name)
    if not kept or len(kept) > LONGEST:
        raise UsageError("give a name of 1 to {most} characters", most=LONGEST)
    if not kept.isprintable() or not any(one.isalnum() for one in kept) or "  " in kept:
        raise UsageError("a name has letters, digits and signs that can be seen, and no line ends")
    if kept.startswith(OWN_BEGINNING) or skeleton(kept) in _OWN_SKELETONS:
        raise UsageError("the program itself acts as {name}; choose another name", name=kept)
    return kept


_OWN_SKELETONS = frozenset(skeleton(name) for name in OWN)
