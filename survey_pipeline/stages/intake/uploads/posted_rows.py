"""Cases that come as rows of a message, not as a file: every row has its own answer.

The same checks, keys and refusals as for a file. Rows are numbered from 1; blank ones are answered
too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.file_summary import FileSummary, Problem, RefusedRow
from survey_pipeline.stages.intake.import_request import ImportRequest
from survey_pipeline.stages.intake.kinds import CASES
from survey_pipeline.stages.intake.loaders.loader import ChunkOutcome
from survey_pipeline.stages.intake.scope import cases_of
from survey_pipeline.stages.intake.storing import store
from survey_pipeline.stages.intake.uploads.posted_source import PostedSource
from survey_pipeline.stages.intake.uploads.report_day import report_day
from survey_pipeline.vocabulary import RowOutcome

MOST_ROWS = 10_000
"""Rows of one message: they are checked together."""


@dataclass
class RowAnswer:
    """What became of one row."""

    row: int
    """From 1, in the order of the message."""
    outcome: RowOutcome
    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()


@dataclass
class PostedRows:
    """What became of a message's rows."""

    summary: FileSummary
    reported_on: date
    ignored: Sequence[str]
    """Names of columns that nothing reads."""
    rows: list[RowAnswer] = field(default_factory=list)
    """One answer a row, in order."""


def import_rows(
    context: Context,
    rows: Sequence[object],
    *,
    office: str,
    name: str,
    digest: str,
    reported_on: date | None = None,
) -> PostedRows:
    """Import an office's cases; the valid rows are stored, the others answered with the reason.

    Args:
        context: the workspace.
        rows: mappings of column (English name or Chinese heading) to text, a whole number or None;
            `posted_source.Repeated` where the message names a column several times.
        office: the office that reports; cases of other offices are refused.
        name: what the import is called in the journal.
        digest: SHA-256 of the message, in hex.
        reported_on: the report day of new cases; default today.

    Raises:
        CannotProceed: there are more than `MOST_ROWS` rows, or the office may not report for that
            day.
    """
    if len(rows) > MOST_ROWS:
        raise CannotProceed(
            "{count} rows are too many at once; send at most {most}",
            count=len(rows),
            most=MOST_ROWS,
        )
    day = report_day(context, reported_on)
    source = PostedSource(rows, digest)
    request = ImportRequest(context, CASES, Path(name), day, scope=cases_of(office))
    posted = PostedRows(FileSummary(request.path, CASES.kind.value), day, source.ignored)
    answers = _Answers()
    for number, problem in source.unread.items():
        answers.refuse(RefusedRow(number, (), [Problem(number, *problem)]))
    posted.summary.refuse(answers.refused())
    answers.warn(source.doubtful)
    store(request, source, posted.summary, listener=answers.add)
    posted.rows = [answers.of(number) for number in range(1, len(rows) + 1)]
    return posted


class _Answers:
    """Collects what became of each row."""

    def __init__(self) -> None:
        self._outcomes: dict[int, RowOutcome] = {}
        self._refused: dict[int, RefusedRow] = {}
        self._warnings: dict[int, list[Problem]] = {}

    def refuse(self, row: RefusedRow) -> None:
        """Note a refused row."""
        self._refused[row.row] = row

    def warn(self, warnings: Sequence[Problem]) -> None:
        """Note warnings; only the answers of stored rows show them."""
        for warning in warnings:
            self._warnings.setdefault(warning.row, []).append(warning)

    def refused(self) -> list[RefusedRow]:
        """Return the rows refused so far, in order."""
        return [self._refused[number] for number in sorted(self._refused)]

    def add(
        self,
        checked: CheckedChunk,
        outcome: ChunkOutcome,
        refused: Sequence[RefusedRow],
        warned: Sequence[Problem],
    ) -> None:
        """Note what became of a chunk; a `chunk_flow.ChunkListener`."""
        for position in outcome.updated_at:
            self._outcomes[checked.numbers[position]] = RowOutcome.UPDATED
        for position in outcome.unchanged_at:
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
