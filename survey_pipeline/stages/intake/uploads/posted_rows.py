"""Cases that come as rows of a message, not as a file: every row is answered by itself.

The same checks, keys and refusals as a file's; rows are numbered from 1, blank ones are answered
too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import Message
from survey_pipeline.phones import without_numbers
from survey_pipeline.stages.intake.checking import Checked, first_filled, is_blank_row
from survey_pipeline.stages.intake.formats.header import OWN_COLUMNS, Chunk, Header
from survey_pipeline.stages.intake.kinds import CASES
from survey_pipeline.stages.intake.kinds.file_kind import heading
from survey_pipeline.stages.intake.loaders.loader import Kept
from survey_pipeline.stages.intake.problems import (
    FileSummary,
    Found,
    Problem,
    RefusedRow,
    problem_of,
)
from survey_pipeline.stages.intake.storing import Order, store
from survey_pipeline.typed import as_key
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
TWICE = Message("the name {name} stands twice in the row; write it once")
OUT_OF_RANGE = Message("the number is out of range")
DIFFERS = Message("{name} means the same and says something else; it is not read")

_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMES = tuple(column.name for column in CASES.columns)
_AT = {name: place for place, name in enumerate(_NAMES)}


class Repeated(tuple[object, ...]):
    """The values of a name that stands several times in one row."""

    __slots__ = ()


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
        rows: mappings of column (English name or Chinese heading) to text or number, or nothing;
            `Repeated` where the message names a column several times.
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
    answers.warn(read.doubtful)
    store(order, read, taken.summary, tell=answers.hear)
    taken.rows = [answers.of(number) for number in range(1, len(rows) + 1)]
    return taken


class _Rows:
    """A message's rows as a `source.Source`."""

    epoch: date | None = None
    notes: Sequence[Message] = ()

    def __init__(self, rows: Sequence[object], digest: str) -> None:
        self.file_hash, self.size = digest, len(rows)
        self.header = Header(0, _NAMES, dict(_AT))
        self.unread: dict[int, Found] = {}
        self.doubtful: list[Problem] = []
        self._places: dict[str, tuple[int, int] | None] = {}
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
        given: dict[int, list[tuple[int, str, str]]] = {}
        for name, value in row.items():
            place = self._place(str(name))
            if place is None:
                continue
            if problem := _not_a_cell(str(name), value):
                self.unread[number] = (_NAMES[place[0]], problem)
                return
            given.setdefault(place[0], []).append((place[1], str(name), _text(value)))
        cells = [self._chosen(number, place, given.get(place)) for place in range(len(_NAMES))]
        if is_blank_row(cells):
            self.unread[number] = ("", BLANK)
        else:
            self._cells.append(cells)
            self._numbers.append(number)

    def _chosen(self, number: int, place: int, given: list[tuple[int, str, str]] | None) -> str:
        """Return a column's cell; of several names of it the best that is filled, as in a file."""
        if not given:
            return ""
        given.sort(key=lambda one: one[0])
        column = CASES.columns[place]
        text = first_filled(column, [cell for _, _, cell in given])
        for _, name, cell in given:
            if as_key(cell) != as_key(text) and first_filled(column, ["", cell]):
                why = Message(DIFFERS.text, {"name": _text(name)[:LONGEST_NAME]})
                self.doubtful.append(problem_of(number, column.name, why))
        return text

    def _place(self, name: str) -> tuple[int, int] | None:
        """Return which column a name means, and how well it fits."""
        if name in self._places:
            return self._places[name]
        folded = heading(name)
        ranked = sorted((rank, one) for one, rank in CASES.headings.get(folded, ()))
        place = (_AT[ranked[0][1]], ranked[0][0]) if ranked else None
        if len(self._places) < REMEMBERED:
            self._places[name] = place
        told = place is None and folded and folded not in OWN_COLUMNS
        if told and len(self._ignored) < MOST_NAMES:
            self._ignored[without_numbers(_text(name))[:LONGEST_NAME]] = None
        return place


def _not_a_cell(name: str, value: object) -> Message | None:
    """Return why a value is no cell, if it is none."""
    if isinstance(value, Repeated):
        return Message(TWICE.text, {"name": name})
    if isinstance(value, float):
        return OUT_OF_RANGE
    known = isinstance(value, str | int | None) and not isinstance(value, bool)
    return None if known else NO_CELL


class _Answers:
    """Gathers what became of each row."""

    def __init__(self) -> None:
        self._outcomes: dict[int, RowOutcome] = {}
        self._refused: dict[int, RefusedRow] = {}
        self._warnings: dict[int, list[Problem]] = {}

    def refuse(self, row: RefusedRow) -> None:
        """Note a refused row."""
        self._refused[row.row] = row

    def warn(self, warnings: Sequence[Problem]) -> None:
        """Note what is to be looked at in rows that are taken."""
        for one in warnings:
            self._warnings.setdefault(one.row, []).append(one)

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
        self.warn(warned)

    def of(self, number: int) -> RowAnswer:
        """Return one row's answer."""
        if number in self._refused:
            return RowAnswer(number, RowOutcome.REFUSED, self._refused[number].problems)
        outcome = self._outcomes.get(number, RowOutcome.ACCEPTED)
        return RowAnswer(number, outcome, warnings=self._warnings.get(number, ()))


def _text(value: object) -> str:
    """Return a value as a cell; half a character, which no file can hold, is a control one."""
    return "" if value is None else _SURROGATE.sub("\0", str(value))
