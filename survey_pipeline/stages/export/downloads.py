"""An export as a user downloads it: written to a folder, and recorded in the audit log."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.reports.breakdowns import Breakdowns
from survey_pipeline.reports.hotline_statements import QuarterStatements
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.reports.survey_figures.figure_table import MonthFigures
from survey_pipeline.reports.year_report import read_year
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.formats import (
    write_breakdowns,
    write_estimates,
    write_month,
    write_outcomes,
    write_statements,
    write_year,
)
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.vocabulary import AuditAction, Audited

ANSWER_FORMS = ("csv", "parquet")
F = TypeVar("F", MonthFigures, Breakdowns)


def take_month(
    context: Context, month: str, version: int | None, form: str, locale: str, folder: Path
) -> Path:
    """Write a stored month, record who downloads it, and return the file.

    Args:
        context: the workspace; its actor takes the file.
        month: `YYYY-MM`.
        version: the stored version; the latest where none is named.
        form: `xlsx`, `csv`, `json` or `html`.
        locale: of the file's words.
        folder: where to.

    Raises:
        UnknownRecord: the month was never scored, or has no such version.
        UsageError: there is no such form.
    """
    report = read_month(context, month, version)
    path = folder / f"satisfaction-{month}.{form}"
    write_month(report, form, path, locale)
    note_export(context, Audited.MONTH_SCORES, f"{month}/{report.version}", path)
    return path


def take_outcomes(
    context: Context, figures: MonthFigures, form: str, locale: str, folder: Path
) -> Path:
    """Write a month's outcome rates for statisticians, as `take_month` does its scores."""
    name = f"outcomes-{figures.report.month}.{form}"
    return _take_figures(context, figures, write_outcomes, folder / name, locale)


def take_estimates(
    context: Context, figures: MonthFigures, form: str, locale: str, folder: Path
) -> Path:
    """Write a month's estimates, as `take_month` does its scores."""
    name = f"estimates-{figures.report.month}.{form}"
    return _take_figures(context, figures, write_estimates, folder / name, locale)


def take_breakdowns(
    context: Context, figures: Breakdowns, form: str, locale: str, folder: Path
) -> Path:
    """Write ratings by group, as `take_month` does a month's scores."""
    name = f"breakdowns-{figures.period}.{form}"
    return _take_figures(context, figures, write_breakdowns, folder / name, locale)


def take_year(
    context: Context, year: int, version: int, form: str, locale: str, folder: Path
) -> Path:
    """Write a stored year, as `take_month` does a month."""
    report = read_year(context, year, version)
    path = folder / f"appraisal-{year}.{form}"
    write_year(report, form, path, locale)
    note_export(context, Audited.YEAR_SCORES, f"{year}/{version}", path)
    return path


def take_statements(
    context: Context, report: QuarterStatements, form: str, locale: str, folder: Path
) -> Path:
    """Write the statements of a hotline quarter, as `take_month` does a month."""
    path = folder / f"hotline-{report.year}-{report.period.name}.{form}"
    write_statements(report, form, path, locale)
    note_export(context, Audited.HOTLINE_QUARTERS, f"{report.year}/{report.period.name}", path)
    return path


def take_answers(context: Context, month: str, form: str, folder: Path) -> Path:
    """Write a month's answers, a row per drawn case under a pseudonym, and record it."""
    if form not in ANSWER_FORMS:
        raise UsageError(
            "there is no form {form}; there are {forms}", form=form, forms=", ".join(ANSWER_FORMS)
        )
    path = folder / f"answers-{month}.{form}"
    write_answers(context, month, path, form)
    note_export(context, Audited.ANSWERS, month, path)
    return path


def _take_figures(
    context: Context,
    figures: F,
    writer: Callable[[F, str, Path, str], None],
    path: Path,
    locale: str,
) -> Path:
    writer(figures, path.suffix.removeprefix("."), path, locale)
    note_figures(context, figures, path)
    return path


def note_figures(context: Context, figures: MonthFigures | Breakdowns, path: Path) -> None:
    """Put on record who took which figures about the survey."""
    if isinstance(figures, MonthFigures):
        version = f"{figures.report.month}/{figures.report.version}"
        note_export(context, Audited.MONTH_SCORES, version, path)
    else:
        note_export(context, Audited.ANSWERS, figures.period, path)


def note_export(context: Context, kind: Audited, key: str, path: Path) -> None:
    """Put on record who took which file: of a page, before it leaves."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    said = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.EXPORTED,
        kind=kind,
        key=key,
        after={"file": path.name, "sha256": digest},
        reason=path.name,
    )
    with writing(context.engine) as connection:
        audit.append(connection, [said])
