"""A wrong standard is refused with its file, line and key, in words of both languages."""

import re
from pathlib import Path

import pytest

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import Message
from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.standard.whereabouts import line_of

SHIPPED = Path(__file__).parents[3] / FOLDER / "wenzhou-2023.toml"
TEXT = SHIPPED.read_text("utf-8")


def refusal(tmp_path: Path, text: str) -> ConfigurationError:
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    path = folder / SHIPPED.name
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_standard(path)
    return refused.value


def in_part(header: str, old: str, new: str) -> str:
    """The shipped text, changed at the first `old` behind a header."""
    before, found, after = TEXT.partition(f"\n{header}")
    assert found
    assert old in after
    return before + found + after.replace(old, new, 1)


def line_with(text: str, words: str) -> int:
    [line] = [number for number, line in enumerate(text.splitlines(), 1) if words in line]
    return line


SPOILED = [
    # header, what stands there, what is written instead, key
    ("[daily]", "points = 85", "points = 86", "daily.points"),
    ("[daily]", "points = 85", "point = 85", "daily.point"),
    ("[daily]", "points = 85", 'points = "85"', "daily.points"),
    ("[daily]", "points = 85", "points = inf", "daily.points"),
    ("[daily]", "points = 85", "points = -85", "daily.points"),
    ("[performance.total]", "points = 10", "points = 10.00000001", "performance.total.points"),
    ("[window]", "until = 2023-10-31", "until = 2023", "window.until"),
    ("[window]", "until = 2023-10-31", "until = 2021-10-31", "window.until"),
    ("[rounding]", '"docs/decisions/rounding.md"', '"rounding.md"', "rounding.page"),
    ("[rounding]", 'decided = "locally"', 'decided = "somehow"', "rounding.decided"),
    ("[rounding]", "四舍五入", "", "rounding.label.zh"),
    ("[satisfaction.due]", "day = 25", "day = 29", "satisfaction.due.day"),
    ("[[supervision.clauses]]", "least = 3", "least = 6", "supervision.clauses.0"),
    ("[[supervision.clauses]]", "most = 5", "points = 4", "supervision.clauses.0"),
    ("[[supervision.clauses]]", 'per = "case"', 'per = "head"', "supervision.clauses.0.per"),
    ("[[supervision.clauses]]", '"C1.2"', '"C1.1"', "supervision.clauses.1"),
    ("[supervision.head]", '["C2.1a"', '["C2.9"', "supervision.head.clauses"),
    ("[supervision.head]", "factor = 1.5", "factor = 0.5", "supervision.head.factor"),
    ("[supervision.filing]", "count = 25", 'count = "25"', "supervision.filing.count"),
    ("[supervision.material]", "each = 0.5", "each = 2.5", "supervision.material.each"),
    ("[supervision.burden]", "factor = 0.5", "factor = 5", "supervision.burden.factor"),
    ("[supervision.burden]", 'borne = "each"', 'borne = "nobody"', "supervision.burden.borne"),
    ("[hotline.total]", "points = 15", "points = 15.5", "hotline.total.points"),
    ("[[hotline.free]]", "until = 20", "until = 20.5", "hotline.free.0.until"),
    ("[[hotline.free]]", '"soe_institution"', '"city_agency"', "hotline.free"),
    ("[parent_rating]", 'graded = "agency"', 'graded = "agencies"', "parent_rating.graded"),
    ("[parent_rating.quota]", "good = 0.6", "good = 0.7", "parent_rating.quota"),
    ("[[parent_rating.grades]]", "points = 5", "points = 6", "parent_rating.grades"),
    ("[[parent_rating.grades]]", "points = 4", "points = 2", "parent_rating.grades"),
    ("[review.selection]", 'way = "quota"', 'way = "lot"', "review.selection.way"),
    ("[[bonus.levels]]", 'level = "G2"', 'level = "G1"', "bonus.levels"),
    ("[bonus.person]", "factor = 0.5", "factor = 2", "bonus.person.factor"),
    ("[[bonus.excluded]]", 'kind = "general"', 'kind = "commendation"', "bonus.excluded"),
    ("[bonus.core_function]", "blank = true", "blank = 1", "bonus.core_function.blank"),
    ("[[duties.due]]", 'every = "quarter"', 'every = "year"', "duties.due.3"),
    ("[[duties.due]]", "day = 25", "day = 24", "duties.due.1"),
    ("[duties.shift]", '"next_working_day"', '"none"', "duties.due.1"),
    ("[[duties.due]]", 'duty = "performance"', 'duty = "hotline"', "duties.due"),
]


