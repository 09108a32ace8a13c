"""What happens while a call is in hand: leases, colleagues, texts, opt-outs."""

from datetime import timedelta
from typing import Any

from playwright.sync_api import expect

from survey_pipeline.context import Context
from survey_pipeline.stages.callbacks import next_call, queue_calls
from survey_pipeline.stages.replies import read_inbound
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import call_attempts, calls, inbound, surveys
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.testing import add_inbound, add_survey
from survey_pipeline.vocabulary import InboundUse, Role

MOBILE = "+8613812345678"
DIALLED = "138 1234 5678"


def test_two_callers_at_once_never_hold_one_call(site: Any, context: Context, desk: Any) -> None:
    add_survey(context, "AG-1", "L-2", "+8657788886666")
    queue_calls(context)
    first, second, third = (
        site.visit(Role.CALLER, name=name).go("/callbacks") for name in ("li", "wang", "chen")
    )
    desk.press(first, "n")
    desk.press(second, "n")
    assert first.locator("h1").inner_text() != second.locator("h1").inner_text()
    third.keyboard.press("n")
    expect(third.locator("#waiting")).to_contain_text("No call waits.")
    assert third.locator("#script").count() == 0
    desk.press(first, "1", "Enter")
    desk.press(second, "3", "Enter")
    desk.logged(first)
    desk.logged(second)
    assert {(one.call_id, one.by) for one in desk.rows(call_attempts)} == {
        (2, "li"),
        (1, "wang"),
    }


def test_the_lease_is_renewed_while_the_page_is_open(
    site: Any, context: Context, desk: Any
) -> None:
    callbacks = context.settings.callbacks.model_copy(update={"lease": timedelta(seconds=8)})
    settings = context.settings.model_copy(update={"callbacks": callbacks})
    object.__setattr__(context, "settings", settings)  # the served one
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n")
    for _ in range(3):
        desk.later(seconds=7)
        until = context.now()
        page.wait_for_event("response", lambda one: one.url.endswith("/renew"))
        assert desk.rows(calls)[0].lease_until > until


def test_a_lease_that_ran_out_is_said_and_may_be_kept(site: Any, desk: Any) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    desk.press(page, "n")
    desk.later(minutes=16)
    expect(page.locator("#news")).to_contain_text("Your lease ran out at")
    expect(page.locator("#number")).not_to_contain_text(DIALLED)
    visitor.look()
    page.keyboard.press("r")
    expect(page.locator("#dial")).to_have_text(DIALLED)
    desk.press(page, "1", "Enter")
    desk.logged(page)
    assert [one.late for one in desk.rows(call_attempts)] == [False]


def test_a_call_that_a_colleague_took_after_the_lease_is_refused_in_words(
    site: Any, context: Context, desk: Any
) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    desk.press(page, "n", "1")
    desk.later(minutes=16)
    assert next_call(context, "wang").call is not None
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert].problem").first).to_contain_text("held by wang")
    visitor.look()
    assert desk.rows(call_attempts) == []


def test_who_still_has_the_page_open_hears_that_a_colleague_took_the_call(
    site: Any, context: Context, desk: Any
) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n")
    desk.later(minutes=16)
    next_call(context, "wang")
    expect(page.locator("#news")).to_contain_text("wang has taken this call")
    expect(page.locator("#number")).to_contain_text("138****5678")
    page.keyboard.press("n")
    expect(page.locator("#next")).to_be_visible()


def test_a_text_that_comes_while_somebody_is_on_the_call_is_said_and_kept(
    site: Any, context: Context, desk: Any
) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = visitor.go("/callbacks")
    desk.press(page, "n")
    desk.later(minutes=1)
    text = add_inbound(context, 1, "3", use=InboundUse.PENDING, reply_class=None, read_at=None)
    with writing(context.engine) as connection:
        connection.execute(inbound.update().where(inbound.c.id == text).values(survey_id=None))
    read_inbound(context)
    expect(page.locator("#news")).to_contain_text("An SMS answer arrived meanwhile.")
    expect(page.locator("#news q")).to_have_text("3")
    visitor.look()
    desk.later(minutes=1)
    desk.press(page, "1", "Enter")
    desk.logged(page)
    assert "The SMS answer stands" in page.locator("#last").inner_text()
    (survey,) = desk.rows(surveys)
    assert (survey.rating, survey.rated_by, survey.verification) == (
        "dissatisfied",
        "sms",
        "satisfied",
    )


def test_an_opt_out_while_somebody_is_on_the_call_is_said(
    site: Any, context: Context, desk: Any
) -> None:
    page = site.visit(Role.CALLER, name="li").go("/callbacks")
    desk.press(page, "n")
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(MOBILE), "simulated", None, context.now())
    expect(page.locator("#news")).to_contain_text("opted out meanwhile")
    expect(page.locator("#number")).to_contain_text("138****5678")
    desk.press(page, "9", "Enter")
    expect(page.locator("#next")).to_be_visible()
    assert [one.outcome for one in desk.rows(call_attempts)] == ["hung_up"]
