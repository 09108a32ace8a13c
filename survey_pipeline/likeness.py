"""Which texts count as the same, and which differ by so little that they may be a typing error.

A work, a matter and a person are compared without blanks and without width, upper and lower case
apart. What then differs by little is named as a possible duplicate, and never merged: a person
decides. Source: specification, section 14.C.
"""

import re
from difflib import SequenceMatcher
from itertools import takewhile

from survey_pipeline.typed import folded, tidy

SHARE = 0.8
"""Texts that share so much of their characters, in the same order, are alike."""
SHORTEST = 3
"""From so many characters on, texts that differ in one character are alike as well."""
MOST_COMPARED = 60
"""A record is compared with so many others of its group, the latest: that bounds large files."""

_NO_LETTER = re.compile(r"[\W_]+")
_NO_DIGIT = re.compile(r"\D+")


def same_words(text: str) -> str:
    """Return a text as it is compared: trimmed, width folded, without blanks."""
    return "".join(folded(tidy(text)).split())


def alike(first: str, second: str) -> bool:
    """Return whether two texts of `same_words` differ, and by little.

    By case or punctuation alone; or by few characters, while their digits are the same: 2022 and
    2023 are two years, and No. 3 and No. 4 two things.
    """
    if first == second or not first or not second:
        return False
    longer, total = max(len(first), len(second)), len(first) + len(second)
    needed = min(SHARE * total / 2, longer - 1 if longer >= SHORTEST else longer)
    if min(len(first), len(second)) < needed and not _bare_alike(first, second):
        return False
    return _bare_alike(first, second) or _shares(first, second, needed)


def _bare_alike(first: str, second: str) -> bool:
    bare = _NO_LETTER.sub("", first.casefold())
    return bare != "" and bare == _NO_LETTER.sub("", second.casefold())


def _shares(first: str, second: str, needed: float) -> bool:
    """Return whether texts with the same digits share so many characters in order."""
    if _NO_DIGIT.sub("", first) != _NO_DIGIT.sub("", second):
        return False
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    least = 2 * needed / (len(first) + len(second))
    return matcher.quick_ratio() >= least and matcher.ratio() >= least


Words = tuple[str, ...]
"""What a record is compared by, each of `same_words`."""


class NearRecords:
    """Records by group (an office), to find those that differ from an earlier one by little."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, Words]] = {}

    def __contains__(self, group: str) -> bool:
        return group in self._groups

    def begin(self, group: str) -> None:
        """Know a group, whether or not it has records."""
        self._groups.setdefault(group, {})

    def add(self, group: str, key: str, words: Words) -> None:
        """Add a record, or give it other words; one with a blank word is compared with none."""
        self.begin(group)
        known = self._groups[group]
        known.pop(key, None)
        if all(words):
            known[key] = words
        if len(known) > MOST_COMPARED:
            del known[next(iter(known))]

    def near(self, group: str, key: str) -> tuple[str, Words] | None:
        """Return the latest record that was added before and differs by little, with its words."""
        known = self._groups.get(group, {})
        words = known.get(key)
        if words is None:
            return None
        earlier = takewhile(lambda other: other != key, known)
        return next(
            ((other, known[other]) for other in reversed([*earlier]) if _near(words, known[other])),
            None,
        )


def _near(words: Words, others: Words) -> bool:
    """Return whether every word is the same or alike, and one is not the same."""
    pairs = [*zip(words, others, strict=True)]
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return bool(different) and all(alike(*pair) for pair in different)
