"""From a normalised reply to its clauses.

Punctuation and line breaks end a clause. A blank only may: "满 意" and "不 满意" are one word,
"1 谢谢" are two. So the pieces of a segment are put together where the first leans on the next, and
where only together they are words that the lists know.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from survey_pipeline.stages.replies.reading import denials, wishes
from survey_pipeline.stages.replies.reading import words as w
from survey_pipeline.stages.replies.reading.tokens import Token, tokens

_PLAIN_SYMBOLS = frozenset("~=^`≧≦´\n")
_NOT_SEPARATING = frozenset("@#&%‰§†‡※")
_QUESTION_MARKS = frozenset("?⁇⁈⁉❓❔‽⸮؟¿⍰՞;")
_RECEIVED = "收到"
"""Before a number it may say how many ("收到 3")."""
_BEFORE_CODE = re.compile(r"(?<![0-9]):[ ]?(?=[0-9一二三])")
"""A colon before an option's number is a blank: what stands before it says what is numbered."""
_TRAILING = re.compile(r"\.{2,}")
"""Dots that trail off close nothing: "没有...满意" may be one sentence."""
_STOPS = frozenset(",.;!。、")
_QUOTE = re.compile("[\"'`“”„‟‘’‚‛«»‹›「」『』《》〈〉]")
_LEANS = frozenset({w.VERY, w.TOO, w.RATHER, w.NOT, w.ABIT, w.PERSON})
"""A word of these kinds belongs to what follows it ("很 满意", "不 满意", "我 1")."""
_LEANS_ON_CODE = frozenset({w.CONTEXT, w.ASPECT})
"""So does a word of these, where an option's number follows ("总体 2", "窗口 3")."""


@dataclass(frozen=True)
class Clause:
    """A piece of a reply.

    Attributes:
        text: The piece, without blanks.
        asks: A question mark ends it.
        end: The character that ends it; nothing at the end of the reply.
    """

    text: str
    asks: bool = False
    end: str = ""

    @property
    def soft(self) -> bool:
        """Whether only a blank ends it, so that it may belong to what follows."""
        return self.end == " "

    @property
    def closed(self) -> bool:
        """Whether a comma or full stop ends it, as in a sentence."""
        return self.end in _STOPS


def _ends(text: str, at: int) -> bool:
    """Return whether the character ends a segment."""
    character = text[at]
    if character in _NOT_SEPARATING or character == " ":
        return False
    category = unicodedata.category(character)
    if category == "Pd":  # a sign before a digit changes its meaning
        return not text[at + 1 : at + 2].isdigit()
    return category[0] in "PZ" or character in _PLAIN_SYMBOLS


def split(text: str) -> list[Clause]:
    """Split a normalised reply into clauses."""
    text = _BEFORE_CODE.sub(" ", _TRAILING.sub("…", text.replace("100%", "百分百")))
    clauses: list[Clause] = []
    start = 0
    for at, character in enumerate(text):
        asks = character in _QUESTION_MARKS
        if asks or _ends(text, at):
            clauses += _clauses(text[start:at], character, asks=asks)
            start = at + 1
    return clauses + _clauses(text[start:], "")


def _clauses(segment: str, end: str, *, asks: bool = False) -> list[Clause]:
    """Return the clauses of a segment; the last asks where a question mark ended it."""
    texts = _together(segment.split())
    found = [Clause(text, end=" ") for text in texts[:-1]]
    if texts or asks:
        found.append(Clause(texts[-1] if texts else "", asks, end))
    return found


def _together(pieces: Sequence[str]) -> list[str]:
    """Put together what blanks have taken apart."""
    joined = "".join(pieces)
    if len(pieces) <= 1 or all(len(piece) == 1 and not piece.isascii() for piece in pieces):
        return [joined] if joined else []
    if wishes.asks_to_stop(joined) or denials.denies(joined):
        return [joined]
    texts: list[str] = []
    leaning = False
    for piece in pieces:
        read = tokens(piece)
        if texts and (leaning or _leans_on_code(texts[-1], read)):
            texts[-1] += piece
        else:
            texts.append(piece)
        leaning = read is not None and read[-1].kind in _LEANS
    unknown = any(tokens(text) is None for text in texts)
    return [joined] if unknown and tokens(joined) is not None else texts


def _leans_on_code(before: str, read: Sequence[Token] | None) -> bool:
    if read is None or [token.kind for token in read] != [w.CODE]:
        return False
    known = tokens(before)
    if known is None:
        return False
    return known[-1].kind in _LEANS_ON_CODE or before == _RECEIVED


def quotes_a_part(text: str) -> bool:
    """Return whether words stand in quotation marks beside others (`很"满意"`): that may mock."""
    pieces = [re.sub(r"\W", "", piece) for piece in _QUOTE.split(text)]
    inside, outside = pieces[1::2], pieces[0::2]
    return any(piece and not piece.isdigit() for piece in inside) and any(outside)
