"""The year as a workbook: rankings, a sheet a component, a statement an office, and the rules.

Statements stand on one sheet a category, each office on a page of its own: a thousand sheets would
be too many to leaf through, and Excel opens them one by one.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.month_columns import BY_NAME, ReportColumn
from survey_pipeline.reports.year_columns import RANKING_COLUMNS, year_values
from survey_pipeline.reports.year_report import YearReport, missing_of, totals_of
from survey_pipeline.reports.year_standing import comparison
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.stages.export.sheet_layout import FIRST_ROW, HEAD_ROW
from survey_pipeline.stages.export.workbook_form import Imprint, WorkbookForm
from survey_pipeline.stages.export.year_appendix import add_appendix
from survey_pipeline.stages.export.year_sheets import add_component, add_rules, add_statements
from survey_pipeline.vocabulary import Category, Component
from survey_pipeline.vocabulary.names import CATEGORIES, named

OVERVIEW_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("category", N_("Category"), "text", 26),
    ReportColumn("ranking", N_("Ranked among"), "text", 24),
    ReportColumn("offices", N_("Offices"), "count", 12),
    ReportColumn("lacking", N_("Lacking a component"), "count", 14),
    ReportColumn("mean", N_("Mean total"), "points", 14),
    ReportColumn("highest", N_("Highest total"), "points", 14),
    ReportColumn("lowest", N_("Lowest total"), "points", 14),
)
EXEMPT_COLUMNS: tuple[ReportColumn, ...] = (
    BY_NAME["office_code"],
    BY_NAME["office"],
    BY_NAME["category"],
    BY_NAME["parent"],
    ReportColumn("reason", N_("Reason"), "text", 60),
)


def write_year_workbook(report: YearReport, path: Path, locale: str) -> None:
    """Write the workbook; the same scores give the same bytes.

    Args:
        report: the year's scores.
        path: where to.
        locale: `zh_CN` or `en`.
    """
    form = WorkbookForm(path, _imprint(report), locale)
    _add_overview(form, report)
    for category in report.categories:
        _add_ranking(form, report, category)
    _add_exempt(form, report)
    for component in Component:
        add_component(form, report, component)
    for category in report.categories:
        add_statements(form, report, category)
    add_rules(form, report)
    add_appendix(form, report)
    form.workbook.close()


def _imprint(report: YearReport) -> Imprint:
    return Imprint(
        title=Message("Appraisal of {year}", {"year": report.year}),
        first=report.score.window.after + ONE_DAY,
        last=report.score.window.until,
        units=Message("Units: points"),
        footer=Message(
            "{period}, version {version}", {"period": report.year, "version": report.version}
        ),
        standard=report.score.standard_id,
        standard_hash=report.standard_hash,
        marks=report.marks(),
        places=report.in_force.standard.rounding.shown,
    )


def _add_overview(form: WorkbookForm, report: YearReport) -> None:
    name = form.word(N_("Overview"))
    sheet = form.begin(name, form.title, [column.width for column in OVERVIEW_COLUMNS])
    form.head(sheet, [form.word(column.label) for column in OVERVIEW_COLUMNS])
    form.freeze(sheet, 1)
    rows = [
        row
        for category in report.categories
        for row in _summaries(
            form,
            named(CATEGORIES, category, form.locale),
            [office for office in report.score.offices if office.office.category is category],
        )
    ]
    end = form.rows(sheet, OVERVIEW_COLUMNS, rows)
    for total in _summaries(form, form.word(N_("Total")), report.score.offices):
        for place, column in enumerate(OVERVIEW_COLUMNS):
            form.write(sheet, end, place, column.kind, total[column.name], total=True)
        end += 1
    more = [
        form.say("Total = daily + online + bonus - missing material."),
        form.say(
            "Offices with an online score and those without are two rankings; equal totals share a "
            "rank (1 1 3), compared by four decimals."
        ),
        form.say(
            "A rank is among complete offices. An office that lacks a component has none; its "
            "provisional rank is by the components that every office of its table has."
        ),
        form.say(
            "Mean, highest and lowest total are those of complete offices of one ranking: a total "
            "with the online score's 15 points cannot be averaged with one without them."
        ),
    ]
    form.foot(sheet, end + 2, *more)


def _summaries(
    form: WorkbookForm, label: str, offices: Sequence[OfficeYearScore]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each ranking that has offices: with an online score, and without one."""
    for online, ranking in (
        (True, N_("With an online score")),
        (False, N_("Without an online score")),
    ):
        alike = [office for office in offices if office.has_online_score is online]
        if alike:
            totals = totals_of(alike)
            yield {
                "category": label,
                "ranking": form.word(ranking),
                "offices": totals.offices,
                "lacking": totals.lacking,
                "mean": fixed(totals.mean, 4),
                "highest": fixed(totals.highest, 4),
                "lowest": fixed(totals.lowest, 4),
            }


def _add_ranking(form: WorkbookForm, report: YearReport, category: Category) -> None:
    """Add a category's ranking: with an online score, then below, apart, without one."""
    name = named(CATEGORIES, category, form.locale)
    columns = RANKING_COLUMNS
    sheet = form.begin(name, f"{form.title}  {name}", [column.printed_width for column in columns])
    row, headed = HEAD_ROW, False
    for online, title in (
        (True, N_("With an online score")),
        (False, N_("Without an online score")),
    ):
        offices = report.of_category(category, online=online)
        if not offices:
            continue
        if headed:
            row += 1
        bold = form.style(bold=True)
        sheet.write_string(row, 0, form.word(title), bold)
        form.head(sheet, [form.word(column.label) for column in columns], row + 1, height=46)
        row = form.rows(
            sheet, columns, [_row(report, office, form.locale) for office in offices], row + 2
        )
        said = comparison(offices[0].ranks, online=online, locale=form.locale)
        sheet.write_string(row, 0, said.render(form.locale))
        row, headed = row + 1, True
    sheet.freeze_panes(HEAD_ROW, 5)
    form.foot(sheet, row + 1)


def _row(report: YearReport, office: OfficeYearScore, locale: str) -> dict[str, Any]:
    return {
        **year_values(office, report.year, report.score.decimals),
        "missing": missing_of(office, locale),
    }


def _add_exempt(form: WorkbookForm, report: YearReport) -> None:
    """List the offices that are not appraised with their reason, if there are any."""
    if not report.score.exempt:
        return
    name = form.word(N_("Not appraised"))
    columns = EXEMPT_COLUMNS
    sheet = form.begin(name, f"{form.title}  {name}", [column.width for column in columns])
    form.head(sheet, [form.word(column.label) for column in columns])
    form.freeze(sheet)
    rows = [
        {
            "office_code": office.office_code,
            "office": office.name,
            "category": named(CATEGORIES, office.category, form.locale),
            "parent": office.parent,
            "reason": office.exempt_reason,
        }
        for office in report.score.exempt
    ]
    form.rows(sheet, columns, rows, FIRST_ROW)
