"""No file, however hostile, takes 300 MiB more than a small one (specification, section 3).

Each file is read by a process of its own, whose highest memory the system has counted.
"""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

ALLOWED_MIB = 300
HEADER = ["office_code", "case_no", "served_on", "phone", "item", "remark"]
ROW = ["WZ-AG-001", "A-1", "2023-05-04", "13857710001", "咨询", ""]
PROGRAM = """
import resource, sys
from pathlib import Path
from survey_pipeline.errors import UnreadableFile
from survey_pipeline.stages.intake.checking import Checker
from survey_pipeline.stages.intake.kinds import CASES
from survey_pipeline.stages.intake.formats.source import open_source
try:
    with open_source(Path(sys.argv[1]), CASES) as source:
        checker = Checker(CASES, source.header, source.epoch)
        for chunk in source.chunks():
            checker.check(chunk)
except UnreadableFile as error:
    print(error, file=sys.stderr)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak_mib(path: Path) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True
    )
    if path.name.startswith("hostile"):
        path.unlink()  # a hundred megabytes that nobody should keep
    return int(done.stdout)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("small") / "small.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ROW)
    return path


@pytest.fixture(scope="module")
def usual(small: Any) -> Any:
    return peak_mib(small)


def repeated(path: Path, part: Any, before: Any, unit: Any, times: Any, after: Any) -> Any:
    """Copy a workbook with one part a long repetition, not packed: its ratio tells nothing."""
    target = path.with_name("hostile.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            if info.filename != part:
                new.writestr(info.filename, old.read(info))
        with new.open(part, "w") as stream:
            stream.write(before)
            for _ in range(times // 1000):
                stream.write(unit * 1000)
            stream.write(after)
    return target


SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
TABLE = b"<worksheet><sheetData>"
FIRST = b'<row r="1"><c t="s"><v>0</v></c></row>'


@pytest.mark.parametrize(
    ("part", "before", "unit", "times"),
    [
        pytest.param(SHEET, TABLE, b"<row><c><v>1</v></c></row>", 3_000_000, id="rows"),
        pytest.param(SHEET, TABLE + b"<row>", b"<c><v>1</v></c>", 5_000_000, id="cells in a row"),
        pytest.param(
            SHEET, TABLE, b'<row><c r="XFD1"><v>1</v></c></row>', 150_000, id="last column"
        ),
        pytest.param(SHEET, TABLE + b"<row><c><v>", b"9" * 100, 1_000_000, id="one cell"),
        pytest.param(
            SHEET,
            b"<worksheet><mergeCells>",
            b'<mergeCell ref="A1:B2"/>',
            5_000_000,
            id="merged cells",
        ),
        pytest.param(STRINGS, b"<sst>", b"<si><t>abcdefgh</t></si>", 6_000_000, id="strings"),
        pytest.param(STRINGS, b"<sst>", b"<si><t/></si>", 9_000_000, id="empty strings"),
        pytest.param(STRINGS, b"<sst><si>", b"<t>ab</t>", 9_000_000, id="parts of one string"),
        pytest.param(
            STYLES, b"<styleSheet><cellXfs>", b'<xf numFmtId="14"/>', 6_000_000, id="styles"
        ),
        pytest.param(STYLES, b"", b"<a>", 20_000_000, id="depth"),
    ],
)
def test_hostile_workbooks(
    small: Any, usual: Any, part: Any, before: Any, unit: Any, times: int
) -> None:
    assert peak_mib(repeated(small, part, before, unit, times, b"")) <= usual + ALLOWED_MIB


def written(folder: Path, pieces: Any) -> Any:
    path = Path(folder) / "hostile.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(HEADER) + "\n")
        for piece in pieces:
            file.write(piece)
    return path


LINE = ",".join(ROW)
LONG = "長" * 190


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(lambda: (LINE + "漢" * 900_000 + "\n" for _ in range(60)), id="long cells"),
        pytest.param(lambda: ("," * 1_000_000 + "\n" for _ in range(60)), id="wide rows"),
        pytest.param(lambda: ('"\n",' * 100_000 for _ in range(300)), id="a row without end"),
        pytest.param(lambda: [LINE + '"'] + ["x\n" * 1_000_000] * 60, id="open quotation mark"),
        pytest.param(lambda: ("x" * 1_000_000 for _ in range(300)), id="a line without end"),
        pytest.param(lambda: (f"A,{n},x,1,{LONG}{n}\n" for n in range(120_000)), id="all new"),
    ],
)
def test_hostile_text_files(tmp_path: Path, usual: Any, pieces: Any) -> None:
    assert peak_mib(written(tmp_path, pieces())) <= usual + ALLOWED_MIB
