"""Files that are no table: said what they are, and what to do (specification, section 3)."""

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.stages.intake.formats.source import open_source
from survey_pipeline.stages.intake.kinds import CASES

TRIALS = Path(__file__).parents[3] / "data" / "trials"
HEADER = "office_code,case_no,served_on,phone,item\n"


def problem(path: Path) -> str:
    with pytest.raises(UnreadableFile) as found, open_source(path, CASES):
        pass
    assert "{" not in found.value.message.render("zh_CN")
    return str(found.value)


def saved(folder: Path, content: Any, name: str = "report.xlsx") -> Any:
    path = folder / name
    path.write_bytes(content)
    return path


def ole(*streams: Any, sector: int = 512) -> Any:
    """Return a compound file whose directory names some streams (MS-CFB 2.2, 2.6)."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack(
        "<HHHHH", 0x3E, 3 if sector == 512 else 4, 0xFFFE, sector.bit_length() - 1, 6
    )
    head += b"\0" * 14 + struct.pack("<I", 2)
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + b"\0" * 64 for name in ("Root Entry", *streams)
    )
    return head.ljust(sector, b"\0") + b"\xff" * 2 * sector + entries.ljust(sector, b"\0")


def packed(**parts: Any) -> Any:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (ole("Workbook"), "old Excel or of WPS", "save it as .xlsx"),
        (ole("Book", sector=4096), "old Excel or of WPS", "save it as .xlsx"),
        (
            ole("EncryptionInfo", "EncryptedPackage"),
            "protected by a password",
            "remove the password",
        ),
        (ole("1Table", "WordDocument"), "text document", "Copy its table"),
        (ole("PowerPoint Document"), "presentation", "Copy its table"),
        (ole("Catalog"), "old office document", "save it as .xlsx"),
        (b"\x09\x08\x10\0\0\x06\x05\0", "old Excel", "save it as .xlsx"),
        (b"\x09\x04\x06\0\0\0\x10\0", "old Excel", "save it as .xlsx"),
        (b"ID;PWXL;N;E\r\n", "old Excel", "save it as .xlsx"),
        (b"%PDF-1.7\n%\xe2", "PDF", "Copy its table"),
        (b"\xef\xbb\xbf%PDF-1.4", "PDF", "Copy its table"),
        (b"\x89PNG\r\n\x1a\n", "picture", "Copy its table"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "picture", "Copy its table"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "picture", "Copy its table"),
        (b"\0\0\0\x18ftypheic", "picture", "Copy its table"),
        (b"BM6\0\x0c\0\0\0\0\0", "picture", "Copy its table"),
        (b"{\\rtf1\\ansi", "text document (.rtf)", "Copy its table"),
        (b"\x1f\x8b\x08\0", "packed archive", "Unpack it"),
        (b"Rar!\x1a\x07\x01\0", "packed archive", "Unpack it"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "packed archive", "Unpack it"),
        (b"PK\x05\x06" + b"\0" * 18, "packed archive", "Unpack it"),
        (packed(a_csv=HEADER), "packed archive", "Unpack it"),
        (packed(word__document_xml="<x/>"), "text document", "Copy its table"),
        (packed(ppt__presentation_xml="<x/>"), "presentation", "Copy its table"),
        (packed(xl__workbook_bin="x"), ".xlsb", "save it as .xlsx"),
        (packed(mimetype=SPREADSHEET, content_xml="<x/>"), ".ods", "save it as .xlsx"),
        (packed(Index__Document_iwa="x"), "Numbers", "save it as .xlsx"),
        (b'<table border="1"><tr><td>x', "web page", "save it as .xlsx"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>", "web page", "save it as .xlsx"),
        (b'<?xml version="1.0"?><html xmlns="x">', "web page", "save it as .xlsx"),
        ("<html><body>办件".encode("utf-16"), "web page", "save it as .xlsx"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "web page", "save it as .xlsx"),
        (b'<?xml version="1.0"?><records/>', "XML document", "save it as .xlsx"),
        (b'[{"office_code": "AG-1"}]', "JSON", "CSV"),
        (b"\x03\x7a\x0b\x14\x01\0\0\0\0\0", "dBASE", "save it as .xlsx"),
    ],
)
def test_a_file_of_another_format_is_named(
    tmp_path: Path, content: Any, what: str, remedy: str
) -> None:
    for name in ("report.xlsx", "report.xls", "report.csv"):
        told = problem(saved(tmp_path, content, name))
        assert name in told
        assert what in told
        assert remedy in told


@pytest.mark.parametrize(
    ("name", "what"), [("html.xls", "web page"), ("spreadsheetml.xls", "XML Spreadsheet 2003")]
)
def test_exports_under_the_name_of_a_workbook(name: str, what: str) -> None:
    assert what in problem(TRIALS / name)
    assert "save it as .xlsx" in problem(TRIALS / name)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("~$report.xlsx", "lock file"),
        (".~lock.report.csv#", "lock file"),
        (".~report.xlsx", "lock file"),
        (".DS_Store", "operating system"),
        ("Thumbs.db", "operating system"),
        ("desktop.ini", "operating system"),
        ("._report.csv", "operating system"),
        ("report.xlsx.crdownload", "unfinished"),
    ],
)
def test_what_lies_beside_reports_is_named(tmp_path: Path, name: str, what: str) -> None:
    path = saved(tmp_path, b"\x06Zhang \0" + b"\0" * 150, name)
    assert what in problem(path)


def test_a_folder_and_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "today").mkdir()
    assert "is a folder. Name the files in it" in problem(tmp_path / "today")
    assert "is empty" in problem(saved(tmp_path, b""))


@pytest.mark.parametrize(
    "title", ["<2026年11月>", "0\n", "1\n\n", "{说明}", "[办件]", "BM", "ID;P"]
)
def test_a_title_that_begins_in_an_unusual_way_is_a_title(tmp_path: Path, title: str) -> None:
    path = saved(tmp_path, f"{title}\n{HEADER}".encode(), "report.csv")
    with open_source(path, CASES) as source:
        assert source.header.row > 1


def test_how_deep_a_header_may_lie(tmp_path: Path) -> None:
    with open_source(TRIALS / "header_201.csv", CASES) as source:
        assert source.header.row == 211
    path = saved(tmp_path, ("统计表\n" * 9_999 + HEADER).encode(), "deep.csv")
    with open_source(path, CASES) as source:
        assert source.header.row == 10_000
    assert "none of the first 10000 rows" in problem(
        saved(tmp_path, ("统计表\n" * 10_000 + HEADER).encode(), "deep.csv")
    )
