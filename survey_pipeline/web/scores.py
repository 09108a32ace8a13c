"""`/scores`: the analyst's month as tables and charts, and an office's month line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports import ranking, stored_scores
from survey_pipeline.reports.definitions import definitions
from survey_pipeline.reports.month_charts import MonthCharts, month_charts, trend_until
from survey_pipeline.reports.month_report import MonthReport, notes_of, period, read_month
from survey_pipeline.reports.ranking import RankedOffice, RankingFilter
from survey_pipeline.reports.score_objections import disputed_in_month, objections_to_month
from survey_pipeline.reports.score_versions import Changes, Period, changes_since_last
from survey_pipeline.reports.stored_scores import ScoreHead
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.standard import InForce, standard_of_month
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.vocabulary import Category, Role
from survey_pipeline.vocabulary.names import (
    AUDIT_ACTIONS,
    CATEGORIES,
    DISPOSITIONS,
    DISSATISFIED_WITH,
    KINDS,
    MODES,
    OBJECTION_DECISIONS,
    RATING_HEADINGS,
    SCORE_SOURCES,
)
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.charts import bin_label, drawings
from survey_pipeline.web.pages import locale_of, render
from survey_pipeline.web.params import parse_month
from survey_pipeline.web.parts import Kept, lasting
from survey_pipeline.web.readings import Readings
from survey_pipeline.web.told import told_line

READERS = allowed(Role.ANALYST, Role.OPERATOR, Role.ADMIN)
MOST = 150
"""Offices that are shown all at once; of more, only the first of each category, until asked for."""
FIRST = 25

MONTHS = 2
"""Months whose figures are kept for another order or filter: ten megabytes each, at a thousand."""


class Month(NamedTuple):
    """A stored version of a month, its offices with their bands, and charts of categories."""

    report: MonthReport
    offices: Sequence[RankedOffice]
    charts: Kept[MonthCharts]


Short = Annotated[str, Query(max_length=40)]
Text = Annotated[str, Query(max_length=200)]
MonthName = Annotated[str, Query(alias="month", max_length=20)]

router = APIRouter(include_in_schema=False)


def asked_for(keys: Mapping[str, Any]) -> Any:
    """Return the dependency that reads filters and order off the address.

    Args:
        keys: what can be sorted by.
    """

    def read(  # noqa: PLR0917 - what the address holds
        category: Short = "",
        parent: Text = "",
        name: Text = "",
        sort: Short = "rank",
        order: Short = "",
        tables: Short = "",
        show: Short = "",
    ) -> RankingFilter:
        if category and category not in list(Category):
            raise UsageError("there is no category {category}", category=category)
        if sort not in keys:
            raise UsageError("there is no column {column} to sort by", column=sort)
        return RankingFilter(
            category,
            parent,
            name,
            sort,
            down=order == "down",
            whole=tables == "city",
            everything=show == "all",
        )

    return Depends(read)


FILTERS = asked_for(ranking.KEYS)


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


@dataclass(frozen=True)
class Address:
    """Where a table is, with its filters and order; a link changes one and keeps the others."""

    path: str
    fixed: Mapping[str, str]
    wanted: RankingFilter

    def with_(self, anchor: str = "", **changes: Any) -> str:
        """Return the address with some filters changed."""
        wanted = replace(self.wanted, **changes)
        values = {
            **self.fixed,
            "category": wanted.category,
            "parent": wanted.parent,
            "name": wanted.name,
            "sort": "" if wanted.sort == "rank" and not wanted.down else wanted.sort,
            "order": "down" if wanted.down else "",
            "tables": "city" if wanted.whole else "",
            "show": "all" if wanted.everything else "",
        }
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{self.path}?{query}{'#' + anchor if anchor else ''}"

    def sorted_by(self, key: str, anchor: str = "") -> str:
        """Return the address sorted by a column: the other way round where it is so already."""
        first = key in ranking.DOWN_FIRST
        down = not self.wanted.down if self.wanted.sort == key else first
        return self.with_(anchor, sort=key, down=down)


@router.get("/scores")
def month_page(
    request: Request,
    context: Workspace,
    asked: MonthName = "",
    wanted: RankingFilter = FILTERS,
    computed: Short = "",
    who: SignedIn = READERS,
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
        changes=news(context, month, head, computed),
        words={"kinds": KINDS, "actions": AUDIT_ACTIONS},
        period=period_of(request),
        shown=_shown(request, context, month, head, in_force, wanted) if head and in_force else "",
    )


def news(context: Context, period: Period, head: ScoreHead | None, computed: str) -> Changes | None:
    """Return what a version that has just been computed has changed."""
    if head is None or computed != "new":
        return None
    return changes_since_last(context, period, head.version)


def _in_force(context: Context, month: str) -> InForce:
    return standard_of_month(month, context.settings.standards, context.home / FOLDER)


def _shown(
    request: Request,
    context: Context,
    month: str,
    head: ScoreHead,
    in_force: InForce,
    wanted: RankingFilter,
) -> Markup:
    trend = trend_until(context, in_force, month, wanted.category)
    version = (head, in_force.file_hash)
    disputed = disputed_in_month(context, month)

    def values() -> dict[str, Any]:
        months: Kept[Month] = request.app.state.months
        kept = months.get(version, lambda: _read(context, month, head.version))
        charts = kept.charts.get(
            (trend, wanted.category), lambda: month_charts(kept.report, trend, wanted.category)
        )
        return {
            "month": month,
            "head": head,
            "report": kept.report,
            "period": period_of(request),
            "charts": charts,
            "drawings": drawings(charts, locale_of(request)),
            "bin_label": bin_label,
            "disputed": disputed,
            **_tables(request, kept, wanted),
        }

    made_from = (version, trend, disputed, wanted)
    return lasting(request, "_scores_month.html", made_from, values)


def _read(context: Context, month: str, version: int) -> Month:
    report = read_month(context, month, version)
    return Month(report, ranking.ranked_offices(report), Kept(1 + len(Category)))


@router.post("/scores/compute")
def compute_month(
    context: Workspace,
    month: Annotated[str, Form(max_length=20)],
    who: SignedIn = READERS,
) -> Response:
    """Compute a month; the same inputs leave the version that stands."""
    stored = appraisal.score_month(context, parse_month(month))
    told = "new" if stored.is_new else "same"
    return RedirectResponse(f"/scores?month={stored.month}&computed={told}", status_code=303)


@router.get("/scores/month/{month}/{office_code:path}")
def office_page(
    request: Request,
    context: Workspace,
    month: str,
    office_code: str,
    who: SignedIn = READERS,
) -> Response:
    """Show an office's month: every line of its points beside what it rests on."""
    month = parse_month(month)
    months = stored_scores.office_months(context, office_code)
    shown = next((one for one in months if one.month == month), None)
    if shown is None:
        raise UnknownRecord(
            "there is no score of {office} for {period}", office=office_code, period=month
        )
    in_force = _in_force(context, month)
    readings = Readings(in_force.standard, context.home, locale_of(request))
    least = context.settings.privacy.min_cell
    rows = {one.month: ranking.alone(one.row, least) for one in months}
    return render(
        request,
        "score_office.html",
        month=month,
        months=[(one, rows[one.month]) for one in months],
        scale=ranking.scale_of(rows.values()),
        head=shown.head,
        ranked_office=rows[month],
        row=shown.row,
        ranked=stored_scores.ranked_in_month(context, shown.head.id),
        lines=[told_line(line, readings) for line in shown.lines],
        who_asks=readings.of_entry(_arrangement(in_force, shown.row)),
        objections=[one.said for one in objections_to_month(context, office_code, month)],
        notes=shown.row.notes,
        in_force=in_force,
        min_cell=least,
        words=WORDS,
        period=period_of(request),
        address=office_address,
    )


