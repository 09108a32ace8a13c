"""Phone numbers as people type them, read as E.164, or refused with the reason.

A cell may hold a label, blanks, dashes, a country's code, or what a spreadsheet made of a number.
What is doubtful is refused and never guessed: a wrong number would ask another citizen.
"""

import re
from typing import NamedTuple

from survey_pipeline.i18n import Message
from survey_pipeline.phones.number_plan import (
    COUNTRY,
    DASHES,
    KNOWN_MOBILE,
    LANDLINE,
    LANDLINE_DIGITS,
    MOBILE,
    MOBILE_ANYHOW,
    MOBILE_DIGITS,
    kind_of,
)
from survey_pipeline.typed import folded, tidy, ungrouped, whole_digits
from survey_pipeline.vocabulary import PhoneKind

_NUMBER = rf"(?:(?:\+|00)?86)?(?:0?{MOBILE_DIGITS}|{LANDLINE_DIGITS})"
_ONE_NUMBER, _SEVERAL = re.compile(_NUMBER), re.compile(f"(?:{_NUMBER}){{2,}}")
_LOCAL = re.compile(r"[2-8][0-9]{6,7}")
"""A landline without its area code."""

_MASK = re.compile(r"[*?●○◯■□█▇▉░▒▓◆◇◼◻※★☆✱✲✳⁎∗〇]")
_FILLED = re.compile(rf"([^0-9\s{DASHES}.()])\1|([{DASHES}.])\2\2")
"""One sign again and again, in the place of digits."""
_LABEL = re.compile(
    r"(?:(?:联系|手机|移动|办公|家庭|固定)?(?:电话|手机|座机|固话|联系方式)(?:号码?)?|号码"
    r"|tel(?:ephone)?|mobile|phone|cell)\s*[.:]?\s*(?=[0-9+(])",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"(.*?)\s*(?:\(?\s*(?:转|分机号?|extension|extn?\.?|x|#|,|-)|\()\s*:?\s*([0-9]{1,6})\s*\)?",
    re.IGNORECASE | re.DOTALL,
)
_BREAK = re.compile(r"[/、;|\\\n&]|(?<=[0-9])\+|或者?|和|及|与|跟")
_FEW = re.compile(r",\s*[0-9]{1,2}$")
_SOFT = re.compile(rf"[\s{DASHES}~().\[\]<>·・•‧∙⋅_:,/、;|\\&\"'“”‘’`\u20e3]")
"""What may stand between the digits of one number."""
_RUN = re.compile(rf"[+0-9][0-9\s{DASHES}().·]*[0-9]")
_MAINLAND = re.compile(r"^(?:\++0*|00)86(?:\+?(?:00)?86(?=0?1[3-9]))?")
_ABROAD = re.compile(r"^(?:\+|00)")
_SERVICE = re.compile(r"^[48]00[0-9]{7}$")

MASKED = Message("the number is masked; the survey needs all digits")
TWO_NUMBERS = Message("there are two numbers in one cell; keep one")
EXTENSION = Message("the number has an extension; give one that reaches the citizen directly")
FOREIGN = Message("the number is not from mainland China (+86)")
NOT_A_NUMBER = Message("this is not a phone number")
WORDS = Message("there are words beside the number; leave the number alone")
TOO_SHORT = Message("the number is too short: {digits} digits")
TOO_LONG = Message("the number is too long: {digits} digits")
NO_AREA_CODE = Message("the landline number lacks its area code; write 0577-88966822")
LOST_ZERO = Message("the area code lacks its leading 0; write 0577-88966822")
SERVICE = Message("this is a service number, not a citizen's")
NO_SUCH_RANGE = Message("no mainland number begins with {start}")
NO_MOBILE = Message("this is no mobile; texts go to mobiles alone")


class TypedNumber(NamedTuple):
    """A number that was read."""

    e164: str
    is_known: bool
    """Whether the range of a mobile is in use; a landline's area code is not looked up."""


def read_number(text: str) -> TypedNumber | Message:
    """Return the one phone number that a text holds, or the reason why it is refused."""
    text = folded(tidy(text))
    if MOBILE.fullmatch(text):
        return _mobile(text)
    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    whole = whole_digits(ungrouped(text))
    if isinstance(whole, Message):
        return whole
    return _damaged(whole) or _one_number(whole)


