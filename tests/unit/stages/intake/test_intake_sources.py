"""Files as streams: encodings, delimiters, workbooks, damage and harm.

Source: specification, sections 3 and 12.
"""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.stages.intake.checking import Checker
from survey_pipeline.stages.intake.formats.source import open_source
from survey_pipeline.stages.intake.kinds import CASES
from survey_pipeline.stages.intake.kinds.file_kind import heading

REPORTS = Path(__file__).parents[3] / "data" / "reports"
HEADER = "office_code,case_no,served_on,phone,item,remark"
ROW = "WZ-AG-001,{},2023-05-04,13812345678,咨询,"


def read(path: Path) -> Any:
    """Return the sound rows as dicts, the refused ones, and the header."""
    with open_source(path, CASES) as source:
        checker = Checker(CASES, source.header, source.epoch)
        sound, refused = [], []
        for chunk in source.chunks():
            checked = checker.check(chunk)
            refused += checked.refused
            columns = zip(*checked.values.values(), strict=True)
            for number, values in zip(checked.numbers, columns, strict=True):
                sound.append({"row": number, **dict(zip(checked.values, values, strict=True))})
        return sound, refused, source.header


def saved(folder: Path, content: Any, name: str = "cases.csv") -> Any:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(folder: Path, rows: Any, name: str = "cases.xlsx", **options: Any) -> Any:
    book = xlsxwriter.Workbook(folder / name, options)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return folder / name


def with_part(path: Path, part: Any, content: Any, target: Any = None) -> Any:
    """Replace one part of a workbook."""
    target = target or path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == part:
                data = content(data) if callable(content) else content
            new.writestr(info.filename, data)
    return target


@pytest.mark.parametrize(
    ("name", "sound", "refused"),
    [
        ("01-agency-utf8.csv", 12, 1),
        ("02-education-gb18030.csv", 12, 0),
        ("03-health-semicolon.csv", 12, 0),
        ("04-finance-tab.txt", 12, 0),
        ("05-social.xlsx", 12, 1),
        ("06-soe-1904.xlsx", 12, 0),
    ],
)
def test_real_forms_are_read_whole(name: str, sound: int, refused: int) -> None:
    rows, others, _ = read(REPORTS / name)
    assert (len(rows), len(others)) == (sound, refused)
    assert all(row["served_on"].startswith("2023-05-0") for row in rows)
    assert all(row["phone"].startswith("+86") for row in rows)


def test_row_numbers_are_those_that_the_user_sees() -> None:
    rows, refused, header = read(REPORTS / "01-agency-utf8.csv")
    assert header.row == 3
    # title, blank, header, three rows of which the third holds a line break, the fourth...
    assert [row["row"] for row in rows[:5]] == [4, 5, 6, 8, 9]
    assert refused[0].row == 18
    assert "totals" in refused[0].problems[0].reason.render()


def test_a_workbook_counts_its_own_rows_and_dates() -> None:
    rows, refused, header = read(REPORTS / "05-social.xlsx")
    assert header.row == 3
    assert [row["row"] for row in rows] == [4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17]
    assert {row["served_on"] for row in rows} == {"2023-05-03", "2023-05-04"}
    assert refused[0].row == 19


def test_numbers_in_key_cells_and_cached_formulas() -> None:
    rows, _, _ = read(REPORTS / "06-soe-1904.xlsx")
    assert rows[0]["case_no"] == "20230000501"
    assert {row["item"] for row in rows} == {"业务咨询"}
    assert min(row["served_on"] for row in rows) == "2023-05-01"


