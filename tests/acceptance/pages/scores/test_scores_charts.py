"""What charts owe their readers: intervals, figures, axis titles, honest scales."""

import json
from typing import Any

import pytest

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.stages.intake import import_file
from survey_pipeline.vocabulary import RecordKind, Role

OVERFLOWS = """
() => [...document.querySelectorAll(".charts figure")].filter((card) => {
  const edge = card.getBoundingClientRect().right;
  const tables = [...card.querySelectorAll("table")];
  return tables.some((one) => one.getBoundingClientRect().right > edge + 1);
}).length
"""


def drawn(page: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.locator(f"#{name}").get_attribute("data-chart"))
    return found


def test_one_month_alone_has_its_interval(site: Any, scored: Context) -> None:
    trend = drawn(site.visit(Role.ANALYST).go("/scores"), "trend")
    assert trend["labels"] == ["2023-05"]
    assert trend["low"][0] < trend["values"][0] < trend["high"][0]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_scales_show_the_difference_and_say_where_they_begin(
    site: Any, scored: Context, language: str
) -> None:
    page = site.visit(Role.ANALYST, language=language).go("/scores?category=education")
    for name in ("trend", "modes"):
        chart = drawn(page, name)
        start = min(float(low) for low in chart["low"])
        assert float(chart["start"]) <= start < float(chart["start"]) + 0.1 + 1e-9
        assert f"{float(chart['start']) * 100:.0f}" in chart["axis"]


def test_every_axis_has_its_title(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores")
    assert drawn(page, "spread")["across"] == "Satisfaction rate"
    assert drawn(page, "spread")["name"] == "Offices"
    assert drawn(page, "trend")["across"] == "Month"
    assert drawn(page, "course")["along"] == "Cases"
    assert drawn(page, "modes")["axis"].startswith("Satisfaction rate")


def deliver(context: Context, *codes: str) -> None:
    """Bring what agencies lack beside their ratings."""
    files = {
        "hotline-rank": ["parent_code,rank", "P-1,3"],
        "performance": ["office_code,points,source", *(f"{code},9,committee" for code in codes)],
        "parent-grades": ["office_code,grade", *(f"{code},good" for code in codes)],
    }
    for kind, lines in files.items():
        path = context.home / f"{kind}.csv"
        path.write_text("\n".join(lines))
        assert not import_file(context, RecordKind(kind), path, year=2023).refused


@pytest.mark.parametrize("path", ["/scores?month=2023-05", "/scores/year/2023"])
@pytest.mark.parametrize("width", [360, 800, 1366])
def test_no_table_is_wider_than_its_card(site: Any, scored: Context, path: str, width: int) -> None:
    appraisal.score_year(scored, 2023)
    visitor = site.visit(Role.ANALYST, language="zh_CN", width=width)
    page = visitor.go(path)
    for summary in page.locator(".charts summary").all():
        summary.press("Enter")
    assert page.evaluate(OVERFLOWS) == 0
    visitor.look()


def test_the_year_has_its_interval_its_charts_and_their_figures(site: Any, scored: Context) -> None:
    appraisal.score_year(scored, 2023)
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/year/2023")
    figures = page.locator("dl.figures").inner_text()
    assert "Satisfaction rate, all months" in figures
    assert "–" in figures
    assert "no office is complete" in figures, "sums that lack components have no mean"
    assert page.locator("#totals-daily").count() == 0
    deliver(scored, "AG-1", "AG-2")
    appraisal.score_year(scored, 2023)
    page = visitor.go("/scores/year/2023")
    assert "2 complete offices, 3 lack a component" in page.locator("dl.figures").inner_text()
    totals = drawn(page, "totals-daily")
    assert sum(totals["values"]) == 2
    assert page.locator("#totals-daily canvas").count() == 1
    office = visitor.go("/scores/year/2023/AG-1").locator("dl.figures").inner_text()
    assert "98.0%" in office
    assert "20 ratings" in office
