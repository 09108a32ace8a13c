"""Evidence of a kind as a filtered table, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.reports.evidence_tables.evidence_shapes import SHAPES, EvidenceShape
from survey_pipeline.reports.evidence_tables.record_standing import RecordStanding, RecordStandings
from survey_pipeline.scoring.numbers import from_units, plain
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.vocabulary import RecordKind

PAGE = 50
"""Records of a page."""
MOST_OFFICES = 500
"""Offices that are scored by themselves; if a filter meets more, all are read at once."""


class EvidenceState(StrEnum):
    """What a table of evidence can be filtered by, beside what the records say."""

    COUNTED = "counted"
    """They count in the year's scores."""
    NOT_COUNTED = "not-counted"
    """They do not, whatever the reason."""
    WITHDRAWN = "withdrawn"
    """They were taken back."""


@dataclass(frozen=True)
class EvidenceFilter:
    """Which records are wanted; an empty field filters nothing."""

    year: int
    office: str = ""
    parent: str = ""
    clause: str = ""
    """A clause, level or grade; a clause also by how it begins (`C2`)."""
    first: date | None = None
    last: date | None = None
    """The days, both included, in which the deciding day lies."""
    state: EvidenceState | None = None
    text: str = ""


@dataclass(frozen=True)
class ListedRecord:
    """A record as a row of the table."""

    id: int
    key: str
    year: int | None
    office_code: str
    parent_code: str
    body: str
    """The name of the office, or of the department if there is no office."""
    clause: str
    day: date | None
    month: str
    value: str
    about: str
    taken_back: date | None
    standing: RecordStanding


@dataclass(frozen=True)
class EvidenceTable:
    """A page of the records."""

    rows: Sequence[ListedRecord]
    number: int
    pages: int
    found: int


def year_standard(context: Context, year: int) -> Standard:
    """Return the standard of an appraisal year.

    Raises:
        ConfigurationError: no standard is listed for it, or its file is wrong.
    """
    return standard_for(year, context.settings.standards, context.home / FOLDER).standard


def list_evidence(
    context: Context, kind: RecordKind, wanted: EvidenceFilter, number: int = 1
) -> EvidenceTable:
    """Return a page of a kind's records, the latest day first.

    Args:
        context: the workspace.
        kind: one of `SHAPES`.
        wanted: which records.
        number: of the page, from 1; the last one if there are not so many.
    """
    shape, standard = SHAPES[kind], year_standard(context, wanted.year)
    with reading(context.engine) as connection:
        listing = _Listing(context, connection, shape, standard, wanted)
        return listing.page(number)


