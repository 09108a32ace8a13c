"""From a clause to the words of the lists."""

import re
from dataclasses import dataclass

from survey_pipeline.stages.replies.reading import proper_names as names
from survey_pipeline.stages.replies.reading import words as w

_LETTERS = re.compile(r"[a-z]+")
_NUMBER = re.compile(
    r"第([0-9]{1,3}|[一二三])[个项]|(?:0(?=[1-9](?![0-9])))?([0-9]+|[一二三壹贰叁])"
)


@dataclass(frozen=True)
class Token:
    """A word of the lists with its kind."""

    text: str
    kind: str
    written: int = 0

    @property
    def length(self) -> int:
        """How many characters of the clause the word takes."""
        return self.written or len(self.text)


def _latin(text: str, at: int) -> Token | None:
    found = _LETTERS.match(text, at)
    if not found:
        return None
    word = found.group()
    if word in names.LATIN_OPT_OUT:
        return Token(word, w.OPT_OUT)
    return Token(word, w.LEXICON[word]) if word in w.LEXICON else None


_ANY_PATTERN = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in names.PATTERNS))
"""Whether any fits: at most places none does, and this asks once."""


def _pattern(text: str, at: int) -> Token | None:
    if not _ANY_PATTERN.match(text, at):
        return None
    hits = [
        Token(found.group(), kind)
        for pattern, kind in names.PATTERNS
        if (found := pattern.match(text, at))
    ]
    return max(hits, key=lambda token: token.length, default=None)


def _listed(text: str, at: int) -> Token | None:
    for length in range(min(w.LONGEST_WORD, len(text) - at), 0, -1):
        piece = text[at : at + length]
        if piece in w.LEXICON:
            return Token(piece, w.LEXICON[piece])
    return None


def _number(text: str, at: int) -> Token | None:
    found = _NUMBER.match(text, at)
    if not found:
        return None
    number = found.group(1) or found.group(2)
    return Token(w.NUMERALS.get(number, number), w.CODE, len(found.group()))


def tokens(text: str) -> list[Token] | None:
    """Return the words of a clause, or None where the lists do not cover it to the end.

    The longest word wins at each place, so that "不太" is never read as "不" and "太".
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        candidates = (_latin(text, at), _pattern(text, at), _listed(text, at), _number(text, at))
        best = max(filter(None, candidates), key=lambda token: token.length, default=None)
        if best is None:
            return None
        found.append(best)
        at += best.length
    return found
