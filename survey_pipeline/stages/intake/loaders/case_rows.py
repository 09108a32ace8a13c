"""Service cases as rows: the columns that an import writes, and a chunk's values in that shape."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

from survey_pipeline.i18n import Message
from survey_pipeline.phones import kind_of
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.loaders.loader import CurrentImport

KEY = ("office_code", "case_no")
CONTENTS = (
    "served_on",
    "phone",
    "phone_hash",
    "phone_kind",
    "item",
    "channel",
    "subject_type",
    "citizen_name",
    "remark",
)
COLUMNS = (*KEY, "served_on", "reported_on", *CONTENTS[1:], "import_id", "row_no", "never_a_case")
"""What a stored row holds, in the table's order: `bulk.insert_new` needs it so."""

StoredRow = tuple[Any, ...]
"""The values of `COLUMNS`."""

key_of = itemgetter(0, 1)
office_of = itemgetter(0)
_contents_of = itemgetter(*(COLUMNS.index(name) for name in CONTENTS))
_ROW_NO = COLUMNS.index("row_no")


class CaseRow(NamedTuple):
    """One case of a chunk: where it stands, and what it holds."""

    position: int
    """Index of the row in its chunk."""
    number: int
    """Number of the row in its file."""
    key: tuple[str, str]
    contents: tuple[Any, ...]
    """The values of `CONTENTS`, personal ones encrypted."""


def stored_rows(run: CurrentImport, checked: CheckedChunk) -> list[StoredRow]:
    """Return a chunk's cases as they are stored, one per row; personal values are encrypted."""
    keys, values = run.context.keys, checked.values
    numbers = values["phone"]
    return list(
        zip(
            values["office_code"],
            values["case_no"],
            values["served_on"],
            repeat(run.reported_on.isoformat()),
            keys.encrypt_all(numbers),
            map(keys.phone_hash, numbers),
            map(kind_of, numbers),
            values["item"],
            values["channel"],
            values["subject_type"],
            keys.encrypt_all(values["citizen_name"]),
            keys.encrypt_all(values["remark"]),
            repeat(run.import_id),
            checked.numbers,
            repeat(False),
            strict=False,  # `repeat` has no end
        )
    )


def case_row(position: int, row: StoredRow) -> CaseRow:
    """Return a stored row with its place in the chunk."""
    return CaseRow(position, row[_ROW_NO], key_of(row), _contents_of(row))


def positions_of(values: Sequence[str], wanted: set[str]) -> set[int]:
    """Return where in a column one of the wanted values stands."""
    if not wanted:
        return set()
    return {position for position, value in enumerate(values) if value in wanted}


def oldest_day(run: CurrentImport, reported_on: date) -> date:
    """Return the first day on which a case may be served that is reported on a day."""
    return reported_on - timedelta(days=run.context.settings.intake.max_age_days)


def served_after_report(served: str, reported: str) -> Message:
    """Return the reason for a case that is served after its report."""
    return Message(
        "{day} is after the day of the report ({reported})", {"day": served, "reported": reported}
    )


def served_too_long_ago(run: CurrentImport, served: str, reported: date) -> Message:
    """Return the reason for a case that is reported too late."""
    return Message(
        "{day} is more than {days} days before the report ({reported})",
        {
            "day": served,
            "days": run.context.settings.intake.max_age_days,
            "reported": reported,
        },
    )
