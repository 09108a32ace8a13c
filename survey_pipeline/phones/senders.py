"""The number of a text's sender, as gateways write it."""

import re

from survey_pipeline.phones.number_plan import COUNTRY, DASHES, MOBILE_ANYHOW
from survey_pipeline.typed import folded

_SCHEME = re.compile(r"[a-z]+:(?=[+(0-9])", re.IGNORECASE)
_ADDRESS_END = re.compile(r"[;@?].*$", re.DOTALL)
_BETWEEN_DIGITS = re.compile(rf"[\s{DASHES}().\[\]<>{{}}/_,·\"']")


def e164(sender: str) -> str:
    """Return a sender's number as E.164 text; a sender that is no Chinese mobile stays as it is.

    Gateways write numbers with blanks, dashes, brackets, as `tel:`, in full-width digits, with +86,
    0086, 86 or without a country's code.
    """
    plain = _ADDRESS_END.sub("", _SCHEME.sub("", folded(sender).strip(' <"')))
    found = MOBILE_ANYHOW.fullmatch(_BETWEEN_DIGITS.sub("", plain))
    return f"{COUNTRY}{found[1]}" if found else sender.strip()
