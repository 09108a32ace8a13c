"""The supervisor's view of the phones: the queue, who holds what, and each caller's figures."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from survey_pipeline.stages.callbacks import CallResult, log_result, next_call, undo_attempt
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import calls, surveys
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import NOON, SetContext, add_offices, add_survey
from survey_pipeline.vocabulary import AnswerRole, CallOutcome, CallReason, Mode, Rating, Role

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""
DAYS = (0, 0, 1, 3)
"""How many days ago each landline was queued."""
CONTENT = CallResult(CallOutcome.ANSWERED, Rating.SATISFIED)
CORRECTION = CallResult(CallOutcome.ANSWERED, Rating.NEUTRAL, correct_why="took 1 for the worst")
REFUSED = CallResult(CallOutcome.REFUSED)


@pytest.fixture
def context(site: Any) -> SetContext:
    """Four landlines in the queue, and two people to verify, who have answered by SMS."""
    made: SetContext = site.context
    made.clock.at = MORNING
    add_offices(made, "agency")
    for number, days in enumerate(DAYS):
        survey = add_survey(made, "AG-1", f"L-{number}", f"+865778888666{number}")
        queue(made, survey, CallReason.LANDLINE, days)
    for number in range(2):
        survey = add_survey(made, "AG-1", f"V-{number}", f"+861381234567{number}")
        answer = GivenAnswer(AnswerRole.RATING, Mode.SMS, Rating.SATISFIED, made.now())
        with writing(made.engine) as connection:
            record_answer(connection, survey, answer, made.now())
        queue(made, survey, CallReason.VERIFY, 0)
    return made


def queue(context: SetContext, survey: int, reason: CallReason, days: int) -> None:
    at = context.now() - timedelta(days=days)
    with writing(context.engine) as connection:
        connection.execute(
            calls.insert().values(
                survey_id=survey,
                reason=reason,
                priority=list(CallReason).index(reason),
                queued_at=at,
                due_at=at,
                last_at=context.now() + timedelta(days=7),
            )
        )


def call(context: SetContext, by: str, result: CallResult) -> int:
    taken = next_call(context, by).call
    assert taken is not None
    log_result(context, taken.id, by, result)
    return taken.id


def figures(page: Page, row: str) -> list[str]:
    cells = page.locator(f"#figures tr[data-caller='{row}'] td").all_inner_texts()
    return [" ".join(cell.split()) for cell in cells]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_queue_leases_and_figures_on_one_page(
    site: Any, context: SetContext, language: str
) -> None:
    site.person(Role.CALLER, "idle")
    for result in (CONTENT, REFUSED, CallResult(CallOutcome.NO_ANSWER), REFUSED):
        call(context, "wang", result)
    call(context, "li", CORRECTION)
    next_call(context, "li")
    visitor = site.visit(Role.OPERATOR, language=language)
    page = visitor.go("/callbacks/overview")
    assert figures(page, "wang") == ["4", "3", "1", "2", "4", "3", "1", "2", "0", "0"]
    assert figures(page, "li")[:4] == ["1", "1", "1", "0"]
    assert figures(page, "li")[-2:] == ["1", "1 100.0%"]
    assert figures(page, "idle") == ["0"] * 10
    assert figures(page, "")[4:] == ["5", "4", "2", "2", "1", "1 100.0%"]
    held = page.locator("tr[data-call]")
    assert held.count() == 1
    assert "li" in held.inner_text()
    assert "10:15" in held.inner_text()


def test_the_queue_is_told_by_reason_and_age(site: Any, context: SetContext) -> None:
    page = site.visit(Role.ADMIN).go("/callbacks/overview")
    rows = {
        row.get_attribute("data-reason"): row.locator("td").all_inner_texts()
        for row in page.locator("tr[data-reason]").all()
    }
    assert rows == {
        "landline": ["4", "4", "0", "2", "1", "1"],
        "verify": ["2", "2", "0", "2", "0", "0"],
    }
    assert "6 calls are due now." in page.locator("#figures").inner_text()


def test_what_was_taken_back_does_not_count(site: Any, context: SetContext) -> None:
    undo_attempt(context, call(context, "li", REFUSED), "li")
    page = site.visit(Role.OPERATOR).go("/callbacks/overview")
    assert page.locator("tr[data-caller='li']").count() == 0
    assert figures(page, "") == ["0"] * 10


def test_a_past_day_has_its_own_figures_and_those_of_its_month_until_then(
    site: Any, context: SetContext
) -> None:
    call(context, "wang", CONTENT)
    context.clock.at += timedelta(days=1)
    call(context, "wang", REFUSED)
    page = site.visit(Role.OPERATOR).go("/callbacks/overview")
    assert figures(page, "wang")[:8] == ["1", "1", "0", "1", "2", "2", "1", "1"]
    page.goto(f"{site.url}/callbacks/overview?date=2023-05-04")
    assert figures(page, "wang")[:8] == ["1", "1", "1", "0", "1", "1", "1", "0"]
    assert page.locator("#queue-head").count() == 0


def test_the_figures_go_on_by_themselves(site: Any, context: SetContext) -> None:
    visitor = site.visit(Role.OPERATOR, width=360, color_scheme="dark")
    page = visitor.go("/callbacks/overview")
    assert visitor.fits(360)
    next_call(context, "li")
    expect(page.locator("tr[data-call]")).to_contain_text("li")
    visitor.look()


def test_callers_do_not_see_each_others_figures(site: Any, context: SetContext) -> None:
    visitor = site.visit(Role.CALLER)
    visitor.go("/callbacks/overview", status=403)
    part = visitor.page.request.get(f"{site.url}/callbacks/overview/part")
    assert part.status == 403
    assert visitor.go("/callbacks").locator("a[href='/callbacks/overview']").count() == 0


def test_the_view_holds_no_number(site: Any, context: SetContext) -> None:
    next_call(context, "li")
    shown = site.visit(Role.OPERATOR).go("/callbacks/overview").content()
    with writing(context.engine) as connection:
        phones = [context.keys.decrypt(row.phone) for row in connection.execute(surveys.select())]
    assert not [one for one in phones if one in shown or one[-8:] in shown]
