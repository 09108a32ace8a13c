"""A year scored by another standard on a page: per office and clause, and nothing stored."""

from typing import Any

from sqlalchemy import func, select

from survey_pipeline import appraisal
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import year_scores
from survey_pipeline.testing import NOON, add_case, add_offices, add_survey
from survey_pipeline.vocabulary import Rating, Role

PAGE = "/organise/year/2023/what-if"


def test_another_standard_is_tried_and_nothing_is_stored(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ANALYST)
    november, context.clock.at = context.clock.at, NOON
    add_offices(context, "agency", "finance")
    add_case(context, "AG-1", "K-1", "+8613812345670")
    add_survey(context, "AG-1", "K-2", rating=Rating.SATISFIED, rated_by="sms", state="closed")
    context.clock.at = november
    appraisal.score_year(context, 2023)
    folder = context.home / FOLDER
    text = (folder / "wenzhou-2023.toml").read_text(encoding="utf-8")
    changed = text.replace('id = "wenzhou-2023"', 'id = "other"').replace(
        "value = 1\n", "value = 0.9\n", 1
    )
    (folder / "other.toml").write_text(changed, encoding="utf-8")

    page = browser.get(f"{PAGE}?standard=other").text
    assert "Offices: 2, with another figure: 1. Nothing was stored." in page
    row = page.split('data-office="AG-1"')[1].split("</tr>")[0]
    assert "-2.85" in row.replace("\N{MINUS SIGN}", "-")  # 30 x 0.95 x (1 - 0.9)
    assert "A.1a" in row or "A" in row
    assert 'data-clause="A.1a"' in page  # what the two say differently
    typed = browser.post(PAGE, source=changed).text
    assert "with another figure: 1." in typed
    with reading(context.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(year_scores)) == 1
    assert not list(folder.glob("standard*"))


def test_what_is_no_standard_is_refused_and_kept(town: Any) -> None:
    browser = town.browser(Role.OPERATOR)
    add_offices(town.context, "agency")
    assert browser.get(f"{PAGE}?standard=nowhere").status == 409
    assert browser.post(PAGE, source=" ").status == 400
    refused = browser.post(PAGE, source='id = "x"\nyear = "soon"\n')
    assert refused.status == 409
    assert "year = &#34;soon&#34;" in refused.text
