"""Lines as branches of a tree, and as JSON: points, clause, arithmetic, evidence, and the source.

The words that a clause rests on stand where it comes first; where the text leaves something open,
the branch says by which document it is decided, or that it is the program's default, and names the
page with the reasons by its title.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.tree import Tree

from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.scoring.arithmetic import arithmetic
from survey_pipeline.scoring.lines import clauses_named
from survey_pipeline.scoring.record_evidence import without_file
from survey_pipeline.standard.decision_pages import title_of
from survey_pipeline.standard.entry import Entry, Label, entries
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quoting import MENDED
from survey_pipeline.standard.whose_words import source_of

APPENDIX = N_("Appendix for the analyst: what it was computed from")
"""Checksums, files and rows: what the head of an office does not need."""
NUMBERS = N_(
    "Numbers in square brackets are those that the program gives to the standard's clauses."
)


@dataclass
class LineTree:
    """Renders lines in the form in which they are stored (`scoring.lines.Line.to_json`)."""

    standard: Standard
    home: Path
    """The workspace, for its decisions' pages."""
    locale: str
    owners: frozenset[str] = frozenset()
    """The codes of the office and its department: a record that is named by them has no number."""
    files: dict[str, None] = field(default_factory=dict)
    """The evidence with its files and rows, which the branches leave out: an appendix lists it."""
    _told: set[str] = field(default_factory=set)

    def add(self, tree: Tree, line: Mapping[str, Any], *also: str) -> Tree:
        """Add a line with everything below it.

        Args:
            tree: where to.
            line: the line.
            also: further clauses that it rests on.
        """
        branch = tree.add(self.headline(line))
        clauses = [line["clause"], *self._named_clauses(line), *also]
        for source in self._new_sources(clauses):
            branch.add(source)
        for told in map(self._evidence, line["evidence"]):
            if told:
                branch.add(told)
        for child in line["children"]:
            self.add(branch, child)
        return branch

    def document(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Return a line with its sentences in the locale, and what its clause rests on."""
        return {
            **line,
            "label": self.label(line["label"]),
            "note": self.said(line["note"]) if line["note"] else None,
            "evidence": [self.said(message) for message in line["evidence"]],
            "children": [self.document(child) for child in line["children"]],
        }

    def _evidence(self, stored: str) -> str:
        """Return what the branch says of a record; empty where nothing is left to say."""
        evidence = Message.from_json(stored)
        shown = without_file(evidence, self.owners)
        if shown is not evidence:
            self.files[evidence.render(self.locale)] = None
        return shown.render(self.locale) if shown else ""

    def headline(self, line: Mapping[str, Any]) -> str:
        """Return a line's label, clause, arithmetic or reason, and points."""
        parts = []
        if (written := self._arithmetic(line)) is not None:
            parts.append(written.render(self.locale))
        if line["note"]:
            parts.append(self.said(line["note"]))
        if not line["counted"]:
            parts.append(translate(N_("does not count"), self.locale))
        elif line["points"] is not None:
            points = Message("{points} points", {"points": line["points"]})
            parts.append(points.render(self.locale))
        colon, joint = ("：", "；") if self.locale.startswith("zh") else (": ", "; ")
        return f"{self.label(line['label'])} [{line['clause']}]{colon}{joint.join(parts)}"

    def said(self, stored: str) -> str:
        """Return a stored message in the locale."""
        return Message.from_json(stored).render(self.locale)

    def label(self, stored: Mapping[str, str]) -> str:
        """Return a stored label in the locale."""
        return Label(**stored).in_locale(self.locale)

    def source(self, entry: Entry) -> str:
        """Return the published words that an entry rests on, or why there are none."""
        title = title_of(self.home, entry.page, self.locale) if entry.page else ""
        said = source_of(entry, title).render(self.locale)
        return said + (translate(MENDED, self.locale) if entry.mended else "")

    def sources(self, *clauses: str) -> list[str]:
        """Return what clauses rest on, each with its name."""
        return [
            f"[{entry.clause}] {self.source(entry)}"
            for entry in entries(self.standard)
            if entry.clause in clauses
        ]

    def _new_sources(self, clauses: list[str]) -> Iterator[str]:
        for clause in clauses:
            if clause not in self._told:
                self._told.add(clause)
                yield from dict.fromkeys(self.sources(clause))

    def _arithmetic(self, line: Mapping[str, Any]) -> Message | None:
        if line["children"]:
            return None
        figures = (line["count"], line["rate"], line["factor"])
        return arithmetic(line["component"], figures, noted=bool(line["note"]))

    def _named_clauses(self, line: Mapping[str, Any]) -> list[str]:
        """Return the clauses that a line's note names."""
        if not line["note"]:
            return []
        return list(clauses_named(Message.from_json(line["note"])))
