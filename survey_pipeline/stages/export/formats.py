"""Writes a month or a year in the form asked for; what a form needs is loaded only for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from survey_pipeline.errors import UsageError
from survey_pipeline.stages.export.destination import replaced

if TYPE_CHECKING:
    from survey_pipeline.reports.hotline_statements import QuarterStatements
    from survey_pipeline.reports.month_report import MonthReport
    from survey_pipeline.reports.year_report import YearReport

FORMS = ("xlsx", "csv", "json", "html")
"""What a month or a year can be written as."""
STATEMENT_FORMS = ("xlsx", "csv", "json")
"""What the statements of a hotline quarter can be written as."""


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
    _check(form)
    with replaced(path) as temporary:
        if form == "xlsx":
            from survey_pipeline.stages.export.month_workbook import (  # noqa: PLC0415 - loads XlsxWriter
                write_workbook as write,
            )
        elif form == "html":
            from survey_pipeline.stages.export.month_page import (  # noqa: PLC0415 - loads Jinja2
                write_page as write,
            )
        elif form == "csv":
            from survey_pipeline.stages.export.month_data import (  # noqa: PLC0415 - as its neighbours
                write_csv as write,
            )
        else:
            from survey_pipeline.stages.export.month_data import (  # noqa: PLC0415 - as its neighbours
                write_json as write,
            )
        write(report, temporary, locale)


def write_outcomes(report: "MonthReport", path: Path, locale: str) -> None:
    """Write a month's outcome codes for statisticians, as `write_month` does its scores."""
    from survey_pipeline.stages.export.outcomes_workbook import (  # noqa: PLC0415 - loads XlsxWriter
        write_outcomes as write,
    )

    with replaced(path) as temporary:
        write(report, temporary, locale)


def write_year(report: "YearReport", form: str, path: Path, locale: str) -> None:
    """Write an appraisal year, as `write_month` does a month."""
    _check(form)
    with replaced(path) as temporary:
        if form == "xlsx":
            from survey_pipeline.stages.export.year_workbook import (  # noqa: PLC0415 - loads XlsxWriter
                write_year_workbook as write,
            )
        elif form == "html":
            from survey_pipeline.stages.export.year_page import (  # noqa: PLC0415 - loads Jinja2
                write_year_page as write,
            )
        elif form == "csv":
            from survey_pipeline.stages.export.year_data import (  # noqa: PLC0415 - as above
                write_year_csv as write,
            )
        else:
            from survey_pipeline.stages.export.year_data import (  # noqa: PLC0415 - as above
                write_year_json as write,
            )
        write(report, temporary, locale)


def write_statements(report: "QuarterStatements", form: str, path: Path, locale: str) -> None:
    """Write the statements of a hotline quarter, as `write_month` does a month."""
    _check(form, STATEMENT_FORMS)
    with replaced(path) as temporary:
        if form == "xlsx":
            from survey_pipeline.stages.export.hotline_workbook import (  # noqa: PLC0415 - as above
                write_statements_workbook as write,
            )
        elif form == "csv":
            from survey_pipeline.stages.export.hotline_data import (  # noqa: PLC0415 - as above
                write_statements_csv as write,
            )
        else:
            from survey_pipeline.stages.export.hotline_data import (  # noqa: PLC0415 - as above
                write_statements_json as write,
            )
        write(report, temporary, locale)


def _check(form: str, forms: Sequence[str] = FORMS) -> None:
    if form not in forms:
        raise UsageError(
            "there is no form {form}; there are {forms}", form=form, forms=", ".join(forms)
        )
