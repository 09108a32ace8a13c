"""Workbooks as programs write them: what they leave out, name otherwise, or add."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.stages.intake.formats.source import open_source
from survey_pipeline.stages.intake.kinds import CASES

TRIALS = Path(__file__).parents[3] / "data" / "trials"
HEADER = ["office_code", "case_no", "served_on", "phone", "item"]
ROW = ["AG-1", "N1", "2026-11-20", "13812340001", "办证"]
SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
WORKBOOK, ITS, ROOT = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("usual") / "usual.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for rows in ([HEADER, ROW], [["随记"]]):
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(folder: Path, parts: Any, **options: Any) -> Any:
    path = folder / "report.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def rows(path: Path) -> Any:
    with open_source(path, CASES) as source:
        return [list(row) for chunk in source.chunks() for row in chunk.rows]


def renamed(parts: Any, change: Any) -> Any:
    return {change(name): content for name, content in parts.items()}


def changed(parts: Any, part: Any, *pairs: Any) -> Any:
    content = parts[part].decode()
    for old, new in pairs:
        assert re.search(old, content), old
        content = re.sub(old, new, content)
    return {**parts, part: content.encode()}


def without(parts: Any, *names: Any) -> Any:
    return {name: content for name, content in parts.items() if name not in names}


def moved(parts: Any, old: Any, new: Any, target: Any) -> Any:
    """Put a part elsewhere, and let its relation say where."""
    found = changed(parts, ITS, (re.escape(old.removeprefix("xl/")), target))
    return {**without(found, old), new: parts[old]}


def inline(parts: Any) -> Any:
    sheet = "".join(
        f'<row r="{number}">'
        + "".join(f'<c t="inlineStr"><is><r><t>{cell}</t></r></is></c>' for cell in cells)
        + "</row>"
        for number, cells in enumerate((HEADER, ROW), 1)
    )
    found = changed(parts, SHEET, ("<sheetData>.*</sheetData>", f"<sheetData>{sheet}</sheetData>"))
    return without(found, STRINGS, STYLES, "xl/theme/theme1.xml", "docProps/app.xml")


def prefixed(parts: Any) -> Any:
    found = dict(parts)
    for part in (SHEET, STRINGS, WORKBOOK, ITS, ROOT):
        text = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", parts[part].decode())
        found[part] = text.replace("xmlns=", "xmlns:x=").replace("<x:?xml", "<?xml").encode()
    return found


def strict(parts: Any) -> Any:
    """Rename the addresses as the strict form has them (ECMA-376 part 1, annex A)."""
    old, new = b"http://schemas.openxmlformats.org", b"http://purl.oclc.org/ooxml"
    return {
        name: content.replace(old + b"/officeDocument/2006", new + b"/officeDocument").replace(
            old + b"/spreadsheetml/2006", new + b"/spreadsheetml"
        )
        for name, content in parts.items()
    }


FORMS: dict[str, Callable[[Any], Any]] = {
    "backslashes": lambda parts: renamed(parts, lambda name: name.replace("/", "\\")),
    "leading slashes": lambda parts: renamed(parts, "/{}".format),
    "dots": lambda parts: renamed(parts, "./{}".format),
    "capitals": lambda parts: renamed(parts, str.upper),
    "absolute targets": lambda parts: changed(
        parts, ITS, ('Target="worksheets', 'Target="/xl/worksheets')
    ),
    "targets with backslashes": lambda parts: changed(
        parts, ITS, ('Target="worksheets/', r'Target="worksheets\\')
    ),
    "strings elsewhere": lambda parts: moved(parts, STRINGS, "data/texts.xml", "../data/texts.xml"),
    "a sheet with a blank in its name": lambda parts: moved(
        parts, SHEET, "xl/worksheets/sheet one.xml", "worksheets/sheet%20one.xml"
    ),
    "a workbook of another name": lambda parts: {
        **without(changed(parts, ROOT, ("xl/workbook.xml", "xl/book")), WORKBOOK, ITS),
        "xl/book": parts[WORKBOOK],
        "xl/_rels/book.rels": parts[ITS],
    },
    "no relations of the root": lambda parts: without(parts, ROOT),
    "no relations of the workbook": lambda parts: without(parts, ITS),
    "no relation of the strings": lambda parts: changed(
        parts, ITS, ("<Relationship [^>]*sharedStrings[^>]*>", "")
    ),
    "no styles, no theme": lambda parts: without(parts, STYLES, "xl/theme/theme1.xml"),
    "no list of types": lambda parts: without(parts, "[Content_Types].xml"),
    "inline strings": inline,
    "prefixes": prefixed,
    "strict": strict,
    "cells without references": lambda parts: changed(
        parts, SHEET, (' r="[A-Z]+[0-9]+"', ""), (' r="[0-9]+"', ""), (' spans="[^"]+"', "")
    ),
    "a part that is not read is damaged": lambda parts: {**parts, "xl/theme/theme1.xml": b"<a"},
    "a picture": lambda parts: {**parts, "xl/media/image1.png": b"\x89PNG" * 100},
    "UTF-16": lambda parts: {
        **parts,
        SHEET: parts[SHEET].decode().replace('"UTF-8"', '"UTF-16"').encode("utf-16"),
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_a_workbook_as_other_programs_write_it(parts: Any, tmp_path: Path, form: Any) -> None:
    assert rows(packed(tmp_path, FORMS[form](parts))) == [ROW]


@pytest.mark.parametrize("name", ["backslash.xlsx", "zip64.xlsx"])
def test_the_workbooks_of_the_trials(name: str) -> None:
    assert len(rows(TRIALS / name)) == 1


class Stream(io.RawIOBase):
    """A file that cannot be sought: `zipfile` then writes sizes behind the parts."""

    def __init__(self) -> None:
        self.bytes = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:
        self.bytes += block
        return len(block)


def test_sizes_that_stand_behind_the_parts(parts: Any, tmp_path: Path) -> None:
    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    (tmp_path / "report.xlsx").write_bytes(stream.bytes)
    assert rows(tmp_path / "report.xlsx") == [ROW]


def test_parts_in_the_64_bit_form(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(content)
    assert rows(path) == [ROW]


def zip64(path: Path, size: Any = None) -> Any:
    """Give an archive the directory's end in its 64-bit form (APPNOTE 4.3.14, 4.3.15)."""
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    entries = int.from_bytes(data[end + 10 : end + 12], "little")
    own = int.from_bytes(data[end + 12 : end + 16], "little")
    start = int.from_bytes(data[end + 16 : end + 20], "little")
    record = b"PK\x06\x06" + (44).to_bytes(8, "little") + b"\x2d\0\x2d\0" + b"\0" * 8
    record += b"".join(
        number.to_bytes(8, "little") for number in (entries, entries, size or own, start)
    )
    locator = b"PK\x06\x07" + b"\0" * 4 + end.to_bytes(8, "little") + b"\1\0\0\0"
    tail = b"PK\x05\x06" + b"\0" * 4 + b"\xff" * 12 + b"\0\0"
    path.write_bytes(data[:end] + record + locator + tail)
    return path


