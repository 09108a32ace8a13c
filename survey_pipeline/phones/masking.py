"""Numbers where they must not be read: on pages, in exports, in logs, inside free texts."""

import re

from survey_pipeline.phones.number_plan import COUNTRY, DASHES, MOBILE_DIGITS
from survey_pipeline.typed import folded

_BETWEEN = rf"[\s{DASHES}().·,/_]{{0,3}}"
_DIGITS = re.compile(rf"\+?[0-9](?:{_BETWEEN}[0-9]){{8,}}")
_NUMBER = re.compile(rf"(?:(?:00)?86|0)?{MOBILE_DIGITS}|(?:(?:00)?86[1-9]|0)[0-9]{{9,11}}$")
_MOBILE_END = re.compile(rf"{MOBILE_DIGITS}$")
_IDENTITY = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])"
)
"""A citizen's identity number: area, birthday, serial number, check digit (GB 11643)."""
_MANY_DIGITS = re.compile("[0-9](?:[^0-9]*[0-9]){8}")


def masked(number: str) -> str:
    """Return an E.164 number as `138****5678`; a landline keeps its last two digits."""
    national = number.removeprefix(COUNTRY)
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]}****{national[-4:]}"
    return f"{'*' * max(len(national) - 2, 0)}{national[-2:]}"


def without_numbers(text: str) -> str:
    """Return a text with the phone and identity numbers in it masked, however they are written."""
    plain = folded(text)
    if not _MANY_DIGITS.search(plain):
        return text
    hidden = _DIGITS.sub(_hidden, _IDENTITY.sub(lambda found: _stars(found[0]), plain))
    return text if hidden == plain else hidden


def _hidden(found: re.Match[str]) -> str:
    """Return digits as they may be shown: those of a phone number masked, others as they are."""
    digits = re.sub("[^0-9]", "", found[0])
    number = _NUMBER.match(digits)
    if number is None:
        return found[0]
    mobile = _MOBILE_END.search(number[0])
    return masked(mobile[0]) if mobile and len(digits) == number.end() else _stars(digits)


def _stars(digits: str) -> str:
    return "*" * (len(digits) - 2) + digits[-2:]
