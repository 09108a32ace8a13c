"""The columns of the yearly files."""

from collections.abc import Mapping
from typing import Any

from survey_pipeline.i18n import N_
from survey_pipeline.reports.month_columns import BY_NAME, ReportColumn
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.vocabulary import Component
from survey_pipeline.vocabulary.names import COMPONENTS

BESIDE_DAILY = (Component.ONLINE, Component.BONUS, Component.MATERIAL_PENALTY)

YEAR_COLUMNS: tuple[str, ...] = (
    "year", "office_code", "office", "category", "parent_code", "parent",
    *(component.value for component in DAILY), "daily",
    *(component.value for component in BESIDE_DAILY), "total", "rank", "rank_in_category",
    "provisional_rank", "compared_on", "complete", "missing",
)  # fmt: skip
"""Of the CSV."""


def _points(component: Component) -> ReportColumn:
    return ReportColumn(component.value, COMPONENTS[component], "points", 9)


RANKING_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("rank_in_category", N_("Rank"), "rank", 6),
    ReportColumn("rank", N_("City"), "rank", 6),
    ReportColumn("provisional_rank", N_("Provisional rank"), "rank", 7),
    BY_NAME["office_code"],
    BY_NAME["office"],
    BY_NAME["parent"],
    *(_points(component) for component in DAILY),
    ReportColumn("daily", N_("Daily"), "points", 9),
    *(_points(component) for component in BESIDE_DAILY),
    ReportColumn("total", N_("Total"), "points", 9),
    ReportColumn("missing", N_("Note"), "text", 24),
)
LINE_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("clause", N_("Clause"), "code", 8),
    ReportColumn("label", N_("What"), "text", 26),
    ReportColumn("note", N_("Arithmetic, or why it does not count"), "text", 40),
    ReportColumn("points", N_("Points"), "exact", 10),
    ReportColumn("counted", N_("Counts"), "word", 7),
    ReportColumn("evidence", N_("Evidence"), "text", 46),
    ReportColumn("reading", N_("Whose reading"), "text", 26),
)
COMPONENT_COLUMNS: tuple[ReportColumn, ...] = (
    BY_NAME["office_code"],
    BY_NAME["office"],
    BY_NAME["category"],
    *LINE_COLUMNS,
)
STATEMENT_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("component", N_("Component"), "word", 14),
    *(column for column in LINE_COLUMNS if column.name != "reading"),
)


def year_values(office: OfficeYearScore, year: int, decimals: int) -> Mapping[str, Any]:
    """Return an office's row under the names of the CSV; points as text of four decimals."""
    points = {
        component.value: fixed(office.points[component], decimals)
        for component in (*DAILY, *BESIDE_DAILY)
    }
    return {
        "year": year,
        "office_code": office.office.office_code,
        "office": office.office.name,
        "category": office.office.category.value,
        "parent_code": office.office.parent_code,
        "parent": office.office.parent,
        **points,
        "daily": fixed(office.daily, decimals),
        "total": fixed(office.total, decimals),
        "rank": office.ranks.rank,
        "rank_in_category": office.ranks.rank_in_category,
        "provisional_rank": office.ranks.provisional_rank,
        "compared_on": " ".join(component.value for component in office.ranks.compared_on),
        "complete": "yes" if office.complete else "no",
        "missing": " ".join(component.value for component in office.missing),
    }
