"""`/scores`: the analyst's month as tables and charts, and an office's month line by line."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from survey_pipeline import appraisal
from survey_pipeline.adoption import as_published
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.reports import ranking, stored_scores
from survey_pipeline.reports.definitions import definitions
from survey_pipeline.reports.handover_returns import read_returns
from survey_pipeline.reports.month_charts import MonthCharts, month_charts, trend_until
from survey_pipeline.reports.month_report import MonthReport, notes_of, read_month
from survey_pipeline.reports.ranking import RankedOffice, RankingFilter
from survey_pipeline.reports.score_objections import disputed_in_month, objections_to_month
from survey_pipeline.reports.stored_scores import ScoreHead
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.standard import InForce, standard_of_month
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.vocabulary import Category
from survey_pipeline.vocabulary.names import (
    CATEGORIES,
    DISPOSITIONS,
    DISSATISFIED_WITH,
    MODES,
    OBJECTION_DECISIONS,
    RATING_HEADINGS,
    SCORE_SOURCES,
)
from survey_pipeline.vocabulary.record_names import AUDIT_ACTIONS, KINDS
from survey_pipeline.web.access import PUBLISHERS, Workspace
from survey_pipeline.web.pages.chart_data import bin_label, drawings
from survey_pipeline.web.pages.disclosure import Disclosure
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import parse_month
from survey_pipeline.web.pages.score_lines import shown_line
from survey_pipeline.web.pages.score_tables import (
    Short,
    TableLink,
    filter_parameters,
    office_address,
    rows_shown,
    version_changes,
)
from survey_pipeline.web.rendering.fragment_cache import LruCache, cached_fragment
from survey_pipeline.web.rendering.page import locale_of, render

MOST_MONTHS = 2
"""Months whose figures are cached for another order or filter: 10 MB each, with 1,000 offices."""


class Month(NamedTuple):
    """A stored version of a month, its offices with their bands, and charts of categories."""

    report: MonthReport
    offices: Sequence[RankedOffice]
    charts: LruCache[MonthCharts]


MonthName = Annotated[str, Query(alias="month", max_length=20)]

FILTERS = filter_parameters(ranking.KEYS)
WORDS: Mapping[str, Mapping[str, str]] = {
    "categories": CATEGORIES,
    "sources": SCORE_SOURCES,
    "ratings": RATING_HEADINGS,
    "modes": MODES,
    "reasons": DISSATISFIED_WITH,
    "outcomes": DISPOSITIONS,
    "kinds": KINDS,
    "decisions": OBJECTION_DECISIONS,
}

router = APIRouter(include_in_schema=False)


@router.get("/scores")
def month_page(
    request: Request,
    context: Workspace,
    asked: MonthName = "",
    wanted: RankingFilter = FILTERS,
    computed: Short = "",
) -> Response:
    """Show a month: its figures, charts, and a table per category."""
    choices = stored_scores.month_choices(context)
    month = parse_month(asked) if asked else _first_choice(context, choices)
    head = stored_scores.month_head(context, month)
    in_force = _in_force(context, month) if head else None
    return render(
        request,
        "scores.html",
        month=month,
        choices=choices,
        head=head,
        year=in_force.standard.year if in_force else None,
        computed=computed,
        changes=version_changes(context, month, head, computed),
        words={"kinds": KINDS, "actions": AUDIT_ACTIONS},
        period=month_writer(request),
        returns=read_returns(context, month),
        signal_readers=PUBLISHERS,
        shown=_month(request, context, month, head, in_force, wanted) if head and in_force else "",
    )


def _in_force(context: Context, month: str) -> InForce:
    return standard_of_month(month, context.settings.standards, context.home / FOLDER)


def _month(
    request: Request,
    context: Context,
    month: str,
    head: ScoreHead,
    in_force: InForce,
    wanted: RankingFilter,
) -> Markup:
    """Return figures, charts and tables of a stored version, cached by all that they depend on."""
    trend = trend_until(context, in_force, month, wanted.category)
    version = (head, in_force.file_hash)
    disputed = disputed_in_month(context, month)

    def values() -> dict[str, Any]:
        months: LruCache[Month] = request.app.state.months
        cached = months.get(version, lambda: _read(context, month, head.version))
        charts = cached.charts.get(
            (trend, wanted.category), lambda: month_charts(cached.report, trend, wanted.category)
        )
        return {
            "month": month,
            "head": head,
            "report": cached.report,
            "period": month_writer(request),
            "charts": charts,
            "drawings": drawings(charts, locale_of(request)),
            "bin_label": bin_label,
            "disputed": disputed,
            **_tables(request, cached, wanted),
        }

    key = (version, trend, disputed, wanted)
    return cached_fragment(request, "_scores_month.html", key, values)


def _read(context: Context, month: str, version: int) -> Month:
    report = read_month(context, month, version)
    return Month(report, ranking.ranked_offices(report), LruCache(1 + len(Category)))


@router.post("/scores/compute")
def compute_month(context: Workspace, month: Annotated[str, Form(max_length=20)]) -> Response:
    """Compute a month; with the same inputs the present version stays."""
    stored = appraisal.score_month(context, parse_month(month))
    computed = "new" if stored.is_new else "same"
    return RedirectResponse(f"/scores?month={stored.month}&computed={computed}", status_code=303)


@router.get("/scores/month/{month}/{office_code:path}")
def office_page(request: Request, context: Workspace, month: str, office_code: str) -> Response:
    """Show an office's month: every line of its points beside its clause."""
    month = parse_month(month)
    months = stored_scores.office_months(context, office_code)
    shown = next((scored_month for scored_month in months if scored_month.month == month), None)
    if shown is None:
        raise UnknownRecord(
            "there is no score of {office} for {period}", office=office_code, period=month
        )
    in_force = as_published(context, _in_force(context, month), shown.head.published_at)
    disclosure = Disclosure(in_force.standard, context.home, locale_of(request))
    least = context.settings.privacy.min_cell
    rows = {scored_month.month: ranking.alone(scored_month.row, least) for scored_month in months}
    return render(
        request,
        "score_office.html",
        month=month,
        months=[(scored_month, rows[scored_month.month]) for scored_month in months],
        scale=ranking.scale_of(rows.values()),
        head=shown.head,
        ranked_office=rows[month],
        row=shown.row,
        standing=stored_scores.standing(context, shown.head.id, office_code),
        lines=[shown_line(line, disclosure) for line in shown.lines],
        who_asks=disclosure.entry(_arrangement(in_force, shown.row)),
        objections=[against.said for against in objections_to_month(context, office_code, month)],
        notes=shown.row.notes,
        in_force=in_force,
        min_cell=least,
        words=WORDS,
        period=month_writer(request),
        address=office_address,
    )


