"""An appointment is checked before the citizen has hung up, and is never a refusal."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from survey_pipeline.context import Context
from survey_pipeline.store.tables import call_attempts, calls, surveys
from survey_pipeline.vocabulary import Role

WORDS = {
    "en": ("09:00-12:00, 14:00-17:30, until 2023-05-11", "outside calling hours", "kept as “asked"),
    "zh_CN": ("09:00-12:00、14:00-17:30，最晚至 2023-05-11", "不在可拨打时间内", "不算拒访"),
}


def asked(page: Page, day: str, at: str) -> None:
    page.locator("#on").fill(day)
    page.locator("#at").fill(at)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_hours_and_last_day_are_said_while_the_time_is_typed(
    site: Any, desk: Any, language: str
) -> None:
    hours, outside, beyond = WORDS[language]
    visitor = site.visit(Role.CALLER, name="li", language=language)
    page = visitor.go("/callbacks")
    desk.press(page, "n", "7")
    expect(page.locator("#calling-hours")).to_contain_text(hours)
    asked(page, "2023-05-04", "12:30")
    expect(page.locator("#asked")).to_contain_text(outside)
    expect(page.locator("#asked")).to_contain_text("2023-05-04 14:00")
    asked(page, "2023-05-20", "10:00")
    expect(page.locator("#asked")).to_contain_text(beyond)
    visitor.look()
    asked(page, "2023-05-05", "10:00")
    expect(page.locator("#asked .good")).to_be_visible()
    assert desk.rows(call_attempts) == []


def test_a_time_outside_hours_is_never_moved_behind_the_citizens_back(
    site: Any, context: Context, desk: Any
) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n", "7")
    asked(page, "2023-05-04", "12:30")
    page.locator("#at").press("Enter")
    expect(page.locator("#log-problem")).to_contain_text("in the form: 2023-05-04 14:00")
    assert desk.rows(call_attempts) == []
    assert page.locator("#at").input_value() == "14:00"
    page.locator("#at").press("Enter")
    desk.logged(page)
    (call,) = desk.rows(calls)
    assert f"{context.calendar.local(call.appointment_from):%m-%d %H:%M}" == "05-04 14:00"


def test_a_wish_beyond_the_surveys_end_is_logged_and_is_no_refusal(site: Any, desk: Any) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n", "7")
    asked(page, "2023-05-20", "10:00")
    page.locator("#at").press("Enter")
    expect(page.locator("#log-problem")).to_contain_text("Ask the citizen for an earlier time")
    assert desk.rows(call_attempts) == []
    page.keyboard.press("Escape")
    desk.press(page, "x", "Enter")
    desk.logged(page)
    assert "not as a refusal" in page.locator("#last").inner_text()
    (call,), (survey,) = desk.rows(calls), desk.rows(surveys)
    assert (call.state, call.why) == ("closed", "no_time_left")
    assert (survey.disposition, survey.reached) == ("2.21", True)


def test_it_is_said_before_when_all_attempts_are_used(
    site: Any, context: Context, desk: Any
) -> None:
    most = context.settings.callbacks.model_copy(update={"max_attempts": 1})
    settings = context.settings.model_copy(update={"callbacks": most})
    object.__setattr__(context, "settings", settings)  # the served one
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    for at in ("10:10", "10:30"):
        desk.press(page, "n", "7")
        asked(page, "2023-05-04", at)
        if at == "10:30":
            expect(page.locator("#asked")).to_contain_text("All attempts are used")
        page.locator("#at").press("Enter")
        desk.logged(page)
        desk.later(minutes=10)
    assert desk.rows(surveys)[0].disposition == "2.21"
