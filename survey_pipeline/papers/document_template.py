"""Word documents that operators edit, with `{{ fields }}`: filled in within the sandbox of texts.

docxtpl puts Word's XML through Jinja. It is given an environment of ours, which bounds what a
template may do, and names the paragraph in which something is wrong. What comes out has the same
bytes for the same fields: the archive carries no time of its own.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Template
from jinja2.exceptions import SecurityError
from lxml import etree

from survey_pipeline.edited import Unreadable, read_bytes
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.template_sandbox import FAULTS, TemplateSandbox, line_of
from survey_pipeline.text_templates import shown

FOLDER = Path("templates/documents")
TEMPLATES = ("notice_month", "notice_year", "reminder", "statement_month", "statement_year")
"""The papers; of each there is a file for every locale."""
LARGEST_UNPACKED = 64 << 20
"""Bytes of a template's parts together; a document of many pages has a hundredth of it."""
LARGEST_PART = 50_000_000
"""Characters of a part that has been filled in."""
LONGEST_LOOP = 5_000
"""Rounds: as many offices as a city may have in one category."""
DEEPEST_LOOP = 2
"""Loops in each other: the categories, and the offices of each."""
LONGEST_PLACE = 40
"""Characters of a paragraph that are quoted in a message."""
_TIMELESS = (1980, 1, 1, 0, 0, 0)
"""The earliest time that an archive can carry."""


class DocumentTemplate:
    """One document, read and checked; it can be filled in any number of times."""

    def __init__(self, path: Path) -> None:
        """Read it.

        Raises:
            ConfigurationError: it is missing, or is no Word document.
        """
        self._path = path
        try:
            self._content = read_bytes(path)
            _require_document(self._content)
        except FileNotFoundError as error:
            raise ConfigurationError(
                "{file} is missing. Run init: it puts the shipped document there",
                file=shown(path),
            ) from error
        except Unreadable as error:
            raise _unusable(path, error.problem) from error

    def fill_in(self, fields: Mapping[str, Any]) -> bytes:
        """Return the document with its fields filled in.

        Raises:
            ConfigurationError: it uses a field that there is not, or does what it may not.
        """
        sandbox = _DocumentSandbox()
        document = _StrictDocument(BytesIO(self._content))
        with self._explained(sandbox):
            document.render(dict(fields), sandbox)
        made = BytesIO()
        document.save(made)
        return _without_times(made)

    @contextmanager
    def _explained(self, sandbox: "_DocumentSandbox") -> Iterator[None]:
        try:
            yield
        except etree.XMLSyntaxError as error:
            raise _unusable(self._path, Message(UNBALANCED)) from error
        except FAULTS as error:
            problem = str(error).rstrip(".") or type(error).__name__
            raise _unusable(self._path, problem, sandbox.place_of(error)) from error


class _StrictDocument(DocxTemplate):  # type: ignore[misc]  # the package has no types
    """A document whose parts must be whole after they are filled in; docxtpl repairs by losing."""

    def fix_tables(self, xml: str) -> Any:
        """Refuse XML that a condition or loop across cells or paragraphs has torn."""
        etree.fromstring(xml)
        return super().fix_tables(xml)


class _DocumentSandbox(TemplateSandbox):
    """The sandbox as docxtpl uses it: for one part of a document after the other."""

    def __init__(self) -> None:
        super().__init__(longest_loop=LONGEST_LOOP, deepest_loop=DEEPEST_LOOP, autoescape=True)
        self._source = ""

    def from_string(self, source: Any, *_: Any, **__: Any) -> Any:
        """Compile a part, a paragraph a line as docxtpl gives it."""
        self._source = source
        return _BoundedTemplate(self.compiled(source))

    def place_of(self, error: Exception) -> str:
        """Return the words of the paragraph that a fault is in; empty if that is unknown."""
        line, paragraphs = line_of(error), self._source.splitlines()
        if line is None or not 0 < line <= len(paragraphs):
            return ""
        words = " ".join(re.sub(r"<[^>]+>", "", paragraphs[line - 1]).split())
        return words if len(words) <= LONGEST_PLACE else f"{words[:LONGEST_PLACE]}…"


class _BoundedTemplate:
    """A compiled part that stops when it grows too large."""

    def __init__(self, compiled: Template) -> None:
        self._compiled = compiled

    def render(self, fields: Mapping[str, Any]) -> str:
        written, size = [], 0
        for piece in self._compiled.generate(fields):
            size += len(piece)
            if size > LARGEST_PART:
                raise SecurityError(f"the document is longer than {LARGEST_PART} characters")
            written.append(piece)
        return "".join(written)


def _require_document(content: bytes) -> None:
    """Raise Unreadable if a file's content is no Word document, or unpacks to too much."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
            if size > LARGEST_UNPACKED:
                raise Unreadable(N_("it is far too large for such a file; put back the right one"))
            DocxTemplate(BytesIO(content)).get_docx()
    except (zipfile.BadZipFile, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise Unreadable(NO_DOCUMENT) from error


def _unusable(path: Path, problem: object, place: str = "") -> ConfigurationError:
    """Return the error for a document that cannot be used: the file, the place, what to do."""
    known = {"file": shown(path), "problem": problem}
    if not place:
        text = N_("{file} cannot be used: {problem}. Correct it; no restart is needed")
        return ConfigurationError(text, **known)
    text = N_('{file} cannot be used: at "{place}": {problem}. Correct it; no restart is needed')
    return ConfigurationError(text, **known, place=place)


def _without_times(made: BytesIO) -> bytes:
    """Return an archive again, its files without the time at which they were made."""
    again = BytesIO()
    with (
        zipfile.ZipFile(made) as source,
        zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            timeless = zipfile.ZipInfo(name, _TIMELESS)
            archive.writestr(timeless, source.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()


NO_DOCUMENT = N_("it is no Word document; open it in Word or LibreOffice, and save it as .docx")
UNBALANCED = N_(
    "a condition or loop does not end where it began; put each tag with p into a paragraph of its "
    "own, each tag with tr into a table row of its own"
)
