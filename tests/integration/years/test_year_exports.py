"""`export year`: the workbook, the page, CSV and JSON of the small city's year (section 8)."""

import csv
import io
import json
from html import unescape
from html.parser import HTMLParser
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

FORMATS = ("xlsx", "csv", "json", "html")

DEFAULT = "the program's default, not confirmed by 市评议办"


def export(city: Any, form: Any, name: str = "year") -> Any:
    path = city.context.home / f"{name}.{form}"
    done = city.run("export", "year", "2023", "--output", path)
    assert done.exit_code == 0
    assert done.stdout.strip() == str(path)
    return path


def workbook(city: Any) -> Any:
    return openpyxl.load_workbook(export(city, "xlsx"))


def cells(sheet: Any) -> Any:
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_scores_give_the_same_bytes(city: Any, form: Any) -> None:
    first, second = (export(city, form, name).read_bytes() for name in ("one", "two"))
    assert first == second


def test_without_a_name_it_goes_to_the_workspaces_exports(city: Any) -> None:
    done = city.run("export", "year", "2023", "--format", "csv", "--json")
    document = json.loads(done.stdout)
    assert document["file"].endswith("exports/appraisal-2023.csv")
    assert (document["offices"], document["complete"]) == (6, False)


def test_the_csv_has_a_row_an_office_and_names_what_is_missing(city: Any) -> None:
    path = export(city, "csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfyear,")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    found = {row["office_code"]: row for row in rows}
    assert found["AG-1"]["total"] == "82.7600"
    assert (found["AG-2"]["satisfaction"], found["AG-2"]["missing"]) == ("", "satisfaction")
    assert found["SO-2"]["missing"] == "satisfaction performance hotline"
    assert (found["SO-2"]["rank"], found["SO-2"]["rank_in_category"]) == ("", "")
    assert (found["SO-2"]["provisional_rank"], found["SO-2"]["compared_on"]) == (
        "2",
        "supervision parent_rating",
    )
    assert found["HE-1"]["office"] == "'=People's hospital", "no spreadsheet computes it"


def test_the_json_is_the_scores_document_and_its_version(city: Any) -> None:
    document = json.loads(export(city, "json").read_text(encoding="utf-8"))
    scored = json.loads(city.run("score", "year", "2023", "--json").stdout)
    assert {key: document[key] for key in scored} == scored
    assert (document["version"], document["published"]) == (1, False)


# ---- workbook


def test_the_workbook_has_rankings_components_statements_and_rules(city: Any) -> None:
    assert workbook(city).sheetnames == [
        "Overview", "Agencies", "Health", "State-owned enterprises", "Not appraised",
        "Satisfaction", "Performance", "Supervision", "Hotline 12345", "Parent rating",
        "Online review", "Bonus", "Missing material",
        "Agencies, each", "Health, each", "State-owned enterprises, each", "Rules",
        "Appendix for the analyst",
    ]  # fmt: skip


def test_offices_with_and_without_an_online_score_are_ranked_apart(city: Any) -> None:
    rows = [row for row in cells(workbook(city)["Agencies"]) if row]
    starts = [row[0] for row in rows]
    with_online = starts.index("With an online score")
    without = starts.index("Without an online score")
    assert rows[with_online + 2][:5] == [1, 1, 1, "AG-1", "Land register"]
    first, second, compared = rows[without + 2 : without + 5]
    assert first[:4] == [1, 1, 1, "AG-3"]
    assert second[:4] == ["—", "—", 2, "AG-2"], "no rank without a component"
    assert "provisional, missing: Satisfaction" in second
    (said,) = compared
    assert said.endswith(
        "Performance, Supervision, Hotline 12345, Parent rating, bonus, missing material."
    )


def test_the_overview_never_averages_totals_of_both_rankings(city: Any) -> None:
    rows = [row for row in cells(workbook(city)["Overview"]) if len(row) > 3]
    head = rows[0]
    of_agencies = {row[1]: row for row in rows if row[0] == "Agencies"}
    assert set(of_agencies) == {"With an online score", "Without an online score"}
    ranking = [row for row in cells(workbook(city)["Agencies"]) if "AG-1" in row]
    assert of_agencies["With an online score"][2] == 1
    mean = of_agencies["With an online score"][head.index("Mean total")]
    assert mean in ranking[0]
    assert [row[1] for row in rows if row[0] == "Total"] == [
        "With an online score",
        "Without an online score",
    ]


