"""The operator's day: its chain, live; the run, the pause; any past day; who may see it."""

import json
import re
import shutil
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.i18n import Message
from survey_pipeline.settings import Gateway
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    daily_reports,
    draws,
    gateway_states,
    import_runs,
    messages,
    surveys,
)
from survey_pipeline.survey.pausing import pause_sending, sending_pause
from survey_pipeline.testing import SetContext, add_case, add_offices, add_survey, add_text
from survey_pipeline.vocabulary import MessageState, Role

TODAY = date(2023, 5, 4)
WORDS = {
    "en": ("Today, May 4, 2023", "Pause sending", "Resume sending", "Run the day now"),
    "zh_CN": ("今天，2023年5月4日", "暂停发送", "恢复发送", "立即执行当日流程"),
}


@pytest.fixture
def context(site: Any) -> SetContext:
    """A city with two offices, of which one has reported ten cases; two of them are asked."""
    made: SetContext = site.context
    shutil.copytree(shipped() / "templates", made.home / "templates")
    office, _ = add_offices(made, "agency", "agency")
    for number in range(2):
        survey = add_survey(made, office, f"K-{number}", f"+861381234567{number}")
        add_text(made, survey)
    with writing(made.engine) as connection:
        connection.execute(daily_reports.update().values(reported=10))
        connection.execute(surveys.update().where(surveys.c.id == 1).values(rating="satisfied"))
    return made


def chain(page: Any) -> dict[str, str]:
    return {
        item.inner_text().split()[0]: item.locator("b").inner_text()
        for item in page.locator("ol.chain li").all()
    }


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_an_operator_pauses_and_resumes_with_the_keyboard(
    site: Any, context: SetContext, language: str
) -> None:
    heading, pause, resume, _ = WORDS[language]
    visitor = site.visit(Role.OPERATOR, name="wang", language=language)
    page = visitor.go("/")
    assert page.locator("h1").inner_text() == heading
    assert page.locator("#pause").inner_text() == pause
    page.locator("#pause").press("Enter")
    expect(page.locator("#resume")).to_have_text(resume)
    visitor.look()
    paused = sending_pause(context)
    assert paused is not None
    assert paused.by == "wang"
    assert "wang" in page.locator(".steer").inner_text()
    page.locator("#resume").press("Enter")
    expect(page.locator("#pause")).to_be_visible()
    assert sending_pause(context) is None


def test_the_chain_moves_without_reloading(site: Any, context: SetContext) -> None:
    visitor = site.visit(Role.OPERATOR)
    page = visitor.go("/")
    before = {"reported": "10", "drawn": "2", "texted": "2", "delivered": "2", "replied": "0"}
    assert chain(page) == {**before, "called": "0", "rated": "1"}
    page.evaluate("window.same = true")
    with writing(context.engine) as connection:
        connection.execute(surveys.update().values(replied=True, rating="satisfied"))
    expect(page.locator("ol.chain li").nth(6).locator("b")).to_have_text("2")
    assert chain(page)["replied"] == "2"
    assert page.evaluate("window.same") is True
    visitor.look()


def test_a_past_day_says_how_its_cases_ended(site: Any, context: SetContext) -> None:
    ended = {"state": "closed", "closed_at": context.now()}
    for number, (rating, mode, disposition) in enumerate(
        [
            ("satisfied", "sms", "1.1"),
            ("satisfied", "phone", "1.1"),
            ("dissatisfied", "phone", "1.1"),
            (None, None, "2.112"),
            (None, None, "3.13"),
            (None, None, "3.19"),
        ]
    ):
        values = {"rating": rating, "rated_by": mode, "disposition": disposition, **ended}
        add_survey(context, "AG-1", f"E-{number}", f"+861391234567{number}", **values)
    with writing(context.engine) as connection:
        open_ones = surveys.c.id <= 2
        elsewhere = date(2023, 5, 3)
        connection.execute(surveys.update().where(open_ones).values(drawn_on=elsewhere))
    context.clock.at += timedelta(days=3)
    visitor = site.visit(Role.OPERATOR)
    page = visitor.go(f"/?date={TODAY}")
    assert page.locator("#outcomes caption").inner_text() == "How the drawn cases ended"
    assert [one.inner_text().split("\t") for one in page.locator("#outcomes tbody tr").all()] == [
        ["satisfied", "2", "33.3%", "1", "1"],
        ["neutral", "0", "0.0%", "0", "0"],
        ["dissatisfied", "1", "16.7%", "0", "1"],
        ["does not want to be asked", "1", "16.7%", "", ""],
        ["not reached", "2", "33.3%", "", ""],
    ]
    page = visitor.go(f"/?date={elsewhere}")
    assert page.locator("#outcomes caption").inner_text() == "How the drawn cases stand"
    last = page.locator("#outcomes tbody tr").last.inner_text()
    assert last.startswith("still open, no answer yet")


