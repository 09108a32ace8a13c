"""A year's score: computed as of a day, stored as a new version where anything differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from survey_pipeline import __version__
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.scoring.evidence import YearFacts
from survey_pipeline.scoring.year import (
    OfficeYearScore,
    YearScore,
    score_offices,
    score_year,
    without_offices,
)
from survey_pipeline.scoring.year_ranks import rank_all
from survey_pipeline.scoring.year_rows import (
    OfficeRow,
    head_of,
    office_row,
    ranked,
    rebuilt,
    rebuilt_office,
)
from survey_pipeline.stages.assessment.canonical import year_hash
from survey_pipeline.standard.load import InForce
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import office_year_scores, year_scores


@dataclass(frozen=True)
class YearInputs:
    """The inputs of a year's score."""

    facts: YearFacts
    evidence: str
    """Fingerprint of the evidence as it was read."""
    settled: bool
    """No survey of the window's months is open, and no case of theirs waits for its draw."""


@dataclass(frozen=True)
class StoredYear:
    """A stored score of a year."""

    id: int
    year: int
    version: int
    computed_at: datetime
    as_of: date
    standard: str
    standard_hash: str
    program_version: str
    inputs_hash: str
    complete: bool
    head: Mapping[str, Any]
    published_at: datetime | None
    published_by: str | None
    offices: tuple[OfficeRow, ...]
    """By office_code (code points)."""
    is_new: bool = False
    """Whether this very call made the version."""

    def office(self, office_code: str) -> OfficeYearScore | None:
        """Return one office's score with its lines, or None."""
        row = next((row for row in self.offices if row.office_code == office_code), None)
        return None if row is None else rebuilt_office(row)

    def score(self) -> YearScore:
        """Return the whole score, the lines of every office unpacked."""
        with collector_off():
            return rebuilt(self.year, self.as_of, self.standard, self.head, self.offices)

    def document(self, locale: str) -> dict[str, Any]:
        """Return the document of `score year --json` (specification, section 8)."""
        return {**self.score().to_json(locale), "complete": self.complete}


def assess_year(context: Context, in_force: InForce, inputs: YearInputs) -> StoredYear:
    """Score a year and store it, unless the last version as of that day has the same inputs.

    Two processes at once make one version.

    Raises:
        CannotProceed: nothing is known of the year; what is missing would be all that is scored.
    """
    _refuse_unknown(in_force, inputs.facts)
    fingerprint: dict[str, Any] = {
        "year": inputs.facts.year,
        "as_of": inputs.facts.as_of,
        "standard": in_force.standard.id,
        "standard_hash": in_force.file_hash,
        "program_version": __version__,
        "inputs_hash": year_hash(inputs.facts, inputs.evidence, settled=inputs.settled),
    }
    with reading(context.engine) as connection:
        stored = _same(connection, fingerprint)
    return stored or _store_once(context, in_force, inputs, fingerprint)


def _refuse_unknown(in_force: InForce, facts: YearFacts) -> None:
    if facts.offices and not any(office.known for office in facts.offices):
        raise CannotProceed(
            "nothing is known of {year}: no case, answer, delivery or record is of its window "
            "({after} to {until}). See that the year is the one that you mean",
            year=facts.year,
            after=in_force.standard.window.after,
            until=in_force.standard.window.until,
        )


def computed(in_force: InForce, inputs: YearInputs) -> tuple[dict[str, Any], list[OfficeRow]]:
    """Score a year and return what would be stored: the head's columns, and the offices' rows.

    Each office's lines are packed before the next office is scored: a thousand offices' lines at
    once would take ten times the room.
    """
    score = without_offices(in_force.standard, inputs.facts)
    rows, entries = [], []
    with collector_off():
        for office in score_offices(in_force.standard, inputs.facts):
            rows.append(office_row(office, score.decimals))
            entries.append(office.rank_entry)
    places = rank_all(entries, in_force.standard.ranking)
    rows = [ranked(row, places[row.office_code]) for row in rows]
    lacking = any(row.facts["missing"] for row in rows)
    settled = inputs.settled and not in_force.provisional
    head = {
        "complete": score.complete and settled and not lacking,
        "head": head_of(score, in_force, inputs.settled, inputs.facts.counted_from),
    }
    return head, rows


