"""What the fuzzer sends: sound inputs with something wrong in them, more often than noise.

Each strategy first makes what the program expects (a header, a row, a signed form), then spoils
cells, parts or bytes of it, so that most inputs get past the first check.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.vocabulary import RecordKind

PLAUSIBLE = {
    "office_code": "AG-1", "parent_code": "P-AG", "case_no": "K-1", "served_on": "2023-05-04",
    "phone": "13857710001", "item": "Licence", "month": "2023-05", "reported": "10",
    "sampled": "5", "satisfied": "3", "neutral": "1", "dissatisfied": "1", "source": "bureau",
    "mode": "phone", "answer": "满意", "answered_on": "2023-05-04", "delivered_on": "2023-05-04",
    "record_no": "R-1", "clause": "C3.1", "occurred_on": "2023-04-02", "points": "1.5",
    "name": "Office", "category": "agency", "hotline_group": "city_agency", "rank": "1",
    "grade": "good", "award_no": "A-1", "level": "G2", "recipient": "office", "work": "Work",
    "issued_on": "2023-03-01", "rep_no": "X-1", "filing_no": "F-1", "filed_on": "2023-05-04",
    "valid_from": "2023-01-01", "nothing_found": "yes", "citizen_name": "王芳",
}  # fmt: skip
"""A cell for each column with which a row may be stored."""

NASTY = (
    "", " ", "无", "-", "None", "N/A", "NULL", "=1+1", '="00123"', "@SUM(1)", "＝cmd", "2026.10",
    "+86 138-5771-0001", "１３８５７７１０００１", "138****1234", "1.38123E+10", "13812345678.0",
    "13857710001、13857710002", "04/05/2023", "2023年5月4日", "45050", "45050.99", "1e400", "-1",
    "9" * 30, "NaN", "inf", "²", "٣", "2023-02-30", "9999-12-31", "0001-01-01", "\0", "a\0b",
    "\x1b[31m", "\x85", "\u2028", "\u202e", "\ufeff", "\u200b", "\ud7ff", "\U0001f600",
    "\U0010ffff", "x" * 600, "是", "满意", 'a"b', '"', "''", "a,b;c\td", "a\nb", "%s%n",
    "{office}", "{{7*7}}", "[/b]", "<a&b>", "../../x",
)  # fmt: skip
"""Cells, texts and names with which programs have trouble."""

cells = st.sampled_from(NASTY) | st.text(max_size=12)


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Damage bytes in up to three places; half the time in none."""
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 3)))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        piece = draw(st.binary(max_size=4))
        data = draw(
            st.sampled_from(
                (
                    data[:at],
                    data[:at] + piece + data[at + len(piece) :],
                    data[:at] + piece + data[at:],
                    data[:at] + data[at : at + 40] * 20 + data[at:],
                )
            )
        )
    return data


@st.composite
def grids(draw: st.DrawFn, kind: FileKind) -> list[list[str]]:
    """A title sometimes, a header in English or Chinese, and rows with spoiled cells."""
    columns = draw(st.permutations(kind.columns))
    columns = columns[: max(1, len(columns) - draw(st.sampled_from((0, 0, 0, 0, 1, 3))))]
    title = draw(st.sampled_from(([], [], [["2023 report"]], [[""], ["a", "b"]])))
    header = [draw(st.sampled_from((column.name, *column.labels))) for column in columns]
    grid = [*title, header]
    for number in range(draw(st.integers(0, 4))):
        row = [PLAUSIBLE.get(column.name, "") for column in columns]
        if "case_no" in (names := [column.name for column in columns]):
            row[names.index("case_no")] = f"K-{draw(st.integers(0, 500))}"
        for _ in range(draw(st.sampled_from((0, 0, 1, 1, 2, 5)))):
            row[draw(st.integers(0, len(row) - 1))] = draw(cells)
        grid.append(
            row[: len(row) - draw(st.sampled_from((0, 0, 0, 0, 1)))] + ["x"] * (number == 3)
        )
    return grid


def _quoted(cell: str, delimiter: str, how: int) -> str:
    needs = any(sign in cell for sign in (delimiter, '"', "\n", "\r"))
    if how == 0 or (how == 1 and not needs):
        return cell  # an open quotation mark among them
    return '"' + cell.replace('"', '""') + '"'


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[RecordKind, bytes]:
    """A kind of file, and a CSV file of it."""
    kind = draw(st.sampled_from(list(KINDS.values())))
    delimiter = draw(st.sampled_from(",,,;\t|"))
    line_end = draw(st.sampled_from(("\n", "\r\n", "\r")))
    how = draw(st.sampled_from((1, 1, 1, 2, 0)))
    text = line_end.join(
        delimiter.join(_quoted(cell, delimiter, how) for cell in row) for row in draw(grids(kind))
    )
    encodings = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "latin-1", "utf-8")
    data = text.encode(draw(st.sampled_from(encodings)), "replace")
    return kind.kind, draw(damaged(data))


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"/>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets><sheet name="S" '
    'sheetId="1" r:id="s"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="s" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="t" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="u" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/sharedStrings.xml": f"{_HEAD}<sst {_MAIN}><si><t>K-1</t></si><si><r><t>a</t></r></si>"
    "</sst>",
    "xl/styles.xml": f'{_HEAD}<styleSheet {_MAIN}><numFmts count="1"><numFmt numFmtId="164" '
    'formatCode="yyyy-mm-dd"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="164"/></cellXfs></styleSheet>',
}
SNIPPETS = (
    "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "&#0;", "</sheetData>", "<row>", "<c/>", "_x0000_",
    "<v>",
    '<c r="ZZZZ9" t="s"><v>99</v></c>', '<c t="s"><v>-1</v></c>', '<c s="9"><v>1e999</v></c>',
    '<c r="A0"><v>x</v></c>', '<row r="99999999999"/>', '<dimension ref="A1"/>', "<?x y?>", "]]>",
    'Target="../../../etc/passwd"', 'Target="http://x/"', 'date1904="1"', "<si/>", "\x01",
)  # fmt: skip


