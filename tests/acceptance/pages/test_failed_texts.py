"""Texts that failed or were not delivered, by office, down to the cases; numbers are masked."""

import re
import shutil
from typing import Any

import pytest

from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.testing import add_offices, add_survey, add_text
from survey_pipeline.vocabulary import MessageState, RefusalReason, Role


@pytest.fixture
def context(site: Any) -> Context:
    """Two offices: of the first three of four numbers are bad, of the second one of four."""
    made: Context = site.context
    shutil.copytree(shipped() / "templates", made.home / "templates")
    for office, bad in zip(add_offices(made, "agency", "agency"), (3, 1), strict=True):
        for number in range(4):
            phone = f"+86138{office[-1]}234567{number}"
            survey = add_survey(made, office, f"{office}-K{number}", phone)
            failed: dict[str, Any] = {
                "state": MessageState.FAILED,
                "reason": RefusalReason.BAD_NUMBER,
            }
            add_text(made, survey, **(failed if number < bad else {}))
    survey = add_survey(made, "AG-2", "AG-2-U", "+8613922345678")
    add_text(made, survey, state=MessageState.UNDELIVERED)
    return made


def rows(page: Any) -> list[list[str]]:
    return [re.split(r"[\t\n]", one.inner_text()) for one in page.locator("tbody tr").all()]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_remedy_leads_to_the_offices_and_their_cases(
    site: Any, context: Context, language: str
) -> None:
    visitor = site.visit(Role.OPERATOR, language=language)
    visitor.go("/")
    page = visitor.page
    page.click("tr[data-group=failed_bad_number] a")
    page.wait_for_url("**/day/failed?**")
    visitor.look()
    assert rows(page) == [
        ["AG-1 Office 1", "3", "4", "75.0%"],
        ["AG-2 Office 2", "1", "5", "20.0%"],
    ]
    assert visitor.fits(360)
    page.click("tr[data-office='AG-1'] a")
    page.wait_for_url("**/day/failed/AG-1?**")
    visitor.look()
    assert [one[:2] for one in rows(page)] == [
        [f"AG-1-K{number}", f"138****567{number}"] for number in (2, 1, 0)
    ]
    assert "1381234567" not in page.content()
    assert visitor.fits(360)


def test_the_span_and_the_group_hold(site: Any, context: Context) -> None:
    visitor = site.visit(Role.OPERATOR)
    assert rows(visitor.go("/day/failed?group=undelivered"))[0][:2] == ["AG-2 Office 2", "1"]
    assert len(rows(visitor.go("/day/failed"))) == 2
    assert rows(visitor.go("/day/failed?date=2023-05-03")) == []
    assert len(rows(visitor.go("/day/failed?span=month"))) == 2
    assert len(rows(visitor.go("/day/failed/AG-2"))) == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/day/failed?group=odd", 400),
        ("/day/failed?group=failed_odd", 400),
        ("/day/failed?span=year", 400),
        ("/day/failed/none", 404),
        ("/day/failed/AG-1?before=99999999999999999999", 404),
    ],
)
def test_what_is_not_there_is_said(site: Any, context: Context, path: str, status: int) -> None:
    site.visit(Role.OPERATOR).go(path, status=status)


@pytest.mark.parametrize("role", [Role.CALLER, Role.ANALYST, Role.OFFICE])
def test_others_do_not_see_it(site: Any, context: Context, role: Role) -> None:
    visitor = site.visit(role, office_code="AG-1" if role is Role.OFFICE else None)
    visitor.go("/day/failed", status=403)
    visitor.go("/day/failed/AG-1", status=403)
