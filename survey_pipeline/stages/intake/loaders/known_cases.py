"""Rows whose case is stored already: unchanged, updated, or refused with the reason.

A drawn case cannot change any more (specification, section 3). An office that reports for itself
must not learn from the answers which of its cases were drawn (specification, section 10): it gets
the same answer for every case of a frame.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CHANGES_SHOWN, CellReason, row_change
from survey_pipeline.stages.intake.loaders.case_rows import (
    CONTENTS,
    KEY,
    CaseRow,
    oldest_day,
    served_after_report,
    served_too_long_ago,
)
from survey_pipeline.stages.intake.loaders.id_set import IdSet
from survey_pipeline.stages.intake.loaders.loader import (
    SAME_KEY,
    ChunkOutcome,
    CurrentImport,
    RowReason,
    withdrawn_reason,
)
from survey_pipeline.store import audit, bulk
from survey_pipeline.store.tables import cases, surveys
from survey_pipeline.vocabulary import AuditAction, RecordKind

_stored_contents = attrgetter(*CONTENTS)
_PERSONAL = {"phone", "phone_hash", "citizen_name", "remark"}

FirstContents = dict[tuple[str, str], tuple[Any, ...]]
"""Key -> the contents that the first row of the chunk gave it."""
CaseChanges = list[tuple[CaseRow, Row[Any]]]
"""Rows that change their record, with the record as it was."""


class KnownCases:
    """Compares rows of one import with the stored cases of the same key."""

    def __init__(self, run: CurrentImport) -> None:
        self._run = run
        self._unchanged = IdSet()
        """Cases that an earlier row of this file found unchanged. Inserted and updated ones are
        known by their import instead."""
        self._today = run.context.today()

    def sort_out(
        self, connection: Connection, rows: Sequence[CaseRow], outcome: ChunkOutcome
    ) -> list[CaseRow]:
        """Find the rows of a chunk that were not inserted, and say what becomes of each.

        Args:
            connection: a transaction that writes; the chunk's new cases are in.
            rows: all rows that might be stored, in the order of the file.
            outcome: takes the counts and reasons.

        Returns:
            The rows whose key was known.
        """
        stored = {
            (case.office_code, case.case_no): case
            for case in bulk.find_by_key(connection, cases, KEY, {row.key for row in rows})
        }
        drawn = _days_drawn(connection, [case.id for case in stored.values() if case.frame_on])
        changes: CaseChanges = []
        first: FirstContents = {}
        known = []
        for row in rows:
            record = stored.get(row.key)
            if record is None:
                # all others were inserted: this one was served too long ago and is not known
                outcome.refused.append(self._too_old(row))
            elif self._was_inserted(row, record):
                first[row.key] = row.contents
            else:
                known.append(row)
                self._compare(row, record, drawn.get(record.id), first, changes, outcome)
        self._update(connection, changes, outcome)
        return known

    def _was_inserted(self, row: CaseRow, record: Row[Any]) -> bool:
        """Return whether a record was made from this very row a moment ago."""
        return self._is_of_this_import(record) and bool(record.row_no == row.number)

    def _is_of_this_import(self, record: Row[Any]) -> bool:
        return bool(record.import_id == self._run.import_id)

    def _compare(
        self,
        row: CaseRow,
        record: Row[Any],
        drawn_on: date | None,
        first: FirstContents,
        changes: CaseChanges,
        outcome: ChunkOutcome,
    ) -> None:
        """Decide what becomes of a row whose key is known."""
        if (reason := self._refusal(row, record, first, drawn_on)) is not None:
            outcome.refused.append(RowReason(row.position, *reason))
            return
        # A second row of one key that was not refused repeats the first: it changes nothing, even
        # if the first one is an update that is still to be written.
        if row.key in first or row.contents == self._contents_beside(record, row):
            outcome.unchanged += 1
            outcome.unchanged_at.append(row.position)
            self._unchanged.add(record.id)
        else:
            changes.append((row, record))
        first.setdefault(row.key, row.contents)

    def _refusal(
        self, row: CaseRow, record: Row[Any], first: FirstContents, drawn_on: date | None
    ) -> CellReason | None:
        """Return why a row with a known key is refused; None if it is not."""
        same = row.contents == first.get(row.key, self._contents_beside(record, row))
        if self._stood_before(row, record, first):
            return None if same else ("case_no", SAME_KEY)
        if record.withdrawn_at is not None:
            return "case_no", withdrawn_reason(record, self._run.context.calendar)
        if same:
            return None
        return self._after_the_draw(record, drawn_on) or self._out_of_time(row, record)

    def _stood_before(self, row: CaseRow, record: Row[Any], first: FirstContents) -> bool:
        """Return whether an earlier row of this file has the same key, in this chunk or before."""
        return row.key in first or self._is_of_this_import(record) or record.id in self._unchanged

    def _after_the_draw(self, record: Row[Any], drawn_on: date | None) -> CellReason | None:
        """Return why a case can no longer be changed; None if its draw is still to come."""
        if self._run.scope.is_bound and record.frame_on is not None:
            # the same for all cases of that day: an office must not learn which were drawn
            return "case_no", Message(
                "the draw of {day} has been held; the case cannot be changed any more. If it is "
                "wrong, tell {organisation}",
                {"day": record.frame_on},
            )
        if drawn_on is not None:
            return "case_no", Message(
                "the case was drawn for the survey on {day} and cannot be changed; withdraw it if "
                "it is wrong",
                {"day": drawn_on},
            )
        return None

    def _out_of_time(self, row: CaseRow, record: Row[Any]) -> CellReason | None:
        """Compare an update with the day on which the case was first reported."""
        served = row.contents[0]
        if served > record.reported_on.isoformat():
            return "served_on", served_after_report(served, record.reported_on.isoformat())
        if served < oldest_day(self._run, record.reported_on).isoformat():
            return "served_on", served_too_long_ago(self._run, served, record.reported_on)
        return None

    def _too_old(self, row: CaseRow) -> RowReason:
        reason = served_too_long_ago(self._run, row.contents[0], self._run.reported_on)
        return RowReason(row.position, "served_on", reason)

    def _contents_beside(self, record: Row[Any], row: CaseRow) -> tuple[Any, ...]:
        """Return a stored case's contents; deleted personal values count as the row has them."""
        served_on, *rest = _stored_contents(record)
        contents = (served_on.isoformat(), *rest)
        if record.phone is not None and not self._as_if_deleted(record):
            return contents
        return tuple(
            given if name in _PERSONAL else stored
            for name, stored, given in zip(CONTENTS, contents, row.contents, strict=True)
        )

    def _as_if_deleted(self, record: Row[Any]) -> bool:
        """Return whether an office is answered as if a case's personal values were deleted.

        Those of cases never drawn are deleted first. If the answer changed on that day, it would
        tell the office which cases were drawn.
        """
        if not self._run.scope.is_bound or record.frame_on is None:
            return False
        kept_for = timedelta(days=self._run.context.settings.privacy.undrawn_retention_days)
        return bool(record.frame_on + kept_for <= self._today)

    def _update(self, connection: Connection, changes: CaseChanges, outcome: ChunkOutcome) -> None:
        outcome.updated += len(changes)
        outcome.updated_at.extend(row.position for row, _ in changes)
        if not changes:
            return
        connection.execute(
            cases.update().where(cases.c.id == bindparam("case_id")),
            [self._new_values(row, record) for row, record in changes],
        )
        entries = [self._entry(row, record) for row, record in changes]
        outcome.changes = [row_change(entry) for entry in entries[:CHANGES_SHOWN]]
        audit.append(connection, entries)

    def _new_values(self, row: CaseRow, record: Row[Any]) -> dict[str, Any]:
        """Return what an update writes: personal values that were deleted do not come back."""
        values = dict(zip(CONTENTS, row.contents, strict=True))
        if record.phone is None:
            values |= {name: getattr(record, name) for name in _PERSONAL}
        return {
            **values,
            "served_on": date.fromisoformat(values["served_on"]),
            "import_id": self._run.import_id,
            "row_no": row.number,
            "case_id": record.id,
        }

    def _entry(self, row: CaseRow, record: Row[Any]) -> dict[str, Any]:
        before = dict(zip(CONTENTS, self._contents_beside(record, row), strict=True))
        after = dict(zip(CONTENTS, row.contents, strict=True))
        changed = [name for name in CONTENTS if before[name] != after[name]]
        return audit.entry(
            at=self._run.now,
            actor=self._run.context.actor,
            action=AuditAction.UPDATED,
            kind=RecordKind.CASES,
            key="/".join(row.key),
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            reason=self._run.reason,
            import_id=self._run.import_id,
            row_no=row.number,
        )


def _days_drawn(connection: Connection, case_ids: Sequence[int]) -> dict[int, date]:
    """Return on which day each of these cases was drawn; cases never drawn are left out."""
    return {survey.case_id: survey.drawn_on for survey in find_surveys(connection, case_ids)}


def find_surveys(connection: Connection, case_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the surveys of some cases."""
    found: list[Row[Any]] = []
    for start in range(0, len(case_ids), bulk.KEYS_AT_ONCE):
        part = case_ids[start : start + bulk.KEYS_AT_ONCE]
        found += connection.execute(select(surveys).where(surveys.c.case_id.in_(part)))
    return found
