"""Readers of single cells: text in, value out, or the reason why there is none.

A reader takes the cell as text and returns the value, or a `Message` with the reason. It never
raises, never guesses, and depends only on its argument, so that results can be kept for cells that
repeat. Readers are never called for blank cells: `checking` handles those.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from survey_pipeline.i18n import Message, coded
from survey_pipeline.phones import without_numbers
from survey_pipeline.phones.typed_numbers import read_number
from survey_pipeline.typed import as_key, folded, readable, tidy, ungrouped, whole_digits
from survey_pipeline.vocabulary import Rating

Reader = Callable[[str], object]
"""Returns the value, a `Message` that says why there is none, or a `Doubtful` value."""


class Doubtful(NamedTuple):
    """A value that is taken, with a warning."""

    value: object
    warning: Message


FREE_TEXT = 500
"""Longest free text, in characters (specification, section 12)."""
KEY_LENGTH = 60
"""Longest code or number; real ones have at most about thirty characters."""

_BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_DECIMAL = re.compile(
    r"-?(?:[0-9]{1,9}(?:\.[0-9]{0,40})?|\.[0-9]{1,40}|[0-9](?:\.[0-9]{1,40})?[eE]-[0-9]{1,3})"
)
_UNIT = re.compile(r"\s*[件个人次份起宗条户]$")


def read_text(cell: str, longest: int = FREE_TEXT) -> object:
    """Read free text; line breaks inside it become blanks."""
    text = readable(_BREAKS.sub(" ", tidy(cell)))
    if len(text) > longest:
        return Message(
            "the text has {length} characters; at most {longest} are taken",
            {"length": len(text), "longest": longest},
        )
    if _has_control_characters(text):
        return Message("the text holds control characters; type it again")
    return text


def read_key(cell: str) -> object:
    """Read a code or number that identifies a record; it may hold a slash."""
    digits = whole_digits(as_key(cell))
    if isinstance(digits, Message):
        return digits
    if len(digits) > KEY_LENGTH:
        return Message(
            "the key has {length} characters; at most {longest} are taken",
            {"length": len(digits), "longest": KEY_LENGTH},
        )
    if _has_control_characters(digits):
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


def _has_control_characters(text: str) -> bool:
    return not text.isprintable() and any(
        unicodedata.category(character) in _BAD for character in text
    )


_BAD = frozenset({"Cc", "Cs", "Zl", "Zp"})


NOISE = Decimal("1e-9")
"""What a spreadsheet's binary arithmetic may add to a number: 20.000000000000004."""


def read_decimal(text: str, places: int) -> Decimal | None:
    """Return the number in a folded text, without the noise of a spreadsheet's arithmetic.

    Args:
        text: digits, with a decimal point or without.
        places: decimals that the column takes. A number with more decimals, noise aside, is
            returned unchanged.

    Returns:
        The number; None if the text holds none.
    """
    if not _DECIMAL.fullmatch(text):
        return None
    value = Decimal(text)
    near = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if abs(value - near) > min(NOISE, Decimal(1).scaleb(-places)):
        return value
    return abs(near) if near.is_zero() else near


def read_count(cell: str) -> object:
    """Read a whole number from 0, also written `1,234`, `12.0` or `12件`."""
    text = _UNIT.sub("", folded(tidy(cell)))
    digits = whole_digits(ungrouped(text))
    if isinstance(digits, Message):
        return digits
    value = read_decimal(digits, 0)
    if value is None or value < 0 or value != value.to_integral_value():
        return Message("{cell} is not a whole number from 0 up", {"cell": shown(text)})
    return int(value)


UNKNOWN_RANGE = Message("the number's range is not known; it is taken, please check it")


def read_phone(cell: str) -> object:
    """Read one phone number as E.164; `Doubtful` where the range of a mobile is not known."""
    number = read_number(cell)
    if isinstance(number, Message):
        return number
    return number.e164 if number.is_known else Doubtful(number.e164, UNKNOWN_RANGE)


def shown(text: str) -> str:
    """Return a cell short enough for a sentence, a phone number in it masked."""
    text = without_numbers(text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


SHOWN = 40
"""Characters of a cell that a reason repeats."""


class Choice:
    """A reader of a closed list of words; `choice` makes it."""

    def __init__(self, words: Mapping[str, object], offered: str = "") -> None:
        self._words = words
        english = ", ".join(word for word in words if word.isascii())
        chinese = "；".join(self._first_words(chinese=True).values())
        self._listed = Message(offered) if offered else coded(english, chinese or english)

    def options(self) -> dict[str, Message]:
        """Return a word to type for each value, with how a list offers it, in the list's order."""
        chinese = self._first_words(chinese=True)
        return {
            (value if isinstance(value, str) else word): coded(word, chinese.get(value, word))
            for value, word in self._first_words(chinese=False).items()
        }

    def offered(self, *, chinese: bool) -> list[str]:
        """Return a word for each value, in a language where the list has one in it."""
        found = self._first_words(chinese=chinese)
        for value, word in self._first_words(chinese=not chinese).items():
            found.setdefault(value, word)
        return list(found.values())

    def _first_words(self, *, chinese: bool) -> dict[object, str]:
        """Return the first word for each value in a language, in the list's order."""
        found: dict[object, str] = {}
        for word, value in self._words.items():
            if word.isascii() != chinese:
                found.setdefault(value, word)
        return found

    def takes(self, cell: str) -> bool:
        """Return whether a cell is in the list."""
        return self._word(cell) in self._words

    def __call__(self, cell: str) -> object:
        """Read a cell."""
        word = self._word(cell)
        if word in self._words:
            return self._words[word]
        return Message(
            "{cell} is not in the list: {words}",
            {"cell": shown(tidy(cell)), "words": self._listed},
        )

    def _word(self, cell: str) -> str:
        return "".join(folded(tidy(cell)).split()).casefold()


def choice(words: Mapping[str, object], offered: str = "") -> Choice:
    """Make a reader of a closed list.

    Args:
        words: every accepted word, folded and lower-case, with its value. The English ones come
            first: the reason names them.
        offered: what the reason names instead, in either language.
    """
    return Choice(words, offered)


read_yes_no = choice(
    {"yes": True, "no": False, "y": True, "n": False, "true": True, "false": False, "1": True,
     "0": False, "是": True, "否": False, "有": True, "无": False, "没有": False}
)  # fmt: skip
"""Reads yes/no and 是/否; never called for an empty cell."""

ANSWER_WORDS: Mapping[str, str] = {
    **{rating.value: rating.value for rating in Rating},
    "满意": Rating.SATISFIED.value,
    "一般": Rating.NEUTRAL.value,
    "不满意": Rating.DISSATISFIED.value,
}
"""The three answers, as files have them."""

_NO_REASON = choice(dict.fromkeys(("no", "n", "false", "否", "不", "不是", "不免评", "×", "x")))
_A_REASON = choice(dict.fromkeys(("yes", "y", "true", "是", "有", "√", "✓", "✔")))


def read_reason(cell: str) -> object:
    """Read why an office is exempt; a 0 or a no says that it is not."""
    number = read_decimal(folded(tidy(cell)), 0)
    if _NO_REASON.takes(cell) or number == 0:
        return None
    if _A_REASON.takes(cell) or number is not None:
        return Message(
            "{cell} is no reason: write why the office is exempt, or leave the cell blank",
            {"cell": shown(tidy(cell))},
        )
    return read_text(cell)
