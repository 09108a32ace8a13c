"""The keepers of the year's evidence: what they share, and those of deductions and ranks.

Deductions may come by the hundred thousand: nothing of the file is kept in mind longer than a
chunk, and the register, which is small, is read once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import Checked
from survey_pipeline.stages.intake.judging import evidence_rules as rules
from survey_pipeline.stages.intake.kinds.file_kind import OFFICE_CODE, PARENT_CODE
from survey_pipeline.stages.intake.loaders.loader import IdSet, Kept, RecordKeeper, Run
from survey_pipeline.stages.intake.loaders.register_loaders import unknown_office, withdrawn_office
from survey_pipeline.stages.intake.problems import Found
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.store.tables import (
    hotline_ranks,
    hotline_records,
    offices,
    parents,
    supervision_records,
)
from survey_pipeline.validity import valid_within
from survey_pipeline.vocabulary import RecordKind


class EvidenceKeeper(RecordKeeper):
    """Keeps a yearly kind; each row is held against the register and the year's standard."""

    provenance = True

    def __init__(self, run: Run) -> None:
        """Read the standard of the year.

        Raises:
            ConfigurationError: no standard is listed, or its file is wrong.
        """
        super().__init__(run)
        context = run.context
        found = standard_for(run.year, context.settings.standards, context.home / FOLDER)
        self.standard = found.standard
        self.offices: dict[str, Row[Any]] = {}
        self.parents: dict[str, Row[Any]] = {}
        self._met = IdSet()
        self._today = context.today().isoformat()

    def keep(self, connection: Connection, checked: Checked) -> Kept:
        """Store a chunk."""
        if not self.offices:
            self.offices = {one.office_code: one for one in connection.execute(select(offices))}
            self.parents = {one.parent_code: one for one in connection.execute(select(parents))}
        self._seen.clear()
        return super().keep(connection, checked)

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Give the rows the year that the file does not name."""
        for row in rows:
            row["year"] = self.run.year

    def _earlier(self, key: tuple[Any, ...], record: Row[Any] | None) -> tuple[Any, ...] | None:
        if key in self._seen or record is None:
            return self._seen.get(key)
        if record.import_id == self.run.import_id or record.id in self._met:
            return self._contents_of(record)
        return None

    def _leave(self, record: Row[Any] | None) -> None:
        if record is not None:
            self._met.add(record.id)

    def office_problem(self, code: str) -> Found | None:
        """Refuse an office that is not on the register, or was taken off it."""
        office = self.offices.get(code)
        if office is None:
            return "office_code", unknown_office(code)
        return None if office.withdrawn_at is None else ("office_code", withdrawn_office(code))

    def parent_problem(self, code: str) -> Found | None:
        """Refuse a parent department that is not on the register, or was taken off it."""
        parent = self.parents.get(code)
        if parent is None:
            return "parent_code", Message(
                "there is no parent department {code}; import parents first", {"code": code}
            )
        if parent.withdrawn_at is not None:
            return "parent_code", Message(
                "the parent department {code} was withdrawn", {"code": code}
            )
        return None

    def future(self, row: Mapping[str, Any], *columns: str) -> Found | None:
        """Refuse days that have not come yet."""
        for column in columns:
            if row[column] and row[column] > self._today:
                return column, Message("{day} is in the future", {"day": row[column]})
        return None

    def appraised(self, office: Row[Any]) -> bool:
        """Return whether an office is appraised this year: not exempt, valid on a day of it."""
        window = self.standard.window
        return office.exempt_reason is None and valid_within(office, window.first, window.until)

    def office_warning(self, code: str) -> Found | None:
        """Warn of an office that is not appraised this year."""
        office = self.offices[code]
        if self.appraised(office):
            return None
        if office.exempt_reason is None:
            return "office_code", Message(
                "the office is valid on no day of the appraisal year: stored, does not count"
            )
        return "office_code", Message(
            "the office is exempt ({reason}): stored, does not count",
            {"reason": office.exempt_reason},
        )

    def date_warning(self, row: Mapping[str, Any], column: str) -> Found | None:
        """Warn of a date outside the window."""
        return rules.window_warning(self.standard.window, column, date.fromisoformat(row[column]))


class _ClauseKeeper(EvidenceKeeper):
    """Keeps records that name a clause."""

    key = ("record_no",)

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._spellings = rules.spellings(self.standard)

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Spell the clauses as the standard does."""
        super().prepare(connection, rows)
        for row in rows:
            row["clause"] = self._spellings.get(row["clause"].casefold(), row["clause"])

    def warnings(self, row: Mapping[str, Any]) -> Iterable[Found]:
        """Warn of dates outside the window, and of offices that are not appraised."""
        if (found := self.date_warning(row, "occurred_on")) is not None:
            yield found
        if row["office_code"] and (found := self.office_warning(row["office_code"])) is not None:
            yield found


