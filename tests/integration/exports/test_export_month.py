"""The month as CSV, JSON, workbook and page: same inputs same bytes, nothing that computes."""

import csv
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.reports.month_columns import MONTH_COLUMNS
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.reports.survey_figures.outcome_rates import outcome_rates
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.destination import replaced, target
from survey_pipeline.stages.export.month_data import write_csv, write_json
from survey_pipeline.stages.export.month_page import render_page, write_page
from survey_pipeline.stages.export.month_workbook import write_workbook
from survey_pipeline.stages.export.outcomes_workbook import write_outcomes

GOLDEN = Path(__file__).parents[2] / "data" / "exports"
WRITERS = {"xlsx": write_workbook, "csv": write_csv, "json": write_json, "html": write_page}
APART = "Shown apart: no rank in this month"
CATEGORY_SHEETS = [
    "Agencies", "Education", "Health", "Banks and insurers", "State-owned enterprises",
]  # fmt: skip

every_format = pytest.mark.parametrize("form", WRITERS)
both_locales = pytest.mark.parametrize("locale", ["en", "zh_CN"])


def written(month: Any, form: str, path: Path, locale: str = "en") -> bytes:
    WRITERS[form](month.report(), path, locale)
    return path.read_bytes()


@pytest.fixture
def book(month: Any, tmp_path: Path) -> openpyxl.Workbook:
    write_workbook(month.report(), tmp_path / "month.xlsx", "en")
    return openpyxl.load_workbook(tmp_path / "month.xlsx")


@every_format
@both_locales
def test_the_same_month_gives_the_same_bytes_again(
    month: Any, form: str, locale: str, tmp_path: Path
) -> None:
    first = written(month, form, tmp_path / "first", locale)
    assert written(month, form, tmp_path / "second", locale) == first


@every_format
def test_a_database_filled_in_another_order_gives_the_same_bytes(
    new_month: Callable[..., Any], form: str, tmp_path: Path
) -> None:
    first = written(new_month(), form, tmp_path / "first")
    assert written(new_month(shuffled=7), form, tmp_path / "second") == first


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_answers_of_a_database_filled_in_another_order_are_the_same_bytes(
    new_month: Callable[..., Any], form: str, tmp_path: Path
) -> None:
    for name, month in (("a", new_month()), ("b", new_month(shuffled=7))):
        write_answers(month.context, "2023-05", tmp_path / name, form)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_csv_of_the_small_month_is_the_one_that_was_looked_at(
    month: Any, tmp_path: Path
) -> None:
    golden = (GOLDEN / "satisfaction-2023-05.csv").read_bytes()
    assert written(month, "csv", tmp_path / "month.csv") == golden


def test_the_csv_has_a_byte_order_mark_and_plain_line_ends(month: Any, tmp_path: Path) -> None:
    content = written(month, "csv", tmp_path / "month.csv", "zh_CN")
    assert content.startswith(b"\xef\xbb\xbfmonth,office_code,")
    assert b"\r" not in content
    content.decode("utf-8")


def test_figures_and_codes_of_the_csv_are_the_same_in_every_locale(
    month: Any, tmp_path: Path
) -> None:
    rows = {}
    for locale in ("en", "zh_CN"):
        written(month, "csv", tmp_path / locale, locale)
        with (tmp_path / locale).open(encoding="utf-8-sig", newline="") as file:
            rows[locale] = [{**row, "note": ""} for row in csv.DictReader(file)]
    assert rows["en"] == rows["zh_CN"]