@pytest.mark.parametrize(("header", "old", "new", "key"), SPOILED)
def test_a_wrong_key_or_value_is_refused_with_file_line_and_key(
    tmp_path: Path, header: str, old: str, new: str, key: str
) -> None:
    refused = str(refusal(tmp_path, in_part(header, old, new)))
    found = re.match(rf"{FOLDER}/{SHIPPED.name}, line (\d+): (?:unknown key )?(\S+)", refused)
    assert found, refused
    assert found[2].rstrip(".") == key


@pytest.mark.parametrize(("header", "old", "new", "key"), SPOILED)
def test_the_problem_is_said_in_chinese_too(
    tmp_path: Path, header: str, old: str, new: str, key: str
) -> None:
    message = refusal(tmp_path, in_part(header, old, new)).message
    problem = message.params.get("problem", message)
    assert isinstance(problem, Message)
    assert re.search(r"[\u4e00-\u9fff]", problem.render("zh_CN")), problem
    assert "第" in message.render("zh_CN")


def test_the_line_is_the_one_that_is_wrong(tmp_path: Path) -> None:
    text = in_part("[supervision.burden]", 'borne = "each"', 'borne = "nobody" # MARK')
    assert f"line {line_with(text, 'MARK')}: " in str(refusal(tmp_path, text))


def test_an_entry_of_a_list_is_found_by_its_number(tmp_path: Path) -> None:
    text = in_part('[[duties.due]]\nclause = "H.4"', "day = 10", "day = 31 # MARK")
    assert f"line {line_with(text, 'MARK')}: duties.due.3.day " in str(refusal(tmp_path, text))


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("[hotline.period]", "hotline.period"),
        ("[supervision.floor]", "supervision.floor"),
        ("[bonus.total]", "bonus.total"),
        ("[parent_rating.quota]", "parent_rating.quota"),
    ],
)
def test_a_missing_table_is_named(tmp_path: Path, header: str, part: str) -> None:
    before, found, after = TEXT.partition(f"\n{header}")
    assert found
    rest = after[after.index("\n[") :]
    assert f"{part} is missing" in str(refusal(tmp_path, before + rest))


def test_a_misspelt_table_is_shown_where_it_stands(tmp_path: Path) -> None:
    text = TEXT.replace("[hotline.period]", "[hotline.perod]")
    line = line_with(text, "[hotline.perod]")
    assert f"line {line}: unknown key hotline.perod" in str(refusal(tmp_path, text))


def test_a_slip_of_syntax_is_shown_with_line_and_column(tmp_path: Path) -> None:
    text = in_part("[daily]", "points = 85", "points = 8,5")
    line = line_with(text, "points = 8,5")
    assert f"line {line}, column " in str(refusal(tmp_path, text))


def test_a_table_written_twice_is_a_slip_of_syntax(tmp_path: Path) -> None:
    assert "cannot be read" in str(refusal(tmp_path, f"{TEXT}\n[daily]\npoints = 85\n"))


def test_the_sum_of_the_daily_components_is_told(tmp_path: Path) -> None:
    text = in_part("[performance.total]", "points = 10", "points = 11")
    assert "add up to 86" in str(refusal(tmp_path, text))


def test_a_copied_file_with_last_years_window_is_refused(tmp_path: Path) -> None:
    text = TEXT.replace("\nyear = 2023", "\nyear = 2024")
    assert "the window has no day of 2024" in str(refusal(tmp_path, text))


def test_a_file_elsewhere_is_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "wenzhou-2023.toml"
    path.write_text(TEXT.replace("points = 85", "points = 86"), "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_standard(path)
    assert str(refused.value).startswith(str(path))


def test_where_texts_go_over_lines_no_line_is_guessed() -> None:
    text = 'a = """\nb = 1\n"""\nb = 2\n'
    assert line_of(text, ["b"]) is None
    assert line_of("a = 1\nb = 2\n", ["b"]) == 2


def test_a_table_within_an_entry_of_a_list_belongs_to_that_entry() -> None:
    text = "[[a.b]]\nx = 1\n[[a.b]]\n[a.b.c]\ny = 2\n"
    assert line_of(text, ["a", "b", 1, "c", "y"]) == 5
    assert line_of(text, ["a", "b", 0, "c", "y"]) == 1
