"""Writes a report in the form asked for; what a form needs is loaded only for it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from survey_pipeline.errors import UsageError
from survey_pipeline.stages.export.destination import replaced

if TYPE_CHECKING:
    from survey_pipeline.reports.breakdowns import Breakdowns
    from survey_pipeline.reports.hotline_statements import QuarterStatements
    from survey_pipeline.reports.month_report import MonthReport
    from survey_pipeline.reports.survey_figures.figure_table import MonthFigures
    from survey_pipeline.reports.year_report import YearReport

Writer = Callable[[Any, Path, str], None]
"""Writes a report to a path, in a locale."""

MONTH_WRITERS: Mapping[str, str] = {
    "xlsx": "month_workbook:write_workbook",
    "csv": "month_data:write_csv",
    "json": "month_data:write_json",
    "html": "month_page:write_page",
}
YEAR_WRITERS: Mapping[str, str] = {
    "xlsx": "year_workbook:write_year_workbook",
    "csv": "year_data:write_year_csv",
    "json": "year_data:write_year_json",
    "html": "year_page:write_year_page",
}
STATEMENT_WRITERS: Mapping[str, str] = {
    "xlsx": "hotline_workbook:write_statements_workbook",
    "csv": "hotline_data:write_statements_csv",
    "json": "hotline_data:write_statements_json",
}
FIGURE_WRITERS: Mapping[str, str] = {
    "csv": "figures_data:write_figures_csv",
    "json": "figures_data:write_figures_json",
}
OUTCOME_WRITERS: Mapping[str, str] = {
    "xlsx": "outcomes_workbook:write_outcomes",
    **FIGURE_WRITERS,
}
ESTIMATE_WRITERS: Mapping[str, str] = {
    "xlsx": "estimates_workbook:write_estimates",
    **FIGURE_WRITERS,
}
BREAKDOWN_WRITERS: Mapping[str, str] = {
    "xlsx": "breakdowns_workbook:write_breakdowns",
    **FIGURE_WRITERS,
}
"""By form, the `Writer` of this room as `file:function`: its libraries load when it is used."""

FORMS = tuple(MONTH_WRITERS)
"""What a month or a year can be written as."""


def write_month(report: "MonthReport", form: str, path: Path, locale: str) -> None:
    """Write a month; a reader never sees half of it.

    Args:
        report: the month's scores.
        form: one of `FORMS`.
        path: where to; an older file is replaced.
        locale: `zh_CN` or `en`.

    Raises:
        UsageError: there is no such form.
        CannotProceed: nothing can be written there.
    """
    _write(MONTH_WRITERS, report, form, path, locale)


def write_year(report: "YearReport", form: str, path: Path, locale: str) -> None:
    """Write an appraisal year, as `write_month` does a month."""
    _write(YEAR_WRITERS, report, form, path, locale)


def write_statements(report: "QuarterStatements", form: str, path: Path, locale: str) -> None:
    """Write the statements of a hotline quarter, as `write_month` does a month."""
    _write(STATEMENT_WRITERS, report, form, path, locale)


def write_outcomes(figures: "MonthFigures", form: str, path: Path, locale: str) -> None:
    """Write a month's outcome rates for statisticians, as `write_month` does its scores."""
    _write(OUTCOME_WRITERS, figures, form, path, locale)


def write_estimates(figures: "MonthFigures", form: str, path: Path, locale: str) -> None:
    """Write a month's estimates for analysts, as `write_month` does its scores."""
    _write(ESTIMATE_WRITERS, figures, form, path, locale)


def write_breakdowns(figures: "Breakdowns", form: str, path: Path, locale: str) -> None:
    """Write ratings by group, as `write_month` does a month's scores."""
    _write(BREAKDOWN_WRITERS, figures, form, path, locale)


def _write(writers: Mapping[str, str], report: object, form: str, path: Path, locale: str) -> None:
    if form not in writers:
        raise UsageError(
            "there is no form {form}; there are {forms}", form=form, forms=", ".join(writers)
        )
    write: Writer = resolve_name(f"{__package__}.{writers[form]}")
    with replaced(path) as temporary:
        write(report, temporary, locale)
