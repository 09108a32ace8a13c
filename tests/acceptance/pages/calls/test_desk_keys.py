"""The caller's desk by keyboard: every outcome, notes, appointments, what was a slip."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import call_attempts, calls, surveys
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import Role

WORDS = {
    "en": ("Calls", "One call is due now.", "satisfied", "The call is over."),
    "zh_CN": ("电话回访", "现有 1 个电话到时应拨。", "满意", "本回访已结束。"),
}


def later(context: Context, **span: float) -> None:
    context.clock.at += timedelta(**span)  # type: ignore[attr-defined] # tests set the clock


def rows(context: Context, table: Any) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def press(page: Page, *keys: str) -> int:
    """Press keys as a caller does: each once the page has come that far; return how many."""
    for key in keys:
        page.keyboard.press(key)
        if key == "n":
            expect(page.locator("#script")).to_be_visible()
    return len(keys)


def logged(page: Page) -> None:
    expect(page.locator("#last")).to_be_visible()
    expect(page.locator("#next")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_call_is_logged_with_the_keyboard_alone_in_four_keys(
    site: Any, context: Context, language: str
) -> None:
    heading, due, rating, over = WORDS[language]
    visitor = site.visit(Role.CALLER, name="li", language=language)
    page = visitor.go("/callbacks")
    assert page.locator("h1").inner_text() == heading
    assert page.locator("#waiting").inner_text().strip() == due
    assert press(page, "n", "1", "Enter") <= 4
    logged(page)
    visitor.look()
    assert rating in page.locator("#last").inner_text()
    assert over in page.locator("#last").inner_text()
    (attempt,) = rows(context, call_attempts)
    assert (attempt.by, attempt.outcome, attempt.rating) == ("li", "answered", "satisfied")


@pytest.mark.parametrize(
    ("keys", "outcome", "reason"),
    [
        (("3", "b", "Enter"), "answered", "efficiency"),
        (("2", "Enter"), "answered", None),
        (("4", "Enter"), "no_answer", None),
        (("5", "Enter"), "busy", None),
        (("6", "Enter"), "switched_off", None),
        (("8", "Enter"), "refused", None),
        (("9", "Enter"), "hung_up", None),
        (("0", "Enter"), "not_my_case", None),
        (("w", "Enter"), "wrong_number", None),
        (("i", "Enter"), "invalid_number", None),
        (("l", "Enter"), "language", None),
        (("1", "3", "5", "4", "Enter"), "no_answer", None),
    ],
)
def test_every_outcome_has_its_key(
    site: Any, context: Context, keys: tuple[str, ...], outcome: str, reason: str | None
) -> None:
    page = site.visit(Role.CALLER).go("/callbacks")
    press(page, "n", *keys)
    logged(page)
    (attempt,) = rows(context, call_attempts)
    assert (attempt.outcome, attempt.reason) == (outcome, reason)


def test_a_note_is_typed_and_sent_without_the_mouse(site: Any, context: Context) -> None:
    page = site.visit(Role.CALLER).go("/callbacks")
    press(page, "n", "3", "m")
    page.keyboard.type("told 3 times to come back")
    page.keyboard.press("Enter")
    logged(page)
    (attempt,) = rows(context, call_attempts)
    assert (attempt.rating, attempt.note) == ("dissatisfied", "told 3 times to come back")


def test_enter_on_another_control_does_not_log(site: Any, context: Context) -> None:
    page = site.visit(Role.CALLER).go("/callbacks")
    press(page, "n", "1")
    page.locator("#release").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#next")).to_be_visible()
    assert rows(context, call_attempts) == []
    (call,) = rows(context, calls)
    assert (call.state, call.lease_by) == ("open", None)


def test_nothing_is_logged_before_something_is_chosen(site: Any, context: Context) -> None:
    page = site.visit(Role.CALLER).go("/callbacks")
    press(page, "n", "Enter")
    page.wait_for_timeout(300)
    assert page.locator("#script").is_visible()
    assert rows(context, call_attempts) == []


def test_a_slip_is_taken_back_within_a_minute(site: Any, context: Context) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    press(page, "n", "3", "Enter")
    logged(page)
    page.keyboard.press("u")
    expect(page.locator("#script")).to_be_visible()
    visitor.look()
    expect(page.locator("#history-head + ol li")).to_contain_text("taken back")
    press(page, "1", "Enter")
    logged(page)
    (survey,) = rows(context, surveys)
    assert (survey.rating, survey.attempts) == ("satisfied", 1)


def test_after_a_minute_a_slip_stays_and_the_page_says_so(site: Any, context: Context) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    press(page, "n", "3", "Enter")
    logged(page)
    later(context, seconds=61)
    page.keyboard.press("u")
    expect(page.locator("[role=alert].problem").first).to_contain_text("more than a minute")
    assert page.locator("#undo").count() == 0
    assert rows(context, surveys)[0].rating == "dissatisfied"


def test_an_appointment_is_asked_for_and_kept(site: Any, context: Context) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    press(page, "n")
    assert not page.locator("#at").is_visible()
    press(page, "7")
    expect(page.locator("#at")).to_be_focused()
    visitor.look()
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert].problem").first).to_contain_text("at what time")
    assert rows(context, call_attempts) == []
    page.locator("#at").fill("15:30")
    page.locator("#at").press("Enter")
    logged(page)
    (call,) = rows(context, calls)
    assert f"{context.calendar.local(call.appointment_from):%m-%d %H:%M}" == "05-04 15:30"
    assert "3:30" in page.locator("#last").inner_text()


def test_an_impossible_appointment_keeps_what_was_typed(site: Any, context: Context) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    press(page, "n", "m")
    page.keyboard.type("after work")
    press(page, "Escape", "7")
    page.locator("#at").fill("08:00")
    page.locator("#at").press("Enter")
    expect(page.locator("[role=alert].problem").first).to_contain_text("has passed")
    assert page.locator("#note").input_value() == "after work"
    assert page.locator("[value=again]").is_checked()
