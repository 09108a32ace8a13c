"""How a number of the mainland is built, and what it can receive.

By the national numbering plan (YD/T 1059), a mobile is `1[3-9]` and nine digits; a landline has an
area code 010, 02x or 0[3-9]xx. `KNOWN_MOBILE` is what the package phonenumbers knows of today; a
test compares the two, so that no row needs a library call.
"""

import re

from survey_pipeline.vocabulary import PhoneKind

COUNTRY = "+86"

MOBILE_DIGITS = "1[3-9][0-9]{9}"
LANDLINE_DIGITS = "(?:0(?:10|2[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8})"
DASHES = r"\-‐-―−"
"""All dashes, for a set of characters."""

MOBILE = re.compile(MOBILE_DIGITS)
LANDLINE = re.compile(LANDLINE_DIGITS)
MOBILE_ANYHOW = re.compile(rf"(?:\+*0{{0,2}}86)?0?({MOBILE_DIGITS})")
"""A mobile behind any form of the country's code, or behind the 0 of a trunk call."""
KNOWN_MOBILE = re.compile(
    r"1(?:610[0-9]|740[0-5])[0-9]{6}"
    r"|1(?:[38][0-9]|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])[0-9]{8}"
)
"""A mobile whose range is in use: what nearly every cell of a report looks like."""

_MOBILE, _LANDLINE = PhoneKind.MOBILE.value, PhoneKind.LANDLINE.value


def kind_of(number: str) -> str:
    """Return what an E.164 number of the mainland can receive, a `PhoneKind`.

    A mobile is +861 and ten digits. Only Beijing's area code begins with 1 as well, and its numbers
    are one digit shorter.
    """
    return _MOBILE if len(number) == 14 and number[3] == "1" else _LANDLINE


def dialled(number: str) -> str:
    """Return an E.164 number as it is dialled in the country: `138 1234 5678`."""
    import phonenumbers  # noqa: PLC0415 - takes long, and commands start fast

    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
