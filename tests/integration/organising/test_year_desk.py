"""An appraisal year at a glance, and its deadlines as a calendar."""

from typing import Any

from survey_pipeline.testing import add_offices
from survey_pipeline.vocabulary import Role


def test_the_year_says_where_each_part_stands_and_leads_to_it(town: Any) -> None:
    add_offices(town.context, "agency")
    browser = town.browser(Role.ANALYST)
    assert browser.get("/organise/year").location == "/organise/year/2024"  # its window is open
    assert browser.get("/organise/year?year=2023").location == "/organise/year/2023"
    page = browser.get("/organise/year/2023").text
    assert "are not adopted yet" in page
    assert "The year is not scored yet." in page
    for part in ("calendar", "review"):
        assert f'href="/organise/year/2023/{part}"' in page


def test_the_calendar_shows_who_owes_what_on_which_day(town: Any) -> None:
    context = town.context
    context.clock.at = context.clock.at.replace(month=5, day=4)
    add_offices(context, "education")
    context.clock.at = context.clock.at.replace(month=11, day=22)
    browser = town.browser(Role.OPERATOR)
    page = browser.get("/organise/year/2023/calendar").text
    assert 'id="d-2023-11-20"' in page  # performance points and parents' points are late
    assert "overdue by 2 days" in page
    june = browser.get("/organise/year/2023/calendar?month=2023-06").text
    day = june.split('id="d-2023-06-25"')[1].split("</section>")[0]  # a working Sunday
    assert "2023-05" in day
    assert browser.get("/organise/year/2023/calendar?month=2023-13").status == 422
