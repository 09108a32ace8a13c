"""The caller's desk by keyboard: every outcome, notes, appointments, what was a slip."""

from typing import Any

import pytest
from playwright.sync_api import expect

from survey_pipeline.context import Context
from survey_pipeline.store.tables import call_attempts, calls, opt_outs, surveys
from survey_pipeline.vocabulary import Role

WORDS = {
    "en": ("Calls", "One call is due now.", "satisfied", "The call is over."),
    "zh_CN": ("电话回访", "现有 1 个电话到时应拨。", "满意", "本回访已结束。"),
}


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_call_is_logged_with_the_keyboard_alone_in_four_keys(
    site: Any, language: str, desk: Any
) -> None:
    heading, due, rating, over = WORDS[language]
    visitor = site.visit(Role.CALLER, name="li", language=language)
    page = visitor.go("/callbacks")
    assert page.locator("h1").inner_text() == heading
    assert page.locator("#waiting").inner_text().strip() == due
    assert desk.press(page, "n", "1", "Enter") <= 4
    desk.logged(page)
    visitor.look()
    assert rating in page.locator("#last").inner_text()
    assert over in page.locator("#last").inner_text()
    (attempt,) = desk.rows(call_attempts)
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
    site: Any, keys: tuple[str, ...], outcome: str, reason: str | None, desk: Any
) -> None:
    page = site.visit(Role.CALLER).go("/callbacks")
    desk.press(page, "n", *keys)
    desk.logged(page)
    (attempt,) = desk.rows(call_attempts)
    assert (attempt.outcome, attempt.reason) == (outcome, reason)


def test_a_note_is_typed_and_sent_without_the_mouse(site: Any, desk: Any) -> None:
    page = site.visit(Role.CALLER).go("/callbacks")
    desk.press(page, "n", "3", "m")
    page.keyboard.type("told 3 times to come back")
    page.keyboard.press("Enter")
    desk.logged(page)
    (attempt,) = desk.rows(call_attempts)
    assert (attempt.rating, attempt.note) == ("dissatisfied", "told 3 times to come back")


def test_enter_on_another_control_does_not_log(site: Any, desk: Any) -> None:
    page = site.visit(Role.CALLER).go("/callbacks")
    desk.press(page, "n", "1")
    page.locator("#release").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#next")).to_be_visible()
    assert desk.rows(call_attempts) == []
    (call,) = desk.rows(calls)
    assert (call.state, call.lease_by) == ("open", None)


def test_nothing_is_logged_before_something_is_chosen(site: Any, desk: Any) -> None:
    page = site.visit(Role.CALLER).go("/callbacks")
    desk.press(page, "n", "Enter")
    page.wait_for_timeout(300)
    assert page.locator("#script").is_visible()
    assert desk.rows(call_attempts) == []


def test_a_slip_is_taken_back_within_a_minute(site: Any, desk: Any) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    desk.press(page, "n", "3", "Enter")
    desk.logged(page)
    page.keyboard.press("u")
    expect(page.locator("#script")).to_be_visible()
    visitor.look()
    expect(page.locator("#history-head + ol li")).to_contain_text("taken back")
    desk.press(page, "1", "Enter")
    desk.logged(page)
    (survey,) = desk.rows(surveys)
    assert (survey.rating, survey.attempts) == ("satisfied", 1)


def test_after_a_minute_a_slip_stays_and_the_page_says_so(site: Any, desk: Any) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n", "3", "Enter")
    desk.logged(page)
    desk.later(seconds=61)
    page.keyboard.press("u")
    expect(page.locator("[role=alert].problem").first).to_contain_text("more than a minute")
    assert page.locator("#undo").count() == 0
    assert desk.rows(surveys)[0].rating == "dissatisfied"


def test_an_appointment_is_asked_for_and_kept(site: Any, context: Context, desk: Any) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    desk.press(page, "n")
    assert not page.locator("#at").is_visible()
    desk.press(page, "7")
    expect(page.locator("#at")).to_be_focused()
    visitor.look()
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert].problem").first).to_contain_text("at what time")
    assert desk.rows(call_attempts) == []
    page.locator("#at").fill("15:30")
    page.locator("#at").press("Enter")
    desk.logged(page)
    (call,) = desk.rows(calls)
    assert f"{context.calendar.local(call.appointment_from):%m-%d %H:%M}" == "05-04 15:30"
    assert "15:30" in page.locator("#last").inner_text()


def test_an_impossible_appointment_keeps_what_was_typed(site: Any, desk: Any) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n", "m")
    page.keyboard.type("after work")
    desk.press(page, "Escape", "7")
    page.locator("#at").fill("08:00")
    page.locator("#at").press("Enter")
    expect(page.locator("[role=alert].problem").first).to_contain_text("has passed")
    assert page.locator("#note").input_value() == "after work"
    assert page.locator("[value=again]").is_checked()


def test_a_refusal_offers_to_ask_never_again(site: Any, context: Context, desk: Any) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n")
    never = page.locator("#never-again")
    expect(never).to_be_hidden()
    desk.press(page, "8", "r")
    expect(never).to_be_checked()
    desk.press(page, "Enter")
    desk.logged(page)
    expect(page.locator("#last")).to_contain_text("list of opt-outs")
    assert [row.call_attempt_id for row in desk.rows(opt_outs)] == [1]
    desk.press(page, "u")
    expect(page.locator("#log")).to_be_visible()
    assert [row.ended_by for row in desk.rows(opt_outs)] == ["li"]