def test_what_somebody_unfolds_stays_open_when_figures_move(site: Any, context: SetContext) -> None:
    page = site.visit(Role.OPERATOR).go("/")
    page.locator("#start-ask summary").press("Enter")
    with writing(context.engine) as connection:
        connection.execute(surveys.update().values(replied=True))
    expect(page.locator("ol.chain li").nth(4).locator("b")).to_have_text("2")
    assert page.locator("#start").is_visible()


def test_the_day_is_run_from_the_page(site: Any) -> None:
    context: SetContext = site.context
    shutil.copytree(shipped() / "templates", context.home / "templates")
    (office,) = add_offices(context, "agency")
    add_case(context, office, "N-1", "+8613900000001")
    visitor = site.visit(Role.OPERATOR, name="wang")
    page = visitor.go("/")
    page.locator("#start-ask summary").press("Enter")
    page.locator("#start").press("Enter")
    expect(page.locator(".steer")).to_contain_text("Run by wang")
    expect(page.locator("#start-ask summary")).to_have_text("Run the day again")
    visitor.look()
    with reading(context.engine) as connection:
        assert list(connection.scalars(select(draws.c.day))) == [TODAY]
    assert chain(page)["drawn"] == "1"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_before_the_day_is_run_the_page_says_what_that_would_do(site: Any, language: str) -> None:
    context: SetContext = site.context
    shutil.copytree(shipped() / "templates", context.home / "templates")
    office, _ = add_offices(context, "agency", "agency")
    for number in range(3):
        add_case(context, office, f"N-{number}", f"+861390000000{number}")
    visitor = site.visit(Role.OPERATOR, language=language)
    page = visitor.go("/")
    page.locator("#start-ask summary").press("Enter")
    figures = page.locator("#plan dd")
    expect(figures).to_have_count(6)
    frame, drawn, texts, segments, cost, missing = figures.all_inner_texts()
    assert (frame, drawn, texts, missing) == ("3", "2", "2", "1")
    assert int(segments) >= 2
    assert re.fullmatch(r"0\.\d\d [A-Z]{3}", cost)
    expect(page.locator("#plan")).to_contain_text("AG-2 Office 2")
    expect(page.locator("#start")).to_be_visible()
    visitor.look()
    assert visitor.fits(360)
    with reading(context.engine) as connection:
        assert list(connection.scalars(select(draws.c.day))) == []


def test_a_run_that_cannot_be_says_so_before_it_is_started(site: Any) -> None:
    page = site.visit(Role.OPERATOR).go("/")  # without templates
    page.locator("#start-ask summary").press("Enter")
    expect(page.locator("#plan .problem")).to_contain_text("templates/sms")


def test_a_past_day_keeps_its_figures_and_stands_still(site: Any, context: SetContext) -> None:
    context.clock.at += timedelta(days=1)
    visitor = site.visit(Role.OPERATOR)
    pause_sending(context)
    page = visitor.go("/?date=2023-05-04")
    assert chain(page)["drawn"] == "2"
    assert page.locator("[hx-get], #pause, #resume, #start").count() == 0
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/?date=2023-05-05")
    assert chain(page)["drawn"] == "0"
    assert page.locator("#resume").count() == 1


@pytest.mark.parametrize("asked", ["2023-05-05", "yesterday", "0001-01-01"])
def test_a_day_of_which_nothing_can_be_known_is_refused_in_words(
    site: Any, context: SetContext, asked: str
) -> None:
    status = 422 if asked.startswith("0001") else 400
    page = site.visit(Role.OPERATOR).go(f"/?date={asked}", status=status)
    assert asked in page.locator("h1").inner_text()


