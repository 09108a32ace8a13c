"""What the desk shows, to whom: the card, the number, an SMS rating beside it, an empty queue."""

from typing import Any

import pytest
from playwright.sync_api import expect

from survey_pipeline.stages.callbacks import CallResult, log_result, next_call
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import audit_log, call_attempts, calls, surveys
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import NOON, SetContext
from survey_pipeline.vocabulary import AnswerRole, CallOutcome, CallReason, Mode, Rating, Role

MOBILE = "+8613812345678"
DIALLED = "138 1234 5678"
SENT = "Were you content with your licence? 1 good 2 fair 3 bad"


def beside_rating(context: SetContext, rating: Rating, reason: CallReason) -> None:
    """Queue a call to the mobile's citizen, who has answered by SMS."""
    answer = GivenAnswer(AnswerRole.RATING, Mode.SMS, rating, context.now())
    with writing(context.engine) as connection:
        record_answer(connection, 1, answer, context.now())
        connection.execute(calls.update().values(reason=reason, priority=9))


def test_the_card_says_all_that_the_caller_needs(site: Any, context: SetContext, desk: Any) -> None:
    next_call(context, "wang")
    log_result(context, 1, "wang", CallResult(CallOutcome.BUSY, note="try the afternoon"))
    desk.later(minutes=30)
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    desk.press(page, "n")
    visitor.look()
    assert "SMS not delivered" in page.locator("h1").inner_text()
    assert page.locator("#sent").inner_text() == SENT
    assert "Office 1为您办理了“Licence”" in page.locator("#script").inner_text()
    assert page.locator("#dial").inner_text() == DIALLED
    assert page.locator("#dial").get_attribute("href") == f"tel:{MOBILE}"
    history = page.locator("#history-head + ol li").all_inner_texts()
    assert len(history) == 1
    assert all(word in history[0] for word in ("wang", "the line was busy", "try the afternoon"))


def test_the_number_is_in_full_for_the_holder_alone_and_the_look_is_logged(
    site: Any, desk: Any
) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    assert DIALLED not in page.content()
    desk.press(page, "n")
    page.reload()
    looks = [one for one in desk.rows(audit_log) if one.action == "looked"]
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


@pytest.mark.parametrize(
    ("rating", "reason"),
    [(Rating.DISSATISFIED, CallReason.DISSATISFIED), (Rating.SATISFIED, CallReason.VERIFY)],
)
def test_beside_an_sms_rating_the_page_says_that_it_stands(
    site: Any, context: SetContext, rating: Rating, reason: CallReason, desk: Any
) -> None:
    beside_rating(context, rating, reason)
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    desk.press(page, "n", "2", "a")
    notice = page.locator("section .notice").last.inner_text()
    assert f"By SMS the citizen answered: {rating}." in notice
    assert "kept beside it" in notice
    visitor.look()
    page.keyboard.press("Enter")
    desk.logged(page)
    (survey,) = desk.rows(surveys)
    assert (survey.rating, survey.verification, survey.reason) == (rating, "neutral", "attitude")


def test_a_misread_text_is_corrected_with_its_reason(
    site: Any, context: SetContext, desk: Any
) -> None:
    beside_rating(context, Rating.SATISFIED, CallReason.VERIFY)
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    desk.press(page, "n", "3", "k")
    expect(page.locator("#why")).to_be_focused()
    visitor.look()
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert].problem").first).to_contain_text("needs its reason")
    page.locator("#why").fill("took 1 for the worst")
    page.locator("#why").press("Enter")
    desk.logged(page)
    (survey,) = desk.rows(surveys)
    assert (survey.rating, survey.corrected) == ("dissatisfied", True)
    assert [one.correct_why for one in desk.rows(call_attempts)] == ["took 1 for the worst"]


def test_an_empty_queue_says_when_the_next_call_is_due(
    site: Any, context: SetContext, desk: Any
) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n", "5", "Enter")
    desk.logged(page)
    expect(page.locator("#waiting")).to_contain_text("The next one is due at 2023-05-04 10:30.")
    page.keyboard.press("n")
    expect(page.locator("#waiting")).to_contain_text("No call is due.")
    context.clock.at = NOON
    expect(page.locator("#waiting")).to_contain_text("outside calling hours")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_desk_fits_a_phone(site: Any, language: str, desk: Any) -> None:
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
    desk.logged(page)
    assert visitor.fits(360)


def test_without_a_script_the_forms_work_and_errors_have_their_status(site: Any, desk: Any) -> None:
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
    assert desk.rows(call_attempts) == []
    assert DIALLED in asked.post(f"{site.url}/callbacks/next", headers=ours).text()
    assert asked.post(f"{site.url}/callbacks/1/log", headers=ours, form=done).status == 200
    assert [one.rating for one in desk.rows(call_attempts)] == ["satisfied"]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OFFICE])
def test_others_see_no_desk_and_take_no_call(site: Any, role: Role, desk: Any) -> None:
    visitor = site.visit(role, office_code="AG-1" if role is Role.OFFICE else None)
    visitor.go("/callbacks", status=403)
    ours = {"Sec-Fetch-Site": "same-origin"}
    for path in ("next", "1/log", "1/undo", "1/release", "1/renew"):
        assert visitor.page.request.post(f"{site.url}/callbacks/{path}", headers=ours).status == 403
    assert desk.rows(calls)[0].lease_by is None
