"""`/scores/year`: a year's rankings, and an office's year from its total down to the evidence."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from survey_pipeline import appraisal
from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports import ranking, stored_scores, year_ranking
from survey_pipeline.reports.month_charts import trend_until
from survey_pipeline.reports.ranking import RankingFilter
from survey_pipeline.reports.score_objections import disputed_in_year, objections_to_year
from survey_pipeline.reports.stored_scores import ScoreHead, YearTable
from survey_pipeline.reports.year_charts import year_charts
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.standard import InForce
from survey_pipeline.vocabulary import Component
from survey_pipeline.vocabulary.names import AUDIT_ACTIONS, CATEGORIES, COMPONENTS, KINDS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.charts import year_drawings
from survey_pipeline.web.objections import WORDS as OBJECTED
from survey_pipeline.web.pages import locale_of, render
from survey_pipeline.web.params import Year
from survey_pipeline.web.parts import lasting
from survey_pipeline.web.readings import Readings
from survey_pipeline.web.scores import (
    READERS,
    Address,
    Short,
    asked_for,
    news,
    office_address,
    period_of,
    shown,
)
from survey_pipeline.web.told import told_line

FILTERS = asked_for(year_ranking.KEYS)

router = APIRouter(include_in_schema=False)

NAMES = {**COMPONENTS, "daily": N_("Daily"), "total": N_("Total")}
WORDS = {"categories": CATEGORIES, "components": NAMES, **OBJECTED}


@router.get("/scores/year/{year}")
def year_page(
    request: Request,
    context: Workspace,
    year: Year,
    wanted: RankingFilter = FILTERS,
    computed: Short = "",
    who: SignedIn = READERS,
) -> Response:
    """Show a year's rankings: components, totals, what is missing."""
    head = stored_scores.year_head(context, year)
    return render(
        request,
        "score_year.html",
        year=year,
        years=sorted({year, *stored_scores.scored_years(context)}, reverse=True),
        computed=computed,
        changes=news(context, year, head, computed),
        words={"kinds": KINDS, "actions": AUDIT_ACTIONS},
        head=head,
        shown=_shown(request, context, year, head, wanted) if head else "",
    )


def _shown(
    request: Request, context: Context, year: int, head: ScoreHead, wanted: RankingFilter
) -> Markup:
    in_force = appraisal.standard_of_year(context, year)
    disputed = disputed_in_year(context, year, in_force.standard.window)
    trend = trend_until(context, in_force, month_of(head.as_of), wanted.category)
    made_from = (year, head, in_force.file_hash, disputed, trend, wanted)

    def values() -> dict[str, Any]:
        table = stored_scores.year_table(context, year, head.id)
        rankings = _rankings(in_force, table, wanted)
        of_category = [
            row for row in table.offices if wanted.category in ("", row.facts["category"])
        ]
        charts = year_charts(of_category, trend, in_force)
        return {
            "year": year,
            "table": table,
            "disputed": disputed,
            "charts": charts,
            "drawings": year_drawings(charts, locale_of(request)),
            "period": period_of(request),
            **rankings,
        }

    return lasting(request, "_scores_year.html", made_from, values)


def _rankings(in_force: InForce, table: YearTable, wanted: RankingFilter) -> dict[str, Any]:
    found = year_ranking.chosen(table.offices, wanted)
    return {
        "head": table.head,
        "in_force": in_force,
        "places": in_force.standard.rounding.shown,
        "marks": _marks(table),
        "rankings": [year_ranking.Ranking(None, online=False, offices=found)]
        if wanted.whole
        else year_ranking.rankings(found),
        "has_online": year_ranking.has_online,
        "found": len(found),
        "parents": year_ranking.parents_of(table.offices),
        "sums": year_ranking.SUMS,
        "points_of": year_ranking.points_of,
        "wanted": wanted,
        "link": Address(f"/scores/year/{table.year}", {}, wanted),
        "shown": shown(found, wanted),
        "words": WORDS,
        "address": office_address,
    }


@router.post("/scores/year/{year}/compute")
def compute_year(context: Workspace, year: Year, who: SignedIn = READERS) -> Response:
    """Compute a year as of today; the same inputs leave the version that stands."""
    stored = appraisal.score_year(context, year)
    told = "new" if stored.is_new else "same"
    return RedirectResponse(f"/scores/year/{year}?computed={told}", status_code=303)


@router.get("/scores/year/{year}/{office_code:path}")
def office_page(
    request: Request, context: Workspace, year: Year, office_code: str, who: SignedIn = READERS
) -> Response:
    """Show an office's year: components, lines, evidence, each beside what it rests on."""
    found = stored_scores.office_year(context, year, office_code)
    in_force = appraisal.standard_of_year(context, year)
    readings = Readings(in_force.standard, context.home, locale_of(request))
    months = stored_scores.office_months(context, office_code)
    rows = {one.month: ranking.alone(one.row, context.settings.privacy.min_cell) for one in months}
    objections = objections_to_year(context, office_code, year, in_force.standard.window)
    selection = in_force.standard.review.selection.clause
    decimals = found.about["decimals"]
    table = stored_scores.year_table(context, year, found.head.id)
    return render(
        request,
        "score_year_office.html",
        year=year,
        score=found.score,
        office=found.score.office,
        head=found.head,
        in_force=in_force,
        points={
            **{one.value: fixed(points, decimals) for one, points in found.score.points.items()},
            "daily": fixed(found.score.daily, decimals),
            "total": fixed(found.score.total, decimals),
        },
        sums=year_ranking.SUMS,
        of_how_many=year_ranking.compared_with(table.offices, found.score),
        missing=[one.value for one in found.score.missing],
        period=period_of(request),
        lines=[
            told_line(
                line.to_json(),
                readings,
                *((selection,) if line.component == Component.ONLINE else ()),
                objections=objections,
            )
            for line in found.score.lines
        ],
        frame=[
            readings.of_entry(entry)
            for entry in (in_force.standard.window, in_force.standard.rounding)
        ],
        objections=[one.said for one in objections],
        months=[(one, rows[one.month]) for one in months],
        scale=ranking.scale_of(rows.values()),
        share=year_ranking.pooled_share(found.score.lines),
        words=WORDS,
        address=office_address,
    )


def _marks(table: YearTable) -> list[Message]:
    """Return what a reader must see before the first figure."""
    if table.head.complete:
        return [Message("The year is complete: its window is over and every component is there.")]
    lacking = sum(1 for row in table.offices if row.facts["missing"])
    found = []
    if lacking:
        found.append(
            Message(
                "Provisional: of {offices} offices {lacking} lack a component; what is missing is "
                "not taken as zero points, the sum is of what is there.",
                {"offices": len(table.offices), "lacking": lacking},
            )
        )
    until = table.about["window"]["until"]
    if table.head.as_of.isoformat() < until:
        found.append(Message("Provisional: the window is open until {until}.", {"until": until}))
    if not table.about["settled"]:
        found.append(Message("Provisional: surveys are open, or cases wait for their draw."))
    if table.about["provisional_standard"]:
        found.append(Message("Provisional: the appraisal year has no standard of its own yet."))
    return found
