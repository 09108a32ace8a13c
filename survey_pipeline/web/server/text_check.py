"""Refuses control characters in text from outside: PostgreSQL and pages cannot take them."""

import re
from urllib.parse import parse_qsl

from survey_pipeline.i18n import N_, Message
from survey_pipeline.web.server.refusals import RequestRefused

MOST_FIELDS = 10_000
"""Fields of a form or query: a ballot has one for each of up to a thousand offices."""

TOO_LARGE = N_("What was sent is too large for this form.")
CONTROL = N_(
    "The text holds a character that cannot be shown (U+{code}). Remove it and send it again."
)

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""In a text of several lines, which may hold tabs and line ends."""


def check_text(text: str, *, lines: bool = False) -> None:
    """Make sure that a text can be stored and shown.

    Args:
        text: from outside.
        lines: whether it may have several lines.

    Raises:
        RequestRefused: it holds a control character or a lone surrogate.
    """
    found = (_CONTROL_IN_LINES if lines else _CONTROL).search(text)
    if found:
        raise RequestRefused(422, Message(CONTROL, {"code": f"{ord(found[0]):04X}"}))


def check_fields(encoded: bytes, *, lines: bool = False) -> None:
    """Check names and values of a query or a form, decoded as the application decodes them later.

    Args:
        encoded: as `application/x-www-form-urlencoded`.
        lines: whether values may have several lines.

    Raises:
        RequestRefused: there are too many fields, or a text cannot be stored.
    """
    try:
        fields = parse_qsl(
            encoded.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise RequestRefused(413, Message(TOO_LARGE)) from error
    for name, value in fields:
        check_text(name)
        check_text(value, lines=lines)
