"""One record that a person enters in a form: a row of its kind, checked as a file's row is.

There is no second set of rules: the row goes through the readers, the loader and the refusals of
its kind of file, and the import that it makes is on record like any other.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from sqlalchemy import Connection

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import is_blank_row
from survey_pipeline.stages.intake.file_summary import FileSummary, Problem
from survey_pipeline.stages.intake.formats.header import Chunk, Header
from survey_pipeline.stages.intake.import_request import ImportRequest
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.stages.intake.loaders.loader import GroupsRefused, RefusedGroups
from survey_pipeline.stages.intake.storing import store, tried
from survey_pipeline.survey.upheld_objections import objection_reason
from survey_pipeline.vocabulary import RecordKind, RowOutcome

Look = TypeVar("Look")

FORM = Message("a form of the pages")
"""What the import is called where a file's name would stand."""
BLANK = Message("nothing is filled in")


class FormSource:
    """The fields of a form as a file of one row; a `formats.source.Source`."""

    epoch: date | None = None
    notes: Sequence[Message] = ()
    size = 1

    def __init__(self, kind: FileKind, fields: Mapping[str, str]) -> None:
        """Read the fields.

        Args:
            kind: what the record is.
            fields: column name -> what was typed; columns that are left out are blank.
        """
        names = [column.name for column in kind.columns]
        self.header = Header(0, names, {name: index for index, name in enumerate(names)})
        self.cells = [fields.get(name, "") for name in names]
        typed = json.dumps(self.cells, ensure_ascii=False)
        self.file_hash = hashlib.sha256(typed.encode("utf-8", "replace")).hexdigest()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the one row."""
        yield Chunk([self.cells], [1], 1)


@dataclass(frozen=True)
class Entered:
    """What became of a form."""

    outcome: RowOutcome
    problems: Sequence[Problem]
    """Why it is refused; `column` is the English name of the field."""
    warnings: Sequence[Problem]


@dataclass(frozen=True)
class Tried(Generic[Look]):
    """What would become of a form."""

    entered: Entered
    look: Look | None
    """What was seen while the record stood there; None if it is refused."""


def enter_record(
    context: Context,
    kind: RecordKind,
    fields: Mapping[str, str],
    *,
    year: int | None = None,
    reason: str | None = None,
    objection: int | None = None,
) -> Entered:
    """Store the record of a form, or refuse it with the reasons.

    Args:
        context: the workspace; its actor enters the record.
        kind: what it is.
        fields: column name -> what was typed.
        year: the appraisal year of a yearly kind; default the calendar year of today.
        reason: why a record is changed; it goes to the audit log.
        objection: the upheld objection that the change follows.

    Raises:
        UnknownRecord: there is no such objection.
        CannotProceed: the objection is not an upheld one.
    """
    request = _request(context, kind, year, objection_reason(context, objection) or reason)
    source = FormSource(request.kind, fields)
    if is_blank_row(source.cells):
        return _blank()
    refused_groups: RefusedGroups = {}
    while True:
        summary = FileSummary(request.path, kind.value)
        try:
            store(request, source, summary, refused_groups=refused_groups)
        except GroupsRefused as error:  # never the same groups again, so this ends
            refused_groups = {**refused_groups, **error.groups}
        else:
            return _entered(summary)


def try_record(
    context: Context,
    kind: RecordKind,
    fields: Mapping[str, str],
    look: Callable[[Connection], Look],
    *,
    year: int | None = None,
) -> Tried[Look]:
    """Return what would become of a form, and what is seen while its record stands there.

    Args:
        context: the workspace.
        kind: what the record is.
        fields: column name -> what was typed.
        look: reads in the transaction that holds the record, and that is rolled back afterwards.
        year: the appraisal year of a yearly kind; default the calendar year of today.
    """
    request = _request(context, kind, year, None)
    source = FormSource(request.kind, fields)
    if is_blank_row(source.cells):
        return Tried(_blank(), None)
    refused_groups: RefusedGroups = {}
    while True:
        summary = FileSummary(request.path, kind.value)
        try:
            with tried(request, source, summary, refused_groups=refused_groups) as connection:
                entered = _entered(summary)
                is_refused = entered.outcome is RowOutcome.REFUSED
                seen = None if is_refused else look(connection)
        except GroupsRefused as error:
            refused_groups = {**refused_groups, **error.groups}
        else:
            return Tried(entered, seen)


def _request(
    context: Context, kind: RecordKind, year: int | None, reason: str | None
) -> ImportRequest:
    return ImportRequest(
        context=context,
        kind=KINDS[kind],
        path=Path(FORM.render(context.settings.locale)),
        day=context.today(),
        year=year or context.today().year,
        reason=reason,
    )


def _blank() -> Entered:
    return Entered(RowOutcome.REFUSED, [Problem(1, "", BLANK)], ())


def _entered(summary: FileSummary) -> Entered:
    outcome = (
        RowOutcome.REFUSED
        if summary.refused
        else RowOutcome.ACCEPTED
        if summary.accepted
        else RowOutcome.UPDATED
        if summary.updated
        else RowOutcome.UNCHANGED
    )
    return Entered(outcome, summary.problems, summary.warned)
