"""Files whose cells were once read wrong, each with what is right (specification, section 3)."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select

from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import cases, offices, satisfaction_results
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

TRIALS = Path(__file__).parents[1] / "data" / "trials"
REPORTED = date(2026, 11, 21)
HEADER = "office_code,case_no,served_on,phone,item,remark"


@pytest.fixture
def context(tmp_path: Path) -> Any:
    context = workspace(
        tmp_path, at=datetime(2026, 11, 27, 4, 0, tzinfo=UTC), standards={2026: "wenzhou-2023"}
    )
    for kind in (RecordKind.PARENTS, RecordKind.OFFICES):
        assert taken(context, kind, f"{kind.value}.csv").refused == 0
    return context


def taken(context: SetContext, kind: Any, name: Any, **options: Any) -> Any:
    """Import a copy of a file, so that a rejected file stays out of the source tree."""
    path = context.home / name
    path.write_bytes((TRIALS / name).read_bytes())
    return import_file(context, kind, path, **options)


def reported(context: SetContext, name: Any) -> Any:
    return taken(context, RecordKind.CASES, name, reported_on=REPORTED)


def written(context: SetContext, kind: Any, *lines: Any, **options: Any) -> Any:
    path = context.home / "written.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return import_file(context, kind, path, **options)


def written_cases(context: SetContext, *lines: Any, header: Any = HEADER) -> Any:
    return written(context, RecordKind.CASES, header, *lines, reported_on=REPORTED)


def stored(context: SetContext, table: Any = cases) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(table).order_by(*table.primary_key)).all()


def numbers(summary: Any) -> Any:
    return (summary.accepted, summary.updated, summary.unchanged, summary.refused)


def said(summary: Any) -> Any:
    return [(one.row, one.column, str(one.reason)) for one in summary.problems]


def phones(context: SetContext) -> Any:
    return [context.keys.decrypt(case.phone) for case in stored(context)]


@pytest.mark.parametrize(
    "name",
    ["head_200b.csv", "head_200d.csv", "head_200e.csv", "head_202c.csv", "head_feff.csv"],
)
def test_unseen_characters_in_headings(context: SetContext, name: str) -> None:
    summary = reported(context, name)
    assert (numbers(summary), summary.warnings) == ((1, 0, 0, 0), 0)


def test_headings_written_as_formulas_and_in_quotes(context: SetContext) -> None:
    header = '="处室编码",“办件编号”,服务\u00ad日期,\'="手机号码",事项,="备注"'
    summary = written_cases(context, "AG-1,N1,2026-11-20,13812340001,办证,", header=header)
    assert numbers(summary) == (1, 0, 0, 0)


def test_unseen_characters_in_phones(context: SetContext) -> None:
    assert numbers(reported(context, "phones_unseen.csv")) == (5, 0, 0, 0)
    assert phones(context) == [f"+861381234000{number}" for number in range(1, 6)]


@pytest.mark.parametrize(
    ("name", "key"), [("key_zwsp.csv", "B001"), ("key_formula.csv", "20261120001")]
)
def test_keys_that_look_alike_are_one(context: SetContext, name: str, key: str) -> None:
    assert numbers(reported(context, name)) == (1, 0, 1, 0)
    assert [case.case_no for case in stored(context)] == [key]


def test_unseen_characters_in_an_offices_code(context: SetContext) -> None:
    assert numbers(reported(context, "office_zw.csv")) == (1, 0, 0, 0)
    assert stored(context)[0].office_code == "AG-1"


def test_a_register_written_with_unseen_characters_is_found(context: SetContext) -> None:
    lines = (
        "office_code,name,category,parent_code",
        '="AG-9",处\u200b九,\u202a机关中层\u202c,P1\ufeff',
    )
    assert numbers(written(context, RecordKind.OFFICES, *lines)) == (1, 0, 0, 0)
    assert numbers(written_cases(context, "AG-9,N1,2026-11-20,13812340001,办证,")) == (1, 0, 0, 0)
    assert stored(context, offices)[-1].name == "处九"


def test_separators_in_phones(context: SetContext) -> None:
    assert numbers(reported(context, "phones_reason.csv")) == (2, 0, 0, 0)
    assert phones(context) == ["+8613812340001", "+8613812340002"]


def test_number_formats_with_literal_letters(context: SetContext) -> None:
    assert numbers(reported(context, "numfmt_keys.xlsx")) == (3, 0, 0, 0)
    assert [case.case_no for case in stored(context)] == ["12345", "12346", "12347"]


def test_a_hair_before_midnight(context: SetContext) -> None:
    assert numbers(reported(context, "date_rounding.xlsx")) == (3, 0, 0, 0)
    assert {case.served_on for case in stored(context)} == {date(2026, 11, 20)}


def test_an_error_of_a_spreadsheet_is_no_text(context: SetContext) -> None:
    summary = reported(context, "formulas.xlsx")
    assert numbers(summary) == (0, 0, 0, 2)
    row, column, reason = said(summary)[0]
    assert (row, column) == (2, "item")
    assert reason.startswith("#DIV/0! is a spreadsheet's error")


def test_an_error_is_refused_in_every_column(context: SetContext) -> None:
    errors = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#SPILL!", "####")
    sound = ["AG-1", "N1", "2026-11-20", "13812340001", "办证", "早"]
    rows = [
        [error if index == place else cell for index, cell in enumerate(sound)]
        for place in range(len(sound))
        for error in errors
    ]
    summary = written_cases(context, *map(",".join, rows))
    assert numbers(summary) == (0, 0, 0, len(rows))
    columns = [column for column in HEADER.split(",") for _ in errors]
    assert [one.column for one in summary.problems] == columns
    assert all("spreadsheet's error" in str(one.reason) for one in summary.problems)


def test_a_cell_of_the_type_error_is_refused_whatever_it_says(context: SetContext) -> None:
    path = context.home / "errors.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER.split(","))
    sheet.write_row(1, 0, ["AG-1", "N1", "2026-11-20", "13812340001"])
    sheet.write_formula(1, 4, "=1/0", value="#DIV/0!")
    sheet.write_formula(1, 5, "=NA()", value="#N/A")
    book.close()
    summary = import_file(context, RecordKind.CASES, path, reported_on=REPORTED)
    assert [one.column for one in summary.problems] == ["item", "remark"]


@pytest.mark.parametrize("name", ["blank_rows.csv", "ctrl_z.csv"])
def test_rows_of_unseen_characters_are_blank(context: SetContext, name: str) -> None:
    assert numbers(reported(context, name)) == (1, 0, 0, 0)


def test_the_end_mark_of_an_old_program_stands_behind_the_last_cell(context: SetContext) -> None:
    summary = written_cases(context, "AG-1,N1,2026-11-20,13812340001,办证,早\x1a")
    assert numbers(summary) == (1, 0, 0, 0)
    assert context.keys.decrypt(stored(context)[0].remark) == "早"


def test_of_two_columns_of_one_meaning_the_filled_one_counts(context: SetContext) -> None:
    summary = reported(context, "two_phones_cols.csv")
    assert numbers(summary) == (2, 0, 0, 0)
    assert phones(context) == ["+8613812340001", "+8657788966822"]
    (warning,) = summary.warned
    assert (warning.row, warning.column) == (1, "手机号码")
    assert "same as 联系电话" in str(warning.reason)


@pytest.mark.parametrize("nothing", ["", " ", "\u200b", "无", "/", "——"])
def test_a_blank_first_column_gives_way_to_the_second(context: SetContext, nothing: str) -> None:
    header = "处室编码,办件编号,日期,手机号码,电话,事项"
    lines = (f"AG-1,N1,2026-11-20,{nothing},13812340001,办证",)
    assert numbers(written_cases(context, *lines, header=header)) == (1, 0, 0, 0)
    assert phones(context) == ["+8613812340001"]


def test_a_first_column_that_is_wrong_is_refused_for_what_it_says(context: SetContext) -> None:
    header = "处室编码,办件编号,日期,手机号码,电话,事项"
    lines = ("AG-1,N1,2026-11-20,138****0001,13812340001,办证",)
    summary = written_cases(context, *lines, header=header)
    assert [(one.column, "masked" in str(one.reason)) for one in summary.problems] == [
        ("手机号码", True)
    ]


def delivered(context: SetContext, name: Any) -> Any:
    return taken(context, RecordKind.SATISFACTION, name)


def test_a_month_that_a_spreadsheet_made_a_number(context: SetContext) -> None:
    summary = delivered(context, "month_number.xlsx")
    assert numbers(summary) == (0, 0, 0, 1)
    assert said(summary)[0][1] == "month"
    assert "unclear" in said(summary)[0][2]


def test_whole_numbers_as_a_spreadsheet_computes_them(context: SetContext) -> None:
    assert numbers(delivered(context, "counts_float.xlsx")) == (1, 0, 0, 0)
    (row,) = stored(context, satisfaction_results)
    assert (row.reported, row.sampled, row.satisfied) == (20, 10, 8)


def test_words_that_say_nothing_are_no_reason_for_exemption(context: SetContext) -> None:
    assert numbers(taken(context, RecordKind.OFFICES, "offices_none.csv")) == (9, 0, 0, 0)
    assert numbers(reported(context, "cases_none.csv")) == (18, 0, 0, 0)
    draw = draw_day(context, REPORTED)
    found = {one.office_code: one.eligible for one in draw.offices}
    assert {found[f"EX-{number}"] for number in range(1, 10)} == {2}


def test_a_word_that_says_nothing_is_missing_where_something_is_needed(context: SetContext) -> None:
    summary = written_cases(context, "AG-1,N1,2026-11-20,13812340001,暂无,无")
    assert said(summary) == [(2, "item", "the cell says that there is nothing, but item is needed")]


def test_names_of_people_are_names(context: SetContext) -> None:
    header = "office_code,case_no,served_on,phone,item,citizen_name,remark,channel"
    summary = written_cases(
        context, "AG-1,N1,2026-11-20,13812340001,办证,None,None,-", header=header
    )
    assert numbers(summary) == (1, 0, 0, 0)
    (case,) = stored(context)
    assert context.keys.decrypt(case.citizen_name) == "None"
    assert (case.remark, case.channel) == (None, None)


def test_a_number_in_the_wrong_column_is_masked_in_what_is_said(context: SetContext) -> None:
    summary = written_cases(
        context,
        "13812340001,N1,2026-11-20,13812340002,办证,",
        "AG-1,N2,0577-88966822,13812340002,办证,",
        "AG-1,N3,１３８１２３４０００１ 张三,13812340002,办证,",
    )
    assert numbers(summary) == (0, 0, 0, 3)
    told = " ".join(text for _, _, text in said(summary))
    assert "138****0001" in told
    assert not any(number in told for number in ("13812340001", "1234000", "88966822", "１２３４"))
    rejected = summary.rejected_file.read_text(encoding="utf-8-sig")
    assert "13812340001,N1" in rejected
    assert "0577-88966822" in rejected


def test_a_short_file_in_gbk_that_is_utf8_too(context: SetContext) -> None:
    summary = reported(context, "gbk_valid_utf8.csv")
    assert numbers(summary) == (1, 0, 0, 0)
    assert stored(context)[0].item == "通"
    (warning,) = summary.warned
    assert (warning.row, "GB18030" in str(warning.reason)) == (0, True)


def test_a_word_of_chinese_decides_for_utf8(context: SetContext) -> None:
    summary = written_cases(context, "AG-1,N1,2026-11-20,13812340001,\u0368,备注")
    assert (numbers(summary), summary.warnings) == ((1, 0, 0, 0), 0)
