"""Phone numbers as people type them, read as E.164, or refused with the reason.

Mainland numbers alone: the surveys go to citizens of one Chinese city. Structure of the numbers:
the national numbering plan (YD/T 1059; mobile `1[3-9]` and nine digits; area codes 010, 02x and
0[3-9]xx). `KNOWN_MOBILE` is what the package phonenumbers knows of today; a test holds the two
against each other, so that no row needs a library call.
"""

import re

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.cells import Doubtful, folded, tidy, whole_digits
from survey_pipeline.vocabulary import PhoneKind

PLAIN_MOBILE = re.compile(r"1[3-9][0-9]{9}")
KNOWN_MOBILE = re.compile(
    r"1(?:610[0-9]|740[0-5])[0-9]{6}"
    r"|1(?:[38][0-9]|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])[0-9]{8}"
)
"""What nearly every cell looks like: such a number is taken as it is, behind `COUNTRY`."""
COUNTRY = "+86"
LANDLINE = re.compile(r"0(?:10|2[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}")

_MASKED = re.compile(r"[*•●·?]|[xX×]{2,}")
_EXTENSION = re.compile(
    r"(?:(?:转|分机|ext\.?|x|#|,)\s*:?\s*[0-9]{1,6}|[0-9]{7,8}\s*-\s*[0-9]{1,6})\)?$",
    re.IGNORECASE,
)
_HARD_BREAK = re.compile(r"[/、,;|\\\n]|或|和|及")
_SOFT = re.compile(r"[\s\-‐-―−().]|\u00a0")
_TWO_MOBILES = re.compile(
    r"(?:(?:\+|00)?86)?1[3-9][0-9]{9}(?:(?:\+|00)?86)?(?:1[3-9][0-9]{9}|0[0-9]{9,11})"
)
_MOBILE_ANYHOW = re.compile(r"(?:(?:\+|00)?86|0)?1[3-9][0-9]{9}")
_MAINLAND = re.compile(r"^(?:\+|00)86")
_ABROAD = re.compile(r"^(?:\+|00)")
_SERVICE = re.compile(r"^[48]00[0-9]{7}$")

MASKED = Message("the number is masked; the survey needs all digits")
TWO_NUMBERS = Message("there are two numbers in one cell; keep one")
EXTENSION = Message("the number has an extension; give one that reaches the citizen directly")
FOREIGN = Message("the number is not from mainland China (+86)")
NOT_A_NUMBER = Message("this is not a phone number")
TOO_SHORT = Message("the number is too short: {digits} digits")
TOO_LONG = Message("the number is too long: {digits} digits")
NO_AREA_CODE = Message("the landline number lacks its area code; write 0577-88966822")
LOST_ZERO = Message("the area code lacks its leading 0; write 0577-88966822")
SERVICE = Message("this is a service number, not a citizen's")
NO_SUCH_RANGE = Message("no mainland number begins with {start}")
UNKNOWN_RANGE = Message("the number's range is not known; it is taken, please check it")


def read_phone(cell: str) -> object:
    """Read one phone number.

    Returns:
        The number as E.164 text (`Doubtful` where its range is not known), or why it is refused.
    """
    text = folded(tidy(cell))
    if PLAIN_MOBILE.fullmatch(text):
        return _mobile(text)
    whole = whole_digits(text)
    if isinstance(whole, Message):
        return whole
    return _damaged(whole) or _national(whole)


def kind_of(number: str) -> str:
    """Say what an E.164 number of the mainland can receive, a `PhoneKind`.

    A mobile is +861 and ten digits. Only Beijing's area code begins with 1 as well, and its numbers
    are one digit shorter.
    """
    return _MOBILE if len(number) == 14 and number[3] == "1" else _LANDLINE


_MOBILE, _LANDLINE = PhoneKind.MOBILE.value, PhoneKind.LANDLINE.value


def _mobile(digits: str) -> object:
    number = COUNTRY + digits
    return number if KNOWN_MOBILE.fullmatch(digits) else Doubtful(number, UNKNOWN_RANGE)


def _damaged(text: str) -> Message | None:
    """Say what makes a cell no single, whole number."""
    if not any(one.isdigit() for one in text):
        return MASKED if "*" in text else NOT_A_NUMBER
    if _MASKED.search(text):
        return MASKED
    if _two_numbers(text):
        return TWO_NUMBERS
    if _EXTENSION.search(text) and not _MOBILE_ANYHOW.fullmatch(_SOFT.sub("", text)):
        return EXTENSION
    return None


def _two_numbers(text: str) -> bool:
    if sum(_long(part) for part in _HARD_BREAK.split(text)) > 1:
        return True
    if sum(_long(part) for part in text.split()) > 1:
        return True
    return _TWO_MOBILES.fullmatch(_SOFT.sub("", text)) is not None


def _long(part: str) -> bool:
    return sum(one.isdigit() for one in part) >= 7


def _national(text: str) -> object:
    """Read a cell that holds one number, with blanks, dashes, brackets and a country code."""
    digits = _SOFT.sub("", text)
    if _MAINLAND.match(digits):
        return _with_country(_MAINLAND.sub("", digits))
    if _ABROAD.match(digits):
        return FOREIGN
    if not (digits.isascii() and digits.isdigit()):
        return NOT_A_NUMBER
    if digits.startswith("86") and len(digits) >= 12:
        return _with_country(digits[2:])
    return _domestic(digits)


def _with_country(digits: str) -> object:
    """Read what follows +86: there the area code stands without its 0."""
    if not (digits.isascii() and digits.isdigit()):
        return NOT_A_NUMBER
    domestic = digits.startswith("0") or re.match(r"1[3-9]", digits)
    return _domestic(digits if domestic else f"0{digits}")


def _domestic(digits: str) -> object:
    if PLAIN_MOBILE.fullmatch(digits):
        return _mobile(digits)
    if digits.startswith("01") and PLAIN_MOBILE.fullmatch(digits[1:]):
        return _mobile(digits[1:])  # the 0 once dialled before a mobile of another city
    if LANDLINE.fullmatch(digits):
        return COUNTRY + digits[1:]
    return _why_not(digits)


def _why_not(digits: str) -> Message:
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
