"""Quotation marks that are left open, and texts of several lines that are quoted properly."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.stages.intake.checking import Checker
from survey_pipeline.stages.intake.formats.source import open_source
from survey_pipeline.stages.intake.kinds import CASES

TRIALS = Path(__file__).parents[3] / "data" / "trials"
HEADER = ["office_code", "case_no", "served_on", "phone", "item"]
ENDS = ["\n", "\r\n", "\r"]


def case(number: Any, item: str = "办证") -> Any:
    return ["AG-1", f"N{number}", "2026-11-20", f"138123{number:05}", item]


def read(path: Path) -> Any:
    """Return the sound rows (number, case, item), the refused ones' numbers, and the notes'."""
    sound: list[Any] = []
    refused: list[Any] = []
    noted: list[Any] = []
    with open_source(path, CASES) as source:
        checker = Checker(CASES, source.header, source.epoch)
        for chunk in source.chunks():
            checked = checker.check(chunk)
            refused += checked.refused
            noted += [note.row for note in chunk.notes]
            values = checked.values
            sound += zip(checked.numbers, values["case_no"], values["item"], strict=True)
    return sound, refused, noted


def saved(folder: Path, lines: Any, end: str = "\n", delimiter: str = ",") -> Any:
    path = folder / "cases.csv"
    text = end.join(line if isinstance(line, str) else delimiter.join(line) for line in lines)
    path.write_bytes((text + end).encode())
    return path


def numbers(rows: Any) -> Any:
    return [row.row for row in rows]


def test_rows_shorter_than_the_header_are_not_taken_in() -> None:
    sound, refused, _ = read(TRIALS / "quote_short_rows.csv")
    assert [(row, case_no) for row, case_no, _ in sound] == [(2, "N1"), (4, "N3"), (5, "N4")]
    assert numbers(refused) == [3]
    assert "quotation mark" in refused[0].problems[0].reason.render()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("close", [None, 4, 9])
def test_no_row_is_lost_wherever_a_mark_opens_and_closes(
    tmp_path: Path, delimiter: str, end: Any, column: Any, close: int | None
) -> None:
    rows = [case(number) for number in range(10)]
    rows[2][column] = '"' + rows[2][column]
    if close is not None:
        rows[close][4] += '"'
    sound, refused, _ = read(saved(tmp_path, [HEADER, *rows], end, delimiter))
    assert numbers(refused) == [4]
    assert [row for row, _, _ in sound] == [2, 3, *range(5, 12)]


@pytest.mark.parametrize("end", ENDS)
def test_every_open_mark_costs_its_own_row_alone(tmp_path: Path, end: Any) -> None:
    rows = [case(number, '"办证' if number % 3 else "办证") for number in range(301)]
    sound, refused, _ = read(saved(tmp_path, [HEADER, *rows], end))
    assert len(sound) + len(refused) == 301
    assert numbers(refused) == [2 + number for number in range(301) if number % 3]


def test_rows_that_quote_every_cell_are_found_too(tmp_path: Path) -> None:
    lines = [",".join(f'"{cell}"' for cell in case(number)) for number in range(6)]
    lines[1] = lines[1][:-1]
    sound, refused, _ = read(saved(tmp_path, [HEADER, *lines]))
    assert (numbers(refused), len(sound)) == ([3], 5)


def test_a_row_that_is_wrong_itself_is_not_taken_in(tmp_path: Path) -> None:
    rows = [case(1), case(2, '"换证'), case(3), case(4)]
    rows[2][2:4] = ["昨天", "138****0003"]
    _, refused, _ = read(saved(tmp_path, [HEADER, *rows]))
    assert numbers(refused) == [3, 4]
    assert len(refused[1].problems) == 2


def test_a_mark_that_never_closes_is_told_where_no_row_follows(tmp_path: Path) -> None:
    lines = [HEADER, case(1), case(2, '"换证'), "以上为全部办件"]
    sound, refused, _ = read(saved(tmp_path, lines))
    assert (numbers(refused), len(sound)) == ([3], 1)


@pytest.mark.parametrize("start", ['"2026年11月办件', '2026年11月,"办件'])
def test_a_mark_above_the_header_does_not_hide_it(tmp_path: Path, start: str) -> None:
    sound, refused, _ = read(saved(tmp_path, [start, HEADER, case(1), case(2, '换"证"')]))
    assert (len(sound), refused) == (2, [])


def test_a_mark_in_the_header_does_not_hide_the_rows(tmp_path: Path) -> None:
    sound, refused, _ = read(saved(tmp_path, [[*HEADER[:4], '"item'], case(1), case(2)]))
    assert ([row for row, _, _ in sound], refused) == ([2, 3], [])


@pytest.mark.parametrize(
    "text",
    [
        "第一行\n第二行",
        "第一行\r\n\r\n第三行，说明",
        'he said ""yes"",\nand left',
        "a,b,c\nd,e",
        "AG-1,N9\n说明",
        "\n\n办证",
        "1;2;3;4;5\n6;7;8;9;0",
    ],
)
@pytest.mark.parametrize("column", [0, 4])
def test_a_text_of_several_lines_stays_one_cell(tmp_path: Path, text: str, column: int) -> None:
    """Also as the first column: what follows its closing mark looks like a row."""
    header, rows = ["remark", *HEADER], [["", *case(1)], ["", *case(2)]]
    rows[0][column and 5] = f'"{text}"'
    sound, refused, noted = read(saved(tmp_path, [header, *rows]))
    assert (len(sound), refused, noted) == (2, [], [])
    if column:
        assert sound[0][2].split() == text.replace('""', '"').split()
    assert sound[1][0] == 3 + text.count("\n")


def test_lines_that_might_be_rows_are_taken_and_told(tmp_path: Path) -> None:
    text = '"甲,乙,丙,丁,戊\n己,庚,辛,壬,癸"'
    sound, refused, noted = read(saved(tmp_path, [HEADER, case(1, text), case(2)]))
    assert (len(sound), refused, noted) == (2, [], [2])


def test_marks_inside_a_cell_are_characters(tmp_path: Path) -> None:
    sound, _, _ = read(saved(tmp_path, [HEADER, case(1, '5"屏'), case(2, '"说""好"""')]))
    assert [item for _, _, item in sound] == ['5"屏', '说"好"']


def test_a_hundred_thousand_rows_after_an_open_mark(tmp_path: Path) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *(case(number) for number in range(100_000))])
    begin, rest = text.getvalue().split("\r\n", 1)
    path = tmp_path / "cases.csv"
    path.write_text(f'{begin}\r\nAG-1,"N,2026-11-20,13812345678,办证\r\n{rest}', newline="")
    sound, refused, _ = read(path)
    assert (numbers(refused), len(sound)) == ([2], 100_000)
