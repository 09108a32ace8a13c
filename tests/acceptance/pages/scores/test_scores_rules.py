"""Bands, order, steps of the rate, decisions: rules of the scores that need no browser."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.reports.month_charts import rate_bins
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.reports.ranking import RankingFilter, chosen, ranked_offices
from survey_pipeline.testing import month_row, workspace
from survey_pipeline.web.pages.disclosure import decision_page

MONTH = "2023-05"


def offices_of(rates: Mapping[str, str | None]) -> Any:
    """A report of one category whose offices have these rates of 1,000 ratings each."""

    rows = []
    for code, rate in rates.items():
        figure = None if rate is None else Decimal(rate)
        rows.append(month_row(office_code=code, office=code, rated=1000, rate=figure))
    return SimpleNamespace(min_cell=5, appraised=rows)


def test_offices_that_cannot_be_told_apart_share_a_band() -> None:
    report = offices_of({"a": "0.95", "b": "0.94", "c": "0.70", "d": "0.68", "nobody": None})
    bands = {office.code: office.band for office in ranked_offices(report)}
    assert bands == {"a": 1, "b": 1, "c": 2, "d": 2, "nobody": None}


def test_offices_without_the_figure_come_last_either_way() -> None:
    report = offices_of({"a": "0.5", "b": None, "c": "0.7"})
    offices = ranked_offices(report)
    for down, order in ((True, ["c", "a", "b"]), (False, ["a", "c", "b"])):
        assert [one.code for one in chosen(offices, RankingFilter(sort="rate", down=down))] == order


@pytest.mark.parametrize("least", ["1", "0.999", "0.87", "0.31", "0"])
def test_every_rate_lies_in_one_step(least: str) -> None:
    bins = rate_bins([month_row(rate=rate) for rate in (Decimal(least), Decimal(1), None)])
    assert sum(one.count for one in bins) == 2
    assert len(bins) <= 12
    assert bins[-1].high == 1
    assert bins[0].low <= Decimal(least)
    assert all(one.high == other.low for one, other in pairwise(bins))


def test_nothing_is_spread_where_nobody_rated() -> None:
    assert rate_bins([month_row()]) == []


def test_a_decision_is_rendered_without_markup_of_its_own() -> None:
    found = decision_page(
        "x", "# A title\n\n**We decided:** <b>so</b>, [see](ranks.md).\n\n- one\n", "zh_CN"
    )
    assert found.title == "A title"
    assert "<strong>We decided:</strong> &lt;b&gt;so&lt;/b&gt;" in found.body
    assert "<a" not in found.body
    assert "<li>one</li>" in found.body
    assert found.language == "zh-CN"


@pytest.mark.parametrize(
    "page", sorted((shipped() / "docs/decisions").glob("*.md")), ids=lambda page: page.stem
)
def test_every_decision_can_be_shown(page: Path) -> None:
    found = decision_page(page.stem, page.read_text("utf-8"), "en")
    assert found.title
    assert "**" not in found.body
    assert "<h1" not in found.body


def test_a_month_is_the_same_read_twice(tmp_path: Path, city: Callable[[Context], Context]) -> None:
    """Bands do not depend on the order in which offices come."""
    context = city(workspace(tmp_path))
    appraisal.score_month(context, MONTH)
    report = read_month(context, MONTH)
    assert [one.band for one in ranked_offices(report)] == [1, 1, 2, 1, None]
    context.engine.dispose()
