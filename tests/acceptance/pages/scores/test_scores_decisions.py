"""The page of local decisions: what nobody has confirmed, adopting it, taking that back."""

from typing import Any

import pytest

from survey_pipeline import adoption
from survey_pipeline.testing import SetContext
from survey_pipeline.vocabulary import Role


@pytest.mark.parametrize(
    ("language", "mark", "title"),
    [
        ("en", "the program's default, not confirmed by 市评议办", "Rounding"),
        ("zh_CN", "程序默认，未经市评议办确认", "四舍五入"),
    ],
)
def test_an_analyst_adopts_a_decision_and_reads_its_page_first(
    site: Any, scored: SetContext, language: str, mark: str, title: str
) -> None:
    page = site.visit(Role.ANALYST, language=language, name="li").go("/scores/decisions/2023")
    row = page.locator("tr[data-clause='0.2']")
    assert mark in row.inner_text()
    assert title in row.inner_text()
    row.locator("a").click()
    page.wait_for_url("**/scores/decisions/2023/rounding")
    assert page.locator("article h1").inner_text()
    assert mark in page.locator("main").inner_text()
    page.go_back()
    page.locator("tr[data-clause='0.2'] input").check()
    page.fill("#by", "市评议办")
    page.fill("#on", "2023-06-01")
    page.fill("#document", "温评办〔2023〕3号")
    page.locator("form[action$='/adopt'] button").first.click()
    page.wait_for_url("**/scores/decisions/2023?changed=1")
    assert "温评办〔2023〕3号" in page.locator("tr[data-clause='0.2']").inner_text()
    entry = adoption.in_force(scored, 2023).standard.rounding
    assert (entry.adopted_by, entry.document_no) == ("市评议办", "温评办〔2023〕3号")


def test_an_admin_adopts_all_and_takes_one_back_with_a_reason(
    site: Any, scored: SetContext
) -> None:
    page = site.visit(Role.ADMIN).go("/scores/decisions/2023")
    page.fill("#by", "the office")
    page.fill("#on", "2023-06-01")
    page.fill("#document", "No. 3")
    page.locator("button[name='every']").click()
    page.wait_for_url("**changed=*")
    standard = adoption.in_force(scored, 2023).standard
    assert not [found for found in adoption.local_decisions(standard) if found.entry.is_default]
    page.locator("tr[data-clause='0.2'] input").check()
    page.fill("#reason", "revised")
    page.locator("form[action$='/take-back'] button").click()
    page.wait_for_url("**changed=1")
    assert adoption.in_force(scored, 2023).standard.rounding.is_default


def test_a_refused_form_says_why_and_keeps_what_was_typed(site: Any, scored: SetContext) -> None:
    page = site.visit(Role.ANALYST).go("/scores/decisions/2023")
    page.fill("#by", "the office")
    page.fill("#on", "2023-06-01")
    page.fill("#document", "No. 3")
    page.locator("form[action$='/adopt'] button").first.click()
    assert "choose at least one decision" in page.locator("[role=alert]").inner_text()
    assert page.input_value("#by") == "the office"


def test_an_operator_reads_the_decisions_and_cannot_adopt(site: Any, scored: SetContext) -> None:
    visitor = site.visit(Role.OPERATOR)
    page = visitor.go("/scores/decisions/2023")
    assert page.locator("tr[data-clause='0.2']").count() == 1
    assert page.locator("form[action$='/adopt'] button").count() == 0
    refused = page.request.post(
        site.url + "/scores/decisions/2023/adopt",
        form={"by": "x", "on": "2023-06-01", "document": "1", "every": "yes"},
        headers={"Origin": site.url},
    )
    assert refused.status == 403
    assert adoption.in_force(scored, 2023).standard.rounding.is_default


def test_a_page_that_is_no_decision_of_the_standard_is_not_there(
    site: Any, scored: SetContext
) -> None:
    site.visit(Role.ANALYST).go("/scores/decisions/2023/no-such-page", status=404)
