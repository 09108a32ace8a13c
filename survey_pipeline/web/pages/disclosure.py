"""Shows what points rest on: the published text of a clause, and the reasons where it is open.

A page shows a clause or a decision in full the first time, later as a reference to it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from survey_pipeline.i18n import Message
from survey_pipeline.standard.decision_pages import read_decision
from survey_pipeline.standard.entry import Entry, entries
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quoting import quotation
from survey_pipeline.standard.whose_words import standing


@dataclass(frozen=True)
class DecisionPage:
    """The reasons for a reading of the standard (`docs/decisions/`), as HTML."""

    name: str
    """Of the file, without its suffix."""
    title: str
    body: Markup
    language: str
    """As a BCP 47 tag."""


@dataclass(frozen=True)
class ClauseText:
    """What one entry of the standard rests on."""

    clause: str
    label: str
    quotation: str
    """As published, without leftovers of the web page's layout."""
    repaired: bool
    """Whether more than line breaks was removed from the quotation."""
    standing: Message
    """Whose it is: the published text's, a document's, or the program's default."""
    is_default: bool
    page: str | None
    """The name of the decision's page, if the published text leaves the entry open."""
    decision: DecisionPage | None = None
    """None if the file is missing."""
    decision_shown_above: bool = False


class Disclosure:
    """Remembers which clauses and decisions a page has shown, so that each is in full once.

    Args:
        standard: whose entries are shown.
        home: the workspace's folder, where a city keeps decisions of its own.
        locale: the visitor's language.
    """

    def __init__(self, standard: Standard, home: Path, locale: str) -> None:
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries(standard):
            self._entries.setdefault(entry.clause, []).append(entry)
        self._home, self.locale = home, locale
        self._shown: set[str] = set()
        self._decisions: dict[str, DecisionPage | None] = {}

    def first_time(self, clauses: Sequence[str]) -> list[ClauseText]:
        """Return the texts of those clauses that the page has not shown yet."""
        return [
            self.entry(entry)
            for clause in self._unshown(clauses)
            for entry in self._entries[clause]
        ]

    def entry(self, entry: Entry) -> ClauseText:
        """Return the text of an entry, shown before or not."""
        page = entry.page or ""
        shown_above, quoted = page in self._decisions, quotation(entry)
        if page and not shown_above:
            self._decisions[page] = self._decision(page)
        return ClauseText(
            clause=entry.clause,
            label=entry.label.in_locale(self.locale),
            quotation=quoted.text,
            repaired=quoted.mended,
            standing=standing(entry),
            is_default=entry.is_default,
            page=Path(page).stem if page else None,
            decision=self._decisions.get(page),
            decision_shown_above=shown_above,
        )

    def knows(self, clause: str) -> bool:
        """Return whether the standard has the clause."""
        return clause in self._entries

    def _unshown(self, clauses: Sequence[str]) -> Iterator[str]:
        for clause in dict.fromkeys(clauses):
            if clause in self._entries and clause not in self._shown:
                self._shown.add(clause)
                yield clause

    def _decision(self, page: str) -> DecisionPage | None:
        found = read_decision(self._home, page, self.locale)
        return decision_page(*found) if found else None


@lru_cache(maxsize=100)
def decision_page(name: str, markdown: str, locale: str) -> DecisionPage:
    """Convert a decision's page; HTML in it is shown as text, links are left out."""
    title, _, body = markdown.partition("\n")
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("link")
    html = Markup(parser.render(body))  # noqa: S704 - HTML of the source is escaped
    return DecisionPage(name, title.lstrip("# "), html, locale.replace("_", "-"))
