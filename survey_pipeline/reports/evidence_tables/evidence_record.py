"""One record of evidence: its fields as a form has them, where it came from, its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.reports.evidence_tables.evidence_listing import names_of_bodies, year_standard
from survey_pipeline.reports.evidence_tables.evidence_shapes import SHAPES
from survey_pipeline.reports.evidence_tables.record_standing import RecordStanding, RecordStandings
from survey_pipeline.reports.journal import JournalEntry, JournalFilter, read_journal
from survey_pipeline.scoring.numbers import from_units, plain
from survey_pipeline.stages.evidence import ListedObjection, list_objections
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.store.engine import reading
from survey_pipeline.store.record_keys import RecordKey, read_record_key
from survey_pipeline.store.tables import import_runs
from survey_pipeline.vocabulary import RecordKind


@dataclass(frozen=True)
class Withdrawal:
    """Who took a record back, and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class EvidenceRecord:
    """A record as its page shows it."""

    key: RecordKey
    year: int
    fields: Mapping[str, str]
    """Column name -> what a form would have to say for this record."""
    office_code: str
    parent_code: str
    body: str
    standing: RecordStanding
    brought: tuple[str, str, datetime] | None
    """The file, who brought it, and when."""
    withdrawal: Withdrawal | None
    history: Sequence[JournalEntry]
    objections: Sequence[ListedObjection]


def read_evidence(context: Context, kind: RecordKind, key: str, year: int) -> EvidenceRecord:
    """Return a record with its history and the objections to it.

    Args:
        context: the workspace.
        kind: one of `SHAPES`.
        key: as people write it.
        year: the appraisal year, for kinds whose key has one.

    Raises:
        UnknownRecord: there is no such record.
        UsageError: the key is misspelt.
    """
    named = _named(kind, key, year)
    with reading(context.engine) as connection:
        row = named.record(connection)
        values = dict(row._mapping)
        of_year = values.get("year") or year
        standing = _standing(context, connection, named, values, of_year)
        names = names_of_bodies(connection)
        brought = connection.execute(
            select(import_runs.c.file_name, import_runs.c.by, import_runs.c.at).where(
                import_runs.c.id == row.import_id
            )
        ).one_or_none()
    office, parent = values.get("office_code") or "", values.get("parent_code") or ""
    return EvidenceRecord(
        key=named,
        year=of_year,
        fields=fields_of(context, kind, row),
        office_code=office,
        parent_code=parent,
        body=names.get(("office", office)) or names.get(("parent", parent)) or "",
        standing=standing,
        brought=None if brought is None else (brought.file_name, brought.by, brought.at),
        withdrawal=_withdrawal(values),
        history=read_journal(context, JournalFilter(kind=kind.value, record=named.logged)).entries,
        objections=_objections(context, named),
    )


def _named(kind: RecordKind, key: str, year: int) -> RecordKey:
    of_year = "year" in SHAPES[kind].table.c and kind not in _OWN_NUMBER
    return read_record_key(kind, key, year if of_year else None, year)


_OWN_NUMBER = (RecordKind.SUPERVISION, RecordKind.HOTLINE, RecordKind.FILINGS)
"""Kinds whose number alone is the key."""


def _standing(
    context: Context,
    connection: Connection,
    named: RecordKey,
    values: Mapping[str, Any],
    year: int,
) -> RecordStanding:
    codes = {values["office_code"]} if values.get("office_code") else None
    standard = year_standard(context, year)
    found = RecordStandings(context, connection, standard, codes).of(named.kind)
    return found.get(named.key, RecordStanding(counted=False))


def _withdrawal(values: Mapping[str, Any]) -> Withdrawal | None:
    if values["withdrawn_at"] is None:
        return None
    return Withdrawal(
        values["withdrawn_at"], values["withdrawn_by"] or "", values["withdrawn_reason"] or ""
    )


def _objections(context: Context, named: RecordKey) -> list[ListedObjection]:
    return [
        objection
        for objection in list_objections(context)
        if (objection.kind, objection.key, objection.year)
        == (named.kind.value, named.key, named.year)
    ]


def fields_of(context: Context, kind: RecordKind, row: Row[Any]) -> dict[str, str]:
    """Return a record's values as they would be typed into a form or a file."""
    values = row._mapping
    return {
        column.name: _typed(context, column.name, values.get(column.name))
        for column in KINDS[kind].columns
    }


def _typed(context: Context, name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return context.keys.decrypt(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if name == "points":
        return plain(from_units(value))
    return str(value)


def points_said(standing: RecordStanding) -> Message | None:
    """Return a record's points as a sentence says them; None if it has none."""
    if standing.points is None or not standing.counted:
        return None
    figure = plain(abs(standing.points))
    if standing.points < 0:
        return Message("takes off {points}", {"points": figure})
    return Message("gives {points}", {"points": figure})
