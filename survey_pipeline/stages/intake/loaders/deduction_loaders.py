"""Loaders of deductions: records that name a clause of the standard (parts C and D)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.judging import evidence_rules as rules
from survey_pipeline.stages.intake.kinds.file_kind import OFFICE_CODE, PARENT_CODE
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.stages.intake.loaders.evidence_loaders import EvidenceLoader
from survey_pipeline.stages.intake.loaders.loader import CurrentImport
from survey_pipeline.stages.intake.loaders.named_filings import NamedFilings
from survey_pipeline.stages.intake.loaders.near_sanctions import NearSanctions
from survey_pipeline.stages.intake.loaders.record_loader import Contents
from survey_pipeline.store.tables import filings, hotline_records, supervision_records
from survey_pipeline.vocabulary import RecordKind


class _ClauseLoader(EvidenceLoader):
    """Loads records that name a clause."""

    key = ("record_no",)

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self._spellings = rules.spellings(self.standard)

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Spell the clauses as the standard does."""
        super().prepare(connection, rows)
        for row in rows:
            row["clause"] = self._spellings.get(row["clause"].casefold(), row["clause"])

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of dates outside the window, and of offices that are not appraised."""
        yield from self.window_warnings(row, "occurred_on")
        if row["office_code"]:
            yield from self.office_warnings(row)


class SupervisionLoader(_ClauseLoader):
    """Loads findings and sanctions, and material that a department did not file (part C)."""

    table = supervision_records
    kind = RecordKind.SUPERVISION
    compared_with = (*EvidenceLoader.compared_with, filings)
    contents = (
        "year",
        "clause",
        "office_code",
        "parent_code",
        "occurred_on",
        "points",
        "person",
        "person_hash",
        "matter",
        "is_head",
        "duty_related",
        "adverse_effect",
        "self_found",
        "rectified",
        "filing_no",
        "filed_on",
        "document_no",
        "remark",
    )

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self._near = NearSanctions(
            self.standard.supervision.highest.clauses, run.context.keys, run.year
        )

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Encrypt the persons, look up the filings, and count blank flags as no.

        `duty_related` and `adverse_effect` stay blank: there a blank means unknown.
        """
        super().prepare(connection, rows)
        self._named = NamedFilings(connection, rows)
        keys = self.run.context.keys
        persons = [row["person"] or None for row in rows]
        self._near.learn(connection, (row["office_code"] for row in rows))
        for row, person, stored in zip(rows, persons, keys.encrypt_all(persons), strict=True):
            self._near.add(row, person)
            row["person"] = stored
            row["person_hash"] = keys.person_hash(person) if person else None
            for flag in ("is_head", "self_found", "rectified"):
                row[flag] = bool(row[flag])

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse what the clause does not allow, unknown offices or departments, days to come."""
        supervision = self.standard.supervision
        if row["clause"] == supervision.material.clause:
            return (
                self._wrong_bearer(row, "parent_code", "office_code")
                or self.parent_refusal(row)
                or rules.material_problem(supervision.material, row["points"])
                or self.future_refusal(row, "occurred_on", "filed_on")
                or self._named.refusal(row, row["parent_code"])
            )
        entry = supervision.clause(row["clause"])
        if entry is None:
            clauses = (clause.clause for clause in supervision.clauses)
            return rules.no_such_clause(row["clause"], (*clauses, supervision.material.clause))
        return (
            self._wrong_bearer(row, "office_code", "parent_code")
            or self.office_refusal(row)
            or rules.category_problem(
                supervision, row["clause"], self.offices[row["office_code"]].category
            )
            or rules.deduction_problem(entry, row["points"])
            or self.future_refusal(row, "occurred_on", "filed_on")
            or self._named.refusal(row, self.offices[row["office_code"]].parent_code)
        )

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a filing of another day, of possible duplicates, and as of all deductions."""
        yield from self._named.warnings(row)
        yield from super().warnings(row)
        yield from self._near.warnings(row)

    def _wrong_bearer(self, row: Mapping[str, Any], wanted: str, other: str) -> CellReason | None:
        """Refuse a row that does not name the one kind of unit that its clause deducts from.

        Args:
            row: the record.
            wanted: the column that names such a unit, an office or a department.
            other: the column that must be blank.
        """
        names = {column.name: column.named() for column in (OFFICE_CODE, PARENT_CODE)}
        values = {"clause": row["clause"], "column": names[wanted], "other": names[other]}
        if not row[wanted]:
            return wanted, Message("clause {clause} needs {column}", values)
        if row[other]:
            return other, Message(
                "clause {clause} takes {column} alone; leave {other} blank", values
            )
        return None

    def contents_beside(self, record: Row[Any], row: Mapping[str, Any]) -> Contents:
        """Count a name that was deleted as the row has it, if it is the same person's."""
        contents = self.contents_of(record)
        if record.person is not None or record.person_hash != row["person_hash"]:
            return contents
        where = self.contents.index("person")
        return (*contents[:where], row["person"], *contents[where + 1 :])


class HotlineLoader(_ClauseLoader):
    """Loads faults in handling hotline cases (part D, D1 to D3)."""

    table = hotline_records
    kind = RecordKind.HOTLINE
    contents = (
        "year",
        "clause",
        "office_code",
        "occurred_on",
        "points",
        "unreasonable_claim",
        "remark",
    )

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Count a blank mark of an unreasonable claim as no."""
        super().prepare(connection, rows)
        for row in rows:
            row["unreasonable_claim"] = bool(row["unreasonable_claim"])

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse what the clause does not allow, unknown offices and days to come."""
        entry = self.standard.hotline.clause(row["clause"])
        if entry is None:
            known = tuple(clause.clause for clause in self.standard.hotline.clauses)
            return rules.no_such_clause(row["clause"], known)
        return (
            self.office_refusal(row)
            or rules.deduction_problem(entry, row["points"])
            or self.future_refusal(row, "occurred_on")
        )

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a mark that changes nothing, and of what all deductions are warned of."""
        entry = self.standard.hotline.clause(row["clause"])
        if entry is not None:
            warning = rules.claim_warning(entry, unreasonable=row["unreasonable_claim"])
            if warning is not None:
                yield warning
        yield from super().warnings(row)
