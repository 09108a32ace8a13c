"""The statements of hotline quarters: by hand, and held against the year's score (section 14.D)."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from survey_pipeline import appraisal
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.vocabulary import RecordKind

HOTLINE = "record_no,clause,office_code,occurred_on,points,unreasonable_claim"


def statement(city: Any, quarter: str, code: str, year: int | None = None) -> Any:
    [found] = appraisal.hotline_statements(city.context, quarter, year, code).statements
    return found.quarter


def sums(quarter: Any) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Group -> in the quarter, in the year so far, what counts of it."""
    return {
        group.cap.clause: (
            fixed(group.quarter, 2), fixed(group.year, 2), fixed(group.counted, 2),
        )
        for group in quarter.groups
    }  # fmt: skip


def test_a_quarter_has_its_records_and_what_does_not_count(city: Any) -> None:
    """H-01 costs 0.2, H-02 was an unreasonable claim, H-03 costs 0.4."""
    quarter = statement(city, "2023-Q1", "AG-1")
    assert [(found.record.key, fixed(found.deduction, 2)) for found in quarter.records] == [
        ("H-01", "0.20"),
        ("H-02", "0.00"),
        ("H-03", "0.40"),
    ]
    assert str(quarter.records[1].line.note) == "the claim was unreasonable"
    assert sums(quarter) == {
        "D1": ("0.20", "0.20", "0.20"),
        "D2": ("0.40", "0.40", "0.40"),
        "D3": ("0.00", "0.00", "0.00"),
    }
    later = statement(city, "2023-Q2", "AG-1")
    assert later.records == ()
    assert sums(later)["D2"] == ("0.00", "0.40", "0.40")
    earlier = statement(city, "2022-Q4", "AG-1", 2023)
    assert sums(earlier)["D1"] == ("0.00", "0.00", "0.00")


def test_the_caps_hold_for_the_year(city: Any) -> None:
    """Six times 0.45 in July: 2.7 in the quarter, 2 count."""
    quarter = statement(city, "2023-Q3", "HE-1")
    assert sums(quarter)["D3"] == ("2.70", "2.70", "2.00")
    assert (fixed(quarter.deducted, 2), fixed(quarter.year_counted, 2)) == ("2.70", "2.00")


def test_the_last_quarters_running_sum_is_what_the_year_loses(city: Any) -> None:
    """October is cut off by the window's end; what D1 to D3 lose by then is the year's own."""
    city.bring("hotline", [HOTLINE, "H-90,D1.2,AG-1,2023-10-31,,", "H-91,D1.2,AG-1,2023-10-01,,"])
    report = appraisal.hotline_statements(city.context, "2023-Q4", 2023)
    assert (str(report.period.first), str(report.period.last)) == ("2023-10-01", "2023-10-31")
    scored = {row["office_code"]: row for row in city.document()["offices"]}
    compared = 0
    for made in report.statements:
        lines = scored[made.office.office_code]["lines"]
        for group in made.quarter.groups:
            lost = [
                -float(line["points"])
                for line in lines
                if line["counted"] and line["clause"].startswith(f"{group.cap.clause}.")
            ]
            if scored[made.office.office_code]["components"]["hotline"] is not None:
                compared += 1
                assert float(group.year) == pytest.approx(sum(lost))
    assert compared > 3


def test_a_record_that_was_taken_back_stands_there_and_does_not_count(city: Any) -> None:
    withdraw(city.context, RecordKind.HOTLINE, "H-03", reason="another office's")
    quarter = statement(city, "2023-Q1", "AG-1")
    [record] = [found for found in quarter.records if found.record.key == "H-03"]
    assert "another office's" in str(record.line.note)
    assert sums(quarter)["D2"] == ("0.00", "0.00", "0.00")


def test_the_deadline_stands_on_the_statement(city: Any) -> None:
    report = appraisal.hotline_statements(city.context, "2023-Q1")
    assert report.is_over
    assert report.delivery is not None
    assert (report.delivery.came_as, report.delivery.came) == ("records", 3)


def test_what_is_no_quarter_or_office_of_the_year_is_refused(city: Any) -> None:
    with pytest.raises(UsageError, match="does not lie in the appraisal year 2021"):
        appraisal.hotline_statements(city.context, "2023-Q1", 2021)
    with pytest.raises(UnknownRecord, match="AG-9 is not appraised in 2023-Q1"):
        appraisal.hotline_statements(city.context, "2023-Q1", None, "AG-9")
    with pytest.raises(UnknownRecord, match="SO-1 is not appraised in 2023-Q3"):
        statement(city, "2023-Q3", "SO-1")  # closed in March


def test_the_export_has_records_and_sums_in_every_form(city: Any, tmp_path: Any) -> None:
    said = json.loads(city.run("export", "hotline", "2023Q1", "--format", "json", "--json").stdout)
    assert (said["year"], said["quarter"], said["records"]) == (2023, "2023-Q1", 3)
    document = json.loads(Path(said["file"]).read_text("utf-8"))
    [office] = [one for one in document["offices"] if one["office_code"] == "AG-1"]
    assert [record["record_no"] for record in office["records"]] == ["H-01", "H-02", "H-03"]
    first = office["records"][0]
    assert (first["clause"], first["deduction"], first["counted"]) == ("D1.1", "0.2000", True)
    assert "扣0.2分" in first["words"]
    assert office["groups"][0] == {
        "group": "D1", "label": office["groups"][0]["label"], "quarter": "0.2000",
        "year": "0.2000", "cap": "4.0000", "counted": "0.2000",
    }  # fmt: skip
    assert (office["deducted"], office["year_counted"]) == ("0.6000", "0.6000")
    table = tmp_path / "quarter.csv"
    city.run("export", "hotline", "2023-Q1", "--office", "AG-1", "--output", table)
    with table.open(encoding="utf-8-sig", newline="") as rows:
        found = list(csv.DictReader(rows))
    assert [(row["record_no"], row["counted"], row["group_year"]) for row in found] == [
        ("H-01", "yes", "0.2000"),
        ("H-02", "no", "0.4000"),
        ("H-03", "yes", "0.4000"),
    ]
    book = tmp_path / "quarter.xlsx"
    city.run("export", "hotline", "2023-Q1", "--output", book)
    overview, records = openpyxl.load_workbook(book).worksheets
    assert overview["A1"].value == "Hotline 2023-Q1, appraisal year 2023"
    cells = [[cell.value for cell in row] for row in records.iter_rows()]
    assert sum(1 for row in cells if row[0] == "AG-1") == 3


def test_a_quarter_that_runs_says_so(city: Any) -> None:
    city.context.clock.at = datetime(2023, 2, 20, 4, 0, tzinfo=UTC)
    assert not appraisal.hotline_statements(city.context, "2023-Q1").is_over
