"""The XML of a part as a stream of events: no tree, no DTD, no entities, bounded memory.

Expat itself keeps the names that it has met and the tag that it is reading; both are bounded here,
and so is the depth.
"""

from collections.abc import Callable, Mapping
from xml.parsers import expat

MOST_DEPTH = 64
MOST_NAMES = 5_000
LONGEST_TAG = 1 << 20
"""Bytes."""

StartHandler = Callable[[str, dict[str, str]], None]
"""Is called with the tag, its prefix left out, and the attributes."""
EndHandler = Callable[[str], None]
TextHandler = Callable[[str], None]


class Stop(Exception):
    """Raised by a handler to end the reading of a part early; `PartReader` catches it."""


class DocumentTypeFound(Exception):
    """The XML declares a document type."""


class BeyondBounds(Exception):
    """The XML is nested too deep, has too many names or too long a tag."""


class XmlStream:
    """An expat parser with bounds on what it keeps by itself."""

    def __init__(
        self, start: StartHandler, end: EndHandler | None, text: TextHandler | None
    ) -> None:
        self._names: dict[str, str] = {}
        self._parser = expat.ParserCreate(intern=self._names)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        if text is not None:
            self._parser.CharacterDataHandler = text
        self._start = start
        self._end = end
        self._depth = 0
        self._fed = 0

    def feed(self, block: bytes) -> None:
        """Parse the next block; an empty one ends the part.

        Raises:
            ExpatError: it is no well-formed XML.
            DocumentTypeFound: it declares a document type.
            BeyondBounds: it is nested too deep, or has too many names or too long a tag.
            Stop: a handler wants no more.
        """
        self._parser.Parse(block, not block)
        self._fed += len(block)
        if len(self._names) > MOST_NAMES:
            raise BeyondBounds
        # what is fed and not yet parsed is the tag that expat is still collecting
        if block and self._fed - self._parser.CurrentByteIndex > LONGEST_TAG:
            raise BeyondBounds

    def _started(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise BeyondBounds
        self._start(tag.rpartition(":")[2], attributes)

    def _ended(self, tag: str) -> None:
        self._depth -= 1
        if self._end is not None:
            self._end(tag.rpartition(":")[2])

    def _doctype(self, *_: object) -> None:
        raise DocumentTypeFound


def local(attributes: Mapping[str, str], name: str) -> str:
    """Return an attribute by its name without prefix; an empty text if it is missing."""
    if name in attributes:
        return attributes[name]
    return next((value for key, value in attributes.items() if key.endswith(f":{name}")), "")
