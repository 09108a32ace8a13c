"""Which records an import has met, without memory that grows like the file."""


class IdSet:
    """A set of row ids that takes one bit per id: a file may meet millions of records.

    Ids of one import lie close together, so pages of bits are filled well.
    """

    _PAGE = 1 << 12
    """Ids per page."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, number: int) -> None:
        """Put an id in."""
        page, bit = divmod(number, self._PAGE)
        bits = self._pages.setdefault(page, bytearray(self._PAGE // 8))
        bits[bit >> 3] |= 1 << (bit & 7)

    def __contains__(self, number: int) -> bool:
        page, bit = divmod(number, self._PAGE)
        bits = self._pages.get(page)
        return bits is not None and bool(bits[bit >> 3] >> (bit & 7) & 1)
