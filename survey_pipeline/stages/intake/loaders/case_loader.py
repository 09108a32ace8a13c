"""The loader of service cases: a whole chunk with one statement, then what did not go in.

Nearly all rows of a report are new, so each chunk is inserted without reading what is stored;
the unique key makes the database skip the others. Only if some were skipped, the stored cases are
read and compared (`known_cases`).
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.loaders.case_rows import (
    COLUMNS,
    KEY,
    case_row,
    key_of,
    oldest_day,
    positions_of,
    served_after_report,
    stored_rows,
)
from survey_pipeline.stages.intake.loaders.common_reasons import (
    unknown_office,
    withdrawn_office,
)
from survey_pipeline.stages.intake.loaders.known_cases import KnownCases, find_surveys
from survey_pipeline.stages.intake.loaders.loader import (
    ChunkOutcome,
    CurrentImport,
    RowReason,
    StoredRows,
)
from survey_pipeline.stages.intake.loaders.reported_counts import ReportedCounts
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import AUDIT_TABLES, cases, daily_reports, offices, surveys


class CaseLoader:
    """Loads service cases; see `loader.Loader`."""

    in_pieces = True
    tables = (offices, cases, surveys, daily_reports, *AUDIT_TABLES)

    def __init__(self, run: CurrentImport) -> None:
        self._run = run
        self._known = KnownCases(run)
        self._counts = ReportedCounts(run)
        self._is_registered: dict[str, bool] | None = None
        """Office code -> whether the office is on the register and was not withdrawn."""
        self._last_day = run.reported_on.isoformat()
        self._first_day = oldest_day(run, run.reported_on).isoformat()

    def rehearsal_rows(self, connection: Connection, checked: CheckedChunk) -> StoredRows:
        """Yield the offices, and cases with a key of the chunk; drawn ones with their survey."""
        yield offices, connection.execute(select(offices)).all()
        columns = (checked.values[name] for name in KEY)
        keys = set(zip(*columns, strict=True))
        found = list(bulk.find_by_key(connection, cases, KEY, keys))
        yield cases, found
        yield surveys, find_surveys(connection, [case.id for case in found if case.frame_on])

    def load(self, connection: Connection, checked: CheckedChunk) -> ChunkOutcome:
        """Store a chunk."""
        outcome = ChunkOutcome()
        outcome.refused = self._refusals(connection, checked)
        refused = {reason.position for reason in outcome.refused}
        # A case served too long ago is refused, unless it was reported in time before: such rows
        # are not inserted, but compared with what is stored.
        too_old = self._too_old(checked.values["served_on"]) - refused
        rows = stored_rows(self._run, checked)
        fresh = rows
        if refused or too_old:
            aside = refused | too_old
            fresh = [row for position, row in enumerate(rows) if position not in aside]
        # In the order of the index, which is faster. The sort is stable, so that of rows with one
        # key the first in the file goes in.
        outcome.accepted = bulk.insert_new(connection, cases, COLUMNS, sorted(fresh, key=key_of))
        self._counts.add(fresh)
        if outcome.accepted < len(fresh) or too_old:
            candidates = [
                case_row(position, row)
                for position, row in enumerate(rows)
                if position not in refused
            ]
            passed_over = self._known.sort_out(connection, candidates, outcome)
            self._counts.take_off(row for row in passed_over if row.position not in too_old)
        return outcome

    def finish(self, connection: Connection) -> None:
        """Add to the day's counts."""
        self._counts.store(connection)
        self._is_registered = None  # offices may change until the next transaction

    def _refusals(self, connection: Connection, checked: CheckedChunk) -> list[RowReason]:
        """Refuse rows of offices whose cases are not taken, and of days after the report."""
        codes, days = checked.values["office_code"], checked.values["served_on"]
        registered = self._registered(connection)
        # A chunk has many rows and few offices and days: each is judged once.
        reasons = {
            code: reason
            for code in set(codes)
            if (reason := self._not_taken(code, registered)) is not None
        }
        late = {day for day in set(days) if day > self._last_day}
        if not reasons and not late:
            return []
        return [
            RowReason(position, "office_code", reasons[code])
            if code in reasons
            else RowReason(position, "served_on", served_after_report(day, self._last_day))
            for position, (code, day) in enumerate(zip(codes, days, strict=True))
            if code in reasons or day in late
        ]

    def _registered(self, connection: Connection) -> dict[str, bool]:
        if self._is_registered is None:
            found = connection.execute(select(offices.c.office_code, offices.c.withdrawn_at))
            self._is_registered = {code: withdrawn_at is None for code, withdrawn_at in found}
        return self._is_registered

    def _not_taken(self, code: str, registered: dict[str, bool]) -> Message | None:
        """Return why cases of an office are not taken."""
        if code not in registered:
            return unknown_office(code)
        return None if registered[code] else withdrawn_office(code)

    def _too_old(self, served_on: Sequence[str]) -> set[int]:
        """Return the positions of rows that were served too long before the report."""
        return positions_of(served_on, {day for day in set(served_on) if day < self._first_day})
