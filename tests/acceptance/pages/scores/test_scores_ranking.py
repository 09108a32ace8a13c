"""The whole city in one table, its figures in sight on any screen, signs of open objections."""

from decimal import Decimal
from typing import Any

import pytest

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.reports.ranking import RankedOffice, scale_of
from survey_pipeline.stages.evidence import add_objection, decide_objection
from survey_pipeline.testing import month_row
from survey_pipeline.vocabulary import Decision, Role

MONTH = "2023-05"
SIGNED = ["/scores?month=2023-05", "/scores/year/2023", "/scores/month/2023-05/AG-1"]
IN_SIGHT = """
() => [...document.querySelectorAll("td.key")].every((one) => {
  const box = one.getBoundingClientRect();
  return box.width > 0 && box.left >= 0 && box.right <= document.documentElement.clientWidth;
})
"""


@pytest.fixture
def both(scored: Context) -> Context:
    """May and the year are computed."""
    appraisal.score_year(scored, 2023)
    return scored


def codes(page: Any) -> list[str]:
    return [row.get_attribute("data-office") for row in page.locator("tr[data-office]").all()]


def test_one_table_ranks_the_whole_city(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores")
    page.select_option("#tables", "city")
    page.get_by_role("button", name="Filter").press("Enter")
    page.wait_for_url("**tables=city**")
    assert page.locator("table.dense").count() == 1
    ranks = [row.locator("td.rank").inner_text() for row in page.locator("tr[data-office]").all()]
    assert ranks == ["1", "2", "3", "4", ""]
    assert (
        "Shown apart: no rank in this month"
        in page.locator("table.dense tbody").nth(1).inner_text()
    )
    page.select_option("#sort", "points")
    page.select_option("#order", "down")
    page.fill("#name", "ag-")
    page.press("#name", "Enter")
    page.wait_for_url("**name=ag-**")
    assert codes(page) == ["AG-2", "AG-1", "AG-3"]
    assert "tables=city" in page.url
    visitor.look()


def test_the_years_ranking_is_one_table_too(site: Any, both: Context) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/year/2023?tables=city&category=agency")
    assert page.locator("table.dense").count() == 1
    assert sorted(codes(page)) == ["AG-1", "AG-2", "AG-3"]
    for sort in ("rank", "city", "category", "online_ranking", "total"):
        visitor.go(f"/scores/year/2023?tables=city&sort={sort}&order=down")


@pytest.mark.parametrize("path", ["/scores?month=2023-05", "/scores/year/2023"])
@pytest.mark.parametrize(("width", "text"), [(360, 16), (360, 32), (1366, 32), (768, 16)])
def test_the_figure_that_people_come_for_is_always_in_sight(
    site: Any, both: Context, path: str, width: int, text: int
) -> None:
    for suffix in ("", "tables=city"):
        address = path + ("&" if "?" in path else "?") + suffix
        visitor = site.visit(Role.ANALYST, name=f"ana{suffix}", language="zh_CN", width=width)
        page = visitor.go(address)
        page.evaluate(f"document.documentElement.style.fontSize = '{text}px'")
        assert page.locator("td.key").count() == 5
        assert page.evaluate(IN_SIGHT)
        assert visitor.fits(width)


def test_a_filter_and_an_order_keep_the_place(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores?tables=city")
    page.set_viewport_size({"width": 1366, "height": 400})
    page.locator("#by-city-rate").focus()
    before = page.evaluate("window.scrollY")
    assert before > 0
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_function("window.scrollY > 0")
    assert page.evaluate("window.scrollY") == before
    assert page.evaluate("document.activeElement.id") == "by-city-rate"


@pytest.mark.parametrize("path", SIGNED)
def test_an_open_objection_leaves_its_sign_until_it_is_decided(
    site: Any, both: Context, path: str
) -> None:
    visitor = site.visit(Role.ANALYST)
    assert visitor.go(path).locator(".tag.bad", has_text="objected to").count() == 0
    made = add_objection(both, "AG-1", text="three answers are not ours", month=MONTH)
    assert visitor.go(path).locator(".tag.bad", has_text="objected to").count() == 1
    decide_objection(both, made.id, Decision.REJECTED, reason="they are")
    assert visitor.go(path).locator(".tag.bad", has_text="objected to").count() == 0


def test_rows_are_dense_on_a_desk(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST, language="zh_CN", width=1366).go("/scores")
    heights = [row.bounding_box()["height"] for row in page.locator("tr[data-office]").all()]
    assert min(heights) <= 34


def test_the_scale_begins_below_the_lowest_bound_and_says_so(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores")
    head = page.locator("table.dense th", has_text="95 % interval").first.inner_text()
    assert "0 to 100 %" in head  # AG-3: 1 of 16 is satisfied
    assert page.locator("svg.interval").count() == 4


def row(low: str, high: str, rate: str = "0.95") -> RankedOffice:
    facts = month_row(rate_low=Decimal(low), rate_high=Decimal(high), rate=Decimal(rate))
    return RankedOffice(facts, None, few=False)


@pytest.mark.parametrize(
    ("lows", "start"),
    [
        (("0.8616", "0.91"), "0.8"),
        (("0.75", "0.3"), "0.7"),  # the second is wide
        (("0.9632",), "0.9"),
        ((), "0"),
    ],
)
def test_wide_intervals_do_not_press_the_others_together(lows: tuple[str, ...], start: str) -> None:
    rows = [row(low, "0.99") for low in lows]
    assert scale_of(rows) == Decimal(start)


def test_an_interval_below_the_scale_is_drawn_as_cut() -> None:
    bar = row("0.3", "0.9", "0.6").bar(Decimal("0.7"))
    assert bar is not None
    assert (bar.low, bar.cut) == (0, True)
    assert bar.low + bar.width <= 100
    whole = row("0.85", "0.99").bar(Decimal("0.7"))
    assert whole is not None
    assert (whole.low, whole.cut) == (50, False)
