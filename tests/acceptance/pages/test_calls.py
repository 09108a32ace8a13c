"""The caller's desk: by keyboard, never two people on one call, and what happens meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_pipeline.stages.callbacks import CallResult, log_result, next_call, queue_calls
from survey_pipeline.stages.replies import read_inbound
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, call_attempts, calls, inbound, surveys
from survey_pipeline.survey.context import Context
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import NOON, add_inbound, add_offices, add_survey, add_text
from survey_pipeline.vocabulary import (
    AnswerRole,
    CallOutcome,
    CallReason,
    InboundUse,
    MessageState,
    Mode,
    Rating,
    Role,
)

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""
MOBILE = "+8613812345678"
DIALLED = "138 1234 5678"
SENT = "Were you content with your licence? 1 good 2 fair 3 bad"
CONTENT = CallResult(CallOutcome.ANSWERED, Rating.SATISFIED)
WORDS = {
    "en": ("Calls", "One call is due now.", "satisfied", "The call is over."),
    "zh_CN": ("电话回访", "现有 1 个电话到时应拨。", "满意", "本回访已结束。"),
}


@pytest.fixture
def context(site: Any) -> Context:
    """A morning on which one text was not delivered: one call is due."""
    made: Context = site.context
    made.clock.at = MORNING  # type: ignore[attr-defined] # tests set the clock
    office, *_ = add_offices(made, "agency")
    survey = add_survey(made, office, "K-1", MOBILE)
    add_text(made, survey, text=SENT, state=MessageState.UNDELIVERED)
    queue_calls(made)
    return made


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


def test_the_card_says_all_that_the_caller_needs(site: Any, context: Context) -> None:
    next_call(context, "wang")
    log_result(context, 1, "wang", CallResult(CallOutcome.BUSY, note="try the afternoon"))
    later(context, minutes=30)
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    press(page, "n")
    visitor.look()
    assert "the SMS did not arrive" in page.locator("h1").inner_text()
    assert page.locator("#sent").inner_text() == SENT
    assert "Office 1 handled your case “Licence”" in page.locator("#script").inner_text()
    assert page.locator("#dial").inner_text() == DIALLED
    assert page.locator("#dial").get_attribute("href") == f"tel:{MOBILE}"
    history = page.locator("#history-head + ol li").all_inner_texts()
    assert len(history) == 1
    assert all(word in history[0] for word in ("wang", "the line was busy", "try the afternoon"))


def test_the_number_is_in_full_for_the_holder_alone_and_the_look_is_logged(
    site: Any, context: Context
) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    assert DIALLED not in page.content()
    press(page, "n")
    page.reload()
    looks = [one for one in rows(context, audit_log) if one.action == "looked"]
    assert [(one.actor, one.reason) for one in looks] == [("li", "call 1")]
    colleague = site.visit(Role.CALLER, name="wang")
    for path in ("/callbacks", "/callbacks/1/watch"):
        seen = colleague.page.request.get(site.url + path).text()
        assert DIALLED not in seen
        assert MOBILE not in seen
    assert "138****5678" in seen
    supervisor = site.visit(Role.OPERATOR).go("/callbacks/overview").content()
    assert MOBILE not in supervisor
    assert "5678" not in supervisor


def test_two_callers_at_once_never_hold_one_call(site: Any, context: Context) -> None:
    add_survey(context, "AG-1", "L-2", "+8657788886666")
    queue_calls(context)
    first, second, third = (
        site.visit(Role.CALLER, name=name).go("/callbacks") for name in ("li", "wang", "chen")
    )
    press(first, "n")
    press(second, "n")
    assert first.locator("h1").inner_text() != second.locator("h1").inner_text()
    third.keyboard.press("n")
    expect(third.locator("#waiting")).to_contain_text("No call waits.")
    assert third.locator("#script").count() == 0
    press(first, "1", "Enter")
    press(second, "3", "Enter")
    logged(first)
    logged(second)
    assert {(one.call_id, one.by) for one in rows(context, call_attempts)} == {
        (2, "li"),
        (1, "wang"),
    }


def test_the_lease_is_renewed_while_the_page_is_open(site: Any, context: Context) -> None:
    callbacks = context.settings.callbacks.model_copy(update={"lease": timedelta(seconds=8)})
    settings = context.settings.model_copy(update={"callbacks": callbacks})
    object.__setattr__(context, "settings", settings)  # the served one
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    press(page, "n")
    for _ in range(3):
        later(context, seconds=7)
        until = context.now()
        page.wait_for_event("response", lambda one: one.url.endswith("/renew"))
        assert rows(context, calls)[0].lease_until > until


def test_a_lease_that_ran_out_is_said_and_may_be_kept(site: Any, context: Context) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    press(page, "n")
    later(context, minutes=16)
    expect(page.locator("#news")).to_contain_text("Your lease ran out at")
    expect(page.locator("#number")).not_to_contain_text(DIALLED)
    visitor.look()
    page.keyboard.press("r")
    expect(page.locator("#dial")).to_have_text(DIALLED)
    press(page, "1", "Enter")
    logged(page)
    assert [one.late for one in rows(context, call_attempts)] == [False]


def test_a_call_that_a_colleague_took_after_the_lease_is_refused_in_words(
    site: Any, context: Context
) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    press(page, "n", "1")
    later(context, minutes=16)
    assert next_call(context, "wang").call is not None
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert].problem").first).to_contain_text("held by wang")
    visitor.look()
    assert rows(context, call_attempts) == []


def test_who_still_has_the_page_open_hears_that_a_colleague_took_the_call(
    site: Any, context: Context
) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    press(page, "n")
    later(context, minutes=16)
    next_call(context, "wang")
    expect(page.locator("#news")).to_contain_text("wang has taken this call")
    expect(page.locator("#number")).to_contain_text("138****5678")
    page.keyboard.press("n")
    expect(page.locator("#next")).to_be_visible()


def test_a_text_that_comes_while_somebody_is_on_the_call_is_said_and_kept(
    site: Any, context: Context
) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    press(page, "n")
    later(context, minutes=1)
    text = add_inbound(context, 1, "3", use=InboundUse.PENDING, reply_class=None, read_at=None)
    with writing(context.engine) as connection:
        connection.execute(inbound.update().where(inbound.c.id == text).values(survey_id=None))
    read_inbound(context)
    expect(page.locator("#news")).to_contain_text("An SMS answer arrived meanwhile.")
    expect(page.locator("#news q")).to_have_text("3")
    visitor.look()
    later(context, minutes=1)
    press(page, "1", "Enter")
    logged(page)
    assert "The SMS answer stands" in page.locator("#last").inner_text()
    (survey,) = rows(context, surveys)
    assert (survey.rating, survey.rated_by, survey.verification) == (
        "dissatisfied",
        "sms",
        "satisfied",
    )


def test_an_opt_out_while_somebody_is_on_the_call_is_said(site: Any, context: Context) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    press(page, "n")
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(MOBILE), "simulated", None, context.now())
    expect(page.locator("#news")).to_contain_text("opted out by SMS")
    expect(page.locator("#number")).to_contain_text("138****5678")
    press(page, "9", "Enter")
    expect(page.locator("#next")).to_be_visible()
    assert [one.outcome for one in rows(context, call_attempts)] == ["hung_up"]


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


def beside_rating(context: Context, rating: Rating, reason: CallReason) -> None:
    """Queue a call to the mobile's citizen, who has answered by SMS."""
    answer = GivenAnswer(AnswerRole.RATING, Mode.SMS, rating, context.now())
    with writing(context.engine) as connection:
        record_answer(connection, 1, answer, context.now())
        connection.execute(calls.update().values(reason=reason, priority=9))


