"""`/scores/year`: a year's rankings, and an office's year from its total to the evidence."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from survey_pipeline import appraisal
from survey_pipeline.adoption import as_published
from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports import ranking, stored_scores, year_ranking
from survey_pipeline.reports.month_charts import trend_until
from survey_pipeline.reports.possible_duplicates import evidence_mark, possible_duplicates
from survey_pipeline.reports.ranking import RankingFilter
from survey_pipeline.reports.score_objections import (
    ScoreObjection,
    disputed_in_year,
    objections_to_year,
)
from survey_pipeline.reports.stored_scores import ScoreHead, YearTable
from survey_pipeline.reports.year_charts import year_charts
from survey_pipeline.reports.year_standing import RankingSizes, standing
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.scoring.year_rows import ranks_of
from survey_pipeline.standard import InForce
from survey_pipeline.standard.whose_words import BORROWED_STANDARD, marks
from survey_pipeline.vocabulary import Component
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS
from survey_pipeline.vocabulary.record_names import AUDIT_ACTIONS, KINDS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.chart_data import year_drawings
from survey_pipeline.web.pages.disclosure import Disclosure
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.objections import WORDS as OBJECTED
from survey_pipeline.web.pages.parameters import Year
from survey_pipeline.web.pages.score_lines import ShownLine, shown_line
from survey_pipeline.web.pages.score_tables import (
    Short,
    TableLink,
    filter_parameters,
    office_address,
    rows_shown,
    version_changes,
)
from survey_pipeline.web.rendering.fragment_cache import cached_fragment
from survey_pipeline.web.rendering.page import locale_of, render

FILTERS = filter_parameters(year_ranking.KEYS)

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
) -> Response:
    """Show a year's rankings: components, totals, what is missing."""
    head = stored_scores.year_head(context, year)
    return render(
        request,
        "score_year.html",
        year=year,
        years=sorted({year, *stored_scores.scored_years(context)}, reverse=True),
        computed=computed,
        changes=version_changes(context, year, head, computed),
        words={"kinds": KINDS, "actions": AUDIT_ACTIONS},
        head=head,
        shown=_year(request, context, year, head, wanted) if head else "",
    )


def _year(
    request: Request, context: Context, year: int, head: ScoreHead, wanted: RankingFilter
) -> Markup:
    """Return rankings and charts of a stored version, cached by all that they depend on."""
    in_force = appraisal.standard_of_year(context, year)
    disputed = disputed_in_year(context, year, in_force.standard.window)
    trend = trend_until(context, in_force, month_of(head.as_of), wanted.category)
    mark = evidence_mark(context, year)
    key = (year, head, in_force.file_hash, disputed, trend, wanted, mark)

    def values() -> dict[str, Any]:
        table = stored_scores.year_table(context, year, head.id)
        shown = as_published(context, in_force, head.published_at)
        rankings = _rankings(shown, table, wanted)
        of_category = [
            row for row in table.offices if wanted.category in ("", row.facts["category"])
        ]
        charts = year_charts(of_category, trend, in_force)
        return {
            "year": year,
            "table": table,
            "disputed": disputed,
            "duplicates": possible_duplicates(context, year),
            "charts": charts,
            "drawings": year_drawings(charts, locale_of(request)),
            "period": month_writer(request),
            **rankings,
        }

    return cached_fragment(request, "_scores_year.html", key, values)


def _rankings(in_force: InForce, table: YearTable, wanted: RankingFilter) -> dict[str, Any]:
    found = year_ranking.chosen(table.offices, wanted)
    return {
        "head": table.head,
        "in_force": in_force,
        "places": in_force.standard.rounding.shown,
        "marks": _marks(table),
        "confirmed": [*marks(in_force.standard)],
        "rankings": [year_ranking.Ranking(None, online=False, offices=found)]
        if wanted.whole
        else year_ranking.rankings(found),
        "has_online": year_ranking.has_online,
        "ranks_of": ranks_of,
        "found": len(found),
        "parents": year_ranking.parents_of(table.offices),
        "sums": year_ranking.SUMS,
        "points_of": year_ranking.points_of,
        "wanted": wanted,
        "link": TableLink(f"/scores/year/{table.year}", {}, wanted),
        "shown": rows_shown(found, wanted),
        "words": WORDS,
        "address": office_address,
    }


@router.post("/scores/year/{year}/compute")
def compute_year(context: Workspace, year: Year) -> Response:
    """Compute a year as of today; with the same inputs the present version stays."""
    stored = appraisal.score_year(context, year)
    computed = "new" if stored.is_new else "same"
    return RedirectResponse(f"/scores/year/{year}?computed={computed}", status_code=303)


@router.get("/scores/year/{year}/{office_code:path}")
def office_page(request: Request, context: Workspace, year: Year, office_code: str) -> Response:
    """Show an office's year: components, lines and evidence, each beside its clause."""
    found = stored_scores.office_year(context, year, office_code)
    in_force = appraisal.standard_of_year(context, year)
    in_force = as_published(context, in_force, found.head.published_at)
    disclosure = Disclosure(in_force.standard, context.home, locale_of(request))
    months = stored_scores.office_months(context, office_code)
    least = context.settings.privacy.min_cell
    rows = {month.month: ranking.alone(month.row, least) for month in months}
    objections = objections_to_year(context, office_code, year, in_force.standard.window)
    decimals = found.about["decimals"]
    table = stored_scores.year_table(context, year, found.head.id)
    among = RankingSizes.of_rows(table.offices).among(found.score)
    return render(
        request,
        "score_year_office.html",
        year=year,
        score=found.score,
        office=found.score.office,
        head=found.head,
        in_force=in_force,
        points=_written_points(found.score, decimals),
        sums=year_ranking.SUMS,
        among=among,
        standing=list(standing(found.score, among, locale_of(request))),
        missing=[component.value for component in found.score.missing],
        period=month_writer(request),
        lines=_lines(found.score, in_force, disclosure, objections),
        frame=[
            disclosure.entry(entry)
            for entry in (in_force.standard.window, in_force.standard.rounding)
        ],
        objections=[against.said for against in objections],
        months=[(month, rows[month.month]) for month in months],
        scale=ranking.scale_of(rows.values()),
        share=year_ranking.pooled_share(found.score.lines),
        words=WORDS,
        address=office_address,
    )


def _written_points(score: OfficeYearScore, decimals: int) -> dict[str, str | None]:
    return {
        **{component.value: fixed(points, decimals) for component, points in score.points.items()},
        "daily": fixed(score.daily, decimals),
        "total": fixed(score.total, decimals),
    }


def _lines(
    score: OfficeYearScore,
    in_force: InForce,
    disclosure: Disclosure,
    objections: Sequence[ScoreObjection],
) -> list[ShownLine]:
    """Return the lines; those of the online review rest on the clause of its selection as well."""
    selection = in_force.standard.review.selection.clause
    return [
        shown_line(
            line.to_json(),
            disclosure,
            *((selection,) if line.component == Component.ONLINE else ()),
            objections=objections,
        )
        for line in score.lines
    ]


def _marks(table: YearTable) -> list[Message]:
    """Return what a reader must know before the first figure."""
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
        found.append(Message(BORROWED_STANDARD))
    return found
