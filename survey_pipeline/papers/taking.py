"""A paper as a user downloads it: written to a folder, and recorded in the audit log."""

from datetime import date
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.papers.all_statements import offices_with_statement, statements_of
from survey_pipeline.papers.month_notice import MonthNotice
from survey_pipeline.papers.paper import OutgoingPaper
from survey_pipeline.papers.reminder import Reminder
from survey_pipeline.papers.writing import FORMS, write_archive, write_paper
from survey_pipeline.papers.year_notice import YearNotice
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.reports.own_records import own_year
from survey_pipeline.reports.year_report import read_year
from survey_pipeline.stages.export.downloads import note_export
from survey_pipeline.vocabulary import Audited


def take_notice(
    context: Context, period: str | int, version: int, form: str, locale: str, folder: Path
) -> Path:
    """Write the notice of a stored month or year, record who downloads it, and return the file.

    Args:
        context: the workspace; its actor takes the file.
        period: a month (`YYYY-MM`) or an appraisal year.
        version: the stored version.
        form: one of `FORMS`.
        locale: of the paper's words.
        folder: where to.

    Raises:
        UnknownRecord: there is no such version.
        UsageError: there is no such form.
        CannotProceed: PDF cannot be made.
    """
    if isinstance(period, int):
        paper = YearNotice(context, read_year(context, period, version), locale).paper()
    else:
        paper = MonthNotice(context, read_month(context, period, version), locale).paper()
    return _taken(context, paper, form, folder, _scores(period), f"{period}/{version}")


def take_statement(
    context: Context, period: str | int, office_code: str, form: str, locale: str, folder: Path
) -> Path:
    """Write an office's statement, as `take_notice` does a notice."""
    paper = statements_of(context, period, locale).paper(office_code)
    return _taken(context, paper, form, folder, _scores(period), f"{period}/{office_code}")


def take_own_statement(
    context: Context, period: str | int, office_code: str, form: str, locale: str, folder: Path
) -> Path:
    """Write an office's statement for the office itself: a year's once it is published."""
    if isinstance(period, int) and own_year(context, office_code, period) is None:
        raise UnknownRecord("the scores of {year} are not published yet", year=period)
    return take_statement(context, period, office_code, form, locale, folder)


def take_all_statements(context: Context, period: str | int, locale: str, folder: Path) -> Path:
    """Write every office's statement into one archive of Word documents, and record it."""
    maker, path = statements_of(context, period, locale), folder / f"statements-{period}.zip"
    offices = offices_with_statement(context, period)
    write_archive(context, (maker.paper(office) for office in offices), path, ("docx",))
    note_export(context, _scores(period), str(period), path)
    return path


def take_reminder(context: Context, day: date, form: str, locale: str, folder: Path) -> Path:
    """Write the reminder of a day, as `take_notice` does a notice."""
    paper = Reminder(context, day, locale).paper()
    return _taken(context, paper, form, folder, Audited.REMINDERS, str(day))


def _scores(period: str | int) -> Audited:
    return Audited.YEAR_SCORES if isinstance(period, int) else Audited.MONTH_SCORES


def _taken(
    context: Context, paper: OutgoingPaper, form: str, folder: Path, kind: Audited, key: str
) -> Path:
    if form not in FORMS:
        raise UsageError(
            "there is no form {form}; there are {forms}", form=form, forms=", ".join(FORMS)
        )
    path = folder / f"{paper.name}.{form}"
    write_paper(context, paper, path, form)
    note_export(context, kind, key, path)
    return path
