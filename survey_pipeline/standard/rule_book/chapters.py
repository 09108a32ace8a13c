"""A rule book in chapters, in the reader's language: what `standard show` prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from survey_pipeline.i18n import N_, translate
from survey_pipeline.standard.entry import Entry
from survey_pipeline.standard.load import InForce
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quoting import quotation
from survey_pipeline.standard.rule_book.provisions import Provision, provisions
from survey_pipeline.standard.rule_book.sentences import sentences
from survey_pipeline.vocabulary import Component
from survey_pipeline.vocabulary.names import COMPONENTS

GENERAL = N_("In general")
TITLES: Mapping[str, str] = {
    **{component.value: COMPONENTS[component] for component in Component},
    "review": COMPONENTS[Component.ONLINE],
    "duties": N_("Deadlines"),
    "documents": N_("Implementing rules"),
}
"""By part of the standard; what has no title stands in the chapter that is `GENERAL`."""


@dataclass(frozen=True)
class Article:
    """One provision in the reader's language."""

    provision: Provision
    label: str
    says: tuple[str, ...]
    """Its sentences."""

    @property
    def entry(self) -> Entry:
        """The entry itself, for its clause, its quotation and who decided."""
        return self.provision.entry

    def to_json(self) -> dict[str, Any]:
        """Return the provision with the published words, ready to be quoted."""
        place, mended = quotation(self.entry)
        return {
            "clause": self.entry.clause,
            "key": self.provision.key,
            "label": self.label,
            "says": list(self.says),
            "place": place,
            "mended": mended,
            "decided": self.entry.decided,
            "page": self.entry.page,
            "adopted_by": self.entry.adopted_by,
            "adopted_on": self.entry.adopted_on.isoformat() if self.entry.adopted_on else None,
            "document_no": self.entry.document_no,
        }


@dataclass(frozen=True)
class Chapter:
    """A part of the standard."""

    title: str
    articles: tuple[Article, ...]


def chapters(standard: Standard, locale: str) -> list[Chapter]:
    """Return a standard's parts in its order, each provision in words."""
    parts = groupby(provisions(standard), key=lambda found: TITLES.get(found.part, GENERAL))
    return [
        Chapter(
            translate(title, locale),
            tuple(article(standard, provision, locale) for provision in found),
        )
        for title, found in parts
    ]


def article(standard: Standard, provision: Provision, locale: str) -> Article:
    """Return one provision in the reader's language."""
    says = tuple(message.render(locale) for message in sentences(standard, provision))
    return Article(provision, provision.entry.label.in_locale(locale), says)


def document(in_force: InForce, locale: str) -> dict[str, Any]:
    """Return a rule book as one JSON document, sentences in the locale."""
    standard = in_force.standard
    return {
        "standard": standard.id,
        "title": standard.title.in_locale(locale),
        "year": standard.year,
        "provisional": in_force.provisional,
        "window": {"after": standard.window.after, "until": standard.window.until},
        "hash": in_force.file_hash,
        "text": standard.text,
        "published_on": standard.published_on,
        "parts": [
            {
                "title": chapter.title,
                "provisions": [found.to_json() for found in chapter.articles],
            }
            for chapter in chapters(standard, locale)
        ],
    }
