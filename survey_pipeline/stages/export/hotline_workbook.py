"""The statements of a hotline quarter as a workbook: an overview of the sums, and every record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.deadlines.wording import state_words
from survey_pipeline.reports.hotline_statements import HotlineStatement, QuarterStatements
from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.stages.export.hotline_data import PLACES, record_values
from survey_pipeline.stages.export.sheet_layout import HEAD_ROW
from survey_pipeline.stages.export.workbook_form import Imprint, WorkbookForm
from survey_pipeline.vocabulary.names import CATEGORIES, named

_OFFICE = (
    ReportColumn("office_code", N_("Office code"), "code", 12),
    ReportColumn("office", N_("Office"), "text", 24),
)
_ABOUT_OFFICE = (
    ReportColumn("category", N_("Category"), "word", 10),
    ReportColumn("parent", N_("Parent department"), "text", 20),
)
_SUMS = (
    ReportColumn("deducted", N_("Deducted in the quarter"), "exact", 11),
    ReportColumn("year_counted", N_("Year so far, within the caps"), "exact", 11),
)
RECORD_COLUMNS = (
    *_OFFICE,
    ReportColumn("record_no", N_("Record"), "code", 14),
    ReportColumn("occurred_on", N_("Day"), "code", 11),
    ReportColumn("clause", N_("Clause"), "code", 8),
    ReportColumn("words", N_("Words of the standard"), "text", 38),
    ReportColumn("deduction", N_("Deduction"), "exact", 10),
    ReportColumn("counted", N_("Counts"), "word", 8),
    ReportColumn("note", N_("Note"), "text", 30),
)


def write_statements_workbook(report: QuarterStatements, path: Path, locale: str) -> None:
    """Write the workbook."""
    form = WorkbookForm(path, _imprint(report), locale)
    _add_overview(form, report)
    _add_records(form, report)
    form.workbook.close()


def marks_of(report: QuarterStatements) -> list[Message]:
    """Return what a reader must know before the first figure."""
    rank = report.in_force.standard.hotline.rank
    found = [Message(ADD_UP), Message(DEPARTMENTS_RANK, {"clause": rank.clause})]
    if not report.is_over:
        found.insert(0, Message("Provisional: the quarter is not over."))
    if report.delivery is not None:
        state = state_words(report.delivery)
        found.append(Message("Hotline records of the quarter: {state}.", {"state": state}))
    return found


ADD_UP = N_(
    "Deductions are judged by quarter and add up over the year; the caps are those of the whole "
    "year."
)
DEPARTMENTS_RANK = N_(
    "The parent department's rank ({clause}) is judged once a year and is not in here."
)


def _imprint(report: QuarterStatements) -> Imprint:
    about: dict[str, object] = {"quarter": report.period.name, "year": report.year}
    title = Message("Hotline {quarter}, appraisal year {year}", about)
    return Imprint(
        title=title,
        first=report.period.first,
        last=report.period.last,
        units=Message("Units: points"),
        footer=title,
        standard=report.in_force.standard.id,
        standard_hash=report.in_force.file_hash,
        marks=marks_of(report),
    )


def _add_overview(form: WorkbookForm, report: QuarterStatements) -> None:
    caps = report.in_force.standard.hotline.caps
    columns = (
        *_OFFICE,
        *_ABOUT_OFFICE,
        *(ReportColumn(f"{cap.clause}_{name}", "", "exact", 10) for cap in caps for name in _GROUP),
        *_SUMS,
    )
    labels = [form.word(column.label) for column in (*_OFFICE, *_ABOUT_OFFICE)]
    labels += [
        form.say(text, group=cap.clause, cap=cap.cap) for cap in caps for text in _GROUP.values()
    ]
    labels += [form.word(column.label) for column in _SUMS]
    sheet = form.begin(form.word(N_("Offices")), form.title, [column.width for column in columns])
    form.head(sheet, labels, height=46)
    form.freeze(sheet, len(_OFFICE))
    rows = [_sums_of(form, statement) for statement in report.statements]
    end = form.rows(sheet, columns, rows)
    form.foot(sheet, end + 1)


_GROUP = {
    "quarter": N_("{group} in the quarter"),
    "year": N_("{group} in the year so far"),
    "counted": N_("{group} that counts, at most {cap}"),
}
"""The columns of each group of clauses."""


def _sums_of(form: WorkbookForm, statement: HotlineStatement) -> dict[str, Any]:
    quarter = statement.quarter
    row: dict[str, Any] = {
        **_named(statement),
        "category": named(CATEGORIES, statement.office.category, form.locale),
        "parent": statement.office.parent,
        "deducted": fixed(quarter.deducted, PLACES),
        "year_counted": fixed(quarter.year_counted, PLACES),
    }
    for sums in quarter.groups:
        for name in _GROUP:
            row[f"{sums.cap.clause}_{name}"] = fixed(getattr(sums, name), PLACES)
    return row


def _named(statement: HotlineStatement) -> dict[str, Any]:
    return {"office_code": statement.office.office_code, "office": statement.office.name}


def _add_records(form: WorkbookForm, report: QuarterStatements) -> None:
    name = form.word(N_("Records"))
    sheet = form.begin(name, f"{form.title}  {name}", [column.width for column in RECORD_COLUMNS])
    form.head(sheet, [form.word(column.label) for column in RECORD_COLUMNS])
    form.freeze(sheet, len(_OFFICE))
    rows = list(_records(form, report))
    end = form.rows(sheet, RECORD_COLUMNS, rows)
    if rows:
        sheet.autofilter(HEAD_ROW, 0, end - 1, len(RECORD_COLUMNS) - 1)
    form.foot(sheet, end + 1)


def _records(form: WorkbookForm, report: QuarterStatements) -> Iterator[dict[str, Any]]:
    for statement in report.statements:
        for found in statement.quarter.records:
            values = record_values(report, found, form.locale)
            counted = form.word(N_("yes")) if values["counted"] else form.word(N_("no"))
            yield {**_named(statement), **values, "counted": counted}
