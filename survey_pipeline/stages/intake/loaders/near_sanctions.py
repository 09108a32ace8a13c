"""Sanctions of an office whose person or matter differs by little from an earlier one's."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.i18n import N_, Message
from survey_pipeline.likeness import NearRecords, same_words
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.store import bulk
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.tables import supervision_records


class NearSanctions:
    """Person and matter by office, of the clauses of which a person's highest alone counts."""

    def __init__(self, clauses: Collection[str], keys: Keys, year: int) -> None:
        self._clauses, self._keys, self._year = clauses, keys, year
        self._near = NearRecords()

    def learn(self, connection: Connection, codes: Iterable[str | None]) -> None:
        """Read the stored sanctions of offices that this file names for the first time."""
        new = sorted(code for code in {*codes} if code and code not in self._near)
        columns = supervision_records.c
        for start in range(0, len(new), bulk.KEYS_AT_ONCE):
            stored = connection.execute(
                select(columns.office_code, columns.record_no, columns.person, columns.matter)
                .where(
                    columns.year == self._year,
                    columns.office_code.in_(new[start : start + bulk.KEYS_AT_ONCE]),
                    columns.clause.in_(self._clauses),
                    columns.person.is_not(None),
                    columns.matter.is_not(None),
                    columns.withdrawn_at.is_(None),
                )
                .order_by(columns.id)
            )
            for code, record_no, person, matter in stored:
                self._add(code, record_no, self._keys.decrypt(person), matter)
        for code in new:
            self._near.begin(code)

    def add(self, row: Mapping[str, Any], person: str | None) -> None:
        """Add a row of the file; its person comes in plain text."""
        if row["office_code"] and row["clause"] in self._clauses:
            self._add(row["office_code"], row["record_no"], person or "", row["matter"] or "")

    def _add(self, code: str, record_no: str, person: str, matter: str) -> None:
        self._near.add(code, record_no, (same_words(person), same_words(matter)))

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Yield which earlier record a row is possibly of the same person and matter as."""
        near = self._near.near(row["office_code"] or "", row["record_no"])
        if near is not None:
            yield "matter", Message(NEAR_SANCTION, {"key": near[0]})


NEAR_SANCTION = N_(
    "possible duplicate: person and matter differ by little from those of {key}. If they are the "
    "same, write both alike: the highest deduction alone counts. Nothing was merged"
)
