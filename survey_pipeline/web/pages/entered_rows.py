"""Rows that were entered in a form, rehearsed and imported as a file of their kind."""

import csv
import io
from collections.abc import Mapping, Sequence

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds import KINDS as FILE_KINDS
from survey_pipeline.stages.intake.rejected_files.refused_rows import read_refused
from survey_pipeline.stages.intake.scope import Scope
from survey_pipeline.stages.intake.uploads.upload import Declaration
from survey_pipeline.stages.intake.uploads.uploads import drop_upload, keep_upload, take_upload
from survey_pipeline.vocabulary import RecordKind

FORM_FILE = "form.csv"
"""What the import of a form is called in the journal."""


def store_entered(
    context: Context, scope: Scope, declared: Declaration, rows: Sequence[Mapping[str, str]]
) -> list[tuple[str, Message]]:
    """Import rows as a file; return which of them are refused and why, then nothing is stored.

    Args:
        context: the workspace; its actor enters the rows.
        scope: what the actor may bring.
        declared: the kind of the rows, and their appraisal year.
        rows: column -> text.

    Raises:
        CannotProceed: as for a file that is uploaded (`uploads.keep_upload`).
    """
    if not rows:
        return [("", Message("nothing is filled in"))]
    kind = declared.kind
    kept = keep_upload(context, scope, declared, FORM_FILE, io.BytesIO(_as_file(kind, rows)))
    if kept.refused:
        refused = read_refused(kept.refused_file)
        drop_upload(context, scope, kept.token)
        key = FILE_KINDS[kind].key[0]
        return [
            (rows[row.row - 2].get(key, ""), problem.reason)
            for row in refused
            for problem in row.problems
        ]
    take_upload(context, scope, kept.token)
    return []


def _as_file(kind: RecordKind, rows: Sequence[Mapping[str, str]]) -> bytes:
    columns = [column.name for column in FILE_KINDS[kind].columns]
    written = io.StringIO(newline="")
    lines = csv.DictWriter(written, columns, restval="", extrasaction="ignore")
    lines.writeheader()
    lines.writerows({name: _one_line(text) for name, text in row.items()} for row in rows)
    return written.getvalue().encode()


def _one_line(text: str) -> str:
    """Return a text without line breaks: rows are counted by lines."""
    return " ".join(text.split())


def records_of(kind: RecordKind, entered: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rows of a single record: an award has one for each office that is chosen."""
    if kind is not RecordKind.AWARDS:
        return [dict(entered)]
    codes = [name.partition(".")[2] for name in entered if name.startswith("office.")]
    return [
        {**entered, "office_code": code, "share": entered.get(f"share.{code}", "")}
        for code in codes
    ] or [dict(entered)]
