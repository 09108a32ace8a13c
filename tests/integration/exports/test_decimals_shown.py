"""A standard that shows points with more decimals: they are shown so in every form of a month."""

import csv
from pathlib import Path

from openpyxl import load_workbook

from survey_pipeline import appraisal
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.stages.export.formats import write_month
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.testing import add_offices, add_survey, workspace

RATINGS = ["satisfied"] * 6 + ["neutral"]
POINTS = "26.8714"
"""30 x 6.6 / 7 x 0.95, half up to four decimals."""


def test_points_are_shown_with_the_decimals_of_the_standard(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    file = context.home / FOLDER / "wenzhou-2023.toml"
    file.write_text(file.read_text("utf-8").replace("\nshown = 2\n", "\nshown = 4\n"), "utf-8")
    (office,) = add_offices(context, "agency")
    for number, rating in enumerate(RATINGS):
        add_survey(
            context, office, f"K-{number}", f"+861380000000{number}",
            state="closed", rating=rating, rated_by="sms", disposition="1.1", texted=True,
            replied=True,
        )  # fmt: skip
    month = f"{context.today():%Y-%m}"
    report = read_month(context, month, appraisal.score_month(context, month).version)
    paths = {form: tmp_path / f"month.{form}" for form in ("csv", "html", "xlsx")}
    for form, path in paths.items():
        write_month(report, form, path, "en")
    with paths["csv"].open(encoding="utf-8-sig", newline="") as rows:
        assert [row["points"] for row in csv.DictReader(rows)] == [POINTS]
    page = paths["html"].read_text("utf-8")
    assert POINTS in page
    assert "26.87<" not in page
    sheet = load_workbook(paths["xlsx"])["Ranking"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == float(POINTS)]
    assert {cell.number_format for cell in cells} == {"0.0000"}
