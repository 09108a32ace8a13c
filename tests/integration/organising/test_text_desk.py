"""Texts edited on a page: tried, checked as before they go out, kept in versions, put back."""

import re
from typing import Any

from sqlalchemy import select

from survey_pipeline.stages.dispatch.composer import make_composer
from survey_pipeline.stages.dispatch.templates import SAMPLE
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, messages
from survey_pipeline.testing import add_offices, add_survey, add_text
from survey_pipeline.vocabulary import MessageState, Role

QUESTION = "/admin/templates/sms/survey"
DIGITS = "{# digits: 1=satisfied 2=neutral 3=dissatisfied #}\n"


def version_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{12})"', page)
    assert found
    return found[1]


def test_a_text_is_tried_saved_and_put_back(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    listed = browser.get("/admin/templates").text
    assert "企业设立登记" in listed
    first = version_in(browser.get(QUESTION).text)
    text = DIGITS + "{{ office }}: 1, 2 or 3?\r\n"
    tried = browser.post(QUESTION, source=text, seen=first, only_try="yes").text
    assert "市市场监督管理局企业注册处: 1, 2 or 3?" in tried
    assert "not saved" in tried
    assert make_composer(context).question(SAMPLE).version == first

    saved = browser.post(QUESTION, source=text, seen=first)
    assert saved.status == 303
    second = make_composer(context).question(SAMPLE).version
    assert saved.location == f"{QUESTION}?saved={second}"
    with reading(context.engine) as connection:
        (noted,) = connection.execute(select(audit_log).where(audit_log.c.kind == "templates"))
    assert (noted.actor, noted.key) == ("admin", "sms/survey")
    assert (noted.before["version"], noted.after["version"]) == (first, second)

    stale = browser.post(QUESTION, source=text + "now", seen=first)
    assert stale.status == 400
    assert "This text was changed meanwhile" in stale.text
    back = browser.post(f"{QUESTION}/put-back", version=first, seen=second)
    assert back.status == 303
    assert make_composer(context).question(SAMPLE).version == first
    assert browser.post(f"{QUESTION}/put-back", version="0" * 12, seen=first).status == 404


def test_a_text_that_may_not_go_out_is_refused_with_the_reason(town: Any) -> None:
    browser = town.browser(Role.ADMIN)
    seen = version_in(browser.get(QUESTION).text)
    for source, reason in (
        (DIGITS + "{{ offise }} 1 2 3", "offise"),
        ("{{ office }} 1 2 3", "does not say what its digits mean"),
        (DIGITS + "{{ office }} 1 2", "gives the digit 3 a meaning and does not offer it"),
        (DIGITS + "1 2 3" + "很" * 140, "segments"),
        (DIGITS + "{{ office.__class__ }} 1 2 3", "line 2"),
    ):
        refused = browser.post(QUESTION, source=source, seen=seen)
        assert refused.status == 400, source
        assert reason in refused.text
        assert source.split("\n")[-1].replace("'", "&#39;") in refused.text
    for page in ("sms/survey.nowhere", "sms/review_invite.health", "documents/notice", "sms/.."):
        assert browser.get(f"/admin/templates/{page}").status == 404


def test_a_script_and_a_category_s_own_text_are_made(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    (context.home / "templates/calls/call.txt").unlink()  # the shipped one is used
    page = browser.get("/admin/templates/calls/call").text
    assert "Saving makes the file." in page
    seen = version_in(page)
    assert (
        browser.post("/admin/templates/calls/call", source="{{ item }}?", seen=seen).status == 303
    )
    health = "/admin/templates/calls/call.health"
    seen = version_in(browser.get(health).text)
    refused = browser.post(health, source="{{ item }}?", seen=seen)  # must not name the matter
    assert refused.status == 400
    agency = "/admin/templates/sms/survey.agency"
    seen = version_in(browser.get(agency).text)
    browser.post(agency, source=DIGITS + "{{ office }}! 1 2 3", seen=seen)
    assert make_composer(context).question(SAMPLE).template == "survey.agency.txt"


def test_texts_that_wait_keep_their_words(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    add_offices(context, "agency")
    add_text(
        context,
        add_survey(context, "AG-1", "K-1"),
        state=MessageState.QUEUED,
        template="survey.txt",
    )
    with reading(context.engine) as connection:
        waits = connection.execute(select(messages)).one()
    seen = version_in(browser.get(QUESTION).text)
    browser.post(QUESTION, source=DIGITS + "{{ office }}? 1 2 3", seen=seen)
    page = browser.get(QUESTION).text
    assert "keep the words of their version" in page
    with reading(context.engine) as connection:
        assert connection.execute(select(messages)).one().text == waits.text
