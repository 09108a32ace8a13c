"""A month's drawn cases as CSV or Parquet, in the order of their ids.

The ids are pseudonyms, so that a row's place does not give away the draw. To sort without holding
a month in memory, rows go to temporary files by the first digits of the id; each file is then
sorted by itself.
"""

import csv
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from survey_pipeline.context import Context
from survey_pipeline.formulas import disarmed
from survey_pipeline.reports.drawn_cases import BOOLEANS, COLUMNS, read_drawn_cases
from survey_pipeline.stages.export.destination import replaced

if TYPE_CHECKING:
    import pyarrow

BATCH = 5_000
"""Rows of a Parquet row group."""
BUCKET_DIGITS = 2
"""Leading hex digits of the id that choose a temporary file: 256 files at most."""


@dataclass(frozen=True)
class AnswersFile:
    """What was written."""

    path: Path
    month: str
    rows: int


def write_answers(
    context: Context, month: str, path: Path, form: str, *, leave_out: Collection[str] = ()
) -> AnswersFile:
    """Write the month's drawn cases.

    Args:
        month: the month in which the cases were reported, `YYYY-MM`.
        path: where to; an older file is replaced.
        form: `csv` or `parquet`.
        leave_out: columns that a Parquet file is to be without.

    Raises:
        CannotProceed: nothing can be written there.
        ConfigurationError: the standard's file is missing or wrong.
    """
    with replaced(path) as temporary, ExitStack() as opened:
        buckets = _fill_buckets(context, month, opened)
        if form == "parquet":
            count = _write_parquet(buckets, temporary, leave_out)
        else:
            count = _write_csv(buckets, temporary)
    return AnswersFile(path, month, count)


def _fill_buckets(context: Context, month: str, opened: ExitStack) -> list[TextIO]:
    """Write every row to the temporary file of its id; return those files in the ids' order.

    They have no name, so that nothing is left of them, however the program ends.
    """
    files: dict[str, TextIO] = {}
    for cells in read_drawn_cases(context, month):
        name = cells[0][:BUCKET_DIGITS]
        if name not in files:
            files[name] = opened.enter_context(
                tempfile.TemporaryFile(  # noqa: SIM115 - closed by `opened`
                    "w+", encoding="utf-8", newline=""
                )
            )
        csv.writer(files[name], lineterminator="\n").writerow(cells)
    return [files[name] for name in sorted(files)]


def _sorted_rows(buckets: Sequence[TextIO]) -> Iterator[list[list[str]]]:
    """Yield the rows of each temporary file in the order of their ids."""
    for file in buckets:
        file.seek(0)
        yield sorted(csv.reader(file))


def _write_csv(buckets: Sequence[TextIO], path: Path) -> int:
    count, code = 0, COLUMNS.index("office_code")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for rows in _sorted_rows(buckets):
            for row in rows:
                row[code] = disarmed(row[code])
            writer.writerows(rows)
            count += len(rows)
    return count


def _write_parquet(buckets: Sequence[TextIO], path: Path, leave_out: Collection[str]) -> int:
    import pyarrow  # noqa: PLC0415 - heavy: only where Parquet is asked for
    from pyarrow import parquet  # noqa: PLC0415 - as above

    schema, count = _schema(), 0
    kept = pyarrow.schema([field for field in schema if field.name not in leave_out])
    with parquet.ParquetWriter(path, kept, compression="zstd") as writer:
        for rows in _row_groups(_sorted_rows(buckets)):
            columns = zip(*rows, strict=True)
            arrays = [
                pyarrow.array([_typed(name, text) for text in column], schema.field(name).type)
                for name, column in zip(COLUMNS, columns, strict=True)
            ]
            whole = pyarrow.Table.from_arrays(arrays, schema=schema)
            writer.write_table(whole.select(kept.names))
            count += len(rows)
    return count


def _row_groups(parts: Iterator[list[list[str]]]) -> Iterator[list[list[str]]]:
    """Join small parts into groups of about `BATCH` rows."""
    group: list[list[str]] = []
    for part in parts:
        group += part
        if len(group) >= BATCH:
            yield group
            group = []
    if group:
        yield group


def _schema() -> "pyarrow.Schema":
    """Return the Parquet schema: the same for every month, empty ones included."""
    import pyarrow as pa  # noqa: PLC0415 - heavy: only where Parquet is asked for

    types: dict[str, Any] = dict.fromkeys(BOOLEANS, pa.bool_())
    types |= {"drawn_on": pa.date32(), "attempts": pa.int32()}
    types |= {"value": pa.decimal128(5, 4), "probability": pa.decimal128(7, 6)}
    optional = {"mode", "rating", "value", "verification", "reason"}
    return pa.schema(
        [pa.field(name, types.get(name, pa.string()), name in optional) for name in COLUMNS]
    )


_TYPED: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(BOOLEANS, "1".__eq__),
    "drawn_on": date.fromisoformat,
    "attempts": int,
    "value": lambda text: Decimal(text).quantize(Decimal("0.0001")),
    "probability": Decimal,
}


def _typed(name: str, text: str) -> Any:
    return _TYPED.get(name, str)(text) if text else None
