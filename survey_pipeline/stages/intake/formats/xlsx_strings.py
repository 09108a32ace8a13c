"""Two lists that a workbook's cells point into: the shared strings, and the styles of dates."""

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.stages.intake.formats.number_formats import shows_date
from survey_pipeline.stages.intake.formats.xlsx_package import MOST_UNPACKED, Package
from survey_pipeline.stages.intake.formats.xlsx_xml import Stop

LONGEST_TEXT = 32_768
"""One more than a spreadsheet cell can hold; the rest of a longer text is dropped."""
MOST_STRING_BYTES = 150 << 20
"""About what the different texts of 100,000 full rows take in memory."""
STRING_OVERHEAD = 64
"""What a text takes in memory beside its characters."""
MOST_STYLES = 70_000
"""A spreadsheet program makes at most 65,490."""

_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
"""Number formats that are dates or times without saying so (ECMA-376 part 1, 18.8.30);
46 is a span of time, `[h]:mm:ss`."""


def read_shared_strings(package: Package, part: str | None) -> list[str]:
    """Return the shared strings; readings of characters (phonetic runs) left out.

    Raises:
        UnreadableFile: they would take too much memory.
    """
    strings = _SharedStrings(package.name)
    if part:
        package.read(part, strings.start, strings.end, strings.text, most=MOST_UNPACKED)
    return strings.found


class _SharedStrings:
    def __init__(self, name: str) -> None:
        self.found: list[str] = []
        self._name = name
        self._parts: list[str] = []
        self._length = 0
        self._bytes = 0
        self._in_text = False
        self._in_reading = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self._parts, self._length = [], 0
        elif tag == "rPh":
            self._in_reading = True
        elif tag == "t":
            self._in_text = not self._in_reading

    def text(self, data: str) -> None:
        if self._in_text and self._length < LONGEST_TEXT:
            self._length += len(data)
            self._parts.append(data)

    def end(self, tag: str) -> None:
        if tag == "t":
            self._in_text = False
        elif tag == "rPh":
            self._in_reading = False
        elif tag == "si":
            text = "".join(self._parts)[:LONGEST_TEXT]
            self.found.append(text)
            self._bytes += STRING_OVERHEAD + len(text) * (1 if text.isascii() else 4)
            if self._bytes > MOST_STRING_BYTES:
                raise UnreadableFile(
                    "{file} holds too many different texts for a workbook. Split it, or save it as "
                    "CSV",
                    file=self._name,
                )


def read_date_styles(package: Package, part: str | None) -> frozenset[int]:
    """Return the numbers of the cell styles that show a number as a date."""
    if part is None:
        return frozenset()
    date_formats = set(_BUILT_IN_DATES)
    styles: set[int] = set()
    inside = ""
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside, count
        if tag == "numFmt" and shows_date(attributes.get("formatCode", "")):
            if len(date_formats) < MOST_STYLES:
                date_formats.add(int(attributes.get("numFmtId", "-1")))
        elif tag in {"cellXfs", "cellStyleXfs"}:
            inside = tag
        elif tag == "xf" and inside == "cellXfs":
            if int(attributes.get("numFmtId", "0")) in date_formats and count < MOST_STYLES:
                styles.add(count)
            count += 1

    def end(tag: str) -> None:
        if tag == "cellXfs":  # what follows says nothing of dates
            raise Stop

    package.read(part, start, end)
    return frozenset(styles)
