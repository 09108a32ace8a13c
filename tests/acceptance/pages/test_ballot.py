"""The representative's ballot on a phone: vote, change, come back; what a link gives away."""

import http.client
import logging
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_pipeline.errors import UsageError
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.stages.review import (
    cast,
    close_review,
    draw_representatives,
    open_review,
    paper,
    review_status,
    tallies,
    write_links,
)
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, representatives, web_sessions
from survey_pipeline.testing import (
    SetContext,
    add_offices,
    add_representatives,
    select_every_office,
)
from survey_pipeline.vocabulary import Role

YEAR = 2023
PHONE = 360
UNKNOWN = "/review/bm8gc3VjaCBsaW5rIGF0IA"
WORDS = {
    "en": ("Online review of 2023", "Satisfied", "Dissatisfied", "Save", "Thank you"),
    "zh_CN": ("2023年度网络评议", "满意", "不满意", "保存", "感谢您的参与"),
}
SHUT = {
    "en": ("is not open yet", "is closed", "not valid", "keep your link", "not saved"),
    "zh_CN": ("尚未开始", "已结束", "无效", "保留", "未被采纳"),
}


class Review:
    """A small review: three offices of two categories, two representatives."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        add_offices(context, "agency", "agency", "health")
        add_representatives(context, YEAR, "R-1", "R-2")
        select_every_office(context, YEAR)
        draw_representatives(context, YEAR)

    def open(self) -> None:
        open_review(self.context, YEAR)

    def close(self) -> None:
        close_review(self.context, YEAR)

    def tokens(self) -> dict[str, str]:
        path = self.context.home / "links.csv"
        write_links(self.context, YEAR, path, "https://surveys.example.org")
        lines = path.read_text(encoding="utf-8-sig").splitlines()[1:]
        path.unlink()
        return {line.split(",")[0]: line.rsplit("/", 1)[1] for line in lines}

    def kept(self, token: str) -> dict[str, str | None]:
        return {one.office_code: one.answer for one in paper(self.context, token).offices}


@pytest.fixture
def review(site: Any) -> Review:
    return Review(site.context)


@pytest.fixture
def token(review: Review) -> str:
    """The personal link of R-1, of an open review."""
    review.open()
    return review.tokens()["R-1"]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def ask(site: Any, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
    """GET a page without a browser, or POST a form as one would."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if form is None:
        connection.request("GET", path, headers=named)
    else:
        kind = {"Content-Type": "application/x-www-form-urlencoded", **named}
        connection.request("POST", path, urlencode(form), kind)
    found = connection.getresponse()
    lowered = {name.lower(): value for name, value in found.getheaders()}
    answer = Answer(found.status, lowered, found.read().decode())
    connection.close()
    return answer


def choose(page: Any, office: str, answer: str) -> None:
    page.locator(f"input[name='{office}'][value='{answer}']").check()


def save(page: Any) -> None:
    page.locator("#paper button.main").click()
    page.wait_for_url("**?saved=1")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_representative_votes_on_a_phone_and_changes_it(
    site: Any, review: Review, token: str, language: str
) -> None:
    heading, good, bad, button, thanks = WORDS[language]
    visitor = site.visit(language=language, width=PHONE)
    page = visitor.go(f"/review/{token}")
    assert page.locator("h1").inner_text() == heading
    assert page.locator(":checked").count() == 0, "nothing is chosen beforehand"
    labels = page.locator("#office-1 label").all_inner_texts()
    assert [labels[0].strip(), labels[2].strip()] == [good, bad]
    assert page.locator("#paper button.main").inner_text() == button
    for office, answer in (("AG-1", "satisfied"), ("AG-2", "neutral"), ("HE-3", "dissatisfied")):
        choose(page, office, answer)
    expect(page.locator("#answered")).to_have_text("3")
    visitor.look()
    save(page)
    visitor.look()
    assert page.locator("h1").inner_text() == thanks
    assert visitor.fits(PHONE)
    assert review.kept(token) == {"AG-1": "satisfied", "AG-2": "neutral", "HE-3": "dissatisfied"}
    choose(page, "HE-3", "satisfied")
    save(page)
    assert review.kept(token)["HE-3"] == "satisfied"
    review.close()
    assert tallies(review.context, YEAR) == {
        "AG-1": Answers(1, 0, 0),
        "AG-2": Answers(0, 1, 0),
        "HE-3": Answers(1, 0, 0),
    }


