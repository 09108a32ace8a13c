"""The port of all loaders, and what they are given and answer.

A loader compares checked rows with the database and stores them: new rows go in, identical ones
change nothing, others are updates with before and after in the audit log. Rows that may not be
stored are returned with the reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Row, Table

from survey_pipeline.calendar import Calendar
from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.file_summary import CellReason, RowChange
from survey_pipeline.stages.intake.scope import EVERYTHING, Scope

RefusedGroups = Mapping[str, CellReason]
"""Groups of rows that are only valid together (an award, a department's grades) -> the column and
the reason why the whole group is refused."""


class GroupsRefused(Exception):
    """Ends an attempt, because some groups are not valid. The next attempt refuses their rows."""

    def __init__(self, groups: RefusedGroups) -> None:
        self.groups = groups
        super().__init__()


REHEARSAL = -1
"""The import that a rehearsal's rows belong to; no record has this number."""


class CurrentImport(NamedTuple):
    """The import that rows belong to."""

    context: Context
    import_id: int
    reported_on: date
    now: datetime
    year: int = 0
    """The appraisal year of the yearly kinds."""
    reason: str | None = None
    """Why records are changed: the objection that the import names."""
    refused_groups: RefusedGroups = MappingProxyType({})
    """Groups that an earlier attempt found not to be valid."""
    scope: Scope = EVERYTHING
    """What may be brought."""

    @property
    def is_rehearsal(self) -> bool:
        """Whether the rows go into a copy that holds only the loader's own tables."""
        return self.import_id == REHEARSAL


class RowReason(NamedTuple):
    """Why a row of a chunk is refused, or what it is warned of."""

    position: int
    """Index of the row in the chunk."""
    column: str
    reason: Message


@dataclass
class ChunkOutcome:
    """What became of the rows of one chunk: how many, and the reasons."""

    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[RowReason] = field(default_factory=list)
    warnings: list[RowReason] = field(default_factory=list)
    updated_at: list[int] = field(default_factory=list)
    """Positions of the updated rows; filled for cases alone, which the API answers row by row."""
    changes: list[RowChange] = field(default_factory=list)
    """The chunk's first updates with before and after, where the loader shows them."""
    unchanged_at: list[int] = field(default_factory=list)
    """Positions of the unchanged rows; filled for cases alone."""


StoredRows = Iterator[tuple[Table, Sequence[Row[Any]]]]
"""Tables with rows that are stored in them."""


class Loader(Protocol):
    """Stores the rows of one kind."""

    @property
    def in_pieces(self) -> bool:
        """Whether each chunk may be stored in its own transaction.

        False where rows are only valid together: then the file is one transaction.
        """
        ...

    @property
    def tables(self) -> Sequence[Table]:
        """All tables that it reads or writes."""
        ...

    def rehearsal_rows(self, connection: Connection, checked: CheckedChunk) -> StoredRows:
        """Yield the stored rows that a rehearsal needs a copy of to try a chunk."""
        ...

    def load(self, connection: Connection, checked: CheckedChunk) -> ChunkOutcome:
        """Store a chunk; every row of it is counted once or refused."""
        ...

    def finish(self, connection: Connection) -> None:
        """Do what is done once per transaction, after its last chunk.

        Raises:
            GroupsRefused: some groups are not valid; the transaction must be rolled back.
        """
        ...


SAME_KEY = Message(
    "an earlier row of this file has the same key and other contents; that one counts"
)


def withdrawn_reason(record: Row[Any], calendar: Calendar) -> Message:
    """Return why no file can bring a withdrawn record back."""
    return Message(
        "the record was withdrawn on {day} ({reason}); it stays so. Report it under another key",
        {"day": calendar.day(record.withdrawn_at), "reason": record.withdrawn_reason},
    )


def withdrawn_for_good(record: Row[Any], calendar: Calendar) -> Message:
    """Return why the same contents do not come back under a key that only one record can have."""
    return Message(
        "the record was withdrawn on {day} ({reason}); the same contents do not come back",
        {"day": calendar.day(record.withdrawn_at), "reason": record.withdrawn_reason},
    )