class _Listing:
    """One look at a table."""

    def __init__(
        self,
        context: Context,
        connection: Connection,
        shape: EvidenceShape,
        standard: Standard,
        wanted: EvidenceFilter,
    ) -> None:
        self._context, self._connection = context, connection
        self._shape, self._standard, self._wanted = shape, standard, wanted

    def page(self, number: int) -> EvidenceTable:
        """Return a page."""
        by_scoring = self._wanted.state in (EvidenceState.COUNTED, EvidenceState.NOT_COUNTED)
        return self._page_by_scoring(number) if by_scoring else self._page(number)

    def _page(self, number: int) -> EvidenceTable:
        found = self._connection.scalar(self._query(func.count()).order_by(None)) or 0
        pages = max(1, -(-found // PAGE))
        number = min(max(number, 1), pages)
        rows = self._rows(self._select().offset((number - 1) * PAGE).limit(PAGE))
        standings = self._standings(rows)
        return EvidenceTable([self._listed(row, standings) for row in rows], number, pages, found)

    def _page_by_scoring(self, number: int) -> EvidenceTable:
        """Filter by what the scoring says of each record."""
        rows = self._rows(self._select())
        standings = self._standings(rows)
        counted = self._wanted.state is EvidenceState.COUNTED
        kept = [row for row in rows if self._counts(row, standings) is counted]
        pages = max(1, -(-len(kept) // PAGE))
        number = min(max(number, 1), pages)
        shown = kept[(number - 1) * PAGE : number * PAGE]
        return EvidenceTable(
            [self._listed(row, standings) for row in shown], number, pages, len(kept)
        )

    def _counts(self, row: Mapping[str, Any], standings: Mapping[str, RecordStanding]) -> bool:
        standing = standings.get(self._shape.key_of(row))
        return standing is not None and standing.counted

    def _standings(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, RecordStanding]:
        codes = {row["office_code"] for row in rows if row.get("office_code")}
        some = codes if len(codes) <= MOST_OFFICES else None
        return RecordStandings(self._context, self._connection, self._standard, some).of(
            self._shape.kind
        )

    def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def _select(self) -> Select[Any]:
        table = self._shape.table
        order = [
            column.desc()
            for column in (self._shape.column(self._shape.day), *_tie(self._shape))
            if column is not None
        ]
        return self._query(table).order_by(*order)

    def _query(self, *columns: Any) -> Select[Any]:
        table = self._shape.table
        return select(*columns).select_from(table).where(*self._conditions())

    def _conditions(self) -> list[ColumnElement[bool]]:
        shape, wanted, found = self._shape, self._wanted, list[ColumnElement[bool]]()
        table = shape.table
        if shape.is_yearly:
            found.append(table.c.year == wanted.year)
        else:
            window = self._standard.window
            months = (month_of(window.first), month_of(window.until))
            found.append(table.c[shape.month].between(*months))
        if wanted.office and "office_code" in table.c:
            found.append(table.c.office_code == wanted.office)
        if wanted.parent:
            found.append(_of_department(table, wanted.parent))
        if wanted.clause and shape.clause:
            found.append(_of_clause(table.c[shape.clause], wanted.clause))
        found.extend(self._period())
        if wanted.state is EvidenceState.WITHDRAWN:
            found.append(table.c.withdrawn_at.is_not(None))
        if wanted.text and shape.searched:
            some = (
                table.c[name].icontains(wanted.text, autoescape=True) for name in shape.searched
            )
            found.append(or_(*some))
        return found

    def _period(self) -> list[ColumnElement[bool]]:
        first, last, shape = self._wanted.first, self._wanted.last, self._shape
        if first is None or last is None:
            return []
        if shape.month:
            return [shape.table.c[shape.month].between(month_of(first), month_of(last))]
        return [shape.table.c[shape.day].between(first, last)] if shape.day else []

    def _listed(
        self, row: Mapping[str, Any], standings: Mapping[str, RecordStanding]
    ) -> ListedRecord:
        shape = self._shape
        key = shape.key_of(row)
        office, parent = row.get("office_code") or "", row.get("parent_code") or ""
        names = self._names
        withdrawn = row["withdrawn_at"]
        return ListedRecord(
            id=row.get("id") or 0,
            key=key,
            year=row.get("year"),
            office_code=office,
            parent_code=parent,
            body=names.get(("office", office)) or names.get(("parent", parent)) or "",
            clause=row[shape.clause] if shape.clause else "",
            day=row[shape.day] if shape.day else None,
            month=row[shape.month] if shape.month else "",
            value=_figure(shape, row),
            about=next((row[name] for name in shape.about if row[name]), ""),
            taken_back=withdrawn and self._context.calendar.day(withdrawn),
            standing=standings.get(key, RecordStanding(counted=False)),
        )

    @cached_property
    def _names(self) -> Mapping[tuple[str, str], str]:
        """Names of offices and departments, read once."""
        return names_of_bodies(self._connection)


def names_of_bodies(connection: Connection) -> dict[tuple[str, str], str]:
    """Return names by (`office` or `parent`, code)."""
    found = {
        ("office", code): name
        for code, name in connection.execute(select(offices.c.office_code, offices.c.name))
    }
    for code, name in connection.execute(select(parents.c.parent_code, parents.c.name)):
        found["parent", code] = name
    return found


def _tie(shape: EvidenceShape) -> list[Any]:
    """Return what orders records of one day: their number, or their key."""
    by_number = shape.column("id")
    return [by_number] if by_number is not None else list(shape.table.primary_key.columns)


def _of_department(table: Any, parent: str) -> ColumnElement[bool]:
    """Return the condition that a record is a department's, or one of its offices'."""
    found: list[ColumnElement[bool]] = []
    if "parent_code" in table.c:
        found.append(table.c.parent_code == parent)
    if "office_code" in table.c:
        own = select(offices.c.office_code).where(offices.c.parent_code == parent)
        found.append(table.c.office_code.in_(own))
    return or_(*found)


def _of_clause(column: Any, clause: str) -> ColumnElement[bool]:
    return or_(column == clause, column.istartswith(clause, autoescape=True))


def _figure(shape: EvidenceShape, row: Mapping[str, Any]) -> str:
    value = row[shape.value] if shape.value else None
    if value is None:
        return ""
    return str(value) if shape.value == "rank" else plain(from_units(value))
