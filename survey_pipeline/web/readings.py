"""The standard beside the figures: the published words, and our reading with its reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from survey_pipeline.standard.entry import Entry, entries
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quoting import quotation
from survey_pipeline.workspace import shipped

WRITTEN_IN = "en"
"""The language of the pages themselves; `NAME.zh_CN.md` beside one is its translation."""


@dataclass(frozen=True)
class Decision:
    """A page of reasons (`docs/decisions/`)."""

    name: str
    """Of the file, without its ending."""
    title: str
    body: Markup
    language: str
    """What it is written in (BCP 47)."""


@dataclass(frozen=True)
class Words:
    """What an entry of the standard rests on."""

    clause: str
    label: str
    place: str
    """As published, without the debris of the layout."""
    mended: bool
    """Whether more than line breaks was put right in it."""
    page: str | None
    """The name of the decision's page, where the text leaves it open."""
    decision: Decision | None = None
    """Its text; nothing where there is no such file."""
    told: bool = False
    """Whether the decision stands further up."""


class Readings:
    """Tells each clause once, and each decision once; afterwards both are referred to."""

    def __init__(self, standard: Standard, home: Path, locale: str) -> None:
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries(standard):
            self._entries.setdefault(entry.clause, []).append(entry)
        self._home, self.locale = home, locale
        self._told: set[str] = set()
        self._decisions: dict[str, Decision | None] = {}

    def of(self, clauses: Sequence[str]) -> list[Words]:
        """Return what these clauses rest on, as far as it has not been told yet."""
        return [
            self._words(entry) for clause in self._new(clauses) for entry in self._entries[clause]
        ]

    def of_entry(self, entry: Entry) -> Words:
        """Return what an entry rests on, whether it has been told or not."""
        return self._words(entry)

    def knows(self, clause: str) -> bool:
        """Say whether the standard has the clause."""
        return clause in self._entries

    def _new(self, clauses: Sequence[str]) -> Iterator[str]:
        for clause in dict.fromkeys(clauses):
            if clause in self._entries and clause not in self._told:
                self._told.add(clause)
                yield clause

    def _words(self, entry: Entry) -> Words:
        page = entry.page or ""
        told, quoted = page in self._decisions, quotation(entry.place)
        if page and not told:
            self._decisions[page] = self._decision(page)
        return Words(
            clause=entry.clause,
            label=entry.label.in_locale(self.locale),
            place=quoted.text,
            mended=quoted.mended,
            page=Path(page).stem if page else None,
            decision=self._decisions.get(page),
            told=told,
        )

    def _decision(self, page: str) -> Decision | None:
        for root in (self._home, shipped()):  # a city's own decisions stand in its workspace
            path = root / page
            translated = path.with_suffix(f".{self.locale}{path.suffix}")
            if translated.is_file():
                return rendered(path.stem, translated.read_text("utf-8"), self.locale)
            if path.is_file():
                return rendered(path.stem, path.read_text("utf-8"), WRITTEN_IN)
        return None


@lru_cache(maxsize=100)
def rendered(name: str, text: str, locale: str) -> Decision:
    """Return a decision's page as HTML; markup of its own is shown as text, links are left out."""
    title, _, body = text.partition("\n")
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("link")
    return Decision(name, title.lstrip("# "), Markup(parser.render(body)), locale.replace("_", "-"))  # noqa: S704 - see above
