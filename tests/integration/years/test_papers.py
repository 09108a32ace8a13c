"""`export notice|statement|reminder`: what stands on the papers of the small city (section 8.5)."""

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from survey_pipeline.cli import support
from survey_pipeline.edited import shipped
from survey_pipeline.papers import pdf

TEMPLATES = Path("templates/documents")


@pytest.fixture(scope="module")
def desk(built: Path, year_tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The small city with the shipped papers in its workspace, its year scored."""
    city = year_tools.city_in(built, tmp_path_factory.mktemp("papers") / "city")
    shutil.copytree(shipped() / TEMPLATES, city.context.home / TEMPLATES)
    city.score()
    return city


@pytest.fixture(autouse=True)
def _of_this_city(desk: Any) -> None:
    support.called_with(desk.context.home)


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_LOCALE", "zh_CN")


@pytest.fixture
def template(desk: Any) -> Iterator[Path]:
    """The template of a notice, put back after the test."""
    path = desk.context.home / TEMPLATES / "notice_year.en.docx"
    content = path.read_bytes()
    yield path
    path.write_bytes(content)


def written(desk: Any, *words: str) -> Any:
    """The Word document that a command writes."""
    path = desk.context.home / "paper.docx"
    done = desk.run("export", *words, "--output", path)
    assert done.exit_code == 0, done.output
    return Document(str(path))


def text_of(document: Any) -> str:
    cells = [cell.text for row in rows_of(document) for cell in row]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def rows_of(document: Any) -> list[list[Any]]:
    return [list(row.cells) for table in document.tables for row in table.rows]


def lines_of(document: Any) -> list[tuple[bool, str, str]]:
    """The rows of a statement's table: whether it is a part's, its words, its points."""
    table = document.tables[0]
    return [
        (bool(row.cells[0].paragraphs[0].runs[0].bold), row.cells[0].text, row.cells[2].text)
        for row in table.rows[1:]
    ]


def figure(text: str) -> Decimal | None:
    return Decimal(text) if text.lstrip("-")[:1].isdigit() else None


def test_a_statement_has_score_rank_and_lines_that_add_up(desk: Any) -> None:
    """AG-3 has 50, 5 and 6 answers of each kind: all may be told."""
    office = desk.office("AG-3")
    document = written(desk, "statement", "AG-3", "--year", "2023")
    text = text_of(document)
    assert f"The total of your office is {office['total']} points." in text
    assert "Rank 1 of 1 in Agencies" in text
    parts: list[tuple[Decimal, Decimal]] = []
    for is_part, _, points in lines_of(document):
        value = figure(points) or Decimal(0)
        if is_part:
            parts.append((value, Decimal(0)))
        else:
            whole, so_far = parts.pop()
            parts.append((whole, so_far + value))
    wholes = [whole for whole, _ in parts]
    assert wholes[-1] == Decimal(office["total"])
    assert [so_far for whole, so_far in parts if so_far] == [
        whole for whole, so_far in parts if so_far
    ]
    assert Decimal(office["daily"]) in wholes


def test_a_statement_tells_every_line_that_explain_tells(desk: Any) -> None:
    """Ballots aside, which are told together."""
    document = json.loads(desk.run("explain", "AG-1", "--year", "2023", "--json").stdout)

    def leaves(line: dict[str, Any]) -> list[tuple[str, str]]:
        below = [leaf for child in line["children"] for leaf in leaves(child)]
        own = [(line["label"], line["points"])] if line["counted"] else [(line["label"], "")]
        return below or own

    explained = [
        leaf
        for line in document["lines"]
        if line["component"] not in ("satisfaction", "online")
        for leaf in leaves(line)
    ]
    told = lines_of(written(desk, "statement", "AG-1", "--year", "2023"))
    for label, points in explained:
        shown = points or "does not count"
        assert any(words.startswith(label) and shown == value for _, words, value in told), label


def test_a_statement_quotes_the_standard_and_names_its_records(desk: Any) -> None:
    text = text_of(written(desk, "statement", "AG-1", "--year", "2023"))
    assert "“受到党内警告处分的,每人次扣3分”" in text.replace("因违反党纪及有关规定,", "")
    assert "record S-02 of 2023-04-10" in text
    assert "No. 5" in text
    assert "the program's default, not confirmed by 市评议办" in text
    assert re.search(r"You can object to points and records until \d+ \w+ \d{4}, that day", text)


def test_an_office_beside_the_online_review_is_told_so(desk: Any) -> None:
    told = "not selected for the online review"
    selected = {"AG-1": True, "SO-2": False}
    for office, is_in in selected.items():
        assert ("online" in desk.office(office)["missing"]) or (
            desk.office(office)["online"] is not None
        ) is is_in
        text = text_of(written(desk, "statement", office, "--year", "2023"))
        assert (told in text) is not is_in
    shown = desk.run("explain", "SO-2", "--year", "2023").stdout
    assert "the office is not in the online review" in " ".join(shown.split())


def test_a_statement_says_no_name_no_matter_and_no_ballot(desk: Any) -> None:
    text = text_of(written(desk, "statement", "AG-1", "--year", "2023"))
    assert not [word for word in ("Zhang", "fees", "Li,", "late") if word in text]
    assert "All ballots together" in text
    assert "8 ÷ 10" not in text


def test_few_answers_are_not_told_nor_what_they_would_follow_from(desk: Any) -> None:
    """AG-1 has five answers, four of them satisfied."""
    office = desk.office("AG-1")
    text = text_of(written(desk, "statement", "AG-1", "--year", "2023"))
    hidden = (office["total"], office["daily"], office["components"]["satisfaction"], "Rank 1")
    assert not [figure for figure in hidden if figure in text]
    assert "one could work out from them what few people answered" in text


def test_an_incomplete_year_says_what_is_missing_and_has_no_rank(desk: Any) -> None:
    text = text_of(written(desk, "statement", "SO-2", "--year", "2023"))
    assert "Provisional: what is missing is no zero" in text
    assert "No rank without:" in text
    assert "The score of this year is not published yet" in text


def test_an_exempt_office_has_no_statement(desk: Any) -> None:
    done = desk.run("export", "statement", "AG-4", "--year", "2023", "--format", "docx")
    assert done.exit_code == 4
    assert "AG-4 is exempt from the appraisal (merged in June)" in done.stderr
    assert desk.run("export", "statement", "XX", "--year", "2023").exit_code == 4
    assert desk.run("export", "statement", "--year", "2023").exit_code == 2


def test_the_notice_of_a_year_ranks_every_office(desk: Any) -> None:
    document = written(desk, "notice", "--year", "2023")
    text = text_of(document)
    assert "Agencies, with an online score" in text
    assert "Merged office: merged in June" in text
    assert "6 offices were appraised; 1 of them took part in the online review." in text
    totals = {row[1].text: row[5].text for row in rows_of(document) if len(row) == 7}
    assert totals["Land register"] == "—"  # four people were satisfied: it would be told
    assert totals["Permits"] == str(round(Decimal(desk.office("AG-3")["total"]), 2))
    everything = written(desk, "notice", "--year", "2023", "--all-points")
    shown = {row[1].text: row[5].text for row in rows_of(everything) if len(row) == 7}
    assert shown["Land register"] == str(round(Decimal(desk.office("AG-1")["total"]), 2))


def test_the_notice_of_a_month_has_figures_and_rankings(desk: Any) -> None:
    text = text_of(written(desk, "notice", "--month", "2023-03"))
    assert "Notice: satisfaction in March 2023" in text
    assert "cases were rated." in text
    assert "Permits" in text


def test_the_statement_of_a_month_follows_the_offices_page(desk: Any) -> None:
    text = text_of(written(desk, "statement", "AG-3", "--month", "2023-03"))
    assert "Satisfaction rate\n82.50%" in text  # (30 + 0.6 x 5) / 40
    assert "241 cases in the month, not fewer than 200: coefficient 0.99" in text
    few = text_of(written(desk, "statement", "AG-1", "--month", "2023-03"))
    assert "Answers that fewer than 5 people gave are not shown" in few
    nobody = text_of(written(desk, "statement", "AG-2", "--month", "2023-03"))
    assert "No citizen rated in this month" in nobody


def test_every_note_of_a_statement_is_called_for_in_it(desk: Any) -> None:
    for paper in (("AG-1", "--year", "2023"), ("AG-2", "--month", "2023-03")):
        text = text_of(written(desk, "statement", *paper))
        notes = re.findall(r"^Note (\d+): ", text, re.MULTILINE)
        assert notes
        assert [number for number in notes if f"(note {number})" not in text] == []


def test_the_statement_of_a_month_says_who_asked_and_what_the_coefficient_is(desk: Any) -> None:
    text = text_of(written(desk, "statement", "AG-1", "--month", "2023-03"))
    assert "Asked by: 市评议办." in text
    assert "volume coefficient (note 1)." in text
    assert "Coefficient by cases reported a month:" in text


def test_the_reminder_names_each_body_and_what_it_owes(desk: Any) -> None:
    document = written(desk, "reminder", "--date", "2024-01-29")
    heads = [part.text for part in document.paragraphs if part.style.name == "Heading 1"]
    assert "Bureau of land" in heads
    rows = [[cell.text for cell in row] for row in rows_of(document)]
    assert ["25 January 2024", "overdue by 4 days"] in [row[2:4] for row in rows]


def test_papers_are_a4_with_the_margins_of_the_norm(desk: Any, in_chinese: None) -> None:
    document = written(desk, "notice", "--year", "2023")
    page = document.sections[0]
    measures = (page.page_width, page.page_height, page.top_margin, page.bottom_margin)
    assert [round(measure.mm) for measure in measures] == [210, 297, 37, 35]
    assert (round(page.left_margin.mm), round(page.right_margin.mm)) == (28, 26)
    assert "关于2023年度万人评机关中层处室和基层站所活动评议情况的通报" in text_of(document)


def test_the_same_day_gives_the_same_bytes(desk: Any) -> None:
    paths = [desk.context.home / name for name in ("one.docx", "two.docx")]
    for path in paths:
        assert desk.run("export", "notice", "--year", "2023", "--output", path).exit_code == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_what_was_written_is_told_as_json(desk: Any) -> None:
    done = desk.run("export", "statement", "--all", "--year", "2023", "--format", "docx", "--json")
    told = json.loads(done.stdout)
    assert (told["paper"], told["year"], told["offices"]) == ("statement", 2023, 6)
    names = zipfile.ZipFile(told["files"][0]).namelist()
    assert "statement-2023-AG-1.docx" in names
    assert len(names) == 6


def edited(desk: Any, template: Path, change: Callable[[Any], None]) -> Any:
    """Export a notice with a template that somebody has edited."""
    document = Document(str(template))
    change(document)
    document.save(str(template))
    return desk.run("export", "notice", "--year", "2023", "--format", "docx")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Total: {{ totl }}", "at \"Total: {{ totl }}\": 'totl' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "access to attribute"),
        ("{% for a in rankings %}{{ a.category }}", "cannot be used"),
        ("{{ 'x' * 100000000 }}", "cannot be used"),
    ],
)
def test_a_template_that_breaks_gives_one_line(
    desk: Any, template: Path, words: str, said: str
) -> None:
    done = edited(desk, template, lambda document: document.add_paragraph(words))
    assert done.exit_code == 4
    assert said in done.stderr
    assert "templates/documents/notice_year.en.docx cannot be used" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_condition_that_tears_the_document_is_refused(desk: Any, template: Path) -> None:
    def tear(document: Any) -> None:
        document.add_paragraph("{% if year == 1 %} begins here")
        document.add_table(1, 1).rows[0].cells[0].text = "{% endif %} ends in a table"

    done = edited(desk, template, tear)
    assert done.exit_code == 4
    assert "does not end where it began" in done.stderr


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_document_is_refused(desk: Any, template: Path, content: bytes) -> None:
    template.write_bytes(content)
    done = desk.run("export", "notice", "--year", "2023", "--format", "docx")
    assert done.exit_code == 4
    assert "it is no Word document" in done.stderr


def test_without_libreoffice_word_is_written_and_pdf_says_what_to_do(
    desk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = desk.run("export", "notice", "--year", "2023", "--format", "pdf")
    assert done.exit_code == 4
    assert "apt install libreoffice-writer-nogui" in done.stderr
    assert desk.run("export", "notice", "--year", "2023", "--format", "docx").exit_code == 0


def test_a_converter_that_hangs_is_ended(
    desk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(pdf, "START_SECONDS", 0)
    monkeypatch.setattr(pdf, "PAPER_SECONDS", 1)
    done = desk.run("export", "notice", "--year", "2023", "--format", "pdf")
    assert done.exit_code == 4
    assert "LibreOffice did not finish within 1 seconds" in done.stderr


def test_a_pdf_has_pages_and_chinese_letters(
    desk: Any, in_chinese: None, need: Callable[[str], None]
) -> None:
    for package in ("libreoffice-writer", "pdftotext", "cjk-font"):
        need(package)
    path = desk.context.home / "paper.pdf"
    assert desk.run("export", "statement", "AG-3", "--year", "2023", "-o", path).exit_code == 0
    said = subprocess.run(
        ["pdftotext", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "2023年度评议得分通知单" in said.replace(" ", "")
    assert said.count("\f") in (2, 3)
