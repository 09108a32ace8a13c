"""What Kannel's answers and receipts mean, and the characters that it sends as GSM 7-bit.

Sources: Kannel 1.4.5, User's Guide, "SMS gateway"; the answers are those of the real smsbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_pipeline.gateways.error_table import ErrorClass
from survey_pipeline.vocabulary import ReceiptState, RefusalReason

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€"
)
"""What travels as GSM 7-bit (3GPP TS 23.038); any other character makes a text UCS-2."""
CODECS: Mapping[bytes, str] = {
    b"UTF-16BE": "utf-16-be",
    b"ISO-8859-1": "latin-1",
    b"WINDOWS-1252": "cp1252",
    **dict.fromkeys((b"GB18030", b"GBK", b"GB2312"), "gb18030"),
}
"""By what `%C` says; anything else (`UTF-8`, or `8-BIT`, which is no charset) is read as UTF-8."""


@dataclass(frozen=True)
class ReceiptStatus:
    """What a receipt says of a text."""

    state: ReceiptState
    error: str | None = None
    reason: RefusalReason | None = None


STATUSES: Mapping[bytes, ReceiptStatus] = {
    b"1": ReceiptStatus(ReceiptState.DELIVERED),
    b"2": ReceiptStatus(ReceiptState.UNDELIVERED, "2 not delivered to the phone"),
    b"4": ReceiptStatus(ReceiptState.ACCEPTED),
    b"8": ReceiptStatus(ReceiptState.ACCEPTED),
    b"16": ReceiptStatus(
        ReceiptState.UNDELIVERED, "16 refused by the SMS centre", RefusalReason.OTHER
    ),
}
"""By the `%d` of a `dlr-url`."""
REFUSALS: Mapping[str, ErrorClass] = {
    "denied by": ErrorClass(
        "400", "denied by a black or white list", reason=RefusalReason.FILTERED
    ),
    "Sender missing": ErrorClass(
        "400", "the sender's number is missing", reason=RefusalReason.CONFIGURATION, alarm=True
    ),
    "DLR-URL field misformed": ErrorClass(
        "400", "the receipts' address is wrong", reason=RefusalReason.CONFIGURATION, alarm=True
    ),
    "Charset or body misformed": ErrorClass("400", "the text cannot be encoded", alarm=True),
}
"""By words of an answer with status 400. None of them tells a bad number: Kannel looks up none."""
NO_ROUTE = ErrorClass(
    "403", "no SMS centre takes the number", reason=RefusalReason.OTHER, alarm=True
)
"""Of one number, though a 403: stopped by it, the gateway would try that very text for ever."""
