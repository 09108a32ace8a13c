"""`/scores/signals`: what stands out, in words, and what a person found of it."""

from typing import Any

import pytest

from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import surveys
from survey_pipeline.testing import add_offices
from survey_pipeline.vocabulary import Category, Role


@pytest.fixture
def suspect(site: Any) -> None:
    """Four offices of a hundred answers; half of those of AG-1 know of no case."""
    context = site.context
    codes = add_offices(context, *[Category.AGENCY] * 4)
    rows = [
        {
            "office_code": code, "case_no": f"K-{number}", "category": "agency",
            "month": "2023-05", "drawn_on": context.today(), "rank_hash": "", "texted": True,
            "phone_kind": "mobile", "own_calls": True, "opened_at": context.now(),
            "closes_at": context.now(), "state": "closed", "phone": None, "phone_hash": None,
            "denied": code == "AG-1" and number < 50,
            "rating": None if code == "AG-1" and number < 50 else "satisfied",
        }
        for code in codes
        for number in range(100)
    ]  # fmt: skip
    with writing(context.engine) as connection:
        connection.execute(surveys.insert(), rows)


def test_an_analyst_counts_a_month_and_says_what_was_found(site: Any, suspect: None) -> None:
    visitor = site.visit(Role.ANALYST, language="en", width=360)
    page = visitor.go("/scores/signals?month=2023-05&kind=not_their_case")
    assert page.locator("tbody tr").count() == 4
    assert visitor.fits(360)
    page.get_by_role("button", name="Count this month now").click()
    card = page.locator("[data-signal=not_their_case]")
    assert "50 of 100 citizens who answered said that it was not their case." in card.inner_text()
    assert "changes no score" in page.locator("main").inner_text()
    card.get_by_label("Reason; it stays on record").fill("the list was bought")
    card.get_by_role("button", name="Confirmed").press("Enter")
    assert "looked into: confirmed" in card.inner_text()
    assert "the list was bought" in card.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "signals-2023-05.csv"


def test_the_list_fits_a_phone_in_chinese(site: Any, suspect: None) -> None:
    visitor = site.visit(Role.ADMIN, language="zh_CN", width=360)
    visitor.go("/scores/signals?month=2023-05").get_by_role("button", name="立即统计本月").click()
    page = visitor.go("/scores/signals?month=2023-05")
    assert "真实性核查线索" in page.locator("h1").inner_text()
    assert visitor.fits(360)


def test_an_operator_does_not_open_it(site: Any, suspect: None) -> None:
    site.visit(Role.OPERATOR).go("/scores/signals", status=403)