def _cell(text: str, form: int) -> str:
    if form == 0:
        return f"<c><v>{escape(text)}</v></c>"
    if form == 1:
        return f'<c t="str" s="1"><f>A1</f><v>{escape(text)}</v></c>'
    if form == 2:
        return f'<c t="s"><v>{len(text) % 3}</v></c>'
    return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


@st.composite
def xlsx_files(draw: st.DrawFn) -> tuple[RecordKind, bytes]:
    """A kind of file, and a workbook of it, of which parts or bytes may be damaged."""
    kind = draw(st.sampled_from(list(KINDS.values())))
    forms = st.sampled_from((3, 3, 3, 3, 0, 1, 2))
    rows = "".join(
        "<row>" + "".join(_cell(cell, draw(forms)) for cell in row) + "</row>"
        for row in draw(grids(kind))
    )
    sheet = f"{_HEAD}<worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>"
    parts = {**_PARTS, "xl/worksheets/sheet1.xml": sheet}
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2)))):
        name = draw(st.sampled_from(sorted(parts)))
        at = draw(st.integers(0, len(parts[name])))
        snippet = draw(st.sampled_from(SNIPPETS))
        parts[name] = parts[name][:at] + snippet + parts[name][at:]
    if draw(st.sampled_from((False, False, False, True))):
        parts.pop(draw(st.sampled_from(sorted(parts))))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", draw(st.sampled_from((0, 8)))) as archive:
        for name, text in parts.items():
            archive.writestr(name, text.encode("utf-8", "replace"))
    return kind.kind, draw(damaged(packed.getvalue()))


WORDS = (
    "1", "2", "3", "0", "4", "12", "1分", "１", "①", "㊀", "½", "三", "+86", "OK", "T", "TD", "YES",
    "满意", "不满意", "非常满意", "一般", "不", "没", "都", "还行", "很好", "态度差", "退订",
    "STOP", "START", "恢复", "没办过", "不是我", "打错了", "回复", "选", "第一", "服务", "但是",
    "如果", "吗", "不要再发", "别打电话", "他们", "我", "good", "not bad", "unsubscribe",
    "？", "，", "。", "!", " ", "\n", "(", ")", "“", "”", "👍", "👎", "\u200d", "\ufe0f",
)  # fmt: skip
"""Words, digits and signs of which replies are put together."""

replies = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=12).map("".join),
    st.lists(st.sampled_from(WORDS) | cells, max_size=8).map(" ".join),
    st.text(max_size=60),
    st.sampled_from(WORDS).map(lambda word: word * 400),
)

scalars: st.SearchStrategy[Any] = (
    cells | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(cells, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def objects(draw: st.DrawFn, sound: dict[str, Any]) -> dict[str, Any]:
    """A sound object of which fields are spoiled, left out or added."""
    made = dict(sound)
    for name in draw(st.lists(st.sampled_from(sorted(sound)), max_size=3)):
        made[name] = draw(values)
    for name in draw(st.lists(st.sampled_from(sorted(sound)), max_size=1)):
        made.pop(name)
    return {**made, **draw(st.dictionaries(cells, values, max_size=1))}


@st.composite
def json_documents(draw: st.DrawFn, sound: dict[str, Any], wrap: Callable[[Any], Any]) -> bytes:
    """A JSON document of such objects, or of anything, with damaged bytes."""
    rows: Any = draw(st.lists(objects(sound), max_size=4))
    document = wrap(rows) if draw(st.sampled_from((True, True, True, False))) else draw(values)
    text = json.dumps(document, ensure_ascii=draw(st.booleans()))
    text = draw(st.sampled_from((text, text, text, text + text, "[" * 3_000 + text)))
    return draw(damaged(text.encode("utf-8", "surrogatepass")))


def queries(sound: dict[str, str]) -> st.SearchStrategy[str]:
    """A query in percent-encoding, with any bytes in its values."""

    @st.composite
    def made(draw: st.DrawFn) -> str:
        fields: list[tuple[str, str]] = list(draw(objects(dict(sound))).items())
        if draw(st.sampled_from((False, False, True))):
            fields = draw(st.permutations(fields))
        return "&".join(f"{_percent(name)}={_encoded(draw, value)}" for name, value in fields)

    return made()


def _encoded(draw: st.DrawFn, value: object) -> str:
    if draw(st.sampled_from((False, False, False, False, True))):
        return quote(draw(st.binary(max_size=6)))
    return _percent(str(value))


def _percent(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def pairs(sound: dict[str, str]) -> st.SearchStrategy[Sequence[tuple[str, str]]]:
    """The fields of a form."""
    return objects(dict(sound)).map(
        lambda form: [(str(name), str(value)) for name, value in form.items()]
    )