@pytest.mark.parametrize(
    ("rating", "reason"),
    [
        (Rating.DISSATISFIED, CallReason.DISSATISFIED),
        (Rating.SATISFIED, CallReason.VERIFY),
    ],
)
def test_beside_an_sms_rating_the_page_says_that_it_stands(
    site: Any, context: Context, rating: Rating, reason: CallReason
) -> None:
    beside_rating(context, rating, reason)
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    press(page, "n", "2", "a")
    notice = page.locator("section .notice").last.inner_text()
    assert f"By SMS the citizen answered: {rating}." in notice
    assert "kept beside it" in notice
    visitor.look()
    page.keyboard.press("Enter")
    logged(page)
    (survey,) = rows(context, surveys)
    assert (survey.rating, survey.verification, survey.reason) == (rating, "neutral", "attitude")


def test_a_misread_text_is_corrected_with_its_reason(site: Any, context: Context) -> None:
    beside_rating(context, Rating.SATISFIED, CallReason.VERIFY)
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    press(page, "n", "3", "k")
    expect(page.locator("#why")).to_be_focused()
    visitor.look()
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert].problem").first).to_contain_text("needs its reason")
    page.locator("#why").fill("took 1 for the worst")
    page.locator("#why").press("Enter")
    logged(page)
    (survey,) = rows(context, surveys)
    assert (survey.rating, survey.corrected) == ("dissatisfied", True)
    assert [one.correct_why for one in rows(context, call_attempts)] == ["took 1 for the worst"]


