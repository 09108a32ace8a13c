"""Readers of single cells: text in, value out, or the reason why not.

A reader takes the cell as text and returns the value, or a `Message` with the reason. It never
raises, never guesses, and depends on nothing but its argument, so that results can be kept for
cells that repeat. An empty cell never comes here: `check` has dealt with it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from survey_pipeline.i18n import Message

Reader = Callable[[str], object]
"""Returns the value, a `Message` that says why there is none, or a `Doubtful` value."""


class Doubtful(NamedTuple):
    """A value that is taken, with a warning."""

    value: object
    warning: Message


FREE_TEXT = 500
"""Longest free text, in characters (product.md, section 12)."""
KEY_LENGTH = 60
"""Longest code or number; real ones have at most about thirty characters."""

_SCIENTIFIC = re.compile(r"^[0-9](?:\.([0-9]*)[eE]\+?|[eE]\+)([0-9]{1,3})$")
_WHOLE = re.compile(r"^([0-9]+)\.0+$")
_APOSTROPHE = re.compile(r"^'(?=[=+\-@\t\r0-9])")
_BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_COUNT = re.compile(r"^[0-9]{1,9}$")
_GROUPED = re.compile(r"^[0-9]{1,3}(?:[,，][0-9]{3})+$")

DIGITS_LOST = Message(
    "the spreadsheet has turned the number into {shape} and lost digits; format the column as text "
    "and enter it again",
    {"shape": "1.23E+10"},
)


def tidy(cell: str) -> str:
    """Return a cell without outer blanks.

    Also without the apostrophe that marks a number as text in a spreadsheet, or that disarmed a
    formula in a rejected file.
    """
    return _APOSTROPHE.sub("", cell.strip().strip("\ufeff\u200b\u200e\u200f"), count=1).strip()


def folded(text: str) -> str:
    """Return text with full-width letters, digits and brackets as ordinary ones."""
    return unicodedata.normalize("NFKC", text)


def whole_digits(text: str) -> str | Message:
    """Return the digits of a number that a spreadsheet wrote as `123.0` or `1.38E+10`.

    Returns:
        The text itself where it is no such number; a reason where digits are lost.
    """
    found = _SCIENTIFIC.match(text)
    if found is None:
        whole = _WHOLE.match(text)
        return whole[1] if whole else text
    if len(found[1] or "") < int(found[2]):
        return DIGITS_LOST
    value = Decimal(text)
    return str(int(value)) if value == value.to_integral_value() else text


def read_text(cell: str, longest: int = FREE_TEXT) -> object:
    """Read free text; line breaks inside it become blanks."""
    text = _BREAKS.sub(" ", tidy(cell))
    if len(text) > longest:
        return Message(
            "the text has {length} characters; at most {longest} are taken",
            {"length": len(text), "longest": longest},
        )
    if _control(text):
        return Message("the text holds control characters; type it again")
    return text


def read_key(cell: str) -> object:
    """Read a code or number that identifies a record; it may hold a slash."""
    digits = whole_digits(tidy(cell))
    if isinstance(digits, Message):
        return digits
    if len(digits) > KEY_LENGTH:
        return Message(
            "the key has {length} characters; at most {longest} are taken",
            {"length": len(digits), "longest": KEY_LENGTH},
        )
    if _control(digits):
        return Message("the key holds line breaks or control characters; type it again")
    return digits


def read_code(cell: str) -> object:
    """Read an office's or a department's code: no comma and no slash.

    The public roll of a draw has lines `office_code,case_no`, and `withdraw` splits keys at the
    first slash.
    """
    code = read_key(cell)
    if isinstance(code, str) and ("," in code or "/" in code):
        return Message("a code may not hold a comma or a slash")
    return code


def _control(text: str) -> bool:
    return not text.isprintable() and any(unicodedata.category(one) in _BAD for one in text)


_BAD = frozenset({"Cc", "Cs", "Zl", "Zp"})


def read_count(cell: str) -> object:
    """Read a whole number from 0, also written `1,234` or `12.0`."""
    text = folded(tidy(cell)).removesuffix("件").removesuffix("个").strip()
    if _GROUPED.match(text):
        text = text.replace(",", "")
    digits = whole_digits(text)
    if isinstance(digits, Message):
        return digits
    if not _COUNT.match(digits):
        return Message("{cell} is not a whole number from 0 up", {"cell": shown(text)})
    return int(digits)


def shown(text: str) -> str:
    """Return a cell short enough for a sentence."""
    return text if len(text) <= 40 else f"{text[:40]}..."


def choice(words: Mapping[str, object]) -> Reader:
    """Make a reader of a closed list.

    Args:
        words: every accepted word, folded and lower-case, with its value. The English ones come
            first: the reason names them.
    """
    english = ", ".join(word for word in words if word.isascii())

    def read(cell: str) -> object:
        word = "".join(folded(tidy(cell)).split()).casefold()
        if word in words:
            return words[word]
        return Message(
            "{cell} is not in the list: {words}", {"cell": shown(tidy(cell)), "words": english}
        )

    return read


read_yes_no = choice(
    {"yes": True, "no": False, "y": True, "n": False, "true": True, "false": False, "1": True,
     "0": False, "是": True, "否": False, "有": True, "无": False}
)  # fmt: skip
"""Reads yes/no and 是/否; never called for an empty cell."""