def tried(standard: Standard, inputs: YearInputs) -> YearScore:
    """Score a year and store nothing."""
    with collector_off():
        return score_year(standard, inputs.facts)


def latest_year(connection: Connection, year: int) -> StoredYear | None:
    """Return the newest version of the stored score with the latest day."""
    query = (
        select(year_scores)
        .where(year_scores.c.year == year)
        .order_by(year_scores.c.as_of.desc(), year_scores.c.version.desc())
        .limit(1)
    )
    head = connection.execute(query).one_or_none()
    return None if head is None else _with_offices(connection, head)


def stored_year(context: Context, year: int, version: int | None = None) -> StoredYear:
    """Return a stored score: the version named, else that of the latest day.

    Raises:
        UnknownRecord: the year was never scored, or has no such version.
    """
    with reading(context.engine) as connection:
        if version is None:
            found = latest_year(connection, year)
        else:
            head = connection.execute(
                select(year_scores).where(
                    year_scores.c.year == year, year_scores.c.version == version
                )
            ).one_or_none()
            found = None if head is None else _with_offices(connection, head)
    if found is not None:
        return found
    if version is not None:
        raise UnknownRecord(
            "the scores of {period} have no version {version}", period=year, version=version
        )
    raise UnknownRecord("{year} has no stored scores", year=year).at_terminal(
        "Run: survey-pipeline score year {year}", year=year
    )


def _same(connection: Connection, fingerprint: Mapping[str, Any]) -> StoredYear | None:
    head = connection.execute(
        select(year_scores)
        .where(
            year_scores.c.year == fingerprint["year"],
            year_scores.c.as_of == fingerprint["as_of"],
        )
        .order_by(year_scores.c.version.desc())
        .limit(1)
    ).one_or_none()
    if head is None or any(head._mapping[key] != value for key, value in fingerprint.items()):
        return None
    return _with_offices(connection, head)


def _with_offices(connection: Connection, head: Row[Any]) -> StoredYear:
    with collector_off():
        rows = connection.execute(
            select(office_year_scores).where(office_year_scores.c.score_id == head.id)
        )
        offices = [
            OfficeRow(
                row.office_code,
                row.daily,
                row.total,
                row.rank,
                row.rank_in_category,
                row.facts,
                row.lines,
            )
            for row in rows
        ]
    offices.sort(key=lambda row: row.office_code)
    return StoredYear(**head._mapping, offices=tuple(offices))


def _store_once(
    context: Context, in_force: InForce, inputs: YearInputs, fingerprint: dict[str, Any]
) -> StoredYear:
    head, rows = computed(in_force, inputs)
    values = {**fingerprint, **head}
    try:
        with writing(context.engine) as connection:
            stored = _same(connection, fingerprint)
            return stored or _store(connection, values, rows, context.now())
    except IntegrityError:  # another host stored this version between our look and our insert
        with writing(context.engine) as connection:
            stored = _same(connection, fingerprint)
            return stored or _store(connection, values, rows, context.now())


def _store(
    connection: Connection, values: dict[str, Any], rows: Sequence[OfficeRow], now: datetime
) -> StoredYear:
    before = connection.execute(
        select(year_scores.c.version)
        .where(year_scores.c.year == values["year"])
        .order_by(year_scores.c.version.desc())
        .limit(1)
    ).scalar_one_or_none()
    key = connection.execute(
        year_scores.insert()
        .values(version=(before or 0) + 1, computed_at=now, **values)
        .returning(year_scores.c.id)
    ).scalar_one()
    if rows:
        connection.execute(
            office_year_scores.insert(), [{"score_id": key, **vars(row)} for row in rows]
        )
    head = connection.execute(select(year_scores).where(year_scores.c.id == key)).one()
    stored = StoredYear(**head._mapping, offices=tuple(rows))
    return replace(stored, is_new=True)