def test_an_office_without_points_says_why(month: Any, tmp_path: Path) -> None:
    written(month, "csv", tmp_path / "month.csv")
    with (tmp_path / "month.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    silent = [row for row in rows if not row["points"]]
    assert len(silent) == 5
    assert all(row["rate"] == "" and row["rank"] == "" and row["note"] for row in silent)


def test_an_office_with_few_ratings_has_points_and_no_rank(
    new_month: Callable[..., Any], tmp_path: Path
) -> None:
    month = new_month(ranking={"min_ratings": 8})
    text = written(month, "csv", tmp_path / "month.csv").decode("utf-8-sig")
    rows = {row["office_code"]: row for row in csv.DictReader(text.splitlines())}
    few = rows["AG-1"]
    assert (few["rated"], few["points"], few["rank"]) == ("7", "23.52", "")
    assert "7 rated cases, a rank needs 8" in few["note"]
    enough = {code for code, row in rows.items() if row["points"] and int(row["rated"]) >= 8}
    assert {code for code, row in rows.items() if row["rank"]} == enough
    assert min(row["rank"] for row in rows.values() if row["rank"]) == "1"
    ranked = [row.office_code for row in month.report().ranked]
    assert ranked.index("AG-2") < ranked.index("AG-1") < ranked.index("AG-3")
    write_workbook(month.report(), tmp_path / "month.xlsx", "en")
    sheet = openpyxl.load_workbook(tmp_path / "month.xlsx")["Ranking"]
    (line,) = [row for row in sheet.iter_rows(values_only=True) if "Permits desk" in row]
    assert line[0] == "—"


def test_no_text_of_the_csv_can_be_computed_by_a_spreadsheet(month: Any, tmp_path: Path) -> None:
    written(month, "csv", tmp_path / "month.csv")
    with (tmp_path / "month.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert '\'=HYPERLINK("x";"Bank")' in cells
    assert {"'+Clinic", "'-Water works", "'@Gas works", "'\tBuses", "'=Group"} <= set(cells)


def test_no_cell_of_the_workbook_is_a_formula(month: Any, tmp_path: Path) -> None:
    written(month, "xlsx", tmp_path / "month.xlsx")
    with zipfile.ZipFile(tmp_path / "month.xlsx") as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) >= 10
        assert not [name for name in sheets if b"<f>" in package.read(name)]
        assert not [name for name in package.namelist() if "hyperlink" in name.lower()]


def test_a_name_that_looks_like_a_formula_is_quoted_text(book: openpyxl.Workbook) -> None:
    cells = {cell.value: cell for row in book["Ranking"] for cell in row}
    for name in ('=HYPERLINK("x";"Bank")', "+Clinic", "-Water works", "@Gas works", "=Group"):
        assert cells[name].data_type == "s"
        assert cells[name].quotePrefix


def test_the_page_shows_names_as_text(new_month: Callable[..., Any], tmp_path: Path) -> None:
    month = new_month()
    report = month.report()
    hostile = replace(report.rows[0], office="<script>alert(1)</script>")
    object.__setattr__(report, "rows", (hostile, *report.rows[1:]))
    write_page(report, tmp_path / "page.html", "en")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@both_locales
def test_the_page_needs_nothing_from_outside(month: Any, locale: str, tmp_path: Path) -> None:
    text = written(month, "html", tmp_path / "page.html", locale).decode()
    assert not re.search(r"(src|href)\s*=|url\(|@import|<script|https?://", text)
    assert f'<html lang="{"zh-CN" if locale == "zh_CN" else "en"}">' in text
    assert text.count("<h1>") == 1


def test_every_chart_of_the_page_has_a_title_and_a_description(month: Any, tmp_path: Path) -> None:
    text = written(month, "html", tmp_path / "page.html").decode()
    charts = re.findall(r'<svg class="chart".*?</svg>', text, re.DOTALL)
    assert len(charts) == 5
    assert all("<title" in chart and "<desc" in chart for chart in charts)
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_the_json_says_what_the_csv_says_and_where_it_comes_from(
    month: Any, tmp_path: Path
) -> None:
    document = json.loads(written(month, "json", tmp_path / "month.json"))
    written(month, "csv", tmp_path / "month.csv")
    with (tmp_path / "month.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for found, row in zip(document["offices"], rows, strict=True):
        assert {name: "" if value is None else str(value) for name, value in found.items()} == {
            name: value.removeprefix("'") for name, value in row.items()
        }
    assert document["standard"] == "wenzhou-2023"
    assert len(document["standard_hash"]) == len(document["inputs_hash"]) == 64
    assert document["coefficient_adopted"] is False
    places = {each["office_code"]: each for each in document["standings"]}
    assert places["ED-1"]["rank_in_category"] == 1
    assert places["ED-1"]["ranked_in_category"] == 2
    assert places["AG-1"]["satisfied_share"] == "0.7143"


# ---- The workbook, as it is circulated ----------------------------------------------------------


def test_there_is_a_sheet_for_the_city_the_ranking_and_each_category(
    book: openpyxl.Workbook,
) -> None:
    assert book.sheetnames == [
        "Overview", "Ranking", *CATEGORY_SHEETS, "Not appraised", "SMS and phone",
        "SMS and phone by office", "Reasons", "Reasons by office", "Notes",
    ]  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_table_can_be_read_on_a4(month: Any, locale: str, tmp_path: Path) -> None:
    """Scaled to the page's width (about 152 characters of 11 points), cells keep 8 points."""
    write_workbook(month.report(), tmp_path / "month.xlsx", locale)
    for sheet in openpyxl.load_workbook(tmp_path / "month.xlsx"):
        widths = {}
        for part in sheet.column_dimensions.values():
            assert part.min is not None
            assert part.max is not None
            widths.update(dict.fromkeys(range(part.min, part.max + 1), part.width))
        total = sum(widths[place] for place in range(1, sheet.max_column + 1))
        cells = [cell for row in sheet.iter_rows(min_row=4, max_row=5) for cell in row]
        size = min(cell.font.sz for cell in cells if cell.border.left.style)
        assert min(1, 152 / total) * size >= 8, (sheet.title, total, size)


def test_the_chinese_note_names_the_colour_that_the_rows_have(month: Any, tmp_path: Path) -> None:
    write_workbook(month.report(), tmp_path / "month.xlsx", "zh_CN")
    book = openpyxl.load_workbook(tmp_path / "month.xlsx")
    texts = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value]
    assert any("黄底行" in text for text in texts)
    assert not [text for text in texts if "灰底" in text]


def test_every_sheet_has_a_merged_title_a_period_and_prints_on_a4_landscape(
    book: openpyxl.Workbook,
) -> None:
    for sheet in book:
        merged = {str(area) for area in sheet.merged_cells.ranges}
        assert any(area.startswith("A1:") for area in merged), sheet.title
        assert "May 2023" in sheet["A1"].value
        second = [str(cell.value) for cell in sheet[2] if cell.value]
        assert any("2023-05-01" in text and "2023-05-31" in text for text in second)
        assert any(text.startswith("Units") for text in second)
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.page_setup.fitToWidth in {None, 1}  # 1 where the file does not say
        assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_the_head_stays_in_view_and_repeats_on_every_page(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert sheet.freeze_panes is not None
        assert int(re.sub(r"\D", "", sheet.freeze_panes)) == 4
        assert sheet.print_title_rows == "$1:$3"


def test_offices_without_a_rank_stand_apart_below_a_heading(
    book: openpyxl.Workbook, month: Any
) -> None:
    sheet = book["Ranking"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    at = next(place for place, row in enumerate(rows) if row[0] == APART)
    assert all(isinstance(row[0], int) for row in rows[:at])
    unranked = [row.office for row in month.report().ranked if row.rank is None]
    below = [value for row in rows[at + 1 :] for value in row]
    assert [office for office in unranked if office not in below] == []
    page = render_page(month.report(), "en")
    ranked, _, apart = page.partition(APART)
    assert all(f'scope="row">{office}<' in apart for office in unranked)
    assert not [office for office in unranked if f'scope="row">{office}<' in ranked]


@pytest.mark.parametrize("name", CATEGORY_SHEETS)
def test_a_category_ends_with_its_totals(book: openpyxl.Workbook, name: str) -> None:
    sheet = book[name]
    heads = [cell.value for cell in sheet[3]]
    rows: list[Any] = list(sheet.iter_rows(min_row=4, values_only=True))
    at = next(number for number, row in enumerate(rows) if row[0] == "Total")
    for label in ("Cases reported", "Drawn", "Rated", "Satisfied", "Rated elsewhere"):
        column = heads.index(label)
        assert rows[at][column] == sum(row[column] or 0 for row in rows[:at])  # a heading is none


def test_the_rate_of_a_category_is_over_all_its_ratings(book: openpyxl.Workbook) -> None:
    sheet = book["Education"]
    heads = [cell.value for cell in sheet[3]]
    total = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "Total")
    # 7 + 5 satisfied and 1 + 1 neutral of 8 + 8 that count
    assert total[heads.index("Satisfaction rate")] == pytest.approx((12 + 2 * 0.6) / 16)


def test_a_category_ranks_within_the_category_and_shows_both_shares(
    book: openpyxl.Workbook,
) -> None:
    sheet = book["Education"]
    heads = [cell.value for cell in sheet[3]]
    rows: list[dict[Any, Any]] = [
        dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(4, 5, values_only=True)
    ]
    assert [row["Rank"] for row in rows] == [1, 2]
    assert rows[0]["Points"] > rows[1]["Points"]
    for row in rows:
        assert row["Share satisfied"] == pytest.approx(row["Satisfied"] / row["Rated"], abs=1e-4)
        assert row["Share satisfied"] < row["Satisfaction rate"]


@both_locales
@pytest.mark.parametrize("form", ["xlsx", "html"])
def test_what_is_circulated_has_no_checksum_and_no_outcome_code(
    month: Any, form: str, locale: str, tmp_path: Path
) -> None:
    content = written(month, form, tmp_path / f"month.{form}", locale)
    text = content.decode() if form == "html" else words_of(tmp_path / f"month.{form}")
    for word in ("SHA", "AAPOR", "RR1", "wenzhou-2023", month.report().inputs_hash[:12]):
        assert word not in text
    assert not re.search(r"[0-9a-f]{12}", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))


@both_locales
def test_the_file_for_statisticians_has_the_codes_and_the_checksums(
    month: Any, locale: str, tmp_path: Path
) -> None:
    report = month.report()
    for name in ("first.xlsx", "second.xlsx"):
        write_outcomes(outcome_rates(month.context, report), tmp_path / name, locale)
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "second.xlsx").read_bytes()
    text = words_of(tmp_path / "first.xlsx")
    for word in ("AAPOR", "RR1", "COOP1", "REF1", "CON1", "1.1", report.inputs_hash):
        assert word in text


