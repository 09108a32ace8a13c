"""How each kind of evidence is listed: its table, and which of its columns say what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from survey_pipeline.store.record_keys import PLACES
from survey_pipeline.vocabulary import RecordKind


@dataclass(frozen=True)
class EvidenceShape:
    """One kind of evidence."""

    kind: RecordKind
    day: str = ""
    """The column of the day that decides; empty if the kind has none."""
    month: str = ""
    """The column of the month, `YYYY-MM`, of a kind that is of months."""
    clause: str = ""
    """The column of the clause, level or grade."""
    value: str = ""
    """The column of the figure that is shown."""
    about: tuple[str, ...] = ()
    """Columns that tell what it is about, the best first."""
    searched: tuple[str, ...] = ()
    """Columns in which a text is searched; sealed ones cannot be."""

    @property
    def table(self) -> Table:
        """Where its records stand."""
        return PLACES[self.kind].table

    @property
    def is_yearly(self) -> bool:
        """Whether its records name their appraisal year."""
        return "year" in self.table.c

    def column(self, name: str) -> Column[Any] | None:
        """Return one of its columns; None if it has no such column."""
        return self.table.c.get(name) if name else None

    def key_of(self, row: Mapping[str, Any]) -> str:
        """Return a record's key as people write it."""
        return "/".join(str(row[name]) for name in PLACES[self.kind].names)


SHAPES: Mapping[RecordKind, EvidenceShape] = {
    shape.kind: shape
    for shape in (
        EvidenceShape(
            RecordKind.SUPERVISION,
            day="occurred_on",
            clause="clause",
            value="points",
            about=("matter", "document_no"),
            searched=("record_no", "document_no", "filing_no"),
        ),
        EvidenceShape(
            RecordKind.FILINGS,
            day="filed_on",
            month="month",
            about=("document_no",),
            searched=("filing_no", "document_no"),
        ),
        EvidenceShape(
            RecordKind.HOTLINE,
            day="occurred_on",
            clause="clause",
            value="points",
            about=("remark",),
            searched=("record_no",),
        ),
        EvidenceShape(RecordKind.HOTLINE_RANK, value="rank"),
        EvidenceShape(
            RecordKind.PERFORMANCE,
            day="delivered_on",
            value="points",
            about=("source",),
            searched=("source",),
        ),
        EvidenceShape(RecordKind.PARENT_GRADES, day="delivered_on", clause="grade"),
        EvidenceShape(
            RecordKind.PARENT_POINTS,
            day="delivered_on",
            value="points",
            about=("source",),
            searched=("source",),
        ),
        EvidenceShape(
            RecordKind.AWARDS,
            day="issued_on",
            clause="level",
            about=("work", "document_no"),
            searched=("award_no", "work", "document_no"),
        ),
        EvidenceShape(
            RecordKind.SATISFACTION,
            day="delivered_on",
            month="month",
            about=("source",),
            searched=("source",),
        ),
    )
}
"""The kinds that have a table. Results of single cases have none: they are answers of citizens,
and are shown where the answers of a month are."""
