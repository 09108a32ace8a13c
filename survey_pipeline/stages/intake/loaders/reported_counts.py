"""How many cases each office reported on a day: counted during an import, stored at its end."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.stages.intake.loaders.case_rows import CaseRow, StoredRow, office_of
from survey_pipeline.stages.intake.loaders.loader import CurrentImport
from survey_pipeline.store import audit, bulk
from survey_pipeline.store.tables import daily_reports
from survey_pipeline.vocabulary import AuditAction, Audited


class ReportedCounts:
    """Counts the new cases of an import by office."""

    def __init__(self, run: CurrentImport) -> None:
        self._run = run
        self._new: Counter[str] = Counter()

    def add(self, rows: Iterable[StoredRow]) -> None:
        """Count cases that were inserted."""
        self._new.update(map(office_of, rows))

    def take_off(self, rows: Iterable[CaseRow]) -> None:
        """Take cases off again that were not inserted after all: their key was known."""
        self._new.subtract(row.key[0] for row in rows)

    def store(self, connection: Connection) -> None:
        """Add what was counted to the day's reports, and begin again from nothing."""
        for office_code, number in sorted(self._new.items()):
            if number:
                bulk.add_up(
                    connection,
                    daily_reports,
                    {"office_code": office_code, "reported_on": self._run.reported_on},
                    "reported",
                    number,
                )
        self._new.clear()
        self._cancel_zero_reports(connection)

    def _cancel_zero_reports(self, connection: Connection) -> None:
        """Cancel zero reports of offices that now have cases of that day."""
        overtaken = (
            daily_reports.c.reported_on == self._run.reported_on,
            daily_reports.c.zero.is_(True),
            daily_reports.c.reported > 0,
        )
        cancelled = daily_reports.update().where(*overtaken).values(zero=False)
        codes = sorted(connection.scalars(cancelled.returning(daily_reports.c.office_code)))
        if codes:
            audit.append(connection, (self._cancelled(code) for code in codes))

    def _cancelled(self, code: str) -> dict[str, Any]:
        return audit.entry(
            at=self._run.now,
            actor=self._run.context.actor,
            action=AuditAction.UPDATED,
            kind=Audited.DAILY_REPORTS,
            key=f"{code}/{self._run.reported_on}",
            before={"zero": True},
            after={"zero": False},
            import_id=self._run.import_id,
        )
