"""Text that a spreadsheet would compute: the one list of its first characters, and what is done.

A CSV file has no cell types: spreadsheet programs compute a cell that begins with `= + - @` (their
full-width and small forms too, since Excel folds them), and some pass over blanks, line breaks and
characters that are not seen before it. Such text is written with an apostrophe in front (OWASP,
"CSV Injection"), and read without it again. A workbook's cells have types: there it is marked as
text instead. Numbers never pass through here.
"""

import re

UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\x1a"
)
"""Unicode's Default_Ignorable_Code_Point, interlinear marks, the blank pattern of Braille, and the
mark (0x1A) with which old programs end a file."""
_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
_FORMULA = re.compile(f"[\t\r\n]|[\\s\\x00-\\x1f\\x7f\\x85{UNSEEN}]*[{_SIGNS}]")
_DISARMED = re.compile(f"'(?={_FORMULA.pattern})")


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet could compute this text."""
    return _FORMULA.match(text) is not None


def disarmed(text: str) -> str:
    """Return text as it is written into a CSV file: no spreadsheet computes it."""
    return f"'{text}" if is_formula(text) else text


def rearmed(text: str) -> str:
    """Return a cell without the apostrophe that `disarmed`, or a person, put before a formula."""
    return text[1:] if _DISARMED.match(text) else text
