"""The loader of self-check filings (note 1 of part C).

Source: specification, section 14.C.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.calendar import first_day, last_day, month_of
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.kinds.filing_kind import CONTENTS, FILINGS
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.stages.intake.loaders.evidence_loaders import EvidenceLoader
from survey_pipeline.store.tables import filings
from survey_pipeline.vocabulary import RecordKind


class FilingLoader(EvidenceLoader):
    """Loads what departments filed of their own checks, or that these found nothing."""

    table = filings
    kind = RecordKind.FILINGS
    key = ("filing_no",)
    contents = (
        "year",
        "parent_code",
        "month",
        "filed_on",
        "nothing_found",
        *CONTENTS,
        "document_no",
    )

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Count a blank "nothing found" as no."""
        super().prepare(connection, rows)
        for row in rows:
            row["nothing_found"] = bool(row["nothing_found"])

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse unknown departments, months and days to come, and filings before their month."""
        if row["month"] > month_of(self.today):
            return "month", Message("{month} is in the future", {"month": row["month"]})
        return (
            self.parent_refusal(row) or self.future_refusal(row, "filed_on") or self._too_early(row)
        )

    def _too_early(self, row: Mapping[str, Any]) -> CellReason | None:
        if row["filed_on"] >= first_day(row["month"]).isoformat():
            return None
        return "filed_on", Message(
            "filed on {day}, before {month} began; check both",
            {"day": row["filed_on"], "month": row["month"]},
        )

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a month of another year, of what is late or too early, and of what is empty."""
        last, filed_on = last_day(row["month"]), date.fromisoformat(row["filed_on"])
        if last not in self.standard.window:
            yield self._other_year(row["month"])
        due = self.standard.supervision.filing_due_on(
            last, self.run.context.calendar.next_working_day
        )
        if filed_on > due:
            yield self._late(due)
        if row["nothing_found"] and filed_on < last:
            yield (
                "filed_on",
                Message(
                    "{month} was not over on {day}: what is found later must still be filed",
                    {"month": row["month"], "day": filed_on},
                ),
            )
        empty = [name for name in CONTENTS if not row[name]]
        if empty and not row["nothing_found"]:
            yield (
                empty[0],
                Message("the filing does not say {columns}", {"columns": FILINGS.listed(empty)}),
            )

    def _other_year(self, month: str) -> CellReason:
        return "month", Message(
            "{month} is no month of the appraisal year {year}: stored; give its own year with "
            "--year",
            {"month": month, "year": self.standard.year},
        )

    def _late(self, due: date) -> CellReason:
        return "filed_on", Message(
            "filed late: due by {due}. It is taken; what it holds counts as found by inspection "
            "({clause})",
            {"due": due, "clause": self.standard.supervision.filing.clause},
        )
