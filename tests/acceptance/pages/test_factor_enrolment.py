"""A second factor is set up on the account page, and asked for at the next sign-in."""

from typing import Any

import pyotp
from playwright.sync_api import expect

from survey_pipeline.testing import NOON
from survey_pipeline.vocabulary import Role

PASSWORD = "correct horse battery"


def test_an_analyst_sets_it_up_and_signs_in_with_it(site: Any) -> None:
    visitor = site.visit(Role.ANALYST, name="chen", width=360)
    page = visitor.go("/account")
    page.get_by_role("link", name="Set it up").click()
    visitor.look()
    page.fill("#begin-password", PASSWORD)
    page.press("#begin-password", "Enter")
    expect(page.locator(".qr svg")).to_be_visible()
    visitor.look()
    assert visitor.fits(360)
    key = page.inner_text("code.secret").replace(" ", "")
    page.fill("#code", pyotp.TOTP(key).at(NOON))
    page.press("#code", "Enter")
    codes = page.locator("code.secret")
    expect(codes).to_have_count(10)
    visitor.look()
    assert visitor.fits(360)
    recovery = codes.first.inner_text()
    visitor.go("/account/factor")
    expect(page.locator("main")).to_contain_text("10 recovery codes are left")
    page.click("form[action='/logout'] button")

    visitor.go("/login?next=/draws")
    page.fill("#name", "chen")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("h1")).to_have_text("Second factor")
    expect(page.locator("#code")).to_be_focused()
    visitor.look()
    page.fill("#code", recovery.upper())
    page.press("#code", "Enter")
    expect(page.locator(".who")).to_have_text("chen")
    assert page.url.endswith("/draws")
