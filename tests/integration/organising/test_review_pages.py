"""The online review led on its page, by the rules and functions of `review` itself."""

import threading
from pathlib import Path
from typing import Any

from sqlalchemy import update

from survey_pipeline import appraisal
from survey_pipeline.stages.review import review_status
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import representatives
from survey_pipeline.testing import NOON, add_case, add_offices, add_representatives
from survey_pipeline.vocabulary import Role

YEAR = 2023
PAGE = f"/organise/year/{YEAR}/review"


def invitations_through() -> None:
    for thread in threading.enumerate():
        if thread.name == "invitations":
            thread.join()


def test_a_review_is_led_on_the_page_from_the_selection_to_the_close(town: Any) -> None:
    context, browser = town.context, town.browser(Role.OPERATOR)
    add_offices(context, "agency", "health")
    page = browser.get(PAGE).text
    assert "the year is not scored yet" in page
    assert "No representatives are in the pool" in page
    add_representatives(context, YEAR, "R-1", "R-2", "R-3", "R-4")
    in_november, context.clock.at = context.clock.at, NOON
    add_case(context, "AG-1", "K-1", "+8613812345670")
    context.clock.at = in_november
    appraisal.score_year(context, YEAR)

    page = browser.get(PAGE).text  # says what it would do, and why it would be refused
    assert "2 offices would be selected." in page
    assert "It would be refused: offices lack a daily component" in page
    refused = browser.post(f"{PAGE}/select")
    assert refused.status == 409
    assert "AG-1" in refused.text
    assert browser.post(f"{PAGE}/select", provisional="yes", reason=" ").status == 400
    done = browser.post(f"{PAGE}/select", provisional="yes", reason="the year is open")
    assert (done.status, done.location) == (303, f"{PAGE}?taken=select#select")
    page = browser.get(done.location).text
    assert "The offices are selected." in page
    assert "Reason: the year is open" in page

    lines = "AG-1, it asks for it\nHE-9；nobody knows it"
    refused = browser.post(f"{PAGE}/select", way="manual", again="yes", reason="why", offices=lines)
    assert refused.status == 409
    assert "HE-9；nobody knows it" in refused.text  # what was typed is kept
    assert "row 2: HE-9 cannot be selected" in refused.text
    browser.post(f"{PAGE}/select", way="manual", again="yes", reason="why", offices="HE-2 by hand")
    assert [one.office_code for one in review_status(context, YEAR).selection.offices] == ["HE-2"]

    assert "3 of 4 representatives in the pool would be drawn" in browser.get(PAGE).text
    assert browser.post(f"{PAGE}/draw").status == 400
    assert browser.post(f"{PAGE}/draw", sure="yes").status == 303
    assert review_status(context, YEAR).drawn == 3
    again = browser.post(f"{PAGE}/select", again="yes", reason="too late")
    assert again.status == 409
    assert browser.post(f"{PAGE}/open", closes_on="2023-11-01").status == 400
    assert browser.post(f"{PAGE}/open", closes_on="2023-11-30").status == 303

    assert browser.post(f"{PAGE}/close").status == 400
    assert review_status(context, YEAR).state == "opened"
    assert browser.post(f"{PAGE}/close", sure="yes").status == 303
    page = browser.get(PAGE).text
    assert review_status(context, YEAR).cleared
    for said in ("offices selected", "representatives drawn", "closing day announced", "closed"):
        assert said in page
    assert page.count('<td data-label="Who">operator</td>') == 6


def test_links_and_invitations_go_out_once(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ANALYST)
    add_offices(context, "agency")
    add_representatives(context, YEAR, "R-1", "R-2", "R-3")
    with writing(context.engine) as connection:
        at_home = representatives.c.rep_no == "R-3"
        connection.execute(update(representatives).where(at_home).values(phone_kind="landline"))
    assert browser.post(f"{PAGE}/links", address="https://x.example").status == 409
    assert browser.post(f"{PAGE}/invite", address="https://x.example").status == 409
    browser.post(f"{PAGE}/select", way="manual", offices="AG-1 all of them")
    browser.post(f"{PAGE}/draw", sure="yes")

    assert browser.post(f"{PAGE}/links", address="x.example").status == 400
    links = browser.post(f"{PAGE}/links", address="https://x.example")
    assert links.headers["content-type"].startswith("text/csv")
    assert links.text.count("https://x.example/review/") == 3
    assert list(Path(context.home).rglob("review-links*")) == []

    page = browser.get(PAGE).text
    assert "2 texts would go out by simulated" in page
    assert "1 have no mobile or opted out" in page
    for _ in range(2):
        assert browser.post(f"{PAGE}/invite", address="https://x.example").status == 303
        invitations_through()
    assert review_status(context, YEAR).invited == 2
    part = browser.get(f"{PAGE}/figures").text
    assert "taken: 2" in part
    seen = part.split("seen=")[1].split('"')[0]
    assert browser.get(f"{PAGE}/figures?seen={seen}").status == 204


def test_out_of_hours_no_invitation_begins(town: Any) -> None:
    context, browser = town.context, town.browser(Role.OPERATOR)
    add_offices(context, "agency")
    add_representatives(context, YEAR, "R-1")
    browser.post(f"{PAGE}/select", way="manual", offices="AG-1 all of them")
    browser.post(f"{PAGE}/draw", sure="yes")
    context.clock.at = context.clock.at.replace(hour=5)  # 13:00 in Shanghai
    refused = browser.post(f"{PAGE}/invite", address="https://x.example")
    assert refused.status == 409
    assert "texts go out in sending hours" in refused.text
    assert review_status(context, YEAR).invited == 0
