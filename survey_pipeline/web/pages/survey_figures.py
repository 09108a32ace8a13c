"""`/scores/outcomes`, `/scores/estimates`: what a month's survey says of itself, for analysts."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.reports.statisticians_notes import rates_notes
from survey_pipeline.reports.survey_figures.eligible_shares import GivenShares, read_shares
from survey_pipeline.reports.survey_figures.estimates import survey_estimates
from survey_pipeline.reports.survey_figures.figure_table import (
    GROUPINGS,
    FigureTable,
    MonthFigures,
    shown_cell,
)
from survey_pipeline.reports.survey_figures.outcome_rates import outcome_rates
from survey_pipeline.reports.survey_figures.plain_words import BESIDE_POINTS
from survey_pipeline.stages.export.downloads import take_estimates, take_outcomes
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import parse_month
from survey_pipeline.web.pages.passing_files import send_file
from survey_pipeline.web.rendering.page import locale_of, render

router = APIRouter(include_in_schema=False)

By = Annotated[str, Query(max_length=20)]
Share = Annotated[str, Query(max_length=20)]
"""e of one class of unknown cases, 0 to 1; empty: estimated."""
CODES = ("grouping", "group", "mode")
"""Columns that the page leaves to files."""
OUTCOME_GROUPINGS = ("category", "parent", "office", "month", "mode", "caller")
ESTIMATE_GROUPINGS = ("category", "parent", "office")


@router.get("/scores/outcomes/month/{month}")
def outcomes_page(
    request: Request,
    context: Workspace,
    month: str,
    by: By = "category",
    uh: Share = "",
    uo: Share = "",
) -> Response:
    """Show a month's outcome rates in one grouping."""
    figures = _outcomes(context, month, _given(uh, uo))
    return _page(
        request,
        figures,
        "outcomes",
        groupings=OUTCOME_GROUPINGS,
        by=_grouping(by, OUTCOME_GROUPINGS),
        notes=rates_notes(),
        shares={"uh": uh, "uo": uo},
    )


@router.get("/scores/outcomes/month/{month}/{form}")
def outcomes_file(
    request: Request, context: Workspace, month: str, form: str, uh: Share = "", uo: Share = ""
) -> Response:
    """Answer a month's outcome rates as a file, in the visitor's language."""
    figures, locale = _outcomes(context, month, _given(uh, uo)), locale_of(request)
    return send_file(context, lambda folder: take_outcomes(context, figures, form, locale, folder))


@router.get("/scores/estimates/month/{month}")
def estimates_page(
    request: Request, context: Workspace, month: str, by: By = "category"
) -> Response:
    """Show a month's estimates in one grouping; bands are of offices."""
    figures = survey_estimates(context, read_month(context, parse_month(month)))
    return _page(
        request,
        figures,
        "estimates",
        groupings=ESTIMATE_GROUPINGS,
        by=_grouping(by, ESTIMATE_GROUPINGS),
        notes=[],
        shares=None,
    )


@router.get("/scores/estimates/month/{month}/{form}")
def estimates_file(request: Request, context: Workspace, month: str, form: str) -> Response:
    """Answer a month's estimates as a file, in the visitor's language."""
    figures = survey_estimates(context, read_month(context, parse_month(month)))
    locale = locale_of(request)
    return send_file(context, lambda folder: take_estimates(context, figures, form, locale, folder))


def _outcomes(context: Context, month: str, given: GivenShares) -> MonthFigures:
    return outcome_rates(context, read_month(context, parse_month(month)), given)


def _given(uh: str, uo: str) -> GivenShares:
    named = (("UH", uh), ("UO", uo))
    return read_shares(f"{group}={share}" for group, share in named if share.strip())


def _grouping(by: str, known: Sequence[str]) -> str:
    """Return the grouping asked for.

    Raises:
        UsageError: there is no such grouping.
    """
    if by not in known:
        raise UsageError(
            "there is no grouping {name}; there are {names}", name=by, names=", ".join(known)
        )
    return by


def _page(
    request: Request, figures: MonthFigures, kind: str, *, by: str, **values: Any
) -> Response:
    locale = locale_of(request)
    return render(
        request,
        "survey_figures.html",
        kind=kind,
        by=by,
        month=figures.report.month,
        head=figures.report,
        tables=[_shown(table, by) for table in figures.tables],
        words=GROUPINGS,
        beside_points=Message(BESIDE_POINTS),
        cell=_cells(locale),
        period=month_writer(request),
        **values,
    )


def _shown(table: FigureTable, by: str) -> dict[str, Any]:
    """Return a table with the rows of one grouping, under the whole city, and its sentences."""
    if table.groupings:
        table = table.narrowed("city", by) if by in table.groupings else table.narrowed()
    return {
        "name": table.name,
        "title": table.title,
        "explained": [Message(text) for text in table.explained],
        "columns": [column for column in table.columns if column.name not in CODES],
        "rows": table.rows,
    }


def _cells(locale: str) -> Callable[..., Any]:
    return lambda column, row: shown_cell(column, row[column.name], locale)
