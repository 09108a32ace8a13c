"""Versions on the page: what a new one changed, two side by side, publishing; month and year."""

from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.reports.score_versions import changes_between
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import month_scores, surveys
from survey_pipeline.vocabulary import Role

MONTH = "2023-05"


def turn_an_answer(context: Context, office_code: str = "AG-3") -> None:
    """Let one dissatisfied citizen of an office have been satisfied."""
    with writing(context.engine) as connection:
        chosen = connection.execute(
            surveys.select().where(
                surveys.c.office_code == office_code, surveys.c.rating == "dissatisfied"
            )
        ).first()
        assert chosen is not None
        connection.execute(
            update(surveys).where(surveys.c.id == chosen.id).values(rating="satisfied")
        )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("version 2 is new", "One office has other points.", "Other inputs")),
        ("zh_CN", ("生成第 2 版", "1 个处室(站所)得分有变化", "计算依据有变化")),
    ],
)
def test_a_new_version_says_what_it_changed(
    site: Any, scored: Context, language: str, words: tuple[str, ...]
) -> None:
    turn_an_answer(scored)
    visitor = site.visit(Role.ANALYST, language=language)
    page = visitor.go(f"/scores?month={MONTH}")
    page.locator("#compute").press("Enter")
    for word in words:
        expect(page.locator("#changed")).to_contain_text(word)
    visitor.look()
    page.locator("#changed a").press("Enter")
    page.wait_for_url("**/scores/versions/**")
    change = page.locator("details.change[data-office='AG-3']")
    expect(change).to_contain_text("→")
    visitor.look()


def test_two_versions_stand_side_by_side_with_lines_and_inputs(site: Any, scored: Context) -> None:
    turn_an_answer(scored)
    appraisal.score_month(scored, MONTH)
    turn_an_answer(scored)
    appraisal.score_month(scored, MONTH)
    visitor = site.visit(Role.ANALYST)
    page = visitor.go(f"/scores/versions/{MONTH}")
    rows = [row.get_attribute("data-version") for row in page.locator("tr[data-version]").all()]
    assert rows == ["3", "2", "1"]
    page.locator("[name=before][value='1']").check()
    page.locator("#compare").press("Enter")
    page.wait_for_url("**before=1")
    assert page.locator("#changes-head").inner_text() == "From version 1 to version 3"
    change = page.locator("details.change")
    assert [one.get_attribute("data-office") for one in change.all()] == ["AG-3"]
    text = change.inner_text()
    figures = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in change.locator("table").last.locator("tbody tr").all()
    }
    assert figures["Satisfied"] == ["1", "3"]
    assert figures["Dissatisfied"] == ["15", "13"]
    assert "Satisfied A.1a" in text
    assert "A.1c" in text
    visitor.look()


def test_a_version_is_published_from_the_page_once_and_for_good(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST, name="ana")
    page = visitor.go(f"/scores/versions/{MONTH}")
    page.locator("summary", has_text="Version 1").press("Enter")
    page.get_by_role("button", name="Publish version 1").press("Enter")
    expect(page.locator("[role=status]").first).to_contain_text("Version 1 is published")
    visitor.look()
    assert page.get_by_role("button", name="Publish version 1").count() == 0
    with reading(scored.engine) as connection:
        (row,) = connection.execute(month_scores.select()).all()
    assert row.published_by == "ana"


def test_what_its_inputs_do_not_give_any_more_is_not_published(site: Any, scored: Context) -> None:
    turn_an_answer(scored)
    page = site.visit(Role.ADMIN).go(f"/scores/versions/{MONTH}")
    page.locator("summary", has_text="Version 1").press("Enter")
    page.get_by_role("button", name="Publish version 1").press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("is not what its inputs give now")
    with reading(scored.engine) as connection:
        assert connection.execute(month_scores.select()).one().published_at is None


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CALLER, Role.OFFICE])
def test_others_do_not_publish(site: Any, scored: Context, role: Role) -> None:
    visitor = site.visit(role, office_code="AG-1" if role is Role.OFFICE else None)
    answer = visitor.page.request.post(
        f"{site.url}/scores/versions/{MONTH}/publish",
        headers={"Sec-Fetch-Site": "same-origin"},
        form={"version": "1"},
    )
    assert answer.status == 403
    if role is Role.OPERATOR:
        page = visitor.go(f"/scores/versions/{MONTH}")
        assert page.locator("#publish-head").count() == 0


def test_a_years_versions_are_compared_too(site: Any, scored: Context) -> None:
    appraisal.score_year(scored, 2023)
    turn_an_answer(scored)
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/year/2023")
    page.locator("#compute").press("Enter")
    expect(page.locator("#changed")).to_contain_text("One office has other points.")
    page.locator("#changed a").press("Enter")
    page.wait_for_url("**/scores/versions/2023?**")
    assert page.locator("details.change[data-office='AG-3']").count() == 1
    visitor.look()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/scores/versions/2023-05?before=1&after=9", 404),
        ("/scores/versions/2023-13", 422),
        ("/scores/versions/12", 400),
        ("/scores/versions/2023-05?before=99999999999999999999", 422),
        ("/scores/versions/2022", 200),
    ],
)
def test_versions_that_there_are_not_are_said_in_words(
    site: Any, scored: Context, path: str, status: int
) -> None:
    site.visit(Role.ANALYST).go(path, status=status)


def test_the_order_of_the_numbers_does_not_matter(scored: Context) -> None:
    turn_an_answer(scored)
    appraisal.score_month(scored, MONTH)
    found = changes_between(scored, MONTH, 2, 1)
    assert (found.before.version, found.after.version) == (1, 2)
    assert (found.moved, found.differing) == (1, 1)
    assert found.inputs
    assert not found.standard
    assert not found.program
    (office,) = found.offices
    assert office.by > 0
    assert {one.clause for one in office.lines if one.moved} == {"A.1a", "A.2"}
