"""Make the reports of this folder: files as offices send them, and some that mean harm.

Run `python tests/data/reports/make.py` after a change; the same bytes come out each time. Names and
numbers are invented. Dates lie in early May 2023, reported on 4 May; `scripts/demo` moves them.
Large hostile files (a ZIP bomb, a cell of a megabyte) are made by the tests that need them.
"""

import csv
import io
import sys
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent
LABELS = [
    "处室（站所）编码",
    "办件编号",
    "服务日期",
    "联系电话",
    "服务事项",
    "服务方式",
    "对象类型",
    "服务对象姓名",
    "备注",
]

OFFICES = (
    ("WZ-AG-001", "市市场监督管理局企业注册处", "agency", "P-01", "", "", "", ""),
    ("WZ-AG-002", "市市场监督管理局审批服务处", "agency", "P-01", "yes", "", "", ""),
    ("WZ-ED-001", "第一实验中学", "education", "P-02", "", "", "", ""),
    ("WZ-HE-001", "中心医院门诊部", "health", "P-03", "", "", "", ""),
    ("WZ-FI-001", "城南银行营业部", "finance", "P-04", "", "", "", ""),
    ("WZ-SO-001", "公交集团客服中心", "soe", "P-05", "", "", "", ""),
    ("WZ-SS-001", "车管所东区分所", "social", "P-06", "", "", "", ""),
)
PARENTS = (
    ("P-01", "市市场监督管理局", "city_agency"),
    ("P-02", "市教育局", "city_agency"),
    ("P-03", "市卫健委", "city_agency"),
    ("P-04", "市金融办", "city_agency"),
    ("P-05", "市交运集团", "soe_institution"),
    ("P-06", "市公安局", "city_agency"),
)
SATISFACTION = (
    ("WZ-ED-001", "2023-04", 320, 64, 58, 4, 2, "市教育局", "", "2023-05-04"),
    ("WZ-HE-001", "2023年4月", 1150, 230, 201, 20, 9, "市卫健委", "电话", "2023-05-04"),
    ("WZ-AG-002", "2023-04", 480, 96, 90, 5, 1, "市政务服务局", "all", "2023/5/4"),
)


def phone(number: int) -> str:
    """Return an invented mobile number."""
    return f"138{57700000 + number * 7919 % 100000:08d}"


def cases(code: str, count: int, first: int, dates: tuple[str, ...]) -> list[list[str]]:
    """Return plain cases of one office."""
    items = ("证照办理", "业务咨询", "缴费查询", "信息变更")
    return [
        [
            code,
            f"{code[3:5]}2023{first + number:05d}",
            dates[number % len(dates)],
            phone(first + number),
            items[number % len(items)],
            ("窗口", "网上", "自助机")[number % 3],
            ("个人", "企业")[number % 2],
            "",
            "",
        ]
        for number in range(count)
    ]


