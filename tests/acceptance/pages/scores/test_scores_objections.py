"""Objections (申诉) beside the lines that they are against, and their decision on a page."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from survey_pipeline import appraisal
from survey_pipeline.stages.evidence import add_objection, decide_objection, list_objections
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, import_runs, supervision_records
from survey_pipeline.testing import SetContext
from survey_pipeline.vocabulary import AuditAction, Decision, RecordKind, Role

MONTH = "2023-05"
SUPERVISION = RecordKind.SUPERVISION


@pytest.fixture
def objected(scored: SetContext) -> SetContext:
    """AG-1 objects to its May, to a supervision record and, last, to one of the year before."""
    add_records(scored, ("S-1", 2023), ("S-0", 2022))
    office = scored.acting("zhao")
    add_objection(office, "AG-1", text="two were not ours", month=MONTH)
    office.clock.advance(timedelta(hours=1))
    add_objection(office, "AG-1", text="it was rectified", record=(SUPERVISION, "S-1"))
    add_objection(office, "AG-1", text="long ago", record=(SUPERVISION, "S-0"))
    add_objection(office, "AG-3", text="somebody else's", month=MONTH)
    return scored


def add_records(context: SetContext, *records: tuple[str, int]) -> None:
    with writing(context.engine) as connection:
        brought = connection.execute(
            insert(import_runs)
            .values(
                kind="supervision", file_name="s.csv", file_hash="", at=context.now(), by="li",
                accepted=0, updated=0, unchanged=0, refused=0,
            )
            .returning(import_runs.c.id)
        ).scalar_one()  # fmt: skip
        for number, (record_no, year) in enumerate(records):
            connection.execute(
                insert(supervision_records).values(
                    record_no=record_no, year=year, clause="C2.1", office_code="AG-1",
                    occurred_on=date(year, 5, 8), import_id=brought, row_no=number + 2,
                )
            )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "open_", "upheld"),
    [("en", "not decided yet", "upheld"), ("zh_CN", "待处理", "成立")],
)
def test_an_offices_month_shows_who_objected_and_how_it_was_decided(
    site: Any, objected: SetContext, language: str, open_: str, upheld: str
) -> None:
    visitor = site.visit(Role.ANALYST, language=language)
    page = visitor.go(f"/scores/month/{MONTH}/AG-1")
    shown = page.inner_text("#objections")
    assert "two were not ours" in shown
    assert "zhao" in shown
    assert open_ in shown
    assert "rectified" not in shown
    assert "somebody else's" not in shown
    decide_objection(objected.acting("li"), 1, Decision.UPHELD, reason="they were AG-2's")
    shown = visitor.go(f"/scores/month/{MONTH}/AG-1").inner_text("#objections")
    assert upheld in shown
    assert "li" in shown
    assert "they were AG-2's" in shown
    assert visitor.fits(360)


def test_a_years_line_says_that_its_record_was_objected_to(site: Any, objected: SetContext) -> None:
    appraisal.score_year(objected, 2023)
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/year/2023/AG-1")
    line = page.locator(".line").filter(has_text="S-1")
    assert "objected to" in line.inner_text()
    assert page.locator(".line a.tag").count() == 1
    shown = page.inner_text("#objections")
    assert "two were not ours" in shown
    assert "it was rectified" in shown
    assert "long ago" not in shown
    line.locator("a.tag").press("Enter")
    page.wait_for_url("**/scores/objections#objection-2")
    visitor.look()
    page.locator("#objection-2 a").press("Enter")
    page.wait_for_url("**/scores/year/2023/AG-1")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_an_objection_is_decided_on_the_page_with_its_reason_on_record(
    site: Any, objected: SetContext, language: str
) -> None:
    visitor = site.visit(Role.ANALYST, name="li", language=language)
    page = visitor.go("/scores/objections")
    numbers = [one.get_attribute("id") for one in page.locator("section.card").all()]
    assert numbers == [f"objection-{one}" for one in (4, 3, 2, 1)]
    assert visitor.fits(360)
    page.fill("#reason-2", "it was not in time")
    page.locator("#objection-2 button[value=rejected]").press("Enter")
    page.wait_for_url("**/scores/objections#objection-2")
    visitor.look()
    assert "it was not in time" in page.inner_text("#objection-2")
    assert page.locator("section.card").last.get_attribute("id") == "objection-2"
    decided = list_objections(objected, office_code="AG-1")[1]
    assert (decided.decision, decided.decided_by) == ("rejected", "li")
    with reading(objected.engine) as connection:
        kept = connection.execute(
            select(audit_log).where(audit_log.c.action == AuditAction.DECIDED)
        ).one()
    assert (kept.actor, kept.key, kept.reason) == ("li", "2", "it was not in time")


def test_what_cannot_be_decided_is_said_beside_its_form(site: Any, objected: SetContext) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/objections")
    page.fill("#reason-1", "  ")
    page.locator("#objection-1 button[value=upheld]").press("Enter")
    page.wait_for_selector("#objection-1 [role=alert]")
    visitor.errors.clear()  # the browser itself says that the answer was 400
    visitor.look()
    assert list_objections(objected, only_open=True)[0].id == 1


def test_an_objection_is_decided_once(site: Any, objected: SetContext) -> None:
    page = site.visit(Role.ANALYST, name="li").go("/scores/objections")
    decide_objection(objected.acting("wang"), 1, Decision.UPHELD, reason="first")
    page.fill("#reason-1", "second")
    page.locator("#objection-1 button[value=rejected]").press("Enter")
    page.wait_for_selector("text=decided already")
    assert list_objections(objected, office_code="AG-1")[0].decision == "upheld"


@pytest.mark.parametrize("role", [Role.CALLER, Role.OFFICE])
def test_others_neither_see_nor_decide_them(site: Any, objected: SetContext, role: Role) -> None:
    visitor = site.visit(role, office_code="AG-1" if role is Role.OFFICE else None)
    visitor.go("/scores/objections", status=403)
    answer = visitor.page.request.post(
        site.url + "/scores/objections/1",
        form={"decision": "upheld", "reason": "because"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status == 403
    assert len(list_objections(objected, only_open=True)) == 4


def test_without_objections_the_page_says_so(site: Any, scored: SetContext) -> None:
    visitor = site.visit(Role.OPERATOR)
    page = visitor.go("/scores")
    page.get_by_role("link", name="Objections").press("Enter")
    page.wait_for_url("**/scores/objections")
    visitor.look()
    assert "No office has objected" in page.inner_text("main")
