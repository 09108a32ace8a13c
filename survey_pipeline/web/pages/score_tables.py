"""What the pages of scores share: filters and order of tables, links, what a version changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Query

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.reports import ranking
from survey_pipeline.reports.ranking import RankingFilter
from survey_pipeline.reports.score_changes import Changes
from survey_pipeline.reports.score_versions import Period, changes_since_last
from survey_pipeline.reports.stored_scores import ScoreHead
from survey_pipeline.vocabulary import Category

MOST = 150
"""Offices that a page shows at once; if there are more, the first of each category only."""
FIRST = 25

Short = Annotated[str, Query(max_length=40)]
Text = Annotated[str, Query(max_length=200)]


def filter_parameters(keys: Mapping[str, Any]) -> Any:
    """Return the dependency that reads filters and order from the address.

    Args:
        keys: the columns that can be sorted by.
    """

    def read(  # noqa: PLR0917 - the parameters of the address
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


@dataclass(frozen=True)
class TableLink:
    """The address of a table with its filters and order; a link changes one and keeps the rest."""

    path: str
    fixed: Mapping[str, str]
    wanted: RankingFilter

    def changed(self, anchor: str = "", **changes: Any) -> str:
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
        """Return the address sorted by a column; in the other direction if it is so already."""
        first = key in ranking.DOWN_FIRST
        down = not self.wanted.down if self.wanted.sort == key else first
        return self.changed(anchor, sort=key, down=down)


def rows_shown(found: Sequence[Any], wanted: RankingFilter) -> int | None:
    """Return how many offices of each table are shown; None: all of them."""
    if wanted.category or wanted.everything or len(found) <= MOST:
        return None
    return MOST if wanted.whole else FIRST


def office_address(period: str, office_code: str) -> str:
    """Return the address of an office's month (`2023-05`) or year (`2023`)."""
    kind = "month" if "-" in period else "year"
    return f"/scores/{kind}/{period}/{quote(office_code)}"


def version_changes(
    context: Context, period: Period, head: ScoreHead | None, computed: str
) -> Changes | None:
    """Return what a version that was just computed has changed; None if none was.

    Args:
        context: the workspace.
        period: the month or year.
        head: its latest version.
        computed: the parameter of the address with which the computation redirects.
    """
    if head is None or computed != "new":
        return None
    return changes_since_last(context, period, head.version)