def words_of(path: Path) -> str:
    cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet for cell in row]
    return "\n".join(cell.value for cell in cells if isinstance(cell.value, str))


def test_exempt_offices_stand_apart_and_in_no_sum(book: openpyxl.Workbook) -> None:
    apart = [row[0] for row in book["Not appraised"].iter_rows(min_row=4, values_only=True)]
    assert apart == ["SC-1", "SC-2"]
    everywhere_else = [
        cell for name in ("Ranking", *CATEGORY_SHEETS) for row in book[name].values for cell in row
    ]
    assert "SC-1" not in everywhere_else
    total = next(row for row in book["Overview"].iter_rows(values_only=True) if row[0] == "Total")
    assert total[1] == 12


def test_figures_are_numbers_and_a_missing_one_is_a_dash(book: openpyxl.Workbook) -> None:
    heads = [cell.value for cell in book["Ranking"][3]]
    rows = {row[1]: row for row in book["Ranking"].iter_rows(min_row=4, values_only=True)}
    points, rate = heads.index("Points"), heads.index("Satisfaction rate")
    assert rows["AG-1"][points] == pytest.approx(23.52)
    assert rows["AG-1"][rate] == pytest.approx(0.8)
    assert (rows["FI-1"][points], rows["FI-1"][rate]) == ("—", "—")