def test_part_of_a_paper_is_kept_and_filled_up_later(site: Any, review: Review, token: str) -> None:
    page = site.visit(width=PHONE).go(f"/review/{token}")
    choose(page, "AG-2", "neutral")
    expect(page.locator("#unsaved")).to_be_visible()
    expect(page.locator("[data-of=agency]")).to_have_text("1")
    save(page)
    assert "1 answer is kept. 2 offices have no answer yet." in page.inner_text(".kept")
    again = site.visit(width=PHONE).go(f"/review/{token}")
    assert again.locator(":checked").count() == 1
    again.locator("#onward").click()
    assert again.evaluate("document.activeElement.name") == "AG-1"
    again.keyboard.press("Space")
    again.locator("#onward").click()
    assert again.evaluate("document.activeElement.name") == "HE-3"
    again.keyboard.press("Space")
    expect(again.locator("#onward")).to_be_hidden()
    save(again)
    assert "Every office has an answer." in again.inner_text(".kept")
    assert review.kept(token) == {"AG-1": "satisfied", "AG-2": "neutral", "HE-3": "satisfied"}


def test_it_works_without_script(site: Any, review: Review, token: str) -> None:
    visitor = site.visit(width=PHONE, java_script_enabled=False)
    page = visitor.page
    page.goto(f"{site.url}/review/{token}")
    choose(page, "AG-1", "dissatisfied")
    save(page)
    assert page.inner_text("#answered") == "1"
    assert review.kept(token)["AG-1"] == "dissatisfied"


def test_saving_nothing_says_so_and_is_no_vote(site: Any, review: Review, token: str) -> None:
    page = site.visit(width=PHONE).go(f"/review/{token}")
    save(page)
    assert "nothing was saved" in page.inner_text("[role=alert]")
    assert review_status(review.context, YEAR).voted == 0


def test_the_offices_stand_under_their_categories_with_a_list_to_jump(
    site: Any, review: Review, token: str
) -> None:
    visitor = site.visit(width=PHONE)
    page = visitor.go(f"/review/{token}")
    assert [one.split()[0] for one in page.locator(".jump a").all_inner_texts()] == [
        "Agencies",
        "Health",
    ]
    assert page.locator("section#agency fieldset").count() == 2
    assert "Bureau" in page.inner_text("#office-1 legend")
    page.locator(".jump a[href='#health']").click()
    expect(page.locator("section#health h2")).to_be_in_viewport()
    boxes = [one.bounding_box() for one in page.locator(".answers label").all()]
    assert min(box["height"] for box in boxes if box) >= 48, "a thumb's width"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_link_that_does_not_open_says_why(site: Any, review: Review, language: str) -> None:
    early, closed, unknown, keep, lost = SHUT[language]
    visitor = site.visit(language=language, width=PHONE)
    token = review.tokens()["R-1"]
    page = visitor.go(f"/review/{token}", status=409)
    assert early in page.inner_text("h1")
    assert keep in page.inner_text("main")
    page = visitor.go(UNKNOWN, status=404)
    assert unknown in page.inner_text("h1")
    review.open()
    page = visitor.go(f"/review/{token}")
    choose(page, "AG-1", "satisfied")
    review.close()
    page.locator("#paper button.main").click()
    page.wait_for_selector("h1:not(.ballot h1)")
    visitor.errors.clear()  # the browser itself tells of the 404
    visitor.look()
    assert closed in page.inner_text("h1")
    assert lost in page.inner_text("main")
    assert visitor.fits(PHONE)
    assert tallies(review.context, YEAR)["AG-1"] == Answers()
    was = page.content()
    visitor.go(f"/review/{token}", status=404)
    known = page.inner_text("main")
    visitor.go(UNKNOWN, status=404)
    assert page.inner_text("main") == known, "what was a link is like what never was one"
    assert "Office 1" not in was