def test_a_directory_in_the_64_bit_form(parts: Any, tmp_path: Path) -> None:
    assert rows(zip64(packed(tmp_path, parts))) == [ROW]


def test_an_encoding_that_nobody_knows_is_refused(parts: Any, tmp_path: Path) -> None:
    unknown = parts[SHEET].replace(b'"UTF-8"', b'"UTF-88"')
    assert unknown != parts[SHEET]
    with pytest.raises(UnreadableFile, match="damaged"):
        rows(packed(tmp_path, {**parts, SHEET: unknown}))


def test_a_huge_directory_in_the_64_bit_form_is_refused_before_it_is_read(
    parts: Any, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        rows(zip64(packed(tmp_path, parts), size=1 << 40))


@pytest.mark.parametrize(("part", "mark"), [(STYLES, b"<xf/>"), (WORKBOOK, b" "), (ITS, b"<a/>")])
def test_a_part_beside_the_rows_is_bounded(
    parts: Any, tmp_path: Path, part: Any, mark: bytes
) -> None:
    head, tail = parts[part].split(b">", 1)
    filled = {**parts, part: head + b">" + tail[:40] + mark * ((256 << 20) // len(mark))}
    path = packed(tmp_path, filled)
    assert path.stat().st_size < 2 << 20
    with pytest.raises(UnreadableFile, match=r"unpacks to far more|damaged"):
        rows(path)


def test_a_part_that_lies_about_its_size_is_bounded_too(parts: Any, tmp_path: Path) -> None:
    path = packed(tmp_path, {**parts, STYLES: b"<styleSheet>" + b" " * (40 << 20)})
    data = bytearray(path.read_bytes())
    real = (len(b"<styleSheet>") + (40 << 20)).to_bytes(4, "little")
    assert data.count(real) == 2
    path.write_bytes(data.replace(real, (100).to_bytes(4, "little")))
    with pytest.raises(UnreadableFile):
        rows(path)


def test_large_parts_that_are_not_read_do_no_harm(parts: Any, tmp_path: Path) -> None:
    junk = b"<a/>" * (10 << 20)
    names = ("xl/theme/theme1.xml", "xl/drawings/drawing1.xml", "xl/comments1.xml")
    assert zlib.crc32(junk)
    assert rows(packed(tmp_path, {**parts, **dict.fromkeys(names, junk)})) == [ROW]


def test_styles_behind_those_of_cells_do_no_harm(parts: Any, tmp_path: Path) -> None:
    path = packed(
        tmp_path, {**parts, STYLES: b"<styleSheet><cellXfs><xf/></cellXfs>" + b"<x/>" * (4 << 20)}
    )
    assert rows(path) == [ROW]


def several(folder: Path, *sheets: Any, charts: int = 0) -> Any:
    path = folder / "several.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, table, hidden in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(table):
                sheet.write_row(number, 0, row)
            if hidden:
                sheet.very_hidden() if hidden == "very" else sheet.hide()
        for _ in range(charts):
            chart = book.add_chart({"type": "column"})
            chart.add_series({"values": f"={sheets[0][0]}!$A$1:$A$2"})
            book.add_chartsheet().set_chart(chart)
    return path


def notes(path: Path) -> Any:
    with open_source(path, CASES) as source:
        return [note.render() for note in source.notes], rows(path)


TABLE, BARE, OTHER = [HEADER, ROW], [HEADER], [["说明"], ["x"]]


@pytest.mark.parametrize(
    ("sheets", "told", "count"),
    [
        ([("S1", TABLE, "")], [], 1),
        ([("S1", TABLE, ""), ("S2", OTHER, "")], [], 1),
        ([("S1", OTHER, ""), ("S2", TABLE, "")], [], 1),
        ([("S1", TABLE, ""), ("S2", TABLE, "")], ["S2 has the header too"], 1),
        ([("S1", TABLE, ""), ("S2", TABLE, "hidden")], ["S2 has the header too"], 1),
        (
            [("S1", OTHER, ""), ("S2", TABLE, ""), ("S3", TABLE, ""), ("S4", BARE, "")],
            ["S3 has", "S4 has"],
            1,
        ),
        ([("S0", OTHER, ""), ("S1", TABLE, "hidden")], ["S1, which is read, is hidden"], 1),
        ([("S0", OTHER, ""), ("S1", TABLE, "very")], ["S1, which is read, is hidden"], 1),
        ([("S1", BARE, ""), ("S2", TABLE, "")], ["S2 has the header too"], 0),
    ],
)
def test_several_sheets_are_told(tmp_path: Path, sheets: Any, told: Any, count: int) -> None:
    found, taken = notes(several(tmp_path, *sheets, charts=1))
    assert len(taken) == count
    assert len(found) == len(told)
    assert all(words in note for words, note in zip(told, found, strict=True))


def test_a_damaged_sheet_that_is_not_read_does_no_harm(tmp_path: Path) -> None:
    path = several(tmp_path, ("S1", TABLE, ""), ("S2", TABLE, ""))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert notes(packed(tmp_path, {**parts, "xl/worksheets/sheet2.xml": b"<worksheet"}))[1] == [ROW]
