"""One file, one transaction: read, check, keep, refuse."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Connection

from survey_pipeline.errors import CannotProceed, UnreadableFile, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.check import Checked, Checker
from survey_pipeline.stages.intake.columns import FileKind
from survey_pipeline.stages.intake.header import NO_ROW, Header
from survey_pipeline.stages.intake.keep_awards import AwardKeeper
from survey_pipeline.stages.intake.keep_cases import CaseKeeper
from survey_pipeline.stages.intake.keep_delivered import (
    ParentGradeKeeper,
    ParentPointsKeeper,
    PerformanceKeeper,
)
from survey_pipeline.stages.intake.keep_evidence import (
    HotlineKeeper,
    HotlineRankKeeper,
    SupervisionKeeper,
)
from survey_pipeline.stages.intake.keep_records import (
    OfficeKeeper,
    ParentKeeper,
    SatisfactionKeeper,
)
from survey_pipeline.stages.intake.keep_review import BallotKeeper, RepresentativeKeeper
from survey_pipeline.stages.intake.keeping import Groups, Keeper, Kept, NotTogether, Objection, Run
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.problems import (
    FileSummary,
    Problem,
    RefusedRow,
    problem_of,
)
from survey_pipeline.stages.intake.refused_rows import RefusedRows
from survey_pipeline.stages.intake.rejected import RejectedFile, rejected_path
from survey_pipeline.stages.intake.review_kinds import withheld
from survey_pipeline.stages.intake.source import Source, open_source
from survey_pipeline.store import bulk
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import RECORDS, lock_name
from survey_pipeline.store.tables import import_runs
from survey_pipeline.survey.context import Context
from survey_pipeline.survey.objections import objection_reason
from survey_pipeline.vocabulary import RecordKind

KEEPERS: dict[RecordKind, Callable[[Run], Keeper]] = {
    RecordKind.PARENTS: ParentKeeper,
    RecordKind.OFFICES: OfficeKeeper,
    RecordKind.CASES: CaseKeeper,
    RecordKind.SATISFACTION: SatisfactionKeeper,
    RecordKind.SUPERVISION: SupervisionKeeper,
    RecordKind.HOTLINE: HotlineKeeper,
    RecordKind.HOTLINE_RANK: HotlineRankKeeper,
    RecordKind.PERFORMANCE: PerformanceKeeper,
    RecordKind.PARENT_GRADES: ParentGradeKeeper,
    RecordKind.PARENT_POINTS: ParentPointsKeeper,
    RecordKind.AWARDS: AwardKeeper,
    RecordKind.REPRESENTATIVES: RepresentativeKeeper,
    RecordKind.BALLOTS: BallotKeeper,
}
"""What stores which kind."""

Progress = Callable[[int, int], None]
"""Is told how much of how much has been read."""

Tell = Callable[[Checked, Kept, Sequence[RefusedRow], Sequence[Problem]], None]
"""Is told what became of a chunk: checked, kept, refused rows, warnings."""

UNKNOWN_COLUMN = Message("nothing reads this column")
SECOND_COLUMN = Message("means the same as {column}; it is read only where that one is blank")


class _Rehearsed(Exception):
    """Rolls a rehearsal back; never leaves this module."""


@dataclass(frozen=True)
class Order:
    """What was asked for: one file, and how to take it."""

    context: Context
    kind: FileKind
    path: Path
    day: date
    year: int = 0
    reason: str | None = None
    dry_run: bool = False
    progress: Progress | None = None
    office: str | None = None
    refused: Path | None = None

    def rejected(self, header: Header) -> RejectedFile:
        """Return what takes the refused rows."""
        if self.refused is not None:
            return RefusedRows(self.refused, header.cells)
        path, locale = rejected_path(self.path), self.context.settings.locale
        return RejectedFile(path, header.cells, locale)


def import_file(  # noqa: PLR0913 - an option of the command each, all named
    context: Context,
    kind: RecordKind,
    path: Path,
    *,
    reported_on: date | None = None,
    year: int | None = None,
    objection: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    office: str | None = None,
    refused: Path | None = None,
) -> FileSummary:
    """Bring one file in: the sound rows are stored, the others go to `<file>.rejected.csv`.

    All in one transaction: either the file is taken, with its refusals, or nothing is. Where rows
    that only stand together do not, the file is taken anew without them.

    Args:
        context: the workspace.
        kind: what the file holds.
        path: a CSV or XLSX file.
        reported_on: the report day of new cases; today unless said.
        year: the appraisal year of a yearly kind; the calendar year of today unless said.
        objection: the upheld objection that the import follows; it stands in the audit log.
        dry_run: check everything, against the database too, and store nothing and write no file.
        progress: is called now and then.
        office: whose report it is: cases of other offices are refused, and no reason tells which
            cases were drawn.
        refused: where the refused rows go instead, a rehearsal's too, to be shown in any language
            (`refused_rows`).

    Raises:
        UsageError: a year is given for a kind that has none.
        UnreadableFile: the file as a whole cannot be used.
        CannotProceed: the report day is in the future, the objection is not an upheld one, or the
            rejected file cannot be written.
    """
    day = reported_on or context.today()
    if day > context.today():
        raise CannotProceed("the report day {day} is in the future", day=day)
    file_kind = KINDS[kind]
    if year is not None and not file_kind.yearly:
        raise UsageError("{kind} has no appraisal year; leave --year out", kind=kind.value)
    order = Order(
        context=context,
        kind=file_kind,
        path=path,
        day=day,
        year=year or context.today().year,
        reason=objection_reason(context, objection),
        dry_run=dry_run,
        progress=progress,
        office=office,
        refused=refused,
    )
    barred: Groups = {}
    while True:
        try:
            return _attempt(order, barred)
        except NotTogether as found:  # never the same groups again: this ends
            barred = {**barred, **found.groups}


def _attempt(order: Order, barred: Groups) -> FileSummary:
    summary = FileSummary(order.path, order.kind.kind.value)
    written = order.refused is not None or not order.dry_run
    with open_source(order.path, order.kind) as source, order.rejected(source.header) as rejected:
        store(order, source, summary, barred=barred, rejected=rejected if written else None)
        summary.rejected_file = rejected.publish() if written else None
    return summary


def store(
    order: Order,
    source: Source,
    summary: FileSummary,
    *,
    barred: Groups = MappingProxyType({}),
    rejected: RejectedFile | None = None,
    tell: Tell | None = None,
) -> None:
    """Store an opened source's rows in one transaction; a rehearsal leaves nothing behind."""
    with (
        suppress(_Rehearsed),
        writing(order.context.engine) as connection,
        bulk.streaming(connection),
    ):
        lock_name(connection, RECORDS, order.kind.kind.value)
        run = _begin(connection, order, summary, source)._replace(barred=barred)
        keeper = KEEPERS[order.kind.kind](run)
        taking = _Import(connection, order.kind, source, keeper, summary, tell)
        taking.take(rejected, order.progress)
        _end(connection, run, summary)
        if order.dry_run:
            raise _Rehearsed


