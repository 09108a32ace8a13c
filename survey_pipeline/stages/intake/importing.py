"""One file is brought in: opened, stored or rehearsed, its refused rows written beside it."""

from datetime import date
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.chunk_flow import Bounds, Progress
from survey_pipeline.stages.intake.formats.source import Pulse, open_source
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.loaders.loader import Groups, NotTogether
from survey_pipeline.stages.intake.problems import FileSummary, Problem
from survey_pipeline.stages.intake.rejected_files.rejected_file import rejected_path
from survey_pipeline.stages.intake.storing import Order, store, unhurried
from survey_pipeline.survey.upheld_objections import objection_reason
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.names import kind_named

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
    office: str | None = None,
    refused: Path | None = None,
    bounds: Bounds | None = None,
    pulse: Pulse = unhurried,
) -> FileSummary:
    """Bring one file in: the sound rows are stored, the others go to `<file>.rejected.csv`.

    A file that cannot be used as a whole stores nothing; how the others are stored, `storing` says.
    Where rows that only stand together do not, the file is taken anew without them.

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
        bounds: how much of the file is looked at; as much as its kind takes.
        pulse: is called now and then; what it raises ends the import. A file of several chunks may
            by then be stored in part.

    Raises:
        UsageError: a year is given for a kind that has none.
        UnreadableFile: the file as a whole cannot be used.
        CannotProceed: the report day is in the future, the objection is not an upheld one, the
            rejected file cannot be written, or the file goes beyond its bounds.
    """
    day = reported_on or context.today()
    if day > context.today():
        raise CannotProceed("the report day {day} is in the future", day=day)
    file_kind = KINDS[kind]
    if year is not None and not file_kind.yearly:
        raise UsageError("{kind} has no appraisal year; leave --year out", kind=kind_named(kind))
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
        bounds=bounds,
        pulse=pulse,
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
    with (
        open_source(order.path, order.kind, order.pulse) as source,
        order.rejected(source.header) as rejected,
    ):
        if written and rejected.is_held():
            told = Message(HELD.text, {"file": rejected_path(order.path).name})
            summary.warn([Problem(0, "", told)])
        store(order, source, summary, barred=barred, rejected=rejected if written else None)
        summary.rejected_file = rejected.publish() if written else None
    return summary