def read_mobile(text: str) -> str | Message:
    """Return the number that a text message is to go to as E.164, or the reason why none can."""
    number = read_number(text)
    if isinstance(number, Message):
        return number
    return number.e164 if kind_of(number.e164) == PhoneKind.MOBILE else NO_MOBILE


def _mobile(digits: str) -> TypedNumber:
    return TypedNumber(COUNTRY + digits, KNOWN_MOBILE.fullmatch(digits) is not None)


def _damaged(text: str) -> Message | None:
    """Return what makes a text no single, whole number; None if it may be one."""
    if not _digits(text):
        return MASKED if _MASK.search(text) else NOT_A_NUMBER
    if _two_numbers(text):
        return TWO_NUMBERS
    found = _EXTENSION.fullmatch(text)
    is_extension = found and (_is_complete(_SOFT.sub("", found[1])) or _FEW.search(text))
    return EXTENSION if is_extension else None


def _two_numbers(text: str) -> bool:
    """Return whether a text holds more than one number, or the beginning of a second one."""
    broken = _BREAK.split(text)
    if any(sum(map(_is_long, parts)) > 1 for parts in (broken, text.split(), text.split(","))):
        return True
    if _SEVERAL.fullmatch(_SOFT.sub("", text)):
        return True
    *before, end = broken
    # 0577-88966822/23: of the second one only the end is written
    is_end = bool(before) and 0 < _digits(end) < SHORTEST
    return is_end and (_digits(end) < 3 or _is_complete(_SOFT.sub("", "".join(before))))


SHORTEST = 7
"""Digits of the shortest number, a landline's without its area code."""


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _is_long(part: str) -> bool:
    return _digits(part) >= SHORTEST


def _is_complete(digits: str) -> bool:
    """Return whether digits are a number that needs no more."""
    return bool(_ONE_NUMBER.fullmatch(digits) or _LOCAL.fullmatch(digits))


def _one_number(text: str) -> TypedNumber | Message:
    """Read a text that holds one number, or return what is wrong with it."""
    if _MASK.search(text):
        found = None if _FILLED.search(text) else MOBILE_ANYHOW.fullmatch(_bare(text))
        return _mobile(found[1]) if found else MASKED
    number = _national(_SOFT.sub("", text))
    if not isinstance(number, Message):
        return number
    if _FILLED.search(text):
        return MASKED
    if number == NOT_A_NUMBER and any(_stands_alone(run[0]) for run in _RUN.finditer(text)):
        return WORDS
    return number


def _bare(text: str) -> str:
    return _MASK.sub("", _SOFT.sub("", text))


def _stands_alone(run: str) -> bool:
    return _ONE_NUMBER.fullmatch(_SOFT.sub("", run)) is not None


def _national(digits: str) -> TypedNumber | Message:
    """Read a number without what stood between its digits; a country code may stand before it."""
    if found := MOBILE_ANYHOW.fullmatch(digits):
        return _mobile(found[1])
    if _MAINLAND.match(digits):
        return _with_country(_MAINLAND.sub("", digits))
    if _ABROAD.match(digits):
        return FOREIGN
    if not (digits.isascii() and digits.isdigit()):
        return NOT_A_NUMBER
    if digits.startswith("86") and len(digits) >= 12:
        return _with_country(digits[2:])
    return _domestic(digits)


def _with_country(digits: str) -> TypedNumber | Message:
    """Read what follows +86: there the area code stands without its 0."""
    if not (digits.isascii() and digits.isdigit()):
        return NOT_A_NUMBER
    domestic = digits.startswith("0") or re.match(r"1[3-9]", digits)
    return _domestic(digits if domestic else f"0{digits}")


def _domestic(digits: str) -> TypedNumber | Message:
    if MOBILE.fullmatch(digits):
        return _mobile(digits)
    if LANDLINE.fullmatch(digits):
        return TypedNumber(COUNTRY + digits[1:], is_known=True)
    return _why_not(digits)


def _why_not(digits: str) -> Message:
    """Return why digits are no number of the mainland."""
    size = len(digits)
    if _SERVICE.match(digits):
        return SERVICE
    if size in {7, 8} and digits[0] in "2345678":
        return NO_AREA_CODE
    if digits[0] not in "01" and LANDLINE.fullmatch(f"0{digits}"):
        return LOST_ZERO
    if size > (12 if digits[0] == "0" else 11):
        return Message(TOO_LONG.text, {"digits": size})
    if size < 11:
        return Message(TOO_SHORT.text, {"digits": size})
    return Message(NO_SUCH_RANGE.text, {"start": digits[:3]})
