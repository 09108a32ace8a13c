"""The statements of a period: which offices have one, and the maker of each."""

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.papers.month_statement import MonthStatements
from survey_pipeline.papers.year_statement import YearStatements
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.reports.stored_scores import year_head, year_table


def statements_of(
    context: Context, period: str | int, locale: str
) -> MonthStatements | YearStatements:
    """Return what makes the statements of a month (`YYYY-MM`) or of an appraisal year."""
    if isinstance(period, int):
        return YearStatements(context, period, locale)
    return MonthStatements(context, period, locale)


def offices_with_statement(context: Context, period: str | int) -> list[str]:
    """Return the codes of the offices that are scored in a period's latest score.

    Raises:
        UnknownRecord: the period was never scored.
    """
    if isinstance(period, str):
        return [row.office_code for row in read_month(context, period).appraised]
    head = year_head(context, period)
    if head is None:
        raise UnknownRecord("{year} has no stored scores", year=period)
    return [row.office_code for row in year_table(context, period, head.id).offices]