def test_the_charts_are_native_and_titled(month: Any, tmp_path: Path) -> None:
    written(month, "xlsx", tmp_path / "month.xlsx")
    with zipfile.ZipFile(tmp_path / "month.xlsx") as package:
        charts = [
            package.read(name).decode()
            for name in package.namelist()
            if name.startswith("xl/charts/chart")
        ]
        assert not [name for name in package.namelist() if name.startswith("xl/media")]
    assert len(charts) == 5
    assert all(re.search(r"<c:title>.*?<a:t>[^<]+</a:t>.*?</c:title>", chart) for chart in charts)
    assert all("<c:f>" in chart for chart in charts)


def test_offices_with_few_answers_show_no_reasons(
    new_month: Callable[..., Any], tmp_path: Path
) -> None:
    listed = {}
    for few in (5, 8):
        report = new_month(privacy={"min_cell": few}).report()
        write_workbook(report, tmp_path / "month.xlsx", "en")
        sheet = openpyxl.load_workbook(tmp_path / "month.xlsx")["Reasons by office"]
        codes = [row[1] for row in sheet.iter_rows(min_row=4, values_only=True)]
        listed[few] = {code for code in codes if code}
    assert listed == {5: {"AG-1", "ED-1", "ED-2", "SO-3"}, 8: {"ED-1", "ED-2"}}