def _begin(connection: Connection, order: Order, summary: FileSummary, source: Source) -> Run:
    now = order.context.now()
    made = connection.execute(
        import_runs.insert().values(
            kind=summary.kind,
            file_name=summary.file.name,
            # of a secret file's few possible contents, a hash would tell the one
            file_hash="" if order.kind.secret else source.file_hash,
            reported_on=order.day if summary.kind == RecordKind.CASES else None,
            by=order.context.actor,
            at=now,
        )
    )
    key = made.inserted_primary_key
    return Run(
        order.context,
        int(key[0]) if key else 0,
        order.day,
        now,
        order.year,
        order.reason,
        office=order.office,
    )


def _end(connection: Connection, run: Run, summary: FileSummary) -> None:
    connection.execute(
        import_runs.update()
        .where(import_runs.c.id == run.import_id)
        .values(
            accepted=summary.accepted,
            updated=summary.updated,
            unchanged=summary.unchanged,
            refused=summary.refused,
            warnings=summary.warnings,
            reasons=None if KINDS[RecordKind(summary.kind)].secret else summary.reasons(),
        )
    )


def _of_header(header: Header) -> Iterator[Problem]:
    """Tell what becomes of headings that are not read, or not always."""
    second = {
        header.label(index): header.label(header.positions[name])
        for name, others in header.further.items()
        for index in others
    }
    for label in header.ignored:
        first = second.get(label)
        why = Message(SECOND_COLUMN.text, {"column": first}) if first else UNKNOWN_COLUMN
        yield problem_of(header.row, label, why)


class _Import:
    """The way of one file's chunks from the source to the keeper and the summary."""

    def __init__(
        self,
        connection: Connection,
        kind: FileKind,
        source: Source,
        keeper: Keeper,
        summary: FileSummary,
        tell: Tell | None,
    ) -> None:
        self._tell = tell
        self._connection = connection
        self._kind = kind
        self._source = source
        self._keeper = keeper
        self._summary = summary
        self._checker = Checker(kind, source.header, source.epoch)
        self._named = [source.header.positions[name] for name in kind.key]

    def take(self, rejected: RejectedFile | None, progress: Progress | None) -> None:
        """Take the whole file."""
        header = self._source.header
        self._summary.warn([Problem(0, "", note) for note in self._source.notes])
        self._summary.warn(list(_of_header(header)))
        taken = 0
        for chunk in self._source.chunks():
            taken += len(chunk.rows)
            if self._kind.most_rows and taken > self._kind.most_rows:
                raise UnreadableFile(
                    "{file} has more than {most} rows, too many for {kind}",
                    file=self._summary.file.name,
                    most=self._kind.most_rows,
                    kind=self._kind.kind.value,
                )
            checked = self._checker.check(chunk)
            refused = self._store(checked, chunk.notes)
            if rejected is not None:
                rejected.add(refused)
            if progress is not None:
                progress(chunk.read, self._source.size)
        if not taken:
            self._summary.warn([Problem(0, "", NO_ROW)])
        self._keeper.finish(self._connection)

    def _store(self, checked: Checked, notes: Sequence[Problem]) -> Sequence[RefusedRow]:
        kept = self._keeper.keep(self._connection, checked)
        self._summary.accepted += kept.accepted
        self._summary.updated += kept.updated
        self._summary.unchanged += kept.unchanged
        refused = [*checked.refused, *(self._refused(checked, one) for one in kept.refused)]
        if self._kind.secret:
            refused = [withheld(row, self._named) for row in refused]
        refused.sort(key=lambda row: row.row)
        self._summary.refuse(refused)
        unstored = {row.row for row in refused}
        warned = [one for one in (*checked.warnings, *notes) if one.row not in unstored]
        warned += (
            problem_of(checked.numbers[one.position], self._checker.label(one.column), one.reason)
            for one in kept.warnings
        )
        warned.sort(key=lambda one: one.row)
        self._summary.warn(warned)
        if self._tell is not None:
            self._tell(checked, kept, refused, warned)
        return refused

    def _refused(self, checked: Checked, one: Objection) -> RefusedRow:
        return self._checker.refused_row(
            checked.numbers[one.position], checked.cells[one.position], [(one.column, one.reason)]
        )
