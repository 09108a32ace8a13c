"""The directory at the end of a ZIP archive, looked at before `zipfile` loads it into memory.

Source: PKWARE APPNOTE 6.3, 4.3.14-16 (the end of central directory record, its 64-bit form that
programs write which do not know the size of their output, and the locator of that form).
"""

from typing import BinaryIO

_END, _END_64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_LONGEST_COMMENT = 1 << 16
_ELSEWHERE = 0xFFFFFFFF
"""A size in the end record that says that the size is in the 64-bit form."""


def directory_size(file: BinaryIO) -> int | None:
    """Return how many bytes the directory of a ZIP archive takes, by what the archive says.

    Of several sizes that it gives, the largest. The file is left at its beginning.

    Returns:
        The size; None if the archive has no end record, or says nothing of the size.
    """
    size = file.seek(0, 2)
    begin = file.seek(max(size - _LONGEST_COMMENT - 200, 0))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + 22:
        return None
    told = int.from_bytes(tail[end + 12 : end + 16], "little")
    sizes = [] if told == _ELSEWHERE else [told]
    if end >= 20 and tail[end - 20 : end].startswith(_LOCATOR):
        # the 64-bit form should be where the locator says; it is also looked for right before it,
        # where programs put it, so that a wrong locator does not hide a huge directory
        located = int.from_bytes(tail[end - 12 : end - 4], "little") - begin
        sizes += [
            int.from_bytes(tail[place + 40 : place + 48], "little")
            for place in (end - 76, located)
            if place >= 0 and tail[place : place + 4] == _END_64
        ]
    return max(sizes, default=None)
