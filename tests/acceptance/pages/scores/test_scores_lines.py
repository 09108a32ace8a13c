"""From an office's points down to the lines and what they rest on; of a month and of a year."""

from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.stages.intake import import_file
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import surveys
from survey_pipeline.vocabulary import RecordKind, Role

MONTH = "2023-05"
PHONE = "138000"
"""How every number of the city begins."""
RANKED = ["AG-2", "AG-1", "AG-3", "ED-4", "ED-5"]
"""By category, and by rank there."""


def codes(page: Any) -> list[str]:
    rows = page.locator("tr[data-office]").all()
    return [row.get_attribute("data-office") for row in rows]


def row_of(page: Any, code: str) -> str:
    text: str = page.locator(f"tr[data-office={code}]").inner_text()
    return text


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_an_offices_points_unfold_to_lines_with_what_they_rest_on(
    site: Any, scored: Context, language: str
) -> None:
    visitor = site.visit(Role.ANALYST, language=language)
    page = visitor.go("/scores")
    page.locator("tr[data-office=AG-1] a").press("Enter")
    page.wait_for_url(f"**/scores/month/{MONTH}/AG-1")
    lines = page.locator("#clause-A").inner_text()
    assert "28.2240" in lines
    assert "30 x 0.98 x 0.96 = 28.2240" in lines.replace("×", "x")
    assert "“满意”计1分" in page.locator("[id='clause-A.1a']").inner_text()
    reading = page.locator("[id='clause-A.2']")
    reading.locator("summary").press("Enter")
    told = {"en": "0.95 below", "zh_CN": "不足 10 件为 0.95"}  # on the decision's page
    assert told[language] in reading.locator("details").inner_text()
    visitor.look()
    assert visitor.fits(360)


def test_a_drill_down_shows_no_citizen(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go(f"/scores/month/{MONTH}/AG-3")
    html = page.content()
    assert "15" in page.locator("[id='clause-A.1c']").inner_text()
    assert PHONE not in html
    assert "K-1" not in html


def test_reasons_of_few_answers_are_not_shown(site: Any, scored: Context) -> None:
    with writing(scored.engine) as connection:
        connection.execute(
            update(surveys)
            .where(surveys.c.office_code == "AG-2", surveys.c.case_no == "K-0")
            .values(rating="dissatisfied", reason="integrity")
        )
    appraisal.score_month(scored, MONTH)
    visitor = site.visit(Role.ANALYST)
    assert "Integrity" not in visitor.go(f"/scores/month/{MONTH}/AG-2").content()
    assert "Attitude" in visitor.go(f"/scores/month/{MONTH}/AG-3").content()


def test_an_office_without_a_score_is_said_in_words(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go(f"/scores/month/{MONTH}/XX-9", status=404)
    assert "XX-9" in page.locator("h1").inner_text()


def test_a_year_is_computed_ranked_and_unfolded(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/year/2023")
    page.locator("#compute").press("Enter")
    expect(page.locator("[role=status]").first).to_have_text("Computed: this is a new version.")
    visitor.look()
    assert codes(page) == RANKED
    assert "provisional" in row_of(page, "AG-1")
    page.locator("table a.sort", has_text="Total").first.press("Enter")
    page.wait_for_url("**sort=total**")
    page.locator("tr[data-office=AG-1] a").press("Enter")
    page.wait_for_url("**/scores/year/2023/AG-1")
    visitor.look()
    assert "not delivered" in page.locator("#clause-B").inner_text()
    assert "Performance" in page.locator("p", has_text="Missing:").inner_text()
    assert visitor.fits(360)
    visitor.go("/scores/year/2023")
    assert visitor.fits(360)


def test_possible_duplicates_stand_on_the_years_page(site: Any, scored: Context) -> None:
    path = scored.home / "awards.csv"
    path.write_text(
        "award_no,work,level,recipient,office_code,issued_on\n"
        "W-1,reform,G4,office,AG-1,2023-05-01\nW-2,Reform,G4,office,AG-1,2023-05-01\n"
    )
    appraisal.score_year(scored, 2023)
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/year/2023")
    assert page.locator("#duplicates-head").count() == 0
    import_file(scored, RecordKind.AWARDS, path, year=2023)
    page = visitor.go("/scores/year/2023")
    assert "W-1 (reform) and W-2 (Reform) may be the same" in page.inner_text("main")
    visitor.look()


@pytest.mark.parametrize(
    ("language", "month", "provisional", "ranks"),
    [
        ("en", "2 of 4", "2 of 3", "Rank in the city\n—"),
        ("zh_CN", "2 共4个单位", "2 共3个单位", "全市名次\n—"),
    ],
)
def test_a_rank_says_of_how_many_it_is(
    site: Any, scored: Context, language: str, month: str, provisional: str, ranks: str
) -> None:
    appraisal.score_year(scored, 2023)
    visitor = site.visit(Role.ANALYST, language=language)
    assert month in visitor.go(f"/scores/month/{MONTH}/AG-1").inner_text("dl.figures")
    figures = visitor.go("/scores/year/2023/AG-1").inner_text("dl.figures")
    assert provisional in figures
    assert ranks in figures, "no office has all components, so none has a rank"
    assert visitor.fits(360)
