"""Ratings by channel, subject type, item and parent department, of a month and of a year."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, cases
from survey_pipeline.testing import add_offices, add_survey
from survey_pipeline.vocabulary import Category, Role


@pytest.fixture
def answers(site: Any) -> None:
    add_offices(site.context, Category.AGENCY)
    for number, (channel, rating) in enumerate(
        [("window", "satisfied"), ("window", "neutral"), ("online", "dissatisfied"), ("", None)]
    ):
        add_survey(
            site.context, "AG-1", f"K-{number}", f"+861385771{number:04d}", state="closed",
            rating=rating, rated_by="sms" if rating else None,
        )  # fmt: skip
        with writing(site.context.engine) as connection:
            connection.execute(
                update(cases).where(cases.c.case_no == f"K-{number}").values(channel=channel)
            )


@pytest.mark.parametrize("path", ["month/2023-05", "year/2023"])
def test_each_group_has_counts_and_both_shares(site: Any, answers: None, path: str) -> None:
    page = site.visit(Role.ANALYST).go(f"/scores/breakdowns/{path}")
    section = page.locator("section", has=page.locator("#channel-head"))
    rows = [row.split("\t") for row in section.locator("tbody tr").all_inner_texts()]
    names = [row[0].strip().removesuffix("few answers").strip() for row in rows]
    found = {
        name: [cell.strip() for cell in row[1:]] for name, row in zip(names, rows, strict=True)
    }
    assert found["window"] == ["2", "2", "1", "1", "0", "80.0%", "50.0%"]
    assert found["online"] == ["1", "1", "0", "0", "1", "0.0%", "0.0%"]
    assert found["not said"][:2] == ["1", "0"]
    assert section.locator("tbody .tag").all_inner_texts() == ["few answers"] * 3
    assert page.locator("section").count() == 4


def test_the_groups_are_taken_as_a_file_and_that_is_on_record(site: Any, answers: None) -> None:
    page = site.visit(Role.ANALYST).go("/scores/breakdowns/month/2023-05")
    with page.expect_download() as taken:
        page.click("#take-json")
    document = json.loads(taken.value.path().read_text("utf-8"))
    assert (document["month"], document["min_cell"]) == ("2023-05", 5)
    window = next(group for group in document["channel"] if group["name"] == "window")
    assert (window["rated"], window["rate"], window["few"]) == (2, "0.8000", True)
    with reading(site.context.engine) as connection:
        reasons = connection.scalars(select(audit_log.c.reason)).all()
    assert reasons.count("breakdowns-2023-05.json") == 1


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_groups_fit_a_phone(site: Any, answers: None, language: str) -> None:
    visitor = site.visit(Role.ANALYST, language=language, width=360)
    visitor.go("/scores/breakdowns/month/2023-05")
    assert visitor.fits(360)


def test_an_office_does_not_open_them(site: Any, answers: None) -> None:
    visitor = site.visit(Role.OFFICE, office_code="AG-1")
    visitor.go("/scores/breakdowns/month/2023-05", status=403)
