"""Why a provider could not be asked, in words of ours: the system's are in the machine's language.

Stored with an attempt as they stand here; `in_words` translates them where they are shown.
"""

import errno
from collections.abc import Mapping

from survey_pipeline.i18n import N_, Message

NO_ADDRESS = N_("the address is not valid")
NO_NAME = N_("the name of the machine is unknown")
NO_TLS = N_("the certificate is not accepted")
NOT_CONNECTED = N_("no connection could be made")
TOO_LATE = N_("it did not answer in time")
CLOSED = N_("the connection was closed before the answer")
UNREADABLE = N_("the answer cannot be read")
UNREACHED: Mapping[int, str] = {
    errno.ECONNREFUSED: N_("the connection was refused"),
    errno.ECONNRESET: N_("the connection was reset"),
    errno.EHOSTUNREACH: N_("there is no route to the machine"),
    errno.ENETUNREACH: N_("there is no route to the network"),
    errno.ETIMEDOUT: TOO_LATE,
}
PROBLEMS = frozenset(
    (NO_ADDRESS, NO_NAME, NO_TLS, NOT_CONNECTED, TOO_LATE, CLOSED, UNREADABLE, *UNREACHED.values())
)
"""Every text of `NotReached` and `NoAnswer`."""


def in_words(problem: object) -> Message:
    """Return a problem as it is stored for a sentence: ours are translated, a provider's stay."""
    text = str(problem)
    return Message(text) if text in PROBLEMS else Message("{problem}", {"problem": text})
