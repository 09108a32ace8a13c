"""The call list comes back filled in, and is compared with what was handed over."""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from survey_pipeline.reports.handover_returns import read_returns
from survey_pipeline.stages.export.handover import export_handover
from survey_pipeline.stages.intake import FileSummary, import_file, withdraw
from survey_pipeline.testing import (
    SetContext,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

DAY = date(2023, 5, 8)


@pytest.fixture(params=["zh_CN", "en"])
def context(tmp_path: Path, request: pytest.FixtureRequest) -> SetContext:
    made = workspace(tmp_path, at=datetime(2023, 5, 4, 4, tzinfo=UTC), locale=request.param)
    add_offices(made, "health", "health")
    for number, (office, case_no) in enumerate(
        [("HE-1", "K-1"), ("HE-1", "=1+1"), ("HE-1", "K-3"), ("HE-2", "007")]
    ):
        add_text(made, add_survey(made, office, case_no, f"+8613812345{number:03}"))
    made.clock.advance(timedelta(days=4))
    return made


def fill_in(path: Path, answers: Mapping[str, tuple[Any, Any]]) -> None:
    """Write answers into a list, as those who call do."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    heads = [cell.value for cell in sheet[2]]
    case_no, answer, day = heads.index(heads[2]), heads.index(heads[9]), heads.index(heads[10])
    for row in sheet.iter_rows(min_row=3):
        if row[case_no].value in answers:
            row[answer].value, row[day].value = answers[row[case_no].value]
    book.save(path)


def bring(context: SetContext, path: Path) -> FileSummary:
    return import_file(context, RecordKind.RESULTS, path)


def figures(context: SetContext) -> list[tuple[str, int, int, int, int]]:
    return [
        (
            office.office_code,
            office.handed_over,
            len(office.returned),
            len(office.outstanding),
            len(office.unknown),
        )
        for office in read_returns(context, "2023-05", "health")
    ]


def test_the_list_is_imported_as_it_stands_once_it_is_filled_in(
    context: SetContext, tmp_path: Path
) -> None:
    path = tmp_path / "list.xlsx"
    export_handover(context, "health", DAY, path)
    fill_in(path, {"K-1": ("满意", date(2023, 5, 8)), "=1+1": ("一般", "2023-05-08")})
    summary = bring(context, path)
    assert (summary.accepted, summary.refused) == (2, 0)
    (warning,) = summary.warned
    assert warning.reason.render("en").startswith("2 rows are not filled in yet")
    assert figures(context) == [("HE-1", 3, 2, 1, 0), ("HE-2", 1, 0, 1, 0)]


def test_a_list_in_csv_comes_back_too_and_the_rest_later(
    context: SetContext, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    export_handover(context, "health", DAY, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for answered in (2, 4):
        for row in rows[:answered]:
            row |= {"answer": "dissatisfied", "answered_on": "2023-05-08"}
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        summary = bring(context, path)
        assert (summary.accepted, summary.unchanged) == (2, answered - 2)
    assert summary.warned == []
    assert figures(context) == [("HE-1", 3, 3, 0, 0), ("HE-2", 1, 1, 0, 0)]


def test_a_row_that_is_half_filled_in_is_refused(context: SetContext, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    export_handover(context, "health", DAY, path)
    fill_in(path, {"K-1": ("满意", None), "007": (None, "2023-05-08")})
    assert bring(context, path).refused == 2


def test_what_was_never_handed_over_is_unknown_until_it_is(
    context: SetContext, tmp_path: Path
) -> None:
    path = tmp_path / "results.csv"
    path.write_text(
        "office_code,case_no,answer,mode,answered_on,source\n"
        "HE-1,K-1,satisfied,phone,2023-05-08,x\nHE-2,K-9,satisfied,phone,2023-05-08,x\n",
        "utf-8",
    )
    assert bring(context, path).refused == 2
    assert figures(context) == [("HE-1", 0, 0, 0, 1), ("HE-2", 0, 0, 0, 1)]
    export_handover(context, "health", DAY, tmp_path / "list.csv")
    assert figures(context) == [("HE-1", 3, 0, 3, 0), ("HE-2", 1, 0, 1, 1)]
    assert bring(context, path).refused == 1
    assert figures(context) == [("HE-1", 3, 1, 2, 0), ("HE-2", 1, 0, 1, 1)]
    withdraw(context, RecordKind.RESULTS, "HE-1/K-1", reason="the wrong number was called")
    assert figures(context) == [("HE-1", 3, 0, 3, 0), ("HE-2", 1, 0, 1, 1)]


def test_nothing_is_outstanding_once_the_month_came_back_as_a_whole(
    context: SetContext, tmp_path: Path
) -> None:
    export_handover(context, "health", DAY, tmp_path / "list.csv")
    path = tmp_path / "month.csv"
    path.write_text(
        "office_code,month,reported,sampled,satisfied,neutral,dissatisfied,source\n"
        "HE-1,2023-05,10,5,5,0,0,x\n",
        "utf-8",
    )
    import_file(context, RecordKind.SATISFACTION, path)
    assert figures(context) == [("HE-1", 3, 0, 0, 0), ("HE-2", 1, 0, 1, 0)]
