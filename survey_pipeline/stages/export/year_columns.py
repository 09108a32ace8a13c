"""The columns of the yearly files."""

from collections.abc import Mapping
from typing import Any

from survey_pipeline.i18n import N_
from survey_pipeline.reports.month_columns import BY_NAME, Column
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import DAILY, OfficeYearScore
from survey_pipeline.vocabulary import Component
from survey_pipeline.vocabulary.words import COMPONENTS

BESIDE_DAILY = (Component.ONLINE, Component.BONUS, Component.MATERIAL_PENALTY)

YEAR_COLUMNS: tuple[str, ...] = (
    "year", "office_code", "office", "category", "parent_code", "parent",
    *(component.value for component in DAILY), "daily",
    *(component.value for component in BESIDE_DAILY), "total", "rank", "rank_in_category",
    "complete", "missing",
)  # fmt: skip
"""Of the CSV."""


def _points(component: Component) -> Column:
    return Column(component.value, COMPONENTS[component], "points", 9)


RANKING_COLUMNS: tuple[Column, ...] = (
    Column("rank_in_category", N_("Rank"), "rank", 6),
    Column("rank", N_("City"), "rank", 6),
    BY_NAME["office_code"],
    BY_NAME["office"],
    BY_NAME["parent"],
    *(_points(component) for component in DAILY),
    Column("daily", N_("Daily"), "points", 9),
    *(_points(component) for component in BESIDE_DAILY),
    Column("total", N_("Total"), "points", 9),
    Column("missing", N_("Note"), "text", 24),
)
LINE_COLUMNS: tuple[Column, ...] = (
    Column("clause", N_("Clause"), "code", 8),
    Column("label", N_("What"), "text", 26),
    Column("note", N_("Arithmetic, or why it does not count"), "text", 40),
    Column("points", N_("Points"), "exact", 10),
    Column("counted", N_("Counts"), "word", 7),
    Column("evidence", N_("Evidence"), "text", 46),
    Column("reading", N_("Whose reading"), "text", 26),
)
COMPONENT_COLUMNS: tuple[Column, ...] = (
    BY_NAME["office_code"],
    BY_NAME["office"],
    BY_NAME["category"],
    *LINE_COLUMNS,
)
STATEMENT_COLUMNS: tuple[Column, ...] = (
    Column("component", N_("Component"), "word", 14),
    *(column for column in LINE_COLUMNS if column.name != "reading"),
)


def plain_row(one: OfficeYearScore, year: int, decimals: int) -> Mapping[str, Any]:
    """Return an office's row under the names of the CSV; points as text of four decimals."""
    points = {
        component.value: fixed(one.points[component], decimals)
        for component in (*DAILY, *BESIDE_DAILY)
    }
    return {
        "year": year,
        "office_code": one.office.office_code,
        "office": one.office.name,
        "category": one.office.category.value,
        "parent_code": one.office.parent_code,
        "parent": one.office.parent,
        **points,
        "daily": fixed(one.daily, decimals),
        "total": fixed(one.total, decimals),
        "rank": one.rank,
        "rank_in_category": one.rank_in_category,
        "complete": "yes" if one.complete else "no",
        "missing": " ".join(component.value for component in one.missing),
    }
