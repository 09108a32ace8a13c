"""The import of one file: open it, store its rows or rehearse them, write the refused ones."""

from datetime import date
from pathlib import Path
from types import MappingProxyType

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.chunk_flow import FileBounds, Progress
from survey_pipeline.stages.intake.file_summary import FileSummary, Problem
from survey_pipeline.stages.intake.formats.mended_source import MendedRows, MendedSource
from survey_pipeline.stages.intake.formats.source import Pulse, open_source
from survey_pipeline.stages.intake.import_request import ImportRequest, unhurried
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.stages.intake.loaders.loader import GroupsRefused, RefusedGroups
from survey_pipeline.stages.intake.rejected_files.rejected_file import rejected_path
from survey_pipeline.stages.intake.scope import EVERYTHING, Scope
from survey_pipeline.stages.intake.storing import store
from survey_pipeline.survey.upheld_objections import objection_reason
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.record_names import kind_named

HELD = Message(
    "{file} was changed since it was written, or comes from elsewhere, so it is left as it is, and "
    "refused rows are listed here alone. Import it, and delete it once its rows are stored"
)


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
    scope: Scope = EVERYTHING,
    refused: Path | None = None,
    bounds: FileBounds | None = None,
    pulse: Pulse = unhurried,
    mended: MendedRows = MappingProxyType({}),
) -> FileSummary:
    """Import one file: the valid rows are stored, the others go to `<file>.rejected.csv`.

    A file that cannot be used as a whole stores nothing. `storing` says which transactions an
    import takes.

    Args:
        context: the workspace.
        kind: what the file holds.
        path: a CSV or XLSX file.
        reported_on: the report day of new cases; default today.
        year: the appraisal year of a yearly kind; default the calendar year of today.
        objection: the upheld objection that the import follows; its words go to the audit log.
        dry_run: check everything, against the database too, but store nothing and write no file.
        progress: is called now and then.
        scope: what may be brought: rows outside it are refused, and where it ends at some bodies'
            rows no reason tells which cases were drawn.
        refused: write the refused rows to this file instead, a rehearsal's too, so that a page can
            show them in any language (`refused_rows`).
        bounds: how much of the file is looked at; default as much as its kind takes.
        pulse: is called now and then; an exception that it raises ends the import. A file of
            several chunks may by then be stored in part.
        mended: rows that are read with other cells than the file has.

    Raises:
        UsageError: a year is given for a kind that has none.
        UnreadableFile: the file as a whole cannot be used.
        UnknownRecord: there is no such objection.
        CannotProceed: the kind is outside the scope, the report day is in the future, the
            objection is not an upheld one, the rejected file cannot be written, or the file goes
            beyond its bounds.
    """
    scope.require(kind)
    request = ImportRequest(
        context=context,
        kind=_kind_of_file(kind, year),
        path=path,
        day=_report_day(context, reported_on),
        year=year or context.today().year,
        reason=objection_reason(context, objection),
        dry_run=dry_run,
        progress=progress,
        scope=scope,
        refused=refused,
        bounds=bounds,
        pulse=pulse,
        mended=mended,
    )
    return _repeat_without_refused_groups(request)


def _report_day(context: Context, reported_on: date | None) -> date:
    day = reported_on or context.today()
    if day > context.today():
        raise CannotProceed("the report day {day} is in the future", day=day)
    return day


def _kind_of_file(kind: RecordKind, year: int | None) -> FileKind:
    file_kind = KINDS[kind]
    if year is not None and not file_kind.yearly:
        raise UsageError("{kind} has no appraisal year; leave --year out", kind=kind_named(kind))
    return file_kind


def _repeat_without_refused_groups(request: ImportRequest) -> FileSummary:
    """Import the file; if groups of its rows are not valid, import it again without them."""
    refused_groups: RefusedGroups = {}
    while True:
        try:
            return _attempt(request, refused_groups)
        except GroupsRefused as error:  # never the same groups again, so this ends
            refused_groups = {**refused_groups, **error.groups}


def _attempt(request: ImportRequest, refused_groups: RefusedGroups) -> FileSummary:
    summary = FileSummary(request.path, request.kind.kind.value)
    with (
        open_source(request.path, request.kind, request.pulse) as opened,
        request.rejected(opened.header) as rejected_file,
    ):
        source = MendedSource(opened, request.mended) if request.mended else opened
        rejected = rejected_file if request.keeps_refused else None
        if rejected is not None and rejected.is_held():
            why = Message(HELD.text, {"file": rejected_path(request.path).name})
            summary.warn([Problem(0, "", why)])
        store(request, source, summary, refused_groups=refused_groups, rejected=rejected)
        summary.rejected_file = rejected.publish() if rejected is not None else None
    return summary
