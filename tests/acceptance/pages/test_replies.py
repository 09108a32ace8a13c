"""The reader's desk: by keyboard, without the office, and no text decided twice."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.replies import code_reply
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import inbound, surveys
from survey_pipeline.testing import SetContext, add_inbound, add_offices, add_survey, add_text
from survey_pipeline.vocabulary import InboundUse, ReaderDecision, ReplyClass, Role

TEXTS = ("还行吧，就那样", "等了两次才办好", "1 or 3?")
WORDS = {
    "en": ("Unclear replies", "3 texts wait, the oldest since", "neutral"),
    "zh_CN": ("待判读回复", "有 3 条短信待判读，最早一条收到于", "一般"),
}


@pytest.fixture
def context(site: Any) -> SetContext:
    """Three unclear texts, of three cases of one office, ten minutes apart."""
    made: SetContext = site.context
    office, *_ = add_offices(made, "agency")
    for number, text in enumerate(TEXTS):
        survey = add_survey(made, office, f"SECRET-{number}", f"+861381234567{number}")
        add_text(made, survey, text=f"How was {office}, Office 1?")
        why = Message("no rule reads it").to_json()
        add_inbound(made, survey, text, why=why)
        made.clock.at += timedelta(minutes=10)
    return made


def later(context: SetContext, **span: float) -> None:
    context.clock.at += timedelta(**span)


def texts(context: SetContext) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(inbound).order_by(inbound.c.id)))


def ratings(context: SetContext) -> list[str | None]:
    with reading(context.engine) as connection:
        return list(connection.scalars(select(surveys.c.rating).order_by(surveys.c.id)))


def begin(page: Page) -> Page:
    page.keyboard.press("n")
    expect(page.locator("#text")).to_be_visible()
    return page


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_texts_are_read_with_two_keys_each_one_after_the_other(
    site: Any, context: SetContext, language: str
) -> None:
    heading, waiting, rating = WORDS[language]
    visitor = site.visit(Role.CALLER, name="chen", language=language)
    page = visitor.go("/replies")
    assert page.locator("h1").inner_text() == heading
    assert waiting in page.locator("#waiting").inner_text()
    begin(page)
    visitor.look()
    for key, text in zip("254", TEXTS, strict=True):
        expect(page.locator("#text")).to_have_text(text)
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    expect(page.locator("#next")).to_be_visible()
    visitor.look()
    assert [one.decision for one in texts(context)] == ["neutral", "cannot_tell", "not_my_case"]
    assert ratings(context) == ["neutral", None, None]
    decided = page.locator("#decided-head ~ div tbody tr").all_inner_texts()
    assert len(decided) == 3
    assert [row for row in decided if "chen" in row and TEXTS[0] in row and rating in row]


def test_the_page_names_neither_office_nor_case_nor_number(site: Any, context: SetContext) -> None:
    page = begin(site.visit(Role.CALLER).go("/replies"))
    shown = page.content()
    for hidden in ("AG-1", "Office 1", "SECRET", "1381234567", "5670"):
        assert hidden not in shown
    said = page.locator("section").first.inner_text()
    assert "has waited for 30 min" in said
    assert "no rule reads it" in said
    assert "If nobody has read it by 2023-05-05 12:00" in said


def test_two_readers_are_given_different_texts(site: Any, context: SetContext) -> None:
    pages = [begin(site.visit(Role.CALLER, name=name).go("/replies")) for name in ("li", "wang")]
    assert [page.locator("#text").inner_text() for page in pages] == list(TEXTS[:2])
    other = site.visit(Role.CALLER, name="chen").go("/replies")
    assert "Colleagues are reading 2 of them." in other.locator("#waiting").inner_text()


def test_the_second_reader_of_a_text_gets_a_clear_word(site: Any, context: SetContext) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = begin(visitor.go("/replies"))
    page.keyboard.press("1")
    code_reply(context, 1, ReaderDecision.DISSATISFIED, "wang", override="li is away")
    page.keyboard.press("Enter")
    said = page.locator("[role=alert].problem").first
    expect(said).to_have_text("wang has decided this text before you: dissatisfied.")
    visitor.look()
    assert ratings(context)[0] == "dissatisfied"
    assert texts(context)[0].decided_by == "wang"


def test_who_is_reading_hears_that_the_text_waits_no_more(site: Any, context: SetContext) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    page = begin(visitor.go("/replies"))
    code_reply(context, 1, ReaderDecision.NEUTRAL, "wang", override="li is away")
    expect(page.locator("#news")).to_contain_text("wang has decided this text before you: neutral")
    visitor.look()
    page.locator("#go-on").press("Enter")
    expect(page.locator("#text")).to_have_text(TEXTS[1])


def test_a_text_left_for_later_comes_again(site: Any, context: SetContext) -> None:
    page = begin(site.visit(Role.CALLER).go("/replies"))
    for text in (*TEXTS, TEXTS[0]):
        expect(page.locator("#text")).to_have_text(text)
        page.keyboard.press("n")
    assert [one.decision for one in texts(context)] == [None, None, None]


def test_a_text_of_somebody_who_went_away_is_given_to_another(
    site: Any, context: SetContext
) -> None:
    begin(site.visit(Role.CALLER, name="li").go("/replies")).close()
    later(context, minutes=6)
    page = begin(site.visit(Role.CALLER, name="wang").go("/replies"))
    assert page.locator("#text").inner_text() == TEXTS[0]


def test_an_opt_out_and_earlier_texts_stand_beside_the_text(site: Any, context: SetContext) -> None:
    add_inbound(context, 1, "hello?", reply_class=ReplyClass.UNCLEAR, use=InboundUse.CANNOT_TELL)
    add_inbound(context, 1, "bad, stop", opted_out=True, reply_class=ReplyClass.OPT_OUT)
    for one in (1, 2, 3):
        code_reply(context, one, ReaderDecision.NEUTRAL, "wang")
    visitor = site.visit(Role.OPERATOR, name="li")
    page = begin(visitor.go("/replies"))
    assert page.locator("#text").inner_text() == "bad, stop"
    visitor.look()
    assert "nobody calls" in page.locator(".notice").inner_text()
    others = page.locator("#others-head + ol li").all_inner_texts()
    assert [line.split(" ", 2)[2] for line in others] == [
        f"{TEXTS[0]} neutral",
        "hello? unclear reply",
    ]


def test_nothing_is_decided_before_something_is_chosen(site: Any, context: SetContext) -> None:
    page = begin(site.visit(Role.CALLER).go("/replies"))
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.locator("#text").inner_text() == TEXTS[0]
    ours = {"Sec-Fetch-Site": "same-origin"}
    for form, status in (({}, 400), ({"result": "wonderful"}, 400)):
        answer = page.request.post(
            f"{site.url}/replies/1/decide", headers=ours, form=dict(form), max_redirects=0
        )
        assert answer.status == status
    assert texts(context)[0].decision is None


def test_with_no_text_the_page_says_so_and_shows_one_that_comes(
    site: Any, context: Context
) -> None:
    for one in (1, 2, 3):
        code_reply(context, one, ReaderDecision.NEUTRAL, "wang")
    page = site.visit(Role.CALLER).go("/replies")
    assert page.locator("#waiting").inner_text().strip() == "No text waits for a reader."
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("n")  # a late answer would show the text that comes below
    expect(page.locator("#waiting")).to_have_text("No text waits for a reader.")
    survey = add_survey(context, "AG-1", "K-9", "+8613812345679")
    add_inbound(context, survey, "hm")
    expect(page.locator("#waiting")).to_contain_text("One text waits")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_readers_desk_fits_a_phone(site: Any, context: SetContext, language: str) -> None:
    visitor = site.visit(Role.CALLER, language=language, width=360, color_scheme="dark")
    page = begin(visitor.go("/replies"))
    visitor.look()
    assert visitor.fits(360)
    page.locator("label", has=page.locator("[value=neutral]")).click()
    page.locator("#save").click()
    expect(page.locator("#text")).to_have_text(TEXTS[1])
    assert visitor.fits(360)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OFFICE])
def test_others_read_nothing_and_decide_nothing(site: Any, context: SetContext, role: Role) -> None:
    visitor = site.visit(role, office_code="AG-1" if role is Role.OFFICE else None)
    visitor.go("/replies", status=403)
    asked, ours = visitor.page.request, {"Sec-Fetch-Site": "same-origin"}
    for path in ("waiting", "1/watch"):
        assert asked.get(f"{site.url}/replies/{path}").status == 403
    for path in ("next", "1/decide", "1/keep", "1/undo", "1/correct"):
        assert asked.post(f"{site.url}/replies/{path}", headers=ours).status == 403
    assert texts(context)[0].decision is None


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_wrong_key_is_taken_back_with_another(
    site: Any, context: SetContext, language: str
) -> None:
    visitor = site.visit(Role.CALLER, name="li", language=language)
    page = begin(visitor.go("/replies"))
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_text(TEXTS[1])
    expect(page.locator("#last q")).to_have_text(TEXTS[0])
    visitor.look()
    page.keyboard.press("u")
    expect(page.locator("#text")).to_have_text(TEXTS[0])
    assert (ratings(context)[0], texts(context)[0].decision) == (None, None)
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_text(TEXTS[1])
    assert ratings(context)[0] == "dissatisfied"


def test_a_decision_of_earlier_is_corrected_with_its_reason(site: Any, context: SetContext) -> None:
    visitor = site.visit(Role.CALLER, name="li")
    code_reply(context, 1, ReaderDecision.SATISFIED, "li")
    code_reply(context, 2, ReaderDecision.SATISFIED, "wang")
    later(context, minutes=10)
    page = visitor.go("/replies")
    assert page.locator("#undo").count() == 0
    assert page.locator("details").count() == 1
    page.locator("summary").press("Enter")
    page.locator("[name=result]").select_option("neutral")
    page.locator("[name=why]").fill("a wrong key")
    visitor.look()
    page.locator("[name=why]").press("Enter")
    expect(page.locator("#last")).to_contain_text("neutral")
    assert ratings(context)[:2] == ["neutral", "satisfied"]
    page = site.visit(Role.OPERATOR, name="chen").go("/replies")
    assert page.locator("details").count() == 2


def test_a_text_that_is_not_before_the_reader_is_not_decided(
    site: Any, context: SetContext
) -> None:
    page = begin(site.visit(Role.CALLER, name="li").go("/replies"))
    ours = {"Sec-Fetch-Site": "same-origin"}
    url = f"{site.url}/replies/2/decide"
    answer = page.request.post(url, headers=ours, form={"result": "satisfied"}, max_redirects=0)
    assert answer.status == 409
    assert "Take the next text" in answer.text()
    kept = page.request.post(f"{site.url}/replies/2/keep", headers=ours)
    assert kept.status == 204
    answer = page.request.post(url, headers=ours, form={"result": "satisfied"}, max_redirects=0)
    assert answer.status == 409
    wrong: dict[str, Any] = {"result": "neutral", "why": "no"}
    answer = page.request.post(f"{site.url}/replies/2/correct", headers=ours, form=wrong)
    assert answer.status == 409
    assert ratings(context) == [None, None, None]