def _arrangement(in_force: InForce, row: MonthRow) -> Arrangement:
    """Return the rule of who asks the office's citizens, by the register as the score used it."""
    return in_force.standard.satisfaction.arrangement(
        row.category, approval_service=row.approval_service
    )


def _tables(request: Request, month: Month, wanted: RankingFilter) -> dict[str, Any]:
    locale = locale_of(request)
    report, offices = month.report, month.offices
    found = ranking.ranked_first(ranking.chosen(offices, wanted))
    return {
        "places": report.in_force.standard.rounding.shown,
        "tables": [(None, found)] if wanted.whole else ranking.by_category(found),
        "scale": ranking.scale_of(offices),
        "found": len(found),
        "offices": offices,
        "parents": ranking.parents_of(offices),
        "wanted": wanted,
        "link": TableLink("/scores", {"month": report.month}, wanted),
        "shown": rows_shown(found, wanted),
        "widest": ranking.WIDEST,
        "marks": report.marks(),
        "definitions": definitions(report, locale),
        "note_of": lambda row: notes_of(row, locale),
        "words": WORDS,
        "address": office_address,
    }


def _first_choice(context: Context, choices: list[stored_scores.MonthChoice]) -> str:
    """Return the latest month with a score, else the latest that has ended."""
    stored = next((choice.month for choice in choices if choice.stored), None)
    return stored or (choices[0].month if choices else f"{context.today():%Y-%m}")
