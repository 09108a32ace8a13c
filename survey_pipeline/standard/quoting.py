"""The published words for quoting, and whether they stand in the published text.

An entry's `place` is copied from the published page as it stands there. Where the page damaged them
(a bracket lost its other half, a cell's figure slipped behind its neighbour's words) the file has
the words as they must have read, with `mended = true` beside them; every output that quotes them
says so.
"""

import re
from typing import NamedTuple

from survey_pipeline.i18n import N_
from survey_pipeline.standard.entry import Entry

_BETWEEN = re.compile(r"[\s()（）《》“”]+|(?<=。)")
"""Where words may be mended: at brackets, quotation marks and blanks, and behind a sentence."""

MENDED = N_(" (the web page's layout mended)")
"""Said behind words that were mended."""


class Quotation(NamedTuple):
    """Published words, ready to be quoted."""

    text: str
    """On one line."""
    mended: bool
    """Whether they are not what the page has, word for word."""


def quotation(entry: Entry) -> Quotation:
    """Return the published words that an entry rests on."""
    return Quotation(" ".join(entry.place.split()), entry.mended)


def is_mended_from(place: str, published: str) -> bool:
    """Return whether mended words are made of pieces that stand in the published text."""
    return all(piece in published for piece in _BETWEEN.split(place) if piece)
