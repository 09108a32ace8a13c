"""Text that a spreadsheet could take for a formula, made harmless.

A CSV file has no cell types: Excel and LibreOffice compute a cell that begins with `= + - @`, or
with a tab or carriage return before one. Such text gets an apostrophe in front (OWASP, "CSV
Injection"). A code of letters, digits and `- _ . /` alone stays as it is, since codes are keys and
nothing can be called with those signs. Numbers never pass through here.
"""

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PLAIN_CODE = re.compile(r"[\w./-]+")


def looks_like_formula(text: str) -> bool:
    """Say whether a spreadsheet could compute this text."""
    return text.startswith(_FORMULA)


def disarmed(text: str) -> str:
    """Return free text (a name, a note) so that no spreadsheet computes it."""
    return f"'{text}" if looks_like_formula(text) else text


def disarmed_code(code: str) -> str:
    """Return a key so that no spreadsheet computes it; plain codes stay exactly as they are."""
    return code if _PLAIN_CODE.fullmatch(code) else disarmed(code)
