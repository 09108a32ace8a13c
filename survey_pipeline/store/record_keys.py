"""Where each kind's records stand, and how one is found by the key that people write."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, select

from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.store.tables import (
    awards,
    case_results,
    cases,
    filings,
    hotline_ranks,
    hotline_records,
    offices,
    parent_grades,
    parent_points,
    parents,
    performance_points,
    representatives,
    satisfaction_results,
    supervision_records,
)
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.record_names import key_named, kind_named


@dataclass(frozen=True)
class Place:
    """A kind's table, and the columns of its key as people write it, joined by `/`."""

    table: Table
    names: tuple[str, ...]
    of_year: bool = False
    """Whether the appraisal year belongs to the key; it is given beside it."""

    def parts(self, key: str) -> list[str]:
        """Split a key; the one part that may itself hold slashes is the one before or after."""
        times = len(self.names) - 1
        at_end = self.names[-1] == "office_code"
        found = key.rsplit("/", times) if at_end else key.split("/", times)
        return [as_key(part) for part in found]


PLACES: Mapping[RecordKind, Place] = {
    RecordKind.PARENTS: Place(parents, ("parent_code",)),
    RecordKind.OFFICES: Place(offices, ("office_code",)),
    RecordKind.CASES: Place(cases, ("office_code", "case_no")),
    RecordKind.SATISFACTION: Place(satisfaction_results, ("office_code", "month")),
    RecordKind.RESULTS: Place(case_results, ("office_code", "case_no")),
    RecordKind.SUPERVISION: Place(supervision_records, ("record_no",)),
    RecordKind.FILINGS: Place(filings, ("filing_no",)),
    RecordKind.HOTLINE: Place(hotline_records, ("record_no",)),
    RecordKind.HOTLINE_RANK: Place(hotline_ranks, ("parent_code",), of_year=True),
    RecordKind.PERFORMANCE: Place(performance_points, ("office_code",), of_year=True),
    RecordKind.PARENT_GRADES: Place(parent_grades, ("office_code",), of_year=True),
    RecordKind.PARENT_POINTS: Place(parent_points, ("office_code",), of_year=True),
    RecordKind.AWARDS: Place(awards, ("award_no", "office_code"), of_year=True),
    RecordKind.REPRESENTATIVES: Place(representatives, ("rep_no",), of_year=True),
}

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True)
class RecordKey:
    """Which record is meant."""

    kind: RecordKind
    key: str
    year: int | None = None
    """The appraisal year, where it belongs to the key."""

    @property
    def logged(self) -> str:
        """How the audit log names the record: the year first, where it belongs to the key."""
        return self.key if self.year is None else f"{self.year}/{self.key}"

    @property
    def where(self) -> ColumnElement[bool]:
        """The condition that finds it."""
        place = PLACES[self.kind]
        pairs = zip(place.names, place.parts(self.key), strict=True)
        found = [place.table.c[name] == part for name, part in pairs]
        if self.year is not None:
            found.append(place.table.c.year == self.year)
        return and_(*found)

    def record(self, connection: Connection) -> Row[Any]:
        """Return the record.

        Raises:
            UnknownRecord: there is no such record.
        """
        found = connection.execute(select(PLACES[self.kind].table).where(self.where)).one_or_none()
        if found is not None:
            return found
        if self.year is None:
            raise UnknownRecord(
                "there is no record {key} of kind {kind}", key=self.key, kind=kind_named(self.kind)
            )
        raise UnknownRecord(
            "there is no record {key} of kind {kind} for {year}",
            key=self.key,
            kind=kind_named(self.kind),
            year=self.year,
        )


def read_record_key(kind: RecordKind, key: str, year: int | None, this_year: int) -> RecordKey:
    """Read a key as it is written on the command line.

    Args:
        kind: what the record is.
        key: its natural key, parts joined by `/`; a case number or an award's number may itself
            hold slashes.
        year: the appraisal year, if one is given.
        this_year: the year that is meant where none is given and the key needs one.

    Raises:
        UsageError: the key has too few parts, a year is given that is no part of the key, or a
            ballot is meant.
    """
    if kind is RecordKind.BALLOTS:
        raise UsageError(
            "a ballot is secret: it has no key and is not taken back. Until the review closes, "
            "its representative may change it"
        )
    place = PLACES[kind]
    parts = place.parts(key)
    if len(parts) != len(place.names) or not all(parts):
        raise UsageError(
            "the key of {kind} is written {form}",
            kind=kind_named(kind),
            form=key_named(place.names),
        )
    if kind is RecordKind.SATISFACTION and not _MONTH.fullmatch(parts[1]):
        raise UsageError("{month} is no month; write 2023-05", month=parts[1])
    if year is not None and not place.of_year:
        raise UsageError("the key of {kind} has no year; leave --year out", kind=kind_named(kind))
    return RecordKey(kind, "/".join(parts), (year or this_year) if place.of_year else None)
