"""How many segments a text takes, counted as the network does.

Source: 3GPP TS 23.038 (the GSM 7-bit default alphabet and its extension table) and TS 23.040
(concatenation: six octets of header leave 153 septets or 67 UTF-16 units to each segment). What
belongs together is never cut: neither an escape and its character, nor the two halves of a
surrogate pair.
"""

from collections.abc import Iterable
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape and a character."""

GSM_7, UCS_2 = "GSM-7", "UCS-2"
ALONE = {GSM_7: 160, UCS_2: 70}
"""Units in a text of one segment: septets, or UTF-16 units."""
JOINED = {GSM_7: 153, UCS_2: 67}
"""Units in each segment of a longer text."""


@dataclass(frozen=True)
class Size:
    """How a text travels."""

    encoding: str
    """`GSM-7` or `UCS-2`."""
    units: int
    """Septets, or UTF-16 units."""
    segments: int


def measure(text: str) -> Size:
    """Return a text's encoding, units and segments; an empty text takes one segment."""
    encoding = GSM_7 if BASIC.union(EXTENSION).issuperset(text) else UCS_2
    wide = EXTENSION if encoding == GSM_7 else frozenset(ch for ch in text if ord(ch) > 0xFFFF)
    units = len(text) + sum(1 for ch in text if ch in wide) if wide else len(text)
    if units <= ALONE[encoding]:
        return Size(encoding, units, 1)
    return Size(encoding, units, _parts((1 + (ch in wide) for ch in text), JOINED[encoding]))


def _parts(widths: Iterable[int], room: int) -> int:
    parts, filled = 1, 0
    for width in widths:
        if filled + width > room:
            parts, filled = parts + 1, 0
        filled += width
    return parts
