"""A month's signals as a file: every count for a program (CSV), or to read and print (XLSX)."""

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.formulas import disarmed
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.signals.signal_table import SignalRow, sentences, signal_rows
from survey_pipeline.stages.export.destination import replaced
from survey_pipeline.stages.export.list_workbook import write_list
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.vocabulary import AuditAction, Audited
from survey_pipeline.vocabulary.signal_names import SIGNAL_STATES, SIGNALS

FORMS = ("xlsx", "csv")
COLUMNS = (
    "month", "office_code", "office", "signal", "count", "of", "share", "low", "high",
    "city_count", "city_of", "city_share", "named", "state", "decided_by", "reason",
)  # fmt: skip
HEADINGS = (
    N_("Office code"),
    N_("Office"),
    N_("Signal"),
    N_("What is counted"),
    N_("Beside the city"),
    N_("Stands out"),
    N_("What was found"),
    N_("Reason"),
)


def write_signals(context: Context, month: str, form: str, path: Path, locale: str) -> int:
    """Write a month's signals; return how many counts.

    Args:
        context: the workspace.
        month: `YYYY-MM`.
        form: `xlsx` or `csv`.
        path: where to; an older file is replaced.
        locale: of the workbook's words.

    Raises:
        UsageError: there is no such form.
        CannotProceed: nothing can be written there.
    """
    if form not in FORMS:
        raise UsageError(
            "there is no form {form}; there are {forms}", form=form, forms=", ".join(FORMS)
        )
    rows = signal_rows(context, month)
    with replaced(path) as temporary:
        if form == "csv":
            _write_csv(temporary, rows)
        else:
            title = Message(N_("Integrity signals, {month}"), {"month": month}).render(locale)
            headings = [translate(heading, locale) for heading in HEADINGS]
            cells = [_cells(row, locale) for row in rows]
            write_list(
                temporary, title, headings, cells, context.today(), locale, sheet_name=N_("Signals")
            )
    return len(rows)


def take_signals(context: Context, month: str, form: str, locale: str, folder: Path) -> Path:
    """Write a month's signals into a folder, record who takes them, and return the file."""
    path = folder / f"signals-{month}.{form}"
    write_signals(context, month, form, path, locale)
    said = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.EXPORTED,
        kind=Audited.SIGNALS,
        key=month,
        after={"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
        reason=path.name,
    )
    with writing(context.engine) as connection:
        audit.append(connection, [said])
    return path


def _write_csv(path: Path, rows: Sequence[SignalRow]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            cells = {name: "" if cell is None else cell for name, cell in row.to_dict().items()}
            texts = ("office_code", "office", "decided_by", "reason")
            writer.writerow({**cells, **{name: disarmed(str(cells[name])) for name in texts}})


def _cells(row: SignalRow, locale: str) -> list[str]:
    counted, beside = sentences(row)
    state = SIGNAL_STATES[row.listed.state] if row.listed else ""
    return [
        row.office_code,
        row.office,
        translate(SIGNALS[row.kind], locale),
        counted.render(locale),
        beside.render(locale),
        translate(N_("yes"), locale) if row.named else "",
        translate(state, locale) if state else "",
        (row.listed.reason or "") if row.listed else "",
    ]
