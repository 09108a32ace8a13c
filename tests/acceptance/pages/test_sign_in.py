"""Signing in, being led on, being slowed down, and what a role may not see."""

from typing import Any

import pytest
from playwright.sync_api import expect

from survey_pipeline.vocabulary import Role

PASSWORD = "correct horse battery"


@pytest.mark.parametrize(("language", "heading"), [("en", "Sign in"), ("zh_CN", "登录")])
def test_somebody_signs_in_and_out(site: Any, language: str, heading: str) -> None:
    site.person(Role.ADMIN, "wang")
    visitor = site.visit(language=language)
    page = visitor.go("/login")
    assert page.locator("h1").inner_text() == heading
    page.fill("#name", "Wang ")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector(".who")
    assert page.inner_text(".who") == "wang"
    cookie = next(one for one in page.context.cookies() if one["name"] == "session")
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Lax", False)
    page.click("form[action='/logout'] button")
    page.wait_for_url("**/login")
    visitor.go("/admin", status=200)
    assert page.url.endswith("/login?next=/admin")


def test_a_wrong_password_says_so_and_too_many_slow_down(site: Any) -> None:
    site.person(Role.CALLER, "li")
    page = site.visit().go("/login")
    for _ in range(5):
        page.fill("#name", "li")
        page.fill("#password", "a wrong password")
        with page.expect_navigation():
            page.press("#password", "Enter")
        expect(page.locator("[role=alert]")).to_contain_text("Name or password is wrong")
        expect(page.locator("#password")).to_be_focused()
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("[role=alert]")).to_contain_text("try again in 5 seconds")


def test_the_first_admin_is_made_by_the_link_that_works_once(site: Any) -> None:
    visitor = site.visit()
    link = site.web.state.first_admin.path
    page = visitor.go(link)
    page.fill("#name", "chen")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector(".who")
    assert page.inner_text(".who") == "chen"
    site.visit().go(link, status=403)


def test_a_session_ends_when_its_person_is_disabled(site: Any) -> None:
    from survey_pipeline.people.accounts import disable_user  # noqa: PLC0415

    site.person(Role.ADMIN, "boss")
    visitor = site.visit(Role.ADMIN, name="wang")
    disable_user(site.context, "wang")
    visitor.go("/admin")
    assert "/login" in visitor.page.url
