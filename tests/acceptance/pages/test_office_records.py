"""An office's records: its own alone, an objection beside each, its year once it is published."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline import appraisal
from survey_pipeline.edited import shipped
from survey_pipeline.stages.evidence import list_objections
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.testing import add_offices, add_survey
from survey_pipeline.vocabulary import Category, RecordKind, Role

SUPERVISION = (
    "record_no,clause,office_code,parent_code,occurred_on,points,document_no,matter,remark\n"
    "S-1,C1.1,AG-1,,2023-04-10,3,No. 7,who said what,she said so herself\n"
    "S-2,C1.1,AG-2,,2023-04-11,4,No. 8,fees,another office\n"
    "S-3,C1.1,AG-1,,2023-04-12,3,No. 9,fees,\n"
)
HOTLINE = (
    "record_no,clause,office_code,occurred_on,points,remark\n"
    "H-1,D1.1,AG-1,2023-04-21,,his words\nH-2,D1.1,AG-2,2023-04-21,,\n"
)
AWARDS = (
    "award_no,work,level,recipient,office_code,document_no,issued_on\n"
    "A-1,reform,G3,office,AG-1,No. 3,2023-04-20\nA-2,reform,G3,office,AG-2,No. 4,2023-04-20\n"
)
HIDDEN = ("S-2", "H-2", "A-2", "No. 8", "she said", "who said", "his words", "AG-2")


@pytest.fixture
def offices(site: Any) -> list[str]:
    return add_offices(site.context, Category.AGENCY, Category.AGENCY)


@pytest.fixture
def records(site: Any, offices: list[str], tmp_path: Path) -> list[str]:
    for kind, text in (
        (RecordKind.SUPERVISION, SUPERVISION),
        (RecordKind.HOTLINE, HOTLINE),
        (RecordKind.AWARDS, AWARDS),
    ):
        path = tmp_path / f"{kind.value}.csv"
        path.write_text(text, encoding="utf-8")
        assert not import_file(site.context, kind, path, year=2023).refused
    withdraw(site.context, RecordKind.SUPERVISION, "S-3", reason="entered twice")
    return offices


def seen(site: Any, office: str) -> str:
    page = site.visit(Role.OFFICE, office_code=office).go("/reports/records")
    return str(page.inner_text("main"))


def test_an_office_sees_its_own_records_and_no_words_about_people(
    site: Any, records: list[str]
) -> None:
    shown = (
        site.visit(Role.OFFICE, office_code=records[0]).go("/reports/records").inner_text("main")
    )
    for text in ("S-1", "2023-04-10", "No. 7", "H-1", "A-1", "taken back on"):
        assert text in shown
    for text in HIDDEN:
        assert text not in shown


def test_another_office_sees_none_of_them(site: Any, records: list[str]) -> None:
    shown = (
        site.visit(Role.OFFICE, office_code=records[1]).go("/reports/records").inner_text("main")
    )
    assert "S-2" in shown
    for text in ("S-1", "H-1", "A-1", "No. 7"):
        assert text not in shown


def test_the_button_beside_a_record_objects_to_that_record(site: Any, records: list[str]) -> None:
    page = site.visit(Role.OFFICE, office_code=records[0]).go("/reports/records")
    row = page.locator("tr", has_text="A-1")
    row.locator("summary").click()
    row.locator("textarea").fill("it is worth more")
    row.locator("button").click()
    page.wait_for_selector("text=it is worth more")
    (kept,) = list_objections(site.context)
    assert (kept.kind, kept.key, kept.year, kept.office_code) == (
        "awards",
        "A-1/AG-1",
        2023,
        "AG-1",
    )
    page = site.visit(Role.OFFICE, name="again", office_code=records[0]).go("/reports/records")
    assert "not decided yet" in page.locator("tr", has_text="A-1").inner_text()
    assert page.locator("tr", has_text="A-1").locator("form").count() == 0


@pytest.mark.parametrize(
    ("kind", "number"), [("supervision", "S-2"), ("hotline", "H-2"), ("awards", "A-2")]
)
def test_a_form_that_names_another_offices_record_stores_nothing(
    site: Any, records: list[str], kind: str, number: str
) -> None:
    page = site.visit(Role.OFFICE, office_code=records[0]).go("/reports/records")
    row = page.locator("tr", has_text="S-1")
    row.locator("[name=kind]").evaluate("(field, value) => { field.value = value }", kind)
    row.locator("[name=number]").evaluate("(field, value) => { field.value = value }", number)
    row.locator("summary").click()
    row.locator("textarea").fill("not mine")
    row.locator("button").click()
    page.wait_for_selector("#objections .problem")
    assert "no such record" in page.inner_text("#objections .problem")
    assert list_objections(site.context) == []


def test_the_year_is_shown_once_it_is_published(site: Any, records: list[str]) -> None:
    add_survey(site.context, records[0], "K-1", state="closed", rating="satisfied", rated_by="sms")
    appraisal.score_year(site.context, 2023)
    visitor = site.visit(Role.OFFICE, office_code=records[0])
    assert "once it is published" in visitor.go("/reports/records").inner_text("main")
    appraisal.publish_score(site.context, 2023)
    shown = visitor.go("/reports/records").inner_text("main")
    assert "once it is published" not in shown
    assert "Supervision" in shown
    assert "-3.0000" in shown
    assert "what few people answered" in shown  # one rating alone
    for text in HIDDEN:
        assert text not in shown


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_records_fit_a_phone(site: Any, records: list[str], language: str) -> None:
    visitor = site.visit(Role.OFFICE, office_code=records[0], language=language, width=360)
    visitor.go("/reports/records")
    assert visitor.fits(360)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICE])
def test_nobody_else_opens_them(site: Any, role: Role) -> None:
    site.visit(role).go("/reports/records", status=403)


def test_an_office_downloads_its_own_statement_once_the_year_is_published(
    site: Any, records: list[str]
) -> None:
    home = site.context.home
    shutil.copytree(
        shipped() / "templates/documents", home / "templates/documents", dirs_exist_ok=True
    )
    office = site.visit(Role.OFFICE, office_code=records[0]).page.request
    path = f"{site.url}/reports/papers/year/2023/docx"
    stored = appraisal.score_year(site.context, 2023)
    assert office.get(path).status == 404
    appraisal.publish_score(site.context, 2023, stored.version)
    answer = office.get(path)
    assert answer.status == 200
    assert f"statement-2023-{records[0]}.docx" in answer.headers["content-disposition"]
    assert office.get(f"{site.url}/scores/papers/notice/year/2023/1/docx").status == 403
    analyst = site.visit(Role.ANALYST)
    page = analyst.go("/scores/year/2023")
    for button in ("notice-docx", "statements"):
        with page.expect_download() as taken:
            page.locator(f"#{button}").click()
        assert taken.value.suggested_filename in ("notice-2023.docx", "statements-2023.zip")
    reminder = analyst.page.request.get(f"{site.url}/scores/papers/reminder/docx")
    assert reminder.status == 200
    assert analyst.go(f"/scores/year/2023/{records[0]}").locator("#statement-docx").count() == 1
    assert analyst.go("/deadlines").locator("#reminder-docx").count() == 1