def test_unknown_columns_are_named() -> None:
    _, _, header = read(REPORTS / "02-education-gb18030.csv")
    assert header.ignored == ["序号"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f"{HEADER}\n{ROW.format('A-1')}\n".replace(",", delimiter)
    rows, _, _ = read(saved(tmp_path, text.encode(encoding)))
    assert [(row["case_no"], row["item"]) for row in rows] == [("A-1", "咨询")]


def test_headings_fold_brackets_blanks_and_stars() -> None:
    assert heading("处室（站所）编码 *") == heading("处室(站所)编码")
    assert heading("联系电话（必填）：") == heading("联系电话")


def test_of_two_phone_columns_the_better_named_counts(tmp_path: Path) -> None:
    text = (
        "处室编码,办件编号,日期,电话,手机号码,事项\nWZ-AG-001,A-1,2023-05-04,x,13812345678,咨询\n"
    )
    rows, _, header = read(saved(tmp_path, text))
    assert rows[0]["phone"] == "+8613812345678"
    assert header.ignored == ["电话"]


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    text = f"{HEADER}\n{ROW.format('A-1')},,\n{ROW.format('A-2')},x\nWZ-AG-001,A-3\n\n ,, ,\n"
    rows, refused, _ = read(saved(tmp_path, text))
    assert [row["case_no"] for row in rows] == ["A-1"]
    assert [(one.row, [p.column for p in one.problems]) for one in refused] == [
        (3, [""]),
        (4, ["served_on", "phone", "item"]),
    ]


def test_an_open_quotation_mark_loses_no_row_silently(tmp_path: Path) -> None:
    lines = [HEADER, *(ROW.format(f"A-{n}") for n in range(1, 6))]
    lines[2] += '"never closed'
    rows, refused, _ = read(saved(tmp_path, "\n".join(lines)))
    assert [row["case_no"] for row in rows] == ["A-1", "A-3", "A-4", "A-5"]
    assert refused[0].row == 3
    assert "quotation mark" in refused[0].problems[0].reason.render()


def test_an_endless_quotation_mark_is_named_by_its_line(tmp_path: Path) -> None:
    path = saved(
        tmp_path, f'{HEADER}\n{ROW.format("A-1")}\n{ROW.format("A-2")}"' + "x,y\n" * 700_000
    )
    with pytest.raises(UnreadableFile, match="line 3 is never closed"):
        read(path)


def test_a_cell_of_a_megabyte_is_refused_and_the_rest_taken(tmp_path: Path) -> None:
    text = f"{HEADER}\n{ROW.format('A-1')}{'x' * 1_000_000}\n{ROW.format('A-2')}\n"
    rows, refused, _ = read(saved(tmp_path, text))
    assert [row["case_no"] for row in rows] == ["A-2"]
    assert refused[0].problems[0].column == "remark"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty.csv", "is empty"),
        ("binary.csv", "not text"),
        ("nul.csv", "NUL"),
        ("encrypted.xlsx", "password"),
        ("entities.xlsx", "entities"),
    ],
)
def test_hostile_files_are_refused_in_words(name: str, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(REPORTS / "hostile" / name)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\r\n\r\n", "no header"),
        ("随便,写写\n1,2\n".encode(), "no header"),
        ("处室编码,办件编号,电话\n1,2,3\n".encode(), "served_on"),
        (b"x" * 3_000_000, "a million characters"),
        ("处室编码,办件编号\n".encode() * 10 + b"\xff\xfe\xfd", "damaged at byte"),
        (b"PK\x03\x04 but no archive", "damaged"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(saved(tmp_path, content))


def test_a_missing_file() -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(Path("no-such-file.csv"))


def test_a_wrong_dimension_record_loses_no_row(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER.split(","), *[ROW.format(n).split(",") for n in range(20)]])
    changed = with_part(
        path,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'<dimension ref="A1:F21"/>', b'<dimension ref="A1:B2"/>'),
    )
    assert b'"A1:B2"' in zipfile.ZipFile(changed).read("xl/worksheets/sheet1.xml")
    assert len(read(changed)[0]) == 20


def test_more_rows_than_a_workbook_may_have(tmp_path: Path) -> None:
    row = b'<row><c t="inlineStr"><is><t>WZ-AG-001</t></is></c></row>'
    path = workbook(tmp_path, [HEADER.split(",")])
    changed = with_part(
        path,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b"</sheetData>", row * 100_001 + b"</sheetData>"),
    )
    with pytest.raises(UnreadableFile, match="more than 100000 rows"):
        read(changed)


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b"%b</sheetData></worksheet>"
)


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="ZZZZ1"><v>1</v></c></row>',
        b'<row r="1"><c r="XFE1"><v>1</v></c></row>',
        b'<row r="99999999"><c><v>1</v></c></row>',
        b'<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>',
        b'<row r="1"><c t="s"><v>99999</v></c></row>',
        b'<row r="1"><c><v>abc</v></c></row>',
        b"<a>" * 100,
        b"".join(b"<n%d/>" % number for number in range(6000)),
        b'<row x="' + b"y" * 3_000_000 + b'"/>',
        b'<row r="1">' + b'<c t="str"><v>' + b"z" * 40_000 + b"</v></c></row>" * 1,
        b"<row><c",
    ],
)
def test_a_sheet_against_the_format_is_refused(tmp_path: Path, rows: Any) -> None:
    path = workbook(tmp_path, [HEADER.split(",")])
    with pytest.raises(UnreadableFile):
        read(with_part(path, "xl/worksheets/sheet1.xml", SHEET % rows))


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER.split(",")])
    bomb = SHEET % (b" " * (200 << 20))
    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        read(with_part(path, "xl/worksheets/sheet1.xml", bomb))


def test_a_directory_of_too_many_entries(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"xl/{number}.xml", b"")
    with pytest.raises(UnreadableFile):
        read(saved(tmp_path, buffer.getvalue(), "many.xlsx"))


def test_another_kind_of_archive(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(UnreadableFile, match="text document"):
        read(saved(tmp_path, buffer.getvalue(), "letter.docx"))


def test_empty_formatted_rows_and_notes_beside_the_table_do_no_harm(tmp_path: Path) -> None:
    rows = [HEADER.split(","), [*ROW.format("A-1").split(","), "备用列", "note"]]
    path = workbook(tmp_path, rows)
    changed = with_part(
        path,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(
            b"</sheetData>",
            b"".join(b'<row r="%d" s="1"/>' % n for n in range(3, 150_000)) + b"</sheetData>",
        ),
    )
    sound, refused, _ = read(changed)
    assert (len(sound), refused) == (1, [])