def test_the_link_of_a_withdrawn_representative_is_like_an_unknown_one(
    site: Any, review: Review, token: str
) -> None:
    with writing(review.context.engine) as connection:
        connection.execute(
            representatives.update()
            .where(representatives.c.rep_no == "R-1")
            .values(withdrawn_at=review.context.now(), withdrawn_by="x", withdrawn_reason="moved")
        )
    own = f"/review/{token}"
    withdrawn, unknown = ask(site, own), ask(site, UNKNOWN)
    assert [withdrawn.status, unknown.status] == [404, 404]
    assert withdrawn.text.replace(own, "") == unknown.text.replace(UNKNOWN, "")


def test_after_closing_the_browser_has_nothing_left(site: Any, review: Review, token: str) -> None:
    visitor = site.visit(width=PHONE)
    page = visitor.go(f"/review/{token}")
    choose(page, "AG-1", "satisfied")
    save(page)
    review.close()
    visitor.go("/login")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("is closed")
    assert "Office 1" not in page.content()
    kept = "[...Object.entries(localStorage), ...Object.entries(sessionStorage)].flat()"
    assert [one for one in page.evaluate(kept) if "review" in one] == []
    assert page.evaluate("document.cookie") == "language=en"
    assert page.evaluate("caches.keys()") == []


def test_the_link_is_in_no_referrer_no_cookie_and_no_address_but_its_own(
    site: Any, token: str
) -> None:
    visitor = site.visit(width=PHONE)
    seen: list[Any] = []
    visitor.page.on("request", lambda request: seen.append(request.all_headers()))
    addresses: list[str] = []
    visitor.page.on("request", lambda request: addresses.append(request.url))
    page = visitor.go(f"/review/{token}")
    choose(page, "AG-1", "satisfied")
    save(page)
    page.locator("form[action='/language'] button").click()
    page.wait_for_selector("html[lang=zh-CN]")
    assert page.url == f"{site.url}/review/{token}", "the switch comes back to the paper"
    assert page.locator("a.brand").count() == 0
    page.evaluate("location.href = '/login'")  # as somebody would who follows a link elsewhere
    page.wait_for_url("**/login")
    assert [one for one in seen if token in one.get("referer", "") + one.get("cookie", "")] == []
    own = {f"{site.url}/review/{token}", f"{site.url}/review/{token}?saved=1"}
    assert {one for one in addresses if token in one} == own
    assert {one["name"] for one in page.context.cookies()} == {"language"}


def test_no_log_and_no_record_tells_of_a_visit(
    site: Any, review: Review, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with reading(review.context.engine) as connection:
        before = connection.execute(select(audit_log)).all()
    session = site.person(Role.ADMIN, "wang")
    with reading(review.context.engine) as connection:
        seen = connection.execute(select(web_sessions)).all()
    review.context.clock.at += timedelta(hours=1)
    path = f"/review/{token}"
    own: dict[str, Any] = {"Cookie": f"session={session}; language=en"}
    caplog.set_level(logging.DEBUG)
    shown = ask(site, path, **own)
    sent = ask(site, path, {"AG-1": "satisfied"}, Sec_Fetch_Site="same-origin", **own)
    wrong = ask(site, f"{path}x", {"AG-1": "satisfied"}, Sec_Fetch_Site="same-origin", **own)
    assert [shown.status, sent.status, wrong.status] == [200, 303, 404]
    for answer in (shown, sent, wrong):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "strict-origin"
        assert "set-cookie" not in answer.headers
    assert "wang" not in shown.text, "an open session is not looked for"
    assert [one for one in caplog.records if token in one.getMessage() + str(vars(one))] == []
    with reading(review.context.engine) as connection:
        assert connection.execute(select(web_sessions)).all() == seen
        logged = connection.execute(select(audit_log)).all()
    assert [one.kind for one in logged[len(before) :]] == ["users"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"AG-1": "excellent"}, 400),
        ({"AG-1": "satisfied", "SO-9": "satisfied"}, 409),
        ({"AG-1": "satisfied" * 40_000}, 400),
    ],
)
def test_a_form_that_is_none_of_ours_is_taken_not_even_in_part(
    site: Any, review: Review, token: str, form: dict[str, str], status: int
) -> None:
    answer = ask(site, f"/review/{token}", form, Sec_Fetch_Site="same-origin", Cookie="language=en")
    assert answer.status == status
    assert "was not saved" in answer.text
    assert review_status(review.context, YEAR).ballots == 0


