"""The loader of answers that others deliver case by case (specification, section 14.A).

Where we send the texts and others make the calls, theirs are the cases that were handed over. A
result of another case is refused and noted (`unknown_results`), so that the reconciliation of a
handover can name it. Elsewhere a result may be of any case that the office reported.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.calendar import month_of
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.loaders.chunk_writes import ChunkWrites, RowValues
from survey_pipeline.stages.intake.loaders.common_reasons import future_refusal, office_refusal
from survey_pipeline.stages.intake.loaders.deliveries import late_warning, mark_delivery
from survey_pipeline.stages.intake.loaders.loader import (
    ChunkOutcome,
    CurrentImport,
    RowReason,
    StoredRows,
)
from survey_pipeline.stages.intake.loaders.survey_deliveries import (
    NO_DELIVERY,
    SurveyDeliveryLoader,
)
from survey_pipeline.store import bulk
from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import (
    case_results,
    cases,
    offices,
    satisfaction_results,
    surveys,
    unknown_results,
)
from survey_pipeline.survey.closing import close_calls
from survey_pipeline.survey.lifecycle import cancel_messages
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.vocabulary import CallEnd, MessageWhy, RecordKind

CaseKey = tuple[str, str]
"""(office_code, case_no)."""


class ResultLoader(SurveyDeliveryLoader):
    """Loads the answers of single cases."""

    table = case_results
    kind = RecordKind.RESULTS
    key = ("office_code", "case_no")
    contents = ("answer", "mode", "answered_on", "source", "delivered_on")
    derived = ("month", "answered_until", "late")
    compared_with = (offices, satisfaction_results, cases, surveys, unknown_results)
    revivable = True

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self._cases: dict[CaseKey, Row[Any]] = {}
        self._surveys: dict[CaseKey, Row[Any]] = {}
        self._months: set[CaseKey] = set()
        """(office_code, month) of which results were delivered as a whole."""

    def rehearsal_rows(self, connection: Connection, checked: CheckedChunk) -> StoredRows:
        """Yield the offices and whole months, and what is stored of the chunk's cases."""
        keys = set(zip(*(checked.values[name] for name in self.key), strict=True))
        for table in (offices, satisfaction_results):
            yield table, connection.execute(select(table)).all()
        for table in (cases, surveys, case_results):
            yield table, list(bulk.find_by_key(connection, table, self.key, keys))

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Look up offices, cases and surveys; fill in the month and what follows from the days."""
        self.find_offices(connection, rows)
        keys = {self.key_of(row) for row in rows}
        self._cases = self._by_key(bulk.find_by_key(connection, cases, self.key, keys))
        self._surveys = self._by_key(bulk.find_by_key(connection, surveys, self.key, keys))
        stored = self.find_stored(connection, rows)
        for row in rows:
            key = self.key_of(row)
            answered_on = date.fromisoformat(row["answered_on"])
            row["month"] = self._month_of(key) or month_of(answered_on)
            row["answered_until"] = self.run.context.calendar.end_of(answered_on)
            first_delivered = stored[key].delivered_on if key in stored else None
            row["late"] = mark_delivery(row, first_delivered, self.today) > self.due(row["month"])
        self._months = self._delivered_whole(connection, rows)

    def _by_key(self, records: Iterable[Row[Any]]) -> dict[CaseKey, Row[Any]]:
        return {(record.office_code, record.case_no): record for record in records}

    def _month_of(self, key: CaseKey) -> str | None:
        """Return the month in which a case counts; None if there is no such case."""
        if key in self._surveys:
            return str(self._surveys[key].month)
        return month_of(self._cases[key].reported_on) if key in self._cases else None

    def _delivered_whole(
        self, connection: Connection, rows: Sequence[RowValues]
    ) -> set[tuple[str, str]]:
        names = ("office_code", "month")
        wanted = {tuple(row[name] for name in names) for row in rows}
        found = bulk.find_by_key(connection, satisfaction_results, names, wanted)
        return {(row.office_code, row.month) for row in found if row.withdrawn_at is None}

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse what that office's agency may not deliver, and what cannot be an answer of it."""
        if reason := office_refusal(self.office(row), row["office_code"]):
            return reason
        arrangement = self.arrangement(row)
        if arrangement is None or not arrangement.delivered:
            return "office_code", NO_DELIVERY
        return (
            future_refusal(row, self.today, "answered_on", "delivered_on")
            or self._unknown_case(row)
            or self._wrong_day(row)
            or self._whole_month(row)
        )

    def _unknown_case(self, row: Mapping[str, Any]) -> CellReason | None:
        key, arrangement = self.key_of(row), self.arrangement(row)
        named = {"case_no": row["case_no"]}
        if arrangement is not None and arrangement.is_shared:
            survey = self._surveys.get(key)
            if survey is None or survey.handed_over_on is None:
                return "case_no", Message(NOT_HANDED_OVER, named)
        if self._month_of(key) is None:
            return "case_no", Message(NO_CASE, named)
        return None

    def _wrong_day(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse an answer before the service, or after the case was withdrawn."""
        case, day = self._cases.get(self.key_of(row)), row["answered_on"]
        if case is None:  # its personal data was deleted; the survey knows the case
            return None
        if day < case.served_on.isoformat():
            return "answered_on", Message(
                "{day} is before the day of the service ({served})",
                {"day": day, "served": case.served_on},
            )
        if case.withdrawn_at is None:
            return None
        withdrawn_on = self.run.context.calendar.day(case.withdrawn_at)
        if day <= withdrawn_on.isoformat():  # taking a case back must not mend a score
            return None
        return "answered_on", Message(
            "the case was withdrawn on {withdrawn}, before this answer",
            {"withdrawn": withdrawn_on},
        )

    def _whole_month(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse a case of a month that was delivered as a whole: it would count twice."""
        key = (row["office_code"], row["month"])
        if key not in self._months:
            return None
        return "case_no", Message(WHOLE_MONTH, {"month": row["month"], "key": "/".join(key)})

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a late delivery, which counts all the same, and of an answer before the list."""
        if (warning := late_warning(row, self.due(row["month"]))) is not None:
            yield warning
        survey = self._surveys.get(self.key_of(row))
        if survey is None or survey.handed_over_on is None:
            return
        if row["answered_on"] < survey.handed_over_on.isoformat():
            yield (
                "answered_on",
                Message(
                    "{day} is before the day of the call list ({handed_over}); check the date",
                    {"day": row["answered_on"], "handed_over": survey.handed_over_on},
                ),
            )

    def load(self, connection: Connection, checked: CheckedChunk) -> ChunkOutcome:
        """Store a chunk, and note the refused results of cases that were never handed over."""
        outcome = super().load(connection, checked)
        unknown = [why for why in outcome.refused if why.reason.text == NOT_HANDED_OVER]
        rows = sorted(self._unknown_row(checked, why) for why in unknown)
        bulk.insert_new(connection, unknown_results, _UNKNOWN, rows)
        return outcome

    def _unknown_row(self, checked: CheckedChunk, why: RowReason) -> tuple[Any, ...]:
        values, at = checked.values, why.position
        key = (values["office_code"][at], values["case_no"][at])
        month = self._month_of(key) or values["answered_on"][at][:7]
        return (*key, month, self.run.import_id, checked.numbers[at])

    def _write(self, connection: Connection, writes: ChunkWrites) -> None:
        """Store the rows; their surveys are rated now, and their citizens asked no more."""
        found = [self._surveys.get(self.key_of(row)) for row in writes.rows()]
        drawn = [survey.id for survey in found if survey]
        hold_rows(connection, surveys.c.id, surveys.c.id.in_(drawn))
        super()._write(connection, writes)
        if self.run.is_rehearsal:
            return
        refresh_outcomes(connection, drawn, self.run.now)
        cancel_messages(connection, drawn, MessageWhy.ANSWERED, self.run.now)
        close_calls(connection, drawn, CallEnd.ANSWERED_ELSEWHERE, self.run.now)


_UNKNOWN = ("office_code", "case_no", "month", "import_id", "row_no")
NOT_HANDED_OVER = N_(
    "the case {case_no} was never handed over, so this cannot be its result; compare the number "
    "with the call list"
)
NO_CASE = N_(
    "the office has reported no case {case_no}; compare the number with the report, or import "
    "cases first"
)
WHOLE_MONTH = N_(
    "the results of {month} were delivered for this office as a whole, and both would count twice. "
    "To deliver case by case, take them back first: withdraw satisfaction {key}"
)
