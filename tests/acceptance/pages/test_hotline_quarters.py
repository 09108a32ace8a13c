"""Hotline quarters as pages: all offices for an analyst, its own statement for an office."""

from datetime import date
from typing import Any

import pytest

from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import audit_log, hotline_records, import_runs
from survey_pipeline.testing import add_offices, inserted
from survey_pipeline.vocabulary import Role


@pytest.fixture
def offices(site: Any) -> tuple[str, str]:
    """Two offices; the first has two records of early 2023, one of them an unreasonable claim."""
    first, second = add_offices(site.context, "agency", "health")
    with writing(site.context.engine) as connection:
        run = {
            "kind": "hotline", "file_name": "f.csv", "file_hash": "", "by": "t",
            "at": site.context.now(),
        }  # fmt: skip
        number = inserted(connection.execute(import_runs.insert().values(**run)))
        rows = (
            ("H-1", "D1.1", date(2023, 1, 9), False, first),
            ("H-2", "D2.7", date(2023, 2, 6), True, first),
            ("H-9", "D1.2", date(2023, 2, 7), False, second),
        )
        for row_no, (key, clause, day, unreasonable, office) in enumerate(rows, 2):
            connection.execute(
                hotline_records.insert().values(
                    year=2023, import_id=number, row_no=row_no, record_no=key, clause=clause,
                    office_code=office, occurred_on=day, unreasonable_claim=unreasonable,
                )
            )  # fmt: skip
    return first, second


def test_an_analyst_sees_every_office_and_its_statement(
    site: Any, offices: tuple[str, str]
) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/hotline/2023-Q1?year=2023")
    row = page.locator(f"tr[data-office='{offices[0]}']")
    assert "0.2" in row.inner_text()
    assert page.locator("tbody tr").count() == 2
    assert visitor.fits(400)
    page = visitor.go(f"/scores/hotline/2023-Q1/{offices[0]}?year=2023")
    claim = page.locator("tr[data-record='H-2']").inner_text()
    assert "does not count" in claim
    assert "the claim was unreasonable" in claim
    assert "扣0.2分" in page.locator("tr[data-record='H-1']").inner_text()
    sums = page.locator("tr[data-group='D1'] td").all_inner_texts()
    assert sums == ["0.2", "0.2", "4", "0.2"]


def test_a_download_is_on_record(site: Any, offices: tuple[str, str]) -> None:
    page = site.visit(Role.ANALYST).go("/scores/hotline/2023-Q1?year=2023")
    with page.expect_download() as found:
        page.locator("a[href='/scores/files/hotline/2023/2023-Q1/csv']").click()
    assert found.value.suggested_filename == "hotline-2023-2023-Q1.csv"
    with site.context.engine.connect() as connection:
        kinds = [row.kind for row in connection.execute(audit_log.select())]
    assert "hotline_quarters" in kinds


def test_an_office_sees_its_own_statement_and_no_other(site: Any, offices: tuple[str, str]) -> None:
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports")
    page.locator("#hotline a", has_text="2023-Q1").click()
    page.wait_for_url("**/reports/hotline/2023-Q1**")
    text = page.inner_text("main")
    assert "H-1" in text
    assert "H-9" not in text
    visitor.look()
    visitor.go(f"/scores/hotline/2023-Q1/{offices[1]}", status=403)
    visitor.go("/scores/hotline/2023-Q1", status=403)


def test_what_is_no_quarter_is_refused(site: Any, offices: tuple[str, str]) -> None:
    visitor = site.visit(Role.ANALYST)
    visitor.go("/scores/hotline/2023-Q5", status=400)
    visitor.go("/scores/hotline/2023-Q1/XX-1", status=404)