def _arrangement(in_force: InForce, row: MonthRow) -> Arrangement:
    """Return who asks the office's citizens, by the register as the score saw it."""
    return in_force.standard.satisfaction.arrangement(
        row.category, approval_service=row.approval_service
    )


def _tables(request: Request, month: Month, wanted: RankingFilter) -> dict[str, Any]:
    locale = locale_of(request)
    report, offices = month.report, month.offices
    found = ranking.chosen(offices, wanted)
    return {
        "tables": [(None, found)] if wanted.whole else ranking.by_category(found),
        "scale": ranking.scale_of(offices),
        "found": len(found),
        "offices": offices,
        "parents": ranking.parents_of(offices),
        "wanted": wanted,
        "link": Address("/scores", {"month": report.month}, wanted),
        "shown": shown(found, wanted),
        "widest": ranking.WIDEST,
        "marks": report.marks(),
        "definitions": definitions(report, locale),
        "note_of": lambda row: notes_of(row, locale),
        "words": WORDS,
        "address": office_address,
    }


def shown(found: Sequence[Any], wanted: RankingFilter) -> int | None:
    """Return how many offices of each table are shown; nothing where all of them are."""
    if wanted.category or wanted.everything or len(found) <= MOST:
        return None
    return MOST if wanted.whole else FIRST


def office_address(period: str, office_code: str) -> str:
    """Return where an office's month or year is."""
    kind = "month" if "-" in period else "year"
    return f"/scores/{kind}/{period}/{quote(office_code)}"


def _first_choice(context: Context, choices: list[stored_scores.MonthChoice]) -> str:
    """Return the latest stored month; else the latest one that has ended."""
    stored = next((one.month for one in choices if one.stored), None)
    return stored or (choices[0].month if choices else f"{context.today():%Y-%m}")


def period_of(request: Request) -> Any:
    """Return what writes a month as the visitor does."""
    locale = locale_of(request)
    return lambda month: period(month, locale)