def test_texts_that_went_wrong_come_with_a_remedy(site: Any, context: SetContext) -> None:
    states = {
        "bad_number": MessageState.FAILED,
        "odd": MessageState.FAILED,
        "held_too_long": MessageState.EXPIRED,
        "unknown": MessageState.UNKNOWN,
        "queued": MessageState.QUEUED,
    }
    for number, (reason, state) in enumerate(states.items()):
        survey = add_survey(context, "AG-2", f"B-{number}", f"+861390000000{number}")
        add_text(context, survey, state=state, reason=reason)
    page = site.visit(Role.OPERATOR).go("/")
    rows = page.locator("tr[data-group]").all()
    counts = {one.get_attribute("data-group"): one.locator("td.n").inner_text() for one in rows}
    assert counts == dict.fromkeys(
        ("held", "unknown", "failed_bad_number", "failed", "expired"), "1"
    )
    assert all(one.locator("td").last.inner_text().strip() for one in rows)
    held = page.locator("tr[data-group=held]").inner_text()
    assert "2023-05-04 14:00" in held  # it is noon; sending hours open again at two


def test_files_show_what_was_refused_and_why(site: Any, context: SetContext) -> None:
    reason = Message("the number is masked; the survey needs all digits").to_json()
    with writing(context.engine) as connection:
        connection.execute(
            import_runs.insert().values(
                kind="cases",
                file_name="may.csv",
                file_hash="",
                by="li",
                at=context.now(),
                accepted=8_000,
                refused=3,
                reasons=[{"column": "phone", "reason": reason, "rows": 3, "first": 4}],
            )
        )
    page = site.visit(Role.OPERATOR).go("/")
    row = page.locator("#arrivals tbody tr", has_text="may.csv").inner_text()
    assert "the number is masked" in row
    assert "One file: 8,000 new rows, 3 refused." in page.inner_text("#arrivals")
    assert "row 4, and 2 more" in row


def test_offices_that_owe_a_report_are_named(site: Any, context: SetContext) -> None:
    page = site.visit(Role.OPERATOR).go("/")
    missing = page.locator("section", has=page.locator("#missing-head")).last.inner_text()
    assert "AG-2 Office 2" in missing
    assert "AG-1" not in missing
    assert "One office owes this day's report; one has reported." in missing


def test_a_stopped_and_a_resting_gateway_say_why(site: Any, context: SetContext) -> None:
    gateways = (Gateway(kind="simulated"),)
    settings = context.settings.model_copy(update={"gateway": gateways})
    object.__setattr__(context, "settings", settings)  # the served one
    until = context.now() + timedelta(hours=1)
    row = {"gateway": "simulated", "configured": 10_000, "share": 10_000, "rests_until": until}
    with writing(context.engine) as connection:
        connection.execute(gateway_states.insert().values(**row))
    page = site.visit(Role.OPERATOR).go("/")
    shown = page.locator("tr", has=page.locator("th", has_text="simulated"))
    assert "its provider takes nothing more now" in shown.inner_text()
    with writing(context.engine) as connection:
        connection.execute(
            gateway_states.update().values(stopped_at=context.now(), stopped_why="20003 Auth")
        )
    expect(shown).to_contain_text("20003 Auth")