def test_an_empty_queue_says_when_the_next_call_is_due(site: Any, context: Context) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    press(page, "n", "5", "Enter")
    logged(page)
    expect(page.locator("#waiting")).to_contain_text("The next one is due at 2023-05-04 10:30.")
    page.keyboard.press("n")
    expect(page.locator("#waiting")).to_contain_text("No call is due.")
    context.clock.at = NOON  # type: ignore[attr-defined] # tests set the clock
    expect(page.locator("#waiting")).to_contain_text("outside calling hours")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_desk_fits_a_phone(site: Any, context: Context, language: str) -> None:
    visitor = site.visit(
        Role.CALLER, language=language, width=360, color_scheme="dark", has_touch=True
    )
    page = visitor.go("/callbacks")
    assert visitor.fits(360)
    page.locator("#next").tap()
    page.locator("label", has=page.locator("[value=dissatisfied]")).tap()
    visitor.look()
    assert visitor.fits(360)
    page.locator("#save").tap()
    logged(page)
    assert visitor.fits(360)


def test_without_a_script_the_forms_work_and_errors_have_their_status(
    site: Any, context: Context
) -> None:
    asked = site.visit(Role.CALLER, name="li").page.request
    ours = {"Sec-Fetch-Site": "same-origin"}
    assert asked.post(f"{site.url}/callbacks/1/log", headers=ours, form={}).status == 400
    done = {"result": "satisfied"}
    assert asked.post(f"{site.url}/callbacks/1/log", headers=ours, form=done).status == 409
    unknown = asked.post(f"{site.url}/callbacks/9/log", headers=ours, form=done)
    assert unknown.status == 404
    assert "there is no call 9" in unknown.text()
    assert "callbacks list" not in unknown.text(), "a command is no help on a page"
    odd = {"result": "wonderful"}
    assert asked.post(f"{site.url}/callbacks/1/log", headers=ours, form=odd).status == 400
    assert rows(context, call_attempts) == []
    assert DIALLED in asked.post(f"{site.url}/callbacks/next", headers=ours).text()
    assert asked.post(f"{site.url}/callbacks/1/log", headers=ours, form=done).status == 200
    assert [one.rating for one in rows(context, call_attempts)] == ["satisfied"]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OFFICE])
def test_others_see_no_desk_and_take_no_call(site: Any, context: Context, role: Role) -> None:
    visitor = site.visit(role, office_code="AG-1" if role is Role.OFFICE else None)
    visitor.go("/callbacks", status=403)
    ours = {"Sec-Fetch-Site": "same-origin"}
    for path in ("next", "1/log", "1/undo", "1/release", "1/renew"):
        assert visitor.page.request.post(f"{site.url}/callbacks/{path}", headers=ours).status == 403
    assert rows(context, calls)[0].lease_by is None
