"""Next year's file: last year's with its dates moved, and every other character kept."""

from datetime import date
from pathlib import Path

import pytest

from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed
from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book.next_year import NewYear, new_name, next_year

PATH = shipped() / FOLDER / "wenzhou-2023.toml"
TEXT = PATH.read_text("utf-8")
WENZHOU: Standard = read_standard(PATH)[0]


def made(text: str = TEXT, year: int = 2024) -> NewYear:
    return next_year(text, WENZHOU, year)


def test_only_the_name_the_year_the_title_and_the_window_change() -> None:
    before, after = TEXT.splitlines(), made().text.splitlines()
    assert len(before) == len(after)
    changed = {new.split(" =")[0] for old, new in zip(before, after, strict=True) if old != new}
    assert changed == {"id", "year", "title", "after", "until"}


def test_what_was_made_is_a_right_standard(tmp_path: Path) -> None:
    path = tmp_path / "wenzhou-2024.toml"
    path.write_text(made().text, "utf-8")
    standard = read_standard(path)[0]
    assert (standard.id, standard.year) == ("wenzhou-2024", 2024)
    assert (standard.window.after, standard.window.until) == (
        date(2023, 10, 31),
        date(2024, 10, 31),
    )
    assert standard.title.zh.startswith("2024年度")
    assert standard.hotline == WENZHOU.hotline


def test_comments_behind_a_value_stay_behind_it() -> None:
    text = TEXT.replace("after = 2022-10-31", "after = 2022-10-31  # by announcement No. 5")
    assert "\nafter = 2023-10-31  # by announcement No. 5\n" in made(text).text


def test_line_ends_of_windows_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert made(text).text.replace("\r\n", "\n") == made().text
    assert made(text).text.count("\r\n") == text.count("\r\n")


def test_a_year_earlier_and_one_later_by_two_are_made_too() -> None:
    assert made(year=2022).window.until == date(2022, 10, 31)
    assert made(year=2025).window.after == date(2024, 10, 31)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("wenzhou-2023", "wenzhou-2024"), ("2023", "2024"), ("trial", "trial-2024")],
)
def test_the_name_has_the_year(name: str, expected: str) -> None:
    assert new_name(name, 2023, 2024) == expected


def test_a_file_whose_lines_cannot_be_told_is_refused() -> None:
    text = TEXT.replace('id = "wenzhou-2023"', 'id = """wenzhou-2023"""')
    with pytest.raises(CannotProceed, match="cannot be told for sure"):
        made(text)


def test_an_adoption_holds_for_its_year_and_is_left_out() -> None:
    page = 'page = "docs/decisions/rounding.md"\n'
    adopted = (
        'adopted_by = "市评议办"\nadopted_on = 2023-02-01\ndocument_no = "温评办〔2023〕1号"\n'
    )
    found = made(TEXT.replace(page, page + adopted))
    assert found.no_longer_adopted == (("rounding",),)
    assert found.text == made().text
