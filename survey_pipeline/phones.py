"""A sender's number as the surveys have it, and how a number is shown.

Where it must not be read, in a text that may hold one, and to the one who dials it.
"""

import re

from survey_pipeline.typed import folded

_SCHEME = re.compile(r"[a-z]+:(?=[+(0-9])", re.IGNORECASE)
_ADDRESS_END = re.compile(r"[;@?].*$", re.DOTALL)
_BETWEEN_DIGITS = re.compile(r"[\s\-‐-―−().\[\]<>{}/_,·\"']")
_MOBILE = re.compile(r"(?:\+?0{0,2}86)?0?(1[3-9][0-9]{9})")


def e164(sender: str) -> str:
    """Return a sender's number as the surveys have it; what is no Chinese mobile stays as it is.

    Gateways write it with blanks, dashes, brackets, as `tel:`, in full-width digits, with +86,
    0086, 86 or none of them.
    """
    plain = _ADDRESS_END.sub("", _SCHEME.sub("", folded(sender).strip(' <"')))
    found = _MOBILE.fullmatch(_BETWEEN_DIGITS.sub("", plain))
    return f"+86{found[1]}" if found else sender.strip()


_BETWEEN = r"[\s\-‐-―−().·,/_]{0,3}"
_DIGITS = re.compile(rf"\+?[0-9](?:{_BETWEEN}[0-9]){{8,}}")
_NUMBER = re.compile(r"(?:(?:00)?86|0)?1[3-9][0-9]{9}|(?:(?:00)?86[1-9]|0)[0-9]{9,11}$")
_IDENTITY = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])"
)
_MANY_DIGITS = re.compile("[0-9](?:[^0-9]*[0-9]){8}")


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
    mobile = re.search("1[3-9][0-9]{9}$", number[0])
    return masked(mobile[0]) if mobile and len(digits) == number.end() else _stars(digits)


def _stars(digits: str) -> str:
    return "*" * (len(digits) - 2) + digits[-2:]


def masked(number: str) -> str:
    """Return an E.164 number as `138****5678`; a landline keeps its last two digits."""
    national = number.removeprefix("+86")
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]}****{national[-4:]}"
    return f"{'*' * max(len(national) - 2, 0)}{national[-2:]}"


def dialled(number: str) -> str:
    """Return an E.164 number as one dials it here: `138 1234 5678`."""
    import phonenumbers  # noqa: PLC0415 - takes long, and commands start fast

    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
