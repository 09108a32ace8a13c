"""Names and texts of records whose time is up: a file that brings them again is not a way back.

They end with the published score of their year (`store.personal`), and the purge empties them.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table

from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.loaders.loader import CurrentImport
from survey_pipeline.store.emptying import years_over
from survey_pipeline.store.personal import KeptUntil, columns_until
from survey_pipeline.store.tables import year_scores

TIME_IS_UP = N_(
    "not stored: the time of names and texts of {year}'s records is up, and they are deleted"
)


def ending_columns(table: Table) -> list[str]:
    """Return the columns of a table that end with the year's score."""
    return [column.name for column in columns_until(table, KeptUntil.SCORE)]


class EndedTexts:
    """Leaves out of rows what was deleted, or would be deleted at the next purge."""

    def __init__(self, connection: Connection, run: CurrentImport, table: Table) -> None:
        self._year, self._names = run.year, ending_columns(table)
        privacy, demo = run.context.settings.privacy, run.context.settings.demo
        before = run.context.now() - timedelta(days=privacy.retention_days)
        over = years_over(before).where(year_scores.c.year == run.year).limit(1)
        asked = bool(self._names) and not demo
        self._over = asked and connection.scalar(over) is not None

    def leave_out(self, row: dict[str, Any], record: Row[Any] | None) -> Iterator[CellReason]:
        """Empty a row's ended values, except those that its record still has; yield a warning each.

        Args:
            row: the checked row, complete.
            record: what is stored under its key.
        """
        for name in self._names if self._over else ():
            if row[name] is not None and (record is None or record._mapping[name] is None):
                row[name] = None
                yield name, Message(TIME_IS_UP, {"year": self._year})
