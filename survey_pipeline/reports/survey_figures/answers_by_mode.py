"""A month's ratings by the way they were given, and what callers corrected."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, case, func, select

from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports import month_summaries
from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.reports.month_summaries import RateEstimate, ratio
from survey_pipeline.reports.survey_figures import plain_words
from survey_pipeline.reports.survey_figures.figure_table import FigureTable, bounds, to_places
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.statistics.intervals import wilson
from survey_pipeline.store.tables import call_attempts, calls, surveys
from survey_pipeline.survey.beside_rating import corrects_rating, heard_beside_rating
from survey_pipeline.survey.undone import undone
from survey_pipeline.vocabulary import Rating
from survey_pipeline.vocabulary.names import MODES

MODE_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("mode", N_("Code"), "code", 11),
    ReportColumn("name", N_("Mode"), "text", 24),
    ReportColumn("satisfied", N_("Satisfied"), "count", 9),
    ReportColumn("neutral", N_("Neutral"), "count", 9),
    ReportColumn("dissatisfied", N_("Dissatisfied"), "count", 9),
    ReportColumn("rated", N_("Rated"), "count", 9),
    ReportColumn("rate", N_("Satisfaction rate"), "share", 9),
    ReportColumn("rate_low", N_("Rate, lower bound"), "share", 9),
    ReportColumn("rate_high", N_("Rate, upper bound"), "share", 9),
)
CORRECTED_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("caller", N_("Caller"), "text", 24),
    ReportColumn("heard", N_("Answers beside a rating by SMS"), "count", 12),
    ReportColumn("corrected", N_("Corrected"), "count", 9),
    ReportColumn("share", N_("Share corrected"), "share", 9),
    ReportColumn("share_low", N_("Share, lower bound"), "share", 9),
    ReportColumn("share_high", N_("Share, upper bound"), "share", 9),
)


def rates_by_mode(report: MonthReport) -> FigureTable:
    """Return a month's ratings by SMS, on the phone, and delivered by others, as scored."""
    values = report.in_force.standard.satisfaction.values
    rows = [
        _mode_row(found.mode, MODES[found.mode], found.counts, found.share)
        for found in month_summaries.modes(report.appraised, values)
    ]
    delivered = sum(map(_delivered, report.appraised), Answers())
    counts = {rating.value: delivered.of(rating) for rating in Rating}
    share = month_summaries.share_of(counts, values)
    rows.append(_mode_row("delivered", N_("Delivered"), counts, share))
    title = N_("Rates by the way the answer was given")
    return FigureTable("modes", title, plain_words.MODES, MODE_COLUMNS, rows)


def _delivered(row: MonthRow) -> Answers:
    """Return what others delivered of an office: counts, or results of single cases."""
    counts = row.delivered_by_others.answers if row.delivered_by_others else Answers()
    return counts + (row.delivered_by_case.delivered if row.delivered_by_case else Answers())


def _mode_row(
    mode: str, label: str, counts: Mapping[str, int], share: RateEstimate
) -> dict[str, Any]:
    return {
        "mode": mode,
        "name": Message(label),
        **counts,
        "rated": sum(counts.values()),
        "rate": to_places(share.rate),
        "rate_low": to_places(share.low),
        "rate_high": to_places(share.high),
    }


def corrected_ratings(connection: Connection, month: str) -> FigureTable:
    """Return how many of the answers that each caller heard beside a rating corrected it.

    Of the cases reported in the month; attempts that were taken back do not count.
    """
    rows = list(_corrected(connection, month))
    title = N_("Corrected ratings by caller")
    return FigureTable("corrected", title, plain_words.CORRECTED, CORRECTED_COLUMNS, rows)


def _corrected(connection: Connection, month: str) -> Iterator[dict[str, Any]]:
    rows = connection.execute(
        select(call_attempts.c.by, func.count(), func.sum(case((corrects_rating(), 1), else_=0)))
        .join(calls, calls.c.id == call_attempts.c.call_id)
        .join(surveys, surveys.c.id == call_attempts.c.survey_id)
        .where(surveys.c.month == month, heard_beside_rating(), ~undone())
        .group_by(call_attempts.c.by)
        .order_by(call_attempts.c.by)
    )
    for caller, heard, corrected in rows:
        share = ratio(corrected, heard)
        interval = None if share is None else wilson(share, heard)
        yield {
            "caller": caller,
            "heard": heard,
            "corrected": corrected,
            "share": to_places(share),
            **bounds(interval, "share"),
        }
