"""The published words for quoting, without the debris of the web page's layout.

An entry's `place` is copied from the page as it stands there. A cell's figure slipped behind its
neighbour's words, a bracket lost its other half, line breaks cut sentences: quoted like that, the
words look wrong. What is mended is marked wherever it is quoted.
"""

import re
from typing import NamedTuple

from survey_pipeline.i18n import N_

_CELL = re.compile(r"(?<=。)\s*\d+(?:\.\d+)?$")
"""The figure of the next cell, behind a sentence that has ended."""

MENDED = N_(" (the web page's layout mended)")
"""Said behind words that were mended."""


class Quotation(NamedTuple):
    """Published words, ready to be quoted."""

    text: str
    mended: bool
    """Whether anything but line breaks was put right."""


def quotation(place: str) -> Quotation:
    """Return the published words of an entry without the debris of the layout.

    Args:
        place: the words as they stand on the page.
    """
    whole = " ".join(place.split())
    text = _without_half_brackets(_CELL.sub("", whole)).strip()
    return Quotation(text, mended=text != whole)


def _without_half_brackets(text: str) -> str:
    """Drop brackets without their other half: they belong to words that the page has lost."""
    half: list[int] = []
    opened: list[int] = []
    for place, sign in enumerate(text):
        if sign in "(（":
            opened.append(place)
        elif sign in ")）":
            if opened:
                opened.pop()
            else:
                half.append(place)
    lost = {*half, *opened}
    return "".join(sign for place, sign in enumerate(text) if place not in lost)
