"""Cases that come as rows of a message, not as a file: every row is answered by itself.

The same checks, keys and refusals as a file's; rows are numbered from 1, blank ones are answered
too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.check import Checked
from survey_pipeline.stages.intake.columns import heading
from survey_pipeline.stages.intake.header import OWN_COLUMNS, Chunk, Header
from survey_pipeline.stages.intake.importing import Order, store
from survey_pipeline.stages.intake.keeping import Kept
from survey_pipeline.stages.intake.kinds import CASES
from survey_pipeline.stages.intake.problems import FileSummary, Found, Problem, RefusedRow
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import RowOutcome

MOST_ROWS = 10_000
"""Rows of one message: they are checked together."""
MOST_NAMES, LONGEST_NAME = 100, 60
"""A row has so many columns at most; of those not read so many are told, so much of each."""
REMEMBERED = 1_000
"""Names of columns whose place is remembered."""

NO_ROW = Message("this is no row: write an object with the columns as names")
NO_CELL = Message("the value is no text and no number")
BLANK = Message("the row is empty")

_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMES = tuple(column.name for column in CASES.columns)
_AT = {name: place for place, name in enumerate(_NAMES)}


@dataclass
class RowAnswer:
    """What became of one row."""

    row: int
    """From 1, in the order of the message."""
    outcome: RowOutcome
    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()


@dataclass
class RowsTaken:
    """What became of a message's rows."""

    summary: FileSummary
    reported_on: date
    ignored: Sequence[str]
    """Names of columns that nothing reads."""
    rows: list[RowAnswer] = field(default_factory=list)
    """One answer a row, in order."""


def report_day(context: Context, day: date | None) -> date:
    """Return the day for which an office reports: today, or one that it has missed.

    Raises:
        CannotProceed: the day is in the future, or longer ago than `intake.max_age_days`.
    """
    today = context.today()
    day = today if day is None else day
    if day > today:
        raise CannotProceed("the report day {day} is in the future", day=day)
    days = context.settings.intake.max_age_days
    if day < today - timedelta(days=days):
        raise CannotProceed(
            "the report day {day} is more than {days} days ago; tell the appraisal office",
            day=day,
            days=days,
        )
    return day


def import_rows(
    context: Context,
    rows: Sequence[object],
    *,
    office: str,
    name: str,
    digest: str,
    reported_on: date | None = None,
) -> RowsTaken:
    """Take an office's cases; the sound rows are stored, the others answered with the reason.

    Args:
        context: the workspace.
        rows: mappings of column (English name or Chinese heading) to text or number, or nothing.
        office: whose report it is; cases of other offices are refused.
        name: what the import is called in the journal.
        digest: SHA-256 of the message, in hex.
        reported_on: the report day of new cases; today unless said.

    Raises:
        CannotProceed: there are too many rows, or the report day is not to be had.
    """
    if len(rows) > MOST_ROWS:
        raise CannotProceed(
            "{count} rows are too many at once; send at most {most}",
            count=len(rows),
            most=MOST_ROWS,
        )
    day = report_day(context, reported_on)
    read = _Rows(rows, digest)
    order = Order(context, CASES, Path(name), day, office=office)
    taken = RowsTaken(FileSummary(order.path, CASES.kind.value), day, read.ignored)
    answers = _Answers()
    for number, problem in read.unread.items():
        answers.refuse(RefusedRow(number, (), [Problem(number, *problem)]))
    taken.summary.refuse(answers.unread())
    store(order, read, taken.summary, tell=answers.hear)
    taken.rows = [answers.of(number) for number in range(1, len(rows) + 1)]
    return taken


class _Rows:
    """A message's rows as a `source.Source`."""

    epoch: date | None = None

    def __init__(self, rows: Sequence[object], digest: str) -> None:
        self.file_hash, self.size = digest, len(rows)
        self.header = Header(0, _NAMES, dict(_AT))
        self.unread: dict[int, Found] = {}
        self._places: dict[str, int | None] = {}
        self._ignored: dict[str, None] = {}
        self._cells: list[list[str]] = []
        self._numbers: list[int] = []
        for number, row in enumerate(rows, 1):
            self._read(number, row)

    @property
    def ignored(self) -> list[str]:
        """Names that nothing reads."""
        return list(self._ignored)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows that can be read at all."""
        if self._cells:
            yield Chunk(self._cells, self._numbers, self.size)

    def _read(self, number: int, row: object) -> None:
        if not isinstance(row, Mapping) or len(row) > MOST_NAMES:
            self.unread[number] = ("", NO_ROW)
            return
        cells = [""] * len(_NAMES)
        for name, value in row.items():
            place = self._place(str(name))
            if place is None:
                continue
            if isinstance(value, bool) or not isinstance(value, str | int | None):
                self.unread[number] = (_NAMES[place], NO_CELL)
                return
            cells[place] = cells[place] or _text(value)
        if any(cell.strip() for cell in cells):
            self._cells.append(cells)
            self._numbers.append(number)
        else:
            self.unread[number] = ("", BLANK)

    def _place(self, name: str) -> int | None:
        if name in self._places:
            return self._places[name]
        folded = heading(name)
        ranked = sorted((rank, one) for one, rank in CASES.headings.get(folded, ()))
        place = _AT[ranked[0][1]] if ranked else None
        if len(self._places) < REMEMBERED:
            self._places[name] = place
        told = place is None and folded and folded not in OWN_COLUMNS
        if told and len(self._ignored) < MOST_NAMES:
            self._ignored[_text(name)[:LONGEST_NAME]] = None
        return place


class _Answers:
    """Gathers what became of each row."""

    def __init__(self) -> None:
        self._outcomes: dict[int, RowOutcome] = {}
        self._refused: dict[int, RefusedRow] = {}
        self._warnings: dict[int, list[Problem]] = {}

    def refuse(self, row: RefusedRow) -> None:
        """Note a refused row."""
        self._refused[row.row] = row

    def unread(self) -> list[RefusedRow]:
        """Return the rows refused so far, in order."""
        return [self._refused[number] for number in sorted(self._refused)]

    def hear(
        self,
        checked: Checked,
        kept: Kept,
        refused: Sequence[RefusedRow],
        warned: Sequence[Problem],
    ) -> None:
        """Take in what became of a chunk."""
        for position in kept.updated_at:
            self._outcomes[checked.numbers[position]] = RowOutcome.UPDATED
        for position in kept.unchanged_at:
            self._outcomes[checked.numbers[position]] = RowOutcome.UNCHANGED
        for row in refused:
            self.refuse(row)
        for one in warned:
            self._warnings.setdefault(one.row, []).append(one)

    def of(self, number: int) -> RowAnswer:
        """Return one row's answer."""
        if number in self._refused:
            return RowAnswer(number, RowOutcome.REFUSED, self._refused[number].problems)
        outcome = self._outcomes.get(number, RowOutcome.ACCEPTED)
        return RowAnswer(number, outcome, warnings=self._warnings.get(number, ()))


def _text(value: object) -> str:
    """Return a value as a cell; half a character, which no file can hold, is a control one."""
    return "" if value is None else _SURROGATE.sub("\0", str(value))
