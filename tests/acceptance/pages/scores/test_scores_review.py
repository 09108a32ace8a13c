"""The page of a year's selection: who takes part, who was passed over, what was missing."""

from typing import Any

import pytest

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.stages.review import SelectionRequest, latest_daily, select_offices
from survey_pipeline.vocabulary import Role


@pytest.mark.parametrize(
    ("language", "reason", "least", "empty"),
    [
        ("en", "Reason: the year is open", "fewer than 5 rated cases", "Places left empty"),
        ("zh_CN", "理由：the year is open", "评价数不足5个", "空缺名额"),
    ],
)
def test_the_selection_says_who_was_passed_over_and_what_was_missing(
    site: Any, scored: Context, language: str, reason: str, least: str, empty: str
) -> None:
    appraisal.score_year(scored, 2023)
    visitor = site.visit(Role.ANALYST, language=language)
    page = visitor.go("/scores/review/2023")
    assert page.locator("table").count() == 0
    asked = SelectionRequest(provisional=True, reason="the year is open")
    select_offices(scored, 2023, latest_daily(scored, 2023), asked)
    page = visitor.go("/scores/review/2023")
    text = page.inner_text("main")
    for said in (reason, least, empty):
        assert said in text
    assert "AG-2" in page.locator("section", has=page.locator("#over-head")).inner_text()
    assert "ED-5" in page.locator("section", has=page.locator("#lacking-head")).inner_text()
    taking_part = [
        row.get_attribute("data-office") for row in page.locator("tr[data-office]").all()
    ]
    assert taking_part == ["AG-1", "AG-3", "ED-4"]
    visitor.look()
    assert visitor.fits(360)
    assert visitor.go("/scores/year/2023").locator("a[href='/scores/review/2023']").count() == 1