class SupervisionKeeper(_ClauseKeeper):
    """Keeps findings and sanctions, and material that a department did not file (part C)."""

    table = supervision_records
    kind = RecordKind.SUPERVISION
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
        "filed_on",
        "document_no",
        "remark",
    )

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Encrypt the persons; flags left blank are no, but unknown of post and effect."""
        super().prepare(connection, rows)
        keys = self.run.context.keys
        persons = [row["person"] or None for row in rows]
        for row, person, stored in zip(rows, persons, keys.encrypt_all(persons), strict=True):
            row["person"] = stored
            row["person_hash"] = keys.person_hash(person) if person else None
            for flag in ("is_head", "self_found", "rectified"):
                row[flag] = bool(row[flag])

    def objection(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse what the clause does not allow, unknown bearers and days to come."""
        supervision = self.standard.supervision
        if row["clause"] == supervision.material.clause:
            return (
                self._not_both(row, "parent_code", "office_code")
                or self.parent_problem(row["parent_code"])
                or rules.material_problem(supervision.material, row["points"])
                or self.future(row, "occurred_on", "filed_on")
            )
        entry = supervision.clause(row["clause"])
        if entry is None:
            known = (*(one.clause for one in supervision.clauses), supervision.material.clause)
            return rules.no_such_clause(row["clause"], known)
        return (
            self._not_both(row, "office_code", "parent_code")
            or self.office_problem(row["office_code"])
            or rules.deduction_problem(entry, row["points"])
            or self.future(row, "occurred_on", "filed_on")
        )

    def _not_both(self, row: Mapping[str, Any], wanted: str, other: str) -> Found | None:
        """Hold whom a row names against whom its clause deducts from."""
        named = {one.name: one.named() for one in (OFFICE_CODE, PARENT_CODE)}
        values = {"clause": row["clause"], "column": named[wanted], "other": named[other]}
        if not row[wanted]:
            return wanted, Message("clause {clause} needs {column}", values)
        if row[other]:
            return other, Message(
                "clause {clause} takes {column} alone; leave {other} blank", values
            )
        return None

    def _held(self, record: Row[Any], row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Count a name that was deleted as the row has it, if it is the same person's."""
        contents = self._contents_of(record)
        if record.person is not None or record.person_hash != row["person_hash"]:
            return contents
        where = self.contents.index("person")
        return (*contents[:where], row["person"], *contents[where + 1 :])


class HotlineKeeper(_ClauseKeeper):
    """Keeps faults in handling hotline cases (part D, D1 to D3)."""

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

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Fill in what was left blank."""
        super().prepare(connection, rows)
        for row in rows:
            row["unreasonable_claim"] = bool(row["unreasonable_claim"])

    def objection(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse what the clause does not allow, unknown offices and days to come."""
        entry = self.standard.hotline.clause(row["clause"])
        if entry is None:
            known = tuple(one.clause for one in self.standard.hotline.clauses)
            return rules.no_such_clause(row["clause"], known)
        return (
            self.office_problem(row["office_code"])
            or rules.deduction_problem(entry, row["points"])
            or rules.claim_problem(entry, unreasonable=row["unreasonable_claim"])
            or self.future(row, "occurred_on")
        )


class HotlineRankKeeper(EvidenceKeeper):
    """Keeps the ranks of parent departments (D4); equal ranks are allowed."""

    table = hotline_ranks
    kind = RecordKind.HOTLINE_RANK
    key = ("year", "parent_code")
    contents = ("rank",)
    revivable = True

    def objection(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse a department that is unknown or stands in no ranking."""
        problem = self.parent_problem(row["parent_code"])
        if problem is None and not self.parents[row["parent_code"]].hotline_group:
            return "parent_code", Message(
                "the parent department {code} has no hotline_group, so it is in no ranking; import "
                "it again with one",
                {"code": row["parent_code"]},
            )
        return problem
