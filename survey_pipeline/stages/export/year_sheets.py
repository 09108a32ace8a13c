"""The year's lines on sheets: a component with all offices, an office with all components."""

from collections.abc import Iterator
from typing import Any

from survey_pipeline.i18n import N_
from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.reports.year_columns import (
    BESIDE_DAILY,
    COMPONENT_COLUMNS,
    STATEMENT_COLUMNS,
    year_values,
)
from survey_pipeline.reports.year_report import (
    StatementLine,
    YearReport,
    reading_of,
    standing_of_all,
    told_lines,
)
from survey_pipeline.reports.year_standing import standing
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.stages.export.sheet_layout import FIRST_ROW, HEAD_ROW, row_height
from survey_pipeline.stages.export.workbook_form import WorkbookForm
from survey_pipeline.standard.entry import Entry, entries
from survey_pipeline.standard.quoting import MENDED, quotation
from survey_pipeline.vocabulary import Category, Component
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS, named

PAGES_A_SHEET = 1_000
"""Excel takes 1,026 page breaks on a sheet."""


def add_component(form: WorkbookForm, report: YearReport, component: Component) -> None:
    """Add a component's sheet: every line of every office, with clause, evidence and reading."""
    name = named(COMPONENTS, component, form.locale)
    columns = COMPONENT_COLUMNS
    rows = [
        {
            "office_code": office.office.office_code,
            "office": office.office.name,
            "category": named(CATEGORIES, office.office.category, form.locale),
            **_line(form, line),
            "reading": reading_of(report, (line.clause, *line.rules), form.locale),
        }
        for office in report.score.offices
        for line in _lines_of(form, report, office, component)
    ]
    title = f"{form.title}  {name}"
    sheet = form.begin(name, title, [column.width for column in columns])
    form.head(sheet, [form.word(column.label) for column in columns])
    form.freeze(sheet, 2)
    end = form.rows(sheet, columns, rows)
    if rows:
        sheet.autofilter(HEAD_ROW, 0, end - 1, len(columns) - 1)
    form.foot(sheet, end + 1)


def _lines_of(
    form: WorkbookForm, report: YearReport, office: OfficeYearScore, component: Component
) -> Iterator[StatementLine]:
    for head in office.lines:
        if head.component == component:
            yield from told_lines(head, form.locale, report.score.decimals, office.office)


def _line(form: WorkbookForm, line: StatementLine) -> dict[str, Any]:
    return {
        "component": named(COMPONENTS, line.component, form.locale),
        "clause": line.clause,
        "label": line.label,
        "note": line.note,
        "points": line.points,
        "counted": form.word(N_("yes")) if line.counted else form.word(N_("no")),
        "evidence": line.evidence,
    }


def add_statements(form: WorkbookForm, report: YearReport, category: Category) -> None:
    """Add a category's statements: an office a page, to hand over as it is."""
    offices = [office for office in report.score.offices if office.office.category is category]
    parts = [
        offices[start : start + PAGES_A_SHEET] for start in range(0, len(offices), PAGES_A_SHEET)
    ]
    for number, part in enumerate(parts, 1):
        name = form.say("{category}, each", category=named(CATEGORIES, category, form.locale))
        if len(parts) > 1:
            name = f"{name} {number}"
        columns = STATEMENT_COLUMNS
        sheet = form.begin(name, f"{form.title}  {name}", [column.width for column in columns])
        sheet.repeat_rows(0, 1)
        row, breaks = HEAD_ROW, []
        for office in part:
            row = _add_statement(form, report, sheet, row, office)
            breaks.append(row)
        sheet.set_h_pagebreaks(breaks[:-1])


def _add_statement(
    form: WorkbookForm, report: YearReport, sheet: Any, row: int, office: OfficeYearScore
) -> int:
    """Write one office's statement; return the row after it."""
    last = len(STATEMENT_COLUMNS) - 1
    big = form.style(bold=True, font_size=14)
    name = f"{office.office.name} ({office.office.office_code}), {office.office.parent}"
    sheet.merge_range(row, 0, row, last, name, big)
    sheet.set_row(row, 24)
    for text in _sums(form, report, office):
        row += 1
        sheet.merge_range(row, 0, row, last, text, form.style(text_wrap=True))
        sheet.set_row(row, row_height([(text, 150)]))
    form.head(sheet, [form.word(column.label) for column in STATEMENT_COLUMNS], row + 1, height=20)
    lines = [
        _line(form, line)
        for head in office.lines
        for line in told_lines(head, form.locale, report.score.decimals, office.office)
    ]
    return form.rows(sheet, STATEMENT_COLUMNS, lines, row + 2) + 1


def _sums(form: WorkbookForm, report: YearReport, office: OfficeYearScore) -> Iterator[str]:
    """Yield the sums of the lines, the total, and where the office stands."""
    row = year_values(office, report.year, report.score.decimals)
    yield ",  ".join(
        f"{named(COMPONENTS, component, form.locale)} {row[component.value] or '—'}"
        for component in (*DAILY, *BESIDE_DAILY)
    )
    total = N_("Total {total}") if office.complete else N_("Total {total}, provisional")
    yield form.say(total, total=fixed(office.total, report.score.decimals))
    among = report.ranking_sizes.among(office)
    yield from (said.render(form.locale) for said in standing(office, among, form.locale))


RULE_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("clause", N_("Clause"), "code", 9),
    ReportColumn("label", N_("What"), "text", 34),
    ReportColumn("reading", N_("Whose reading"), "text", 34),
    ReportColumn("place", N_("Published words"), "text", 70),
)


def add_rules(form: WorkbookForm, report: YearReport) -> None:
    """Add the standard's entries: clause, label, the words, and where the reading is ours."""
    name = form.word(N_("Rules"))
    sheet = form.begin(name, f"{form.title}  {name}", [column.width for column in RULE_COLUMNS])
    form.head(sheet, [form.word(column.label) for column in RULE_COLUMNS])
    form.freeze(sheet, 1)
    rows = [_rule(form, report, entry) for entry in entries(report.in_force.standard)]
    form.foot(sheet, form.rows(sheet, RULE_COLUMNS, rows, FIRST_ROW) + 1)


def _rule(form: WorkbookForm, report: YearReport, entry: Entry) -> dict[str, Any]:
    place, mended = quotation(entry)
    return {
        "clause": entry.clause,
        "label": entry.label.in_locale(form.locale),
        "reading": standing_of_all(report, [entry], form.locale),
        "place": place + (form.word(MENDED) if mended else ""),
    }