@pytest.mark.parametrize(
    ("language", "untrue"),
    [("en", ("within a minute", "Texts go out now")), ("zh_CN", ("约一分钟内", "无需处理"))],
)
def test_while_no_gateway_takes_texts_every_page_of_operators_says_so(
    site: Any, context: SetContext, language: str, untrue: tuple[str, ...]
) -> None:
    context.clock.at -= timedelta(hours=2)
    add_text(context, add_survey(context, "AG-1", "W", "+8613800000001"), state=MessageState.QUEUED)
    visitor = site.visit(Role.OPERATOR, language=language)
    page = visitor.go("/")
    expect(page.locator("#standstill [role=alert]")).to_have_count(0)
    expect(page.locator("#stands-still")).to_be_hidden()
    row = {"gateway": "simulated", "configured": 10_000, "share": 10_000}
    stopped = {"stopped_at": context.now(), "stopped_why": "20003 Auth"}
    with writing(context.engine) as connection:
        connection.execute(gateway_states.insert().values(**row, **stopped))
    alarm = page.locator("#standstill [role=alert]")
    expect(alarm).to_contain_text("20003 Auth")
    expect(alarm).to_contain_text("2023-05-04 10:00")
    expect(page.locator("#stands-still")).to_be_visible()
    visitor.look()
    first = page.locator("#main > *").first
    assert first.get_attribute("id") == "standstill"
    said = page.locator("#main").inner_text()
    assert not [words for words in untrue if words in said]
    shares = page.locator("tr", has=page.locator("th", has_text="simulated")).locator("td.n")
    assert shares.all_inner_texts() == ["100.0%", "0.0%"]
    page = visitor.go("/replies")
    expect(page.locator("#stands-still")).to_be_visible()
    assert visitor.fits(360)
    assert site.visit(Role.CALLER).go("/replies").locator("#stands-still").count() == 0


def test_the_page_shows_no_number_and_no_text_of_a_citizen(site: Any, context: SetContext) -> None:
    html = site.visit(Role.OPERATOR).go("/").content()
    with reading(context.engine) as connection:
        texts = list(connection.scalars(select(messages.c.text)))
    assert texts
    assert "1381234" not in html
    assert not [text for text in texts if json.dumps(text)[1:-1] in html]


@pytest.mark.parametrize("width", [360, 640])
def test_the_day_fits_a_small_screen(site: Any, context: SetContext, width: int) -> None:
    visitor = site.visit(Role.OPERATOR, width=width, color_scheme="dark")
    visitor.go("/")
    assert visitor.fits(width)


@pytest.mark.parametrize("role", [Role.CALLER, Role.ANALYST])
def test_others_see_no_day_and_steer_nothing(site: Any, context: SetContext, role: Role) -> None:
    visitor = site.visit(role)
    visitor.go("/", status=403)
    for path in ("/day/course", "/day/arrivals", "/day/plan"):
        assert visitor.page.request.get(site.url + path).status == 403
    for path in ("/day/pause", "/day/resume", "/day/start"):
        answer = visitor.page.request.post(
            site.url + path, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status == 403
    assert sending_pause(context) is None


def test_a_part_that_has_not_changed_is_not_sent_again(site: Any, context: SetContext) -> None:
    visitor = site.visit(Role.OPERATOR)
    ask = visitor.go("/").request.get
    for part in ("course", "arrivals"):
        first = ask(f"{site.url}/day/{part}")
        tag = re.search(r"seen=([0-9a-f]{16})", first.text())
        assert tag is not None
        assert ask(f"{site.url}/day/{part}?seen={tag[1]}").status == 204
    pause_sending(context)
    assert ask(f"{site.url}/day/course?seen={tag[1]}").status == 200


def test_a_silent_server_is_said_and_the_figures_go_on_when_it_is_back(
    site: Any, context: Context
) -> None:
    page = site.visit(Role.OPERATOR).go("/")
    page.route("**/day/course**", lambda route: route.abort())
    expect(page.locator("#cut-off")).to_be_visible()
    page.unroute("**/day/course**")
    expect(page.locator("#cut-off")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "heading", "remedy"),
    [
        ("en", "Something must be mended", "no restart is needed"),
        ("zh_CN", "有问题需要处理", "无需重启"),
    ],
)
def test_a_broken_text_is_an_alert_until_it_is_mended(
    site: Any, context: SetContext, language: str, heading: str, remedy: str
) -> None:
    visitor = site.visit(Role.OPERATOR, language=language)
    page = visitor.go("/")
    assert page.locator("#alerts section").count() == 0
    file = context.home / "templates" / "sms" / "survey.txt"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace("{{ office }}", "{{ ofice }}"), encoding="utf-8")
    alert = page.locator("#alerts section[role=alert]")
    expect(alert.locator("h2")).to_have_text(heading)
    expect(alert.locator("p")).to_contain_text("survey.txt")
    expect(alert.locator("p")).to_contain_text("'ofice' is undefined")
    expect(alert.locator("p")).to_contain_text(remedy)
    visitor.look()
    file.write_text(whole, encoding="utf-8")
    expect(alert).to_have_count(0)
