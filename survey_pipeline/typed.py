"""What stands in a typed or exported text beside what is meant.

Characters that are not seen, the apostrophe and the `="..."` that keep a spreadsheet from changing
a number, the number that it made of one all the same, words that say that there is nothing, and
the words of a spreadsheet's errors. Files, the API, forms, the command line and gateways bring all
of them.
"""

import re
import unicodedata
from decimal import Decimal

from survey_pipeline.formulas import UNSEEN, rearmed
from survey_pipeline.i18n import Message

_JOINERS = "\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f"
"""Those of them that change how their neighbours look: letters of some scripts, small pictures."""

_UNSEEN_ONES = re.compile(f"[{UNSEEN}]")
_NEEDLESS = re.compile(f"(?![{_JOINERS}])[{UNSEEN}]")
_EDGES = (
    "\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f \x85\xa0\xad\u034f\u061c\u1680\u180e"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f"
    "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2061\u2062\u2063\u2064"
    "\u2066\u2067\u2068\u2069\u2800\u3000\u3164\ufe0e\ufe0f\ufeff\uffa0"
)
"""Blanks and unseen characters that stand at the ends of texts; a pattern would take long."""
_NOT_SEEN = re.compile(rf"[\s{UNSEEN}]*")

_APOSTROPHE = re.compile(r"'(?=\s*[|%\d])|[‘’＇](?=\d)")
_FORMULA_TEXT = re.compile(r'[=＝]\s*"((?:[^"]|"")*)"')
_OPENING = frozenset("'‘’＇=＝")

_MARKS = re.compile(r"[\s\-‐-―−─━ー~_/\\|.,:;·・…。、'\"`()\[\]{}<>«»‹›“”‘’〈-】〔-〟!]+")
_NOTHING = re.compile(
    "(?:(?:暂时|目前|暂)?(?:没有|无)|没|空|空白|暂缺)+"
    "|(?:暂)?无(?:内容|备注|说明|原因|数据|信息|相关信息|此项|相关内容)|未填写?|不适用"
    "|n|na|nan|nat|nil|none|null|nothing|undefined|notapplicable"
)
_LONGEST_NOTHING = 24
_NOTHING_BEGINS = frozenset("无没空暂目未不nuNUｎｕＮＵー")
_LONGEST_ERROR = 40
_ERROR_BEGINS = frozenset("#＃eEｅＥ错錯")
_ERROR = re.compile(
    r"#(?:N/A.*|N/?D|NV|GETTING_DATA|DIV/0|REF|NAME|VALUE|NULL|NUM|SPILL|CALC|[A-Z0-9_/]{2,20}[!?])"
    r"[!?]?|#{2,}|(?:ERR|错误|錯誤):\s?\d{3}"
)

_SCIENTIFIC = re.compile(r"^[0-9](?:\.([0-9]*)[eE]\+?|[eE]\+)([0-9]{1,3})$")
_WHOLE = re.compile(r"^([0-9]+)\.0+$")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")

DIGITS_LOST = Message(
    "the spreadsheet has turned the number into {shape} and lost digits; format the column as text "
    "and enter it again",
    {"shape": "1.23E+10"},
)


def seen(text: str) -> str:
    """Return a text without the characters that are not seen."""
    return text if text.isascii() and "\x1a" not in text else _UNSEEN_ONES.sub("", text)


def readable(text: str) -> str:
    """Return a free text without them, apart from those that change how their neighbours look."""
    return text if text.isascii() else _NEEDLESS.sub("", text)


def folded(text: str) -> str:
    """Return a text as closed lists know it: full-width characters as ordinary ones, all seen."""
    text = seen(text)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def is_blank(text: str) -> bool:
    """Return whether a text has no character that is seen."""
    return not "!" <= text[:1] <= "~" and _NOT_SEEN.fullmatch(text) is not None


def tidy(text: str) -> str:
    """Return the text that a cell stands for.

    Without outer blanks; without the apostrophe that marks a number as text in a spreadsheet, or
    that disarmed a formula in a rejected file; `="00123"` is 00123.
    """
    text = _trimmed(text)
    while text[:1] in _OPENING and (inner := _unwrapped(text)) != text:
        text = _trimmed(inner)
    return text


def _trimmed(text: str) -> str:
    text = text.strip()
    return text if text.isascii() and "\x1a" not in text else text.strip(_EDGES)


def _unwrapped(text: str) -> str:
    if found := _FORMULA_TEXT.fullmatch(text):
        return found[1].replace('""', '"')
    return _APOSTROPHE.sub("", text, count=1) if _APOSTROPHE.match(text) else rearmed(text)


def as_key(text: str) -> str:
    """Return a key as it is stored and looked up."""
    return seen(tidy(text)).strip()


def says_nothing(text: str) -> bool:
    """Return whether a tidy text only says that there is nothing: 无, N/A, a dash."""
    first = text[:1]
    if len(text) > _LONGEST_NOTHING or (first.isalnum() and first not in _NOTHING_BEGINS):
        return False
    word = _MARKS.sub("", folded(text)).casefold()
    if word == "n":
        return text == "\\N"  # how a database's export writes NULL
    return not word or _NOTHING.fullmatch(word) is not None


def is_spreadsheet_error(text: str) -> bool:
    """Return whether a tidy text is what a spreadsheet shows where a formula failed."""
    if text[:1] not in _ERROR_BEGINS or len(text) > _LONGEST_ERROR:
        return False
    return _ERROR.fullmatch(folded(text).upper()) is not None


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


def ungrouped(text: str) -> str:
    """Return a number without the commas between its thousands."""
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text