def test_the_notes_define_every_rate_and_say_whose_coefficients_they_are(
    book: openpyxl.Workbook,
) -> None:
    notes = {row[0]: str(row[1]) for row in book["Notes"].iter_rows(min_row=4, values_only=True)}
    for term in ("Satisfaction rate", "Rate, bounds", "Volume coefficient", "Points",
                 "Response rate", "Rated", "Drawn", "Answered us", "Not appraised"):  # fmt: skip
        assert len(notes[term]) > 20
    assert "≥ 500: 1.00" in notes["Volume coefficient"]
    texts = [str(cell) for sheet in book for row in sheet.values for cell in row if cell]
    assert any("not confirmed by 市评议办" in text for text in texts)


def test_headings_are_chinese_where_the_office_works_in_chinese(month: Any, tmp_path: Path) -> None:
    write_workbook(month.report(), tmp_path / "month.xlsx", "zh_CN")
    book = openpyxl.load_workbook(tmp_path / "month.xlsx")
    for sheet in book:
        heads = [str(cell.value) for cell in sheet[3] if cell.value]
        latin = [
            head for head in heads
            if not re.search(r"[一-鿿]", head)
            and head not in {"RR1", "COOP1", "REF1", "CON1", "aapor_like", "aapor_version"}
        ]  # fmt: skip
        assert not latin, (sheet.title, latin)
        assert re.search(r"[一-鿿]", sheet.title)
        assert "2023年5月" in sheet["A1"].value


def test_the_workbook_is_dated_by_its_month_and_not_by_the_clock(book: openpyxl.Workbook) -> None:
    assert book.properties.created.isoformat() == "2023-05-31T00:00:00"


# ---- Where files go -----------------------------------------------------------------------------


def test_a_folder_that_does_not_exist_is_a_clear_refusal(tmp_path: Path) -> None:
    with (
        pytest.raises(CannotProceed, match="cannot be written to"),
        replaced(tmp_path / "nowhere" / "month.csv"),
    ):
        pass
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_in_the_place_of_the_file_is_a_clear_refusal(tmp_path: Path) -> None:
    with pytest.raises(CannotProceed, match="is a folder"), replaced(tmp_path):
        pass


def test_a_fault_on_the_way_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "month.csv"
    path.write_text("older")
    with pytest.raises(ZeroDivisionError):
        break_off(path)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def break_off(path: Path) -> None:
    with replaced(path) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError


def test_a_file_called_exports_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("")
    with pytest.raises(CannotProceed, match="cannot be made"):
        target(tmp_path, None, "month.csv")


def test_without_output_the_file_goes_to_the_workspace(tmp_path: Path) -> None:
    assert target(tmp_path, None, "month.csv") == tmp_path / "exports" / "month.csv"
    assert (tmp_path / "exports").is_dir()
    assert target(tmp_path, tmp_path / "own.csv", "month.csv") == tmp_path / "own.csv"


def test_a_month_that_was_never_scored_is_named(month: Any) -> None:
    with pytest.raises(UnknownRecord, match="2023-04 has no stored scores"):
        read_month(month.context, "2023-04")


def test_the_columns_are_those_that_others_rely_on() -> None:
    assert ",".join(column.name for column in MONTH_COLUMNS) == (
        "month,office_code,office,category,parent_code,parent,reported,drawn,texted,delivered,"
        "replied,called,reached,rated,satisfied,neutral,dissatisfied,rated_by_sms,rated_by_phone,"
        "rated_elsewhere,rate,rate_low,rate_high,coefficient,points,rank,response_rate,source,note"
    )
