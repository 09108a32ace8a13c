"""Loaders of the year's evidence: what they share, and the ranks of the hotline.

Deductions may come by the hundred thousand: nothing of the file is kept in memory longer than a
chunk, and the register, which is small, is read once per file.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.judging import evidence_rules as rules
from survey_pipeline.stages.intake.loaders import common_reasons
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.stages.intake.loaders.id_set import IdSet
from survey_pipeline.stages.intake.loaders.loader import ChunkOutcome, CurrentImport
from survey_pipeline.stages.intake.loaders.record_loader import Contents, RecordLoader
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.store.tables import hotline_ranks, offices, parents
from survey_pipeline.validity import valid_within
from survey_pipeline.vocabulary import RANKED_GROUPS, HotlineGroup, RecordKind


class EvidenceLoader(RecordLoader):
    """Loads a yearly kind; each row is compared with the register and the year's standard."""

    provenance = True

    def __init__(self, run: CurrentImport) -> None:
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
        self.today = context.today()
        self._unchanged = IdSet()
        """Records that an earlier row of this file found unchanged."""

    def load(self, connection: Connection, checked: CheckedChunk) -> ChunkOutcome:
        """Store a chunk."""
        if not self.offices:
            self.offices = {row.office_code: row for row in connection.execute(select(offices))}
            self.parents = {row.parent_code: row for row in connection.execute(select(parents))}
        self._loaded.clear()
        return super().load(connection, checked)

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Give the rows the year that the file does not name."""
        for row in rows:
            row["year"] = self.run.year

    def _earlier_contents(self, key: tuple[Any, ...], record: Row[Any] | None) -> Contents | None:
        # rows of earlier chunks are not kept in memory; what they wrote or met is in the database
        if key in self._loaded or record is None:
            return self._loaded.get(key)
        if record.import_id == self.run.import_id or record.id in self._unchanged:
            return self.contents_of(record)
        return None

    def _note_unchanged(self, record: Row[Any] | None) -> None:
        if record is not None:
            self._unchanged.add(record.id)

    def office_refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse an office that is not on the register, or was taken off it."""
        code = row["office_code"]
        return common_reasons.office_refusal(self.offices.get(code), code)

    def parent_refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse a parent department that is not on the register, or was taken off it."""
        code = row["parent_code"]
        return common_reasons.parent_refusal(self.parents.get(code), code)

    def future_refusal(self, row: Mapping[str, Any], *columns: str) -> CellReason | None:
        """Refuse days after today."""
        return common_reasons.future_refusal(row, self.today, *columns)

    def is_appraised(self, office: Row[Any]) -> bool:
        """Return whether an office is appraised: not exempt, and valid on some day of the year."""
        window = self.standard.window
        return office.exempt_reason is None and valid_within(office, window.first, window.until)

    def office_warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of an office that is not appraised this year."""
        office = self.offices[row["office_code"]]
        if self.is_appraised(office):
            return
        if office.exempt_reason is None:
            yield (
                "office_code",
                Message(
                    "the office is valid on no day of the appraisal year: stored, does not count"
                ),
            )
        else:
            yield (
                "office_code",
                Message(
                    "the office is exempt ({reason}): stored, does not count",
                    {"reason": office.exempt_reason},
                ),
            )

    def window_warnings(self, row: Mapping[str, Any], column: str) -> Iterable[CellReason]:
        """Warn of a date outside the appraisal window."""
        day = date.fromisoformat(row[column])
        if (warning := rules.window_warning(self.standard.window, column, day)) is not None:
            yield warning


class HotlineRankLoader(EvidenceLoader):
    """Loads the ranks of parent departments (D4); equal ranks are allowed."""

    table = hotline_ranks
    kind = RecordKind.HOTLINE_RANK
    key = ("year", "parent_code")
    contents = ("rank",)
    revivable = True

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse a department that is unknown, is in no ranking, or names no group."""
        if (reason := self.parent_refusal(row)) is not None:
            return reason
        group = self.parents[row["parent_code"]].hotline_group
        if group in RANKED_GROUPS:
            return None
        why = UNRANKED if group == HotlineGroup.NONE else NO_GROUP
        return "parent_code", Message(why, {"code": row["parent_code"]})


UNRANKED = N_(
    "the parent department {code} is registered as in no hotline ranking (hotline_group none); if "
    "it is ranked, import parents again with its hotline_group"
)
NO_GROUP = N_(
    "the parent department {code} has no hotline_group; import parents again with city_agency, "
    "soe_institution or none"
)
