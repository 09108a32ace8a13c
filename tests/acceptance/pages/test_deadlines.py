"""Deadlines as a page: overdue, soon due, come; by duty; the moved days; who may see it."""

from datetime import date
from typing import Any

import pytest

from survey_pipeline.context import Context
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import daily_reports, nothing_reports
from survey_pipeline.testing import add_case, add_offices
from survey_pipeline.vocabulary import Role


@pytest.fixture
def context(site: Any) -> Context:
    """Two offices since 28 April 2023, one of which has reported nothing since."""
    made: Context = site.context
    first, second = add_offices(made, "agency", "health")
    days = [date(2023, 4, 28), date(2023, 5, 4)]
    add_case(made, second, "K-0", "+8613812345670", reported_on=days[0])
    for day in days:
        add_case(made, first, f"K-{day}", f"+86138000000{day.day:02}", reported_on=day)
    with writing(made.engine) as connection:
        connection.execute(daily_reports.update().values(reported=1))
    return made


def rows(page: Any, part: str) -> list[str]:
    return [one.inner_text() for one in page.locator(f"section:has(#{part}-head) tbody tr").all()]


def test_the_overdue_come_first_then_what_is_due_then_what_came(
    site: Any, context: Context
) -> None:
    page = site.visit(Role.ANALYST).go("/deadlines")
    headings = [one.inner_text() for one in page.locator("h2").all()]
    assert headings == ["Overdue", "Due in the next 30 days", "Came, or nothing to come"]
    assert all("overdue by" in row for row in rows(page, "overdue"))
    assert all("due " in row for row in rows(page, "due"))
    assert rows(page, "due")


def test_one_duty_is_asked_for_alone(site: Any, context: Context) -> None:
    page = site.visit(Role.OPERATOR).go("/deadlines")
    everything = rows(page, "overdue") + rows(page, "due")
    page.select_option("#duty", "case_report")
    page.press("#duty", "Enter")
    page.locator("form[action='/deadlines'] button").press("Enter")
    page.wait_for_url("**duty=case_report**")
    alone = rows(page, "overdue") + rows(page, "due")
    assert alone
    assert len(alone) < len(everything)
    assert all("case report" in row for row in alone)
    assert page.locator("#duty").input_value() == "case_report"


def test_who_filed_who_reported_nothing_and_who_did_neither(site: Any, context: Context) -> None:
    with writing(context.engine) as connection:
        connection.execute(
            nothing_reports.insert().values(
                duty="self_check", parent_code="P-1", first_day=date(2023, 4, 1),
                last_day=date(2023, 4, 30), by="li", at=context.now(),
            )
        )  # fmt: skip
    page = site.visit(Role.ANALYST).go("/deadlines?duty=self_check")
    months = page.locator("section:has([id^=filings-]) thead th").all_inner_texts()[1:]
    cells = page.locator("tr[data-parent='P-1'] td").all_inner_texts()
    standing = dict(zip(months, cells, strict=True))
    assert [standing[f"2023-{month:02}"] for month in (3, 4, 5)] == [
        "missing",
        "nothing",
        "not yet",
    ]


def test_a_date_that_was_moved_says_from_which_day(site: Any, context: Context) -> None:
    """25 June 2023 was a Sunday and, by the State Council's notice, a working day; 25 March a
    Saturday: the results of February were due on Monday 27 March."""
    page = site.visit(Role.OPERATOR).go("/deadlines?date=2023-03-20")
    moved = [row for row in rows(page, "due") if "2023-03-27" in row]
    assert moved
    assert all("moved from 2023-03-25, which is no working day" in row for row in moved)


def test_a_past_day_is_told_as_it_stood_then(site: Any, context: Context) -> None:
    page = site.visit(Role.ADMIN).go("/deadlines?date=2023-04-28&duty=case_report")
    assert page.locator("h1").inner_text() == "Deadlines on Apr 28, 2023"
    assert rows(page, "overdue") == []
    assert "2 of 2" in " ".join(rows(page, "came"))


@pytest.mark.parametrize("query", ["date=soon", "duty=tax", "date=2024-01-01"])
def test_what_cannot_be_asked_is_refused_in_words(site: Any, context: Context, query: str) -> None:
    page = site.visit(Role.OPERATOR).go(f"/deadlines?{query}", status=400)
    assert query.split("=")[1] in page.locator("h1").inner_text()


def test_it_is_told_in_chinese_on_a_small_screen(site: Any, context: Context) -> None:
    visitor = site.visit(Role.OPERATOR, language="zh_CN", width=360, color_scheme="dark")
    page = visitor.go("/deadlines")
    assert page.locator("h1").inner_text() == "2023年5月4日的各项期限"
    assert visitor.fits(360)


@pytest.mark.parametrize("role", [Role.CALLER])
def test_callers_have_no_deadlines(site: Any, context: Context, role: Role) -> None:
    site.visit(role).go("/deadlines", status=403)


def test_nothing_to_bring_is_said_and_taken_back(site: Any, context: Context) -> None:
    visitor = site.visit(Role.OPERATOR)
    page = visitor.go("/deadlines?duty=self_check")

    def standing() -> str:
        months = page.locator("section:has([id^=filings-]) thead th").all_inner_texts()[1:]
        cells = page.locator("tr[data-parent='P-1'] td").all_inner_texts()
        return str(dict(zip(months, cells, strict=True))["2023-03"])

    assert standing() == "missing"
    page.locator("select[name=what]").select_option("self_check/P-1/2023-03/2023-03-01")
    page.get_by_role("button", name="There was nothing").click()
    page.wait_for_url("**/deadlines#nothing")
    visitor.look()
    visitor.go("/deadlines?duty=self_check")
    assert standing().startswith("nothing")
    page.get_by_role("button", name="Take it back 2023-03 P-1").click()
    page.wait_for_url("**/deadlines#nothing")
    visitor.go("/deadlines?duty=self_check")
    assert standing() == "missing"


def test_only_operators_say_that_there_was_nothing(site: Any, context: Context) -> None:
    page = site.visit(Role.ANALYST).go("/deadlines")
    assert page.locator("#nothing").count() == 0


def test_what_is_outstanding_no_more_is_refused(site: Any, context: Context) -> None:
    page = site.visit(Role.OPERATOR).go("/deadlines")
    assert (
        page.evaluate(
            """async () => (await fetch("/deadlines/nothing", {method: "POST",
        body: new URLSearchParams({what: "self_check/P-1/1999-03/1999-03-01"})})).status"""
        )
        == 409
    )
