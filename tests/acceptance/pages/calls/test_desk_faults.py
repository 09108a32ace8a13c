"""The desk when something goes wrong, on a small laptop and with the keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from survey_pipeline.context import Context
from survey_pipeline.stages.callbacks import next_call
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import call_attempts, calls
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.vocabulary import AnswerRole, CallReason, Mode, Rating, Role

LAPTOP: ViewportSize = {"width": 1366, "height": 650}
SEEN = """
(selector) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
}
"""
PRESSED = """
(key) => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}))
"""


def at_laptop(site: Any, language: str = "en") -> Page:
    visitor = site.visit(Role.CALLER, name="li", language=language)
    page: Page = visitor.go("/callbacks")
    page.set_viewport_size(LAPTOP)
    return page


def in_sight(page: Page, selector: str) -> bool:
    return bool(page.evaluate(SEEN, selector))


def asking_why(context: Context) -> None:
    answer = GivenAnswer(AnswerRole.RATING, Mode.SMS, Rating.DISSATISFIED, context.now())
    with writing(context.engine) as connection:
        record_answer(connection, 1, answer, context.now())
        connection.execute(calls.update().values(reason=CallReason.DISSATISFIED, priority=9))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_silent_server_is_said_above_the_form_and_keeps_what_was_typed(
    site: Any, desk: Any
) -> None:
    page = at_laptop(site)
    desk.press(page, "n", "3", "m")
    page.keyboard.type("waited two hours")
    page.route("**/log", lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(page.locator("#cut-off")).to_be_visible()
    assert page.locator("#cut-off").get_attribute("role") == "alert"
    assert in_sight(page, "#cut-off")
    above = page.locator("#cut-off").bounding_box()
    form = page.locator("#note").bounding_box()
    assert above is not None
    assert form is not None
    assert above["y"] < form["y"]
    assert focused(page) == "note"
    page.unroute("**/log")
    page.keyboard.press("Enter")
    desk.logged(page)
    assert [one.note for one in desk.rows(call_attempts)] == ["waited two hours"]


@pytest.mark.parametrize("field", ["at", "no-earlier", "note", "save"])
def test_after_an_error_the_focus_is_where_it_was(site: Any, desk: Any, field: str) -> None:
    page = at_laptop(site)
    desk.press(page, "n", "7")
    page.locator(f"#{field}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#log-problem")).to_contain_text("at what time")
    assert focused(page) == field
    assert in_sight(page, "#log-problem")


def test_after_an_error_without_a_field_the_focus_is_at_the_head(site: Any, desk: Any) -> None:
    page = at_laptop(site)
    desk.press(page, "n", "7", "Escape")
    page.keyboard.press("Enter")
    expect(page.locator("#log-problem")).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "H1"


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        (("W", "Enter"), "wrong_number"),
        (("3", "B", "Enter"), "answered"),
        (("４", "Enter"), "no_answer"),
    ],
)
def test_keys_are_the_same_with_caps_lock_and_full_width(
    site: Any, desk: Any, keys: tuple[str, ...], outcome: str
) -> None:
    page = at_laptop(site)
    page.keyboard.press("N")
    expect(page.locator("#script")).to_be_visible()
    for key in keys:
        if key == "４":  # as an input method sends it
            page.evaluate(PRESSED, key)
        else:
            page.keyboard.press(key)
    desk.logged(page)
    assert [one.outcome for one in desk.rows(call_attempts)] == [outcome]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("keys", [(), ("3",), ("7",), ("3", "k")])
def test_the_log_button_is_on_a_laptops_screen(
    site: Any, context: Context, desk: Any, language: str, keys: tuple[str, ...]
) -> None:
    asking_why(context)
    page = at_laptop(site, language)
    desk.press(page, "n", *keys)
    assert in_sight(page, "#save")
    assert in_sight(page, "#release")


def test_reasons_stand_open_where_the_call_asks_why(site: Any, context: Context, desk: Any) -> None:
    asking_why(context)
    page = at_laptop(site)
    desk.press(page, "n")
    assert page.locator("[name=reason]:visible").count() == 8
    desk.press(page, "b", "3", "Enter")
    desk.logged(page)
    assert [one.reason for one in desk.rows(call_attempts)] == ["efficiency"]


def test_nothing_is_offered_to_log_once_a_colleague_has_the_call(
    site: Any, context: Context, desk: Any
) -> None:
    page = at_laptop(site)
    desk.press(page, "n", "1")
    desk.later(minutes=16)
    next_call(context, "wang")
    expect(page.locator("#act")).to_contain_text("Tell your colleague")
    assert page.locator("#save").count() == 0
    assert in_sight(page, "#go-on")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert desk.rows(call_attempts) == []
    page.keyboard.press("n")
    expect(page.locator("#next")).to_be_visible()


def test_a_result_that_came_too_late_says_what_to_do_and_keeps_the_note(
    site: Any, context: Context, desk: Any
) -> None:
    page = at_laptop(site)
    desk.press(page, "n", "3", "m")
    page.keyboard.type("no ramp at the door")
    desk.later(minutes=16)
    next_call(context, "wang")
    page.keyboard.press("Enter")
    problem = page.locator("[role=alert].problem").last
    expect(problem).to_contain_text("Nothing was logged. Tell your colleague")
    expect(problem).to_contain_text("no ramp at the door")


def test_the_caller_sees_how_many_calls_were_made_today(site: Any, desk: Any) -> None:
    page = at_laptop(site)
    expect(page.locator(".made")).to_have_text("Today: 0 calls")
    desk.press(page, "n", "5", "Enter")
    desk.logged(page)
    expect(page.locator(".made")).to_have_text("Today: one call")
    page.keyboard.press("u")
    expect(page.locator("#script")).to_be_visible()
    expect(page.locator(".made")).to_have_text("Today: 0 calls")