def test_a_component_without_data_is_a_dash_and_no_zero(city: Any) -> None:
    rows = [row for row in cells(workbook(city)["Agencies"]) if "AG-2" in row]
    assert rows[0][6] == "—"


def test_each_component_sheet_lists_every_line_with_clause_and_reading(city: Any) -> None:
    book = workbook(city)
    rows = [row for row in cells(book["Supervision"]) if row and row[0] == "AG-1"]
    assert [row[3] for row in rows] == ["C", "C1.1", "C2.2b", "C2.1a", "C2.1f"]
    counted = [row for row in rows if "yes" in row]
    assert sum(row[6] for row in counted) == pytest.approx(15.25)
    (talk,) = [row for row in rows if row[3] == "C2.1f"]
    assert talk[-1] == f"{DEFAULT}: When a sanction costs nothing"
    assert "published text" in next(row for row in rows if row[3] == "C1.1")


def test_every_local_decision_stands_in_the_rules_with_its_page(city: Any) -> None:
    rows = {row[0]: row for row in cells(workbook(city)["Rules"]) if len(row) == 4}
    assert rows["A.2"][2] == f"{DEFAULT}: The table of volume coefficients"
    assert rows["C1.1"][2] == "published text"
    assert "政令不通" in rows["C1.1"][3]


def test_every_office_has_a_statement_on_a_page_of_its_own(city: Any) -> None:
    path = export(city, "xlsx")
    sheet = openpyxl.load_workbook(path)["Agencies, each"]
    heads = [
        row[0].row
        for row in sheet.iter_rows()
        if isinstance(row[0].value, str) and "Bureau of land" in row[0].value
    ]
    assert len(heads) == 3
    assert [one.id + 1 for one in sheet.row_breaks.brk] == heads[1:]
    texts = [str(cell) for row in cells(sheet) for cell in row]
    with_online = "Rank 1 of 1 in Agencies, 1 of 1 in the city, among complete offices with an "
    with_ranks = [text for text in texts if text.startswith("Rank ")]
    assert with_ranks == [
        f"{with_online}online score",
        f"{with_online}online score".replace("with an", "without an"),
    ]
    assert "No rank without: Satisfaction" in texts
    assert any("Provisional rank 2 of 2 in Agencies" in text for text in texts)
    assert any("S-01 of 2023-03-02" in text for text in texts)
    assert not any(".csv" in text or "docs/" in text for text in texts)


def test_exempt_offices_stand_apart_with_their_reason(city: Any) -> None:
    assert ["AG-4", "Merged office", "Agencies", "Bureau of land", "merged in June"] in cells(
        workbook(city)["Not appraised"]
    )


def test_no_cell_is_a_formula_whatever_an_office_is_called(city: Any) -> None:
    with ZipFile(export(city, "xlsx")) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in package.read(name) for name in sheets)


def test_every_sheet_says_that_the_figures_are_provisional(city: Any) -> None:
    book = workbook(city)
    for name in ("Overview", "Agencies", "Supervision", "Rules"):
        texts = [str(cell) for row in cells(book[name]) for cell in row]
        assert any("Provisional, as of 2023-10-31" in text for text in texts), name
        assert any("not confirmed by 市评议办" in text for text in texts), name


# ---- page


class Page(HTMLParser):
    """What a page must keep to."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self.headings: list[Any] = []
        self.ids: list[Any] = []
        self.targets: list[Any] = []
        self.tags: list[Any] = []
        self.feed(text)

    def handle_starttag(self, tag: Any, attrs: Any) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        if tag == "h1":
            self.headings.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.targets.append(values["href"].removeprefix("#"))


def test_the_page_is_one_file_with_every_line_and_no_script(city: Any) -> None:
    text = export(city, "html").read_text(encoding="utf-8")
    page = Page(text)
    assert len(page.headings) == 1
    assert len(set(page.ids)) == len(page.ids)
    assert set(page.targets) <= set(page.ids)
    assert not {"script", "link", "img"} & set(page.tags)
    for said in (
        "Land register",
        "82.76",
        "provisional, missing: Satisfaction",
        f"{DEFAULT}: When a sanction costs nothing",
        "merged in June",
        "same person and matter as S-03",
    ):
        assert said in unescape(text)


def test_the_page_speaks_chinese_too(city: Any) -> None:
    config = city.context.home / "config" / "pipeline.toml"
    config.write_text(config.read_text().replace('"en"', '"zh_CN"'))
    text = export(city, "html").read_text(encoding="utf-8")
    assert "有网评得分" in text
    assert "暂定，缺项：满意度" in text
    assert "Provisional" not in text
