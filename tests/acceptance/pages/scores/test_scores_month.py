"""The analyst's month: tables, filters, bands, charts, one button to compute it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.testing import SetContext, add_offices, add_survey
from survey_pipeline.vocabulary import Role

MONTH = "2023-05"
RANKED = ["AG-2", "AG-1", "AG-3", "ED-4", "ED-5"]
"""By category, and by rank there."""


def codes(page: Any) -> list[str]:
    rows = page.locator("tr[data-office]").all()
    return [row.get_attribute("data-office") for row in rows]


def row_of(page: Any, code: str) -> str:
    text: str = page.locator(f"tr[data-office={code}]").inner_text()
    return text


@pytest.mark.parametrize(
    ("language", "heading", "few", "wide"),
    [
        ("en", "Scores May 2023", "few answers", "wide interval"),
        ("zh_CN", "2023年5月得分", "评价过少", "区间过宽"),
    ],
)
def test_an_analyst_reads_the_month(
    site: Any, scored: Context, language: str, heading: str, few: str, wide: str
) -> None:
    page = site.visit(Role.ANALYST, language=language).go("/scores")
    assert page.locator("h1").inner_text() == heading
    assert codes(page) == RANKED
    assert few in row_of(page, "AG-2")
    assert wide in row_of(page, "ED-4")
    assert few not in row_of(page, "AG-1")
    assert wide not in row_of(page, "AG-1")
    best = row_of(page, "AG-1")
    assert "98.0%" in best  # 19.6 of 20
    assert "19 · 1 · 0" in best
    assert "28.22" in best  # 30 x 0.98 x 0.96


def test_the_month_shows_what_came_back_of_the_handover(site: Any, scored: SetContext) -> None:
    (office,) = add_offices(scored, "health")
    for number in (1, 2):
        add_survey(
            scored, office, f"H-{number}", f"+8613812345{number:03}",
            month=MONTH, handed_over_on=scored.today(), state="closed",
        )  # fmt: skip
    page = site.visit(Role.ANALYST).go(f"/scores?month={MONTH}")
    row = page.locator(f"tr[data-returns={office}]").inner_text()
    assert row.split("\t")[1:] == ["2", "0", "2", "0"]


def test_sorting_by_a_column_turns_and_leaves_the_unrated_last(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores")
    for wanted in (
        ["AG-2", "AG-1", "AG-3", "ED-4", "ED-5"],
        ["AG-3", "AG-1", "AG-2", "ED-4", "ED-5"],
    ):
        table = page.locator("table").filter(has=page.locator("tr[data-office=AG-1]"))
        with page.expect_navigation():
            table.get_by_role("link", name="Rate").press("Enter")
        assert codes(page) == wanted
        visitor.look()
    heads = page.locator("th[aria-sort]")
    assert [one.get_attribute("aria-sort") for one in heads.all()] == ["ascending"] * 2


def test_every_column_sorts(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores?category=agency")
    links = page.locator("table.dense a.sort")
    assert links.count() == page.locator("table.dense thead th").count()
    for address in [link.get_attribute("href") for link in links.all()]:
        answer = page.request.get(site.url + str(address))
        assert answer.status == 200, address


def test_filters_narrow_the_table_and_keep_the_order(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores?sort=rate&order=down")
    page.select_option("#parent", label="Schools")
    page.get_by_role("button", name="Filter").press("Enter")
    page.wait_for_url("**parent=P-2**")
    assert codes(page) == ["ED-4", "ED-5"]
    assert "sort=rate" in page.url
    with page.expect_navigation():
        page.get_by_role("link", name="Show all offices").click()
    page.fill("#name", "ag-")
    page.press("#name", "Enter")
    page.wait_for_url("**name=ag-**")
    assert codes(page) == ["AG-2", "AG-1", "AG-3"]
    assert "Offices found: 3 of 5." in page.locator("[role=status]", has_text="of 5").inner_text()
    visitor.look()


def test_bands_part_offices_whose_intervals_do_not_overlap(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores?category=agency&sort=band")
    bands = {
        code: page.locator(f"tr[data-office={code}] td").nth(7).inner_text()
        for code in ("AG-1", "AG-2", "AG-3")
    }
    assert bands == {"AG-1": "1", "AG-2": "1", "AG-3": "2"}
    assert page.locator("tr.band").get_attribute("data-office") == "AG-3"


def test_the_charts_are_drawn_and_have_their_tables(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST, color_scheme="dark")
    page = visitor.go("/scores")
    for name in ("spread", "trend", "course", "modes"):
        painted = page.locator(f"#{name} canvas").evaluate(
            """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
                         .data.some(value => value > 0)"""
        )
        assert painted, name
    for summary in page.locator(".charts summary").all():
        summary.press("Enter")
    page.emulate_media(color_scheme="light")
    visitor.look()
    course = page.locator("figure", has=page.locator("#course"))
    figures = {
        row.locator("th").inner_text(): row.locator("td").inner_text()
        for row in course.locator("tbody tr").all()
    }
    assert figures["Cases reported"] == "59"
    assert figures["Drawn"] == "54"
    assert figures["Answered us"] == "49"


def test_a_month_that_is_not_computed_is_computed_by_one_button(
    site: Any, context: Context
) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go(f"/scores?month={MONTH}")
    assert "no stored scores" in page.locator("main").inner_text()
    page.locator("#compute").press("Enter")
    expect(page.locator("[role=status]").first).to_have_text("Computed: this is a new version.")
    visitor.look()
    assert codes(page) == RANKED
    page.locator("#compute").press("Enter")
    expect(page.locator("[role=status]").first).to_contain_text("nothing has changed")


def test_the_choice_holds_ended_months_and_no_others(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores")
    options = page.locator("#month option").all_inner_texts()
    assert options == ["June 2023 (not computed)", "May 2023"]


@pytest.mark.parametrize("width", [360, 640])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_month_fits_a_small_screen(
    site: Any, scored: Context, width: int, language: str
) -> None:
    visitor = site.visit(Role.ANALYST, width=width, language=language, color_scheme="dark")
    page = visitor.go("/scores")
    assert visitor.fits(width)
    rate = page.locator("tr[data-office] td:visible").nth(2).bounding_box()
    assert rate is not None
    assert rate["x"] + rate["width"] <= width, "an office's rate is seen without scrolling"


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/scores?month=May", "May"),
        ("/scores?sort=phone", "phone"),
        ("/scores?category=secret", "secret"),
        (f"/scores/files/month/{MONTH}/1/docx", "docx"),
        (f"/scores/files/answers/{MONTH}/xlsx", "xlsx"),
    ],
)
def test_what_there_is_not_is_said_in_words(
    site: Any, scored: Context, path: str, word: str
) -> None:
    page = site.visit(Role.ANALYST).go(path, status=400)
    assert word in page.locator("h1").inner_text()


def test_a_large_category_is_cut_until_it_is_asked_for(site: Any, context: Context) -> None:
    add_offices(context, *["social"] * 160)
    appraisal.score_month(context, MONTH)
    page = site.visit(Role.ANALYST).go("/scores")
    assert len(codes(page)) == 5 + 25
    page.get_by_role("link", name="All 160 offices: Social services").press("Enter")
    page.wait_for_url("**category=social**")
    assert len(codes(page)) == 160
