"""`/account`: password, language and sessions of one's own, for every role."""

from typing import Any

import pytest
from playwright.sync_api import expect

from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.authentication import authenticate
from survey_pipeline.people.sessions import open_session, open_sessions
from survey_pipeline.testing import add_offices
from survey_pipeline.vocabulary import Role

OLD, NEW = "correct horse battery", "a better one, longer"


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_one(site: Any, role: Role) -> None:
    add_offices(site.context, "agency")
    visitor = site.visit(role, office_code="AG-1" if role is Role.OFFICE else None)
    page = visitor.go("/account")
    assert page.locator("h1").inner_text() == "Your account"
    assert page.locator("#sessions tbody tr").count() == 1
    assert visitor.fits(360)


def test_a_password_is_changed_and_other_sessions_end(site: Any) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    open_session(site.context, "li", address="192.0.2.7", browser="Firefox, Windows")
    page = visitor.go("/account")
    expect(page.locator("#sessions")).to_contain_text("Firefox, Windows")
    expect(page.locator("#sessions")).to_contain_text("192.0.2.7")
    for old, new, again, said in (
        ("wrong password", NEW, NEW, "present password is wrong"),
        (OLD, NEW, NEW + "x", "differently the second time"),
        (OLD, OLD, OLD, "is the old one"),
    ):
        page.fill("#old", old)
        page.fill("#new", new)
        page.fill("#again", again)
        page.press("#again", "Enter")
        expect(page.locator("[role=alert]")).to_contain_text(said)
    visitor.errors.clear()  # the browser says that the answers were 400
    page.fill("#old", OLD)
    page.fill("#new", NEW)
    page.fill("#again", NEW)
    page.press("#again", "Enter")
    expect(page.locator(".notice")).to_contain_text("Your password is changed")
    visitor.look()
    assert authenticate(site.context, "li", NEW, "here")
    assert len(open_sessions(site.context, "li")) == 1
    assert visitor.go("/account").locator(".notice").count() == 0, "told once"


def test_a_second_sign_in_tells_of_the_first(site: Any) -> None:
    add_user(site.context, "li", Role.CALLER, OLD)
    open_session(site.context, "li", browser="Edge, Windows")
    visitor = site.visit(language="zh_CN")
    page = visitor.go("/login?next=/account")
    page.fill("#name", "li")
    page.fill("#password", OLD)
    page.press("#password", "Enter")
    expect(page.locator(".notice")).to_contain_text("您的账号还在其他地方登录")
    visitor.look()
    page.locator("#sessions tbody tr", has_text="Edge, Windows").get_by_role("button").click()
    expect(page.locator("#sessions tbody tr")).to_have_count(1)
    expect(page.locator(".notice")).to_have_count(0)
    page.locator("#language button[value=en]").click()
    expect(page.locator("h1")).to_have_text("Your account")