def test_another_site_votes_for_nobody(site: Any, review: Review, token: str) -> None:
    form = {"AG-1": "satisfied"}
    answer = ask(site, f"/review/{token}", form, Origin="https://elsewhere.example")
    assert answer.status == 403
    assert review_status(review.context, YEAR).ballots == 0


def test_a_lost_key_is_told_to_operators_and_not_to_the_city(
    site: Any, review: Review, token: str
) -> None:
    key: Path = review.context.home / f"review-{YEAR}.key"
    key.chmod(0o644)
    answer = ask(site, f"/review/{token}", Cookie="language=en")
    assert answer.status == 503
    assert "Ballots cannot be taken at the moment" in answer.text
    assert "chmod" not in answer.text


def test_whoever_tries_many_links_is_slowed_down_for_a_while(
    site: Any, review: Review, token: str
) -> None:
    own = f"/review/{token}"
    for number in range(100):
        assert ask(site, f"{UNKNOWN}{number}").status == 404
    assert ask(site, UNKNOWN).status == 429
    assert ask(site, own).status == 429
    assert ask(site, own, X_Forwarded_For="203.0.113.7").status == 200
    review.context.clock.at += timedelta(minutes=10)
    assert ask(site, own).status == 200


def test_the_paper_of_one_shows_nothing_of_another(site: Any, review: Review, token: str) -> None:
    other = review.tokens()["R-2"]
    cast(review.context, token, {"AG-1": "dissatisfied"})
    page = site.visit(width=PHONE).go(f"/review/{other}")
    assert page.locator(":checked").count() == 0
    assert page.inner_text("#answered") == "0"


@pytest.mark.parametrize(
    ("language", "unknown", "known"),
    [
        ("en", "open until 市评议办 closes it", "closes on May 19, 2023"),
        ("zh_CN", "市评议办结束评议前均可提交", "2023年5月19日"),
    ],
)
def test_the_ballot_says_when_the_review_closes(
    site: Any, review: Review, token: str, language: str, unknown: str, known: str
) -> None:
    visitor = site.visit(language=language, width=PHONE)
    assert unknown in visitor.go(f"/review/{token}").locator(".closing").inner_text()
    open_review(review.context, YEAR, closes_on=date(2023, 5, 19))
    open_review(review.context, YEAR)  # without a day, what was announced stays
    assert known in visitor.go(f"/review/{token}").locator(".closing").inner_text()
    assert review_status(review.context, YEAR).to_json()["closes_on"] == "2023-05-19"


def test_a_closing_day_lies_ahead(review: Review, token: str) -> None:
    with pytest.raises(UsageError, match="has passed"):
        open_review(review.context, YEAR, closes_on=date(2023, 5, 3))


@pytest.mark.parametrize("path", ["token", UNKNOWN])
def test_no_link_of_the_ballot_leads_to_the_staffs_pages(site: Any, token: str, path: str) -> None:
    known = path == "token"
    page = site.visit().go(f"/review/{token}" if known else path, status=200 if known else 404)
    addresses = page.eval_on_selector_all("a", "all => all.map(one => one.getAttribute('href'))")
    assert [one for one in addresses if not one.startswith("#")] == []


def test_the_demos_banner_stands_inside_a_landmark(site: Any, token: str) -> None:
    settings = site.context.settings.model_copy(update={"demo": True})
    object.__setattr__(site.context, "settings", settings)  # the served one
    visitor = site.visit(Role.ANALYST)
    for path in (f"/review/{token}", "/scores", "/login"):
        page = visitor.go(path)
        outside = page.evaluate(
            "!document.querySelector('.banner').closest('header, main, footer, nav, aside')"
        )
        assert not outside
