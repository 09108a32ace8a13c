"""Text at twice its size on a small phone: every page stays as wide as the screen (WCAG 1.4.4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from survey_pipeline import appraisal
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.api_keys import add_key
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.testing import NOON, SetContext, add_inbound, add_offices, add_survey, add_text
from survey_pipeline.vocabulary import MessageState, Rating, Role, SurveyState

WIDE = """
[...document.querySelectorAll("main *, header *")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.right > innerWidth + 1 && !one.closest(".scroll, .chart, .unseen, .skip, details");
}).map((one) => `${one.tagName}.${one.className}#${one.id} ${one.textContent.slice(0, 40)}`)
"""
PAGES = [
    ("/login", None),
    ("/", Role.OPERATOR),
    ("/?date=2023-05-03", Role.OPERATOR),
    ("/callbacks", Role.OPERATOR),
    ("/callbacks#taken", Role.CALLER),
    ("/callbacks/overview", Role.ADMIN),
    ("/replies", Role.CALLER),
    ("/replies#taken", Role.CALLER),
    ("/deadlines", Role.OPERATOR),
    ("/scores?month=2023-03", Role.ANALYST),
    ("/scores/month/2023-03/AG-1", Role.ANALYST),
    ("/reports", Role.OFFICE),
    ("/reports/months/2023-03", Role.OFFICE),
    ("/admin", Role.ADMIN),
    ("/admin/journal", Role.ADMIN),
    ("/no-such-page", Role.ADMIN),
]


def furnish(context: SetContext) -> None:
    """Let there be a scored month, a call that is due, an unclear text, a key, somebody."""
    office, *_ = add_offices(context, "agency")
    context.clock.at = datetime(2023, 3, 6, 4, tzinfo=UTC)
    for number, rating in enumerate([Rating.SATISFIED] * 5 + [Rating.DISSATISFIED]):
        add_survey(
            context,
            office,
            f"M-{number}",
            f"+8613712345{number:03}",
            state=SurveyState.CLOSED,
            rating=rating,
            rated_by="sms",
        )
    context.clock.at = NOON - timedelta(hours=2)
    appraisal.score_month(context, "2023-03")
    survey = add_survey(context, office, "K-1", "+8613812345678")
    add_text(context, survey, text="Were you content? 1 2 3", state=MessageState.UNDELIVERED)
    queue_calls(context)
    unclear = add_survey(context, office, "K-2", "+8613812345679")
    add_text(context, unclear, text="Were you content? 1 2 3")
    add_inbound(context, unclear, "it took three visits and nobody said why")
    add_key(context, office, "the window's own system")
    add_user(context, "somebody-with-a-long-name", Role.CALLER, "correct horse battery")


@pytest.mark.parametrize(("path", "role"), PAGES)
def test_no_page_scrolls_sideways_with_text_of_twice_the_size(
    site: Any, path: str, role: Role | None
) -> None:
    furnish(site.context)
    office_code = "AG-1" if role is Role.OFFICE else None
    visitor = site.visit(role, language="zh_CN", width=360, office_code=office_code)
    address, _, taken = path.partition("#")
    page = visitor.go(address, status=404 if path == "/no-such-page" else 200)
    for language in ("zh_CN", "en"):
        cookie = {"name": "language", "value": language, "url": site.url}
        page.context.add_cookies([cookie])
        page.reload()
        if taken and not page.locator("form.log").count():
            page.keyboard.press("n")
            page.locator("form.log").wait_for()
        page.evaluate("document.documentElement.style.fontSize = '32px'")
        assert page.evaluate(WIDE) == []
        assert visitor.fits(360)


def test_the_text_is_as_large_as_the_browsers_own_setting(site: Any) -> None:
    page = site.visit().go("/login")
    sizes = page.evaluate(
        "[...document.styleSheets[0].cssRules].map((one) => one.style?.fontSize).filter(Boolean)"
    )
    assert sizes[0] == "100%"
    assert not [one for one in sizes if one.endswith("px")]


def test_what_is_hidden_is_not_seen_whatever_its_class(site: Any) -> None:
    page = site.visit().go("/login")
    for kind in ("button", "row", "stack", "tag", "scroll"):
        page.evaluate(
            "(kind) => main.insertAdjacentHTML('beforeend', `<p class=${kind} hidden>x</p>`)", kind
        )
    assert page.locator("p[hidden]").count() == 5
    assert page.locator("p[hidden]:visible").count() == 0