def text(rows: Iterable[Iterable[object]], delimiter: str = ",", end: str = "\r\n") -> str:
    """Return rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def write(name: str, content: str, encoding: str) -> None:
    """Write a text file."""
    (HERE / name).write_bytes(content.encode(encoding))


def register() -> None:
    """Parents, offices, and delivered results."""
    write("parents.csv", text([["parent_code", "name", "hotline_group"], *PARENTS]), "utf-8")
    columns = ("office_code,name,category,parent_code,approval_service,exempt_reason,"
               "valid_from,valid_until")  # fmt: skip
    write("offices.csv", text([columns.split(","), *OFFICES]), "utf-8")
    labels = [
        "处室编码",
        "月份",
        "办件量",
        "抽样数",
        "满意",
        "一般",
        "不满意",
        "来源",
        "方式",
        "报送日期",
    ]
    write("satisfaction.csv", text([labels, *SATISFACTION]), "utf-8-sig")


def agency_utf8() -> None:
    """UTF-8 with BOM, a title above the header, blank rows, a totals row at the end."""
    rows = cases("WZ-AG-001", 12, 1, ("2023-05-04", "2023/5/3", "2023.5.2", "20230501"))
    rows[2][8] = "材料齐全，\n当场办结"
    rows[4][3] = f"+86 {rows[4][3][:3]} {rows[4][3][3:7]} {rows[4][3][7:]}"
    rows[5][3] = "0086" + rows[5][3]
    rows[6][3] = "0577-88966822"
    rows[7][3] = "（0577）88966823"
    title = ["企业注册处2023年5月办件日报", *[""] * 8]
    total = ["合计", "12", *[""] * 7]
    blank = [""] * 9
    write(
        "01-agency-utf8.csv",
        text([title, blank, list(LABELS), *rows[:6], blank, *rows[6:], total]),
        "utf-8-sig",
    )


def education_gb18030() -> None:
    """GB18030 as a spreadsheet program saves it here, columns in another order, one unknown."""
    header = ["序号", "流水号", "处室编码", "办结日期", "手机号", "事项名称", "姓名", "说明"]
    rows = [
        [str(n), row[1], row[0], row[2], row[3], row[4], "林同学家长", "开学季"]
        for n, row in enumerate(
            cases("WZ-ED-001", 12, 100, ("2023年5月4日", "2023年05月03日", "2023-5-2 15:30")), 1
        )
    ]
    write("02-education-gb18030.csv", text([header, *rows]), "gb18030")


def health_semicolon() -> None:
    """Semicolons, Unix line ends, full-width digits."""
    rows = cases("WZ-HE-001", 12, 200, ("2023-05-04 09:12:33", "2023-05-03T08:00:00"))
    rows[1][3] = rows[1][3].translate({ord(str(n)): chr(ord("０") + n) for n in range(10)})
    write("03-health-semicolon.csv", text([list(LABELS), *rows], ";", "\n"), "utf-8")


def finance_tab() -> None:
    """Tabs in GB18030, numbers damaged to `.0`."""
    rows = cases("WZ-FI-001", 12, 300, ("2023-05-04", "2023-05-02"))
    for row in rows[:4]:
        row[3] += ".0"
    write("04-finance-tab.txt", text([list(LABELS), *rows], "\t"), "gb18030")


def social_xlsx() -> None:
    """A workbook with a merged title, numbers for phones, serial and Chinese dates."""
    book = xlsxwriter.Workbook(HERE / "05-social.xlsx")
    book.set_properties({"created": date(2023, 5, 4)})
    book.add_worksheet("填报说明").write("A1", "请于每日17:00前报送")
    sheet = book.add_worksheet("5月4日")
    sheet.merge_range(
        "A1:I1", "车管所东区分所办件日报（2023年5月4日）", book.add_format({"bold": True})
    )
    sheet.write_row("A3", LABELS)
    shown_as_date = book.add_format({"num_format": "yyyy/m/d"})
    for number, row in enumerate(cases("WZ-SS-001", 12, 400, ("2023年5月4日",))):
        at = 3 + number + (2 if number > 5 else 0)  # two blank rows in the middle
        sheet.write_row(at, 0, row)
        sheet.write_number(at, 3, int(row[3]))
        if number % 3 == 0:
            sheet.write_datetime(at, 2, date(2023, 5, 3), shown_as_date)
        elif number % 3 == 1:
            sheet.write_number(at, 2, 45050)  # 4 May 2023, shown as a plain number
    sheet.write_row(18, 0, ["合计", 12])
    book.close()


def soe_1904_xlsx() -> None:
    """The other date system, case numbers as numbers, formulas with their cached values."""
    book = xlsxwriter.Workbook(HERE / "06-soe-1904.xlsx", {"date_1904": True})
    book.set_properties({"created": date(2023, 5, 4)})
    sheet = book.add_worksheet("日报")
    sheet.write_row("A1", LABELS)
    shown_as_date = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(cases("WZ-SO-001", 12, 500, ("",)), 1):
        sheet.write_row(number, 0, row)
        sheet.write_number(number, 1, 20230000500 + number)
        sheet.write_datetime(number, 2, date(2023, 5, 1 + number % 4), shown_as_date)
        sheet.write_formula(number, 4, '="业务"&"咨询"', None, "业务咨询")
    book.close()


REFUSALS = (
    # phone, served_on, office_code, item: what is wrong stands in the remark
    ("138****1234", "2023-05-04", "WZ-AG-001", "咨询", "号码打码"),
    ("1.38123E+10", "2023-05-04", "WZ-AG-001", "咨询", "科学计数法丢位"),
    ("13857712345/13957712345", "2023-05-04", "WZ-AG-001", "咨询", "两个号码"),
    ("0577-88966822转801", "2023-05-04", "WZ-AG-001", "咨询", "分机"),
    ("1385771234", "2023-05-04", "WZ-AG-001", "咨询", "少一位"),
    ("138577123456", "2023-05-04", "WZ-AG-001", "咨询", "多一位"),
    ("+852 5123 4567", "2023-05-04", "WZ-AG-001", "咨询", "境外"),
    ("88966822", "2023-05-04", "WZ-AG-001", "咨询", "无区号"),
    ("不愿提供", "2023-05-04", "WZ-AG-001", "咨询", "不是号码"),
    ("", "2023-05-04", "WZ-AG-001", "咨询", "号码为空"),
    ("13857712001", "04/05/2023", "WZ-AG-001", "咨询", "日期不明确"),
    ("13857712002", "2023-02-30", "WZ-AG-001", "咨询", "没有这一天"),
    ("13857712003", "5月4日", "WZ-AG-001", "咨询", "没有年份"),
    ("13857712004", "2023-05-05", "WZ-AG-001", "咨询", "晚于报送日"),
    ("13857712005", "2023-04-03", "WZ-AG-001", "咨询", "超过30天"),
    ("13857712006", "2023-05-04", "WZ-XX-999", "咨询", "处室不存在"),
    ("13857712007", "2023-05-04", "", "咨询", "处室为空"),
    ("13857712008", "2023-05-04", "WZ-AG-001", "", "事项为空"),
    ("13857712009", "2023-05-04", "WZ-AG-001", "长" * 501, "事项过长"),
)


def refusals() -> None:
    """Every kind of refusal, between two sound rows; one key twice."""
    header = ["office_code", "case_no", "served_on", "phone", "item", "remark"]
    sound = ["WZ-AG-001", "R-000", "2023-04-04", "13857712000", "咨询", "正好30天"]
    rows = [
        [code, f"R-{number:03d}", served, number_text, item, remark]
        for number, (number_text, served, code, item, remark) in enumerate(REFUSALS, 1)
    ]
    twice = [*sound[:3], "13857712999", *sound[4:]]
    last = ["WZ-AG-001", "R-100", "2023-05-04", "14912345678", "咨询", "号段未知也收"]
    write("07-refusals.csv", text([header, sound, *rows, sound, twice, last]), "utf-8")


def formulas() -> None:
    """Cells that a spreadsheet program would take for formulas, in sound and in refused rows."""
    header = ["office_code", "case_no", "served_on", "phone", "item", "remark"]
    rows = [
        ["WZ-SS-001", "F-001", "2023-05-04", "13857713001", "咨询", '=HYPERLINK("http://x","看")'],
        ["WZ-SS-001", "F-002", "2023-05-04", "无", "@SUM(A1)", "-1+1"],
        ["WZ-SS-001", "F-003", "2023-05-04", "+1 202 555 0100", "咨询", "=1+1"],
    ]
    write("08-formulas.csv", text([header, *rows]), "utf-8")


def hostile() -> None:
    """Small files that mean harm."""
    sound = text([["office_code", "case_no", "served_on", "phone", "item"],
                  ["WZ-AG-001", "H-1", "2023-05-04", "13857714001", "咨询"]])  # fmt: skip
    (HERE / "hostile" / "empty.csv").write_bytes(b"")
    (HERE / "hostile" / "binary.csv").write_bytes(bytes(range(256)) * 8)
    (HERE / "hostile" / "nul.csv").write_bytes(sound.encode() + b"WZ-AG-001,H\0-2,2023-05-04\r\n")
    (HERE / "hostile" / "encrypted.xlsx").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
    )
    entities = (
        '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><t>&a;</t></si></sst>"
    )
    with_part("05-social.xlsx", "hostile/entities.xlsx", "xl/sharedStrings.xml", entities)


def with_part(source: str, target: str, part: str, content: str) -> None:
    """Copy a workbook with one part replaced."""
    with (
        zipfile.ZipFile(HERE / source) as old,
        zipfile.ZipFile(HERE / target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(
                zipfile.ZipInfo(info.filename),
                content if info.filename == part else old.read(info),
                zipfile.ZIP_DEFLATED,
            )


def main() -> int:
    """Make them all."""
    (HERE / "hostile").mkdir(exist_ok=True)
    for make in (register, agency_utf8, education_gb18030, health_semicolon, finance_tab,
                 social_xlsx, soe_1904_xlsx, refusals, formulas, hostile):  # fmt: skip
        make()
    return 0


if __name__ == "__main__":
    sys.exit(main())
