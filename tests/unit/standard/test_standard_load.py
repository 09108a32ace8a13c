"""Reading a standard's file: which one is in force, and how a wrong one is refused."""

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from survey_pipeline.calendar import Calendar
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.standard import standard_for, standard_of_month
from survey_pipeline.standard.load import FOLDER, VolumeSpan, months_of_window, read_standard

SHIPPED = Path(__file__).parents[3] / "config/standards/wenzhou-2023.toml"
LISTED = {2023: "wenzhou-2023"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    (folder / SHIPPED.name).write_bytes(SHIPPED.read_bytes())
    return folder


def spoiled(folder: Path, old: str, new: str) -> Path:
    path = folder / SHIPPED.name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_listed_year_is_not_provisional(folder: Path) -> None:
    found = standard_for(2023, LISTED, folder)
    assert (found.standard.window.after, found.standard.window.until) == (
        date(2022, 10, 31),
        date(2023, 10, 31),
    )
    assert not found.provisional
    assert len(found.file_hash) == 64


@pytest.mark.parametrize("year", [2022, 2024, 2031])
def test_other_years_take_the_newest_moved(folder: Path, year: int) -> None:
    found = standard_for(year, LISTED, folder)
    assert found.provisional
    assert found.standard.year == year
    assert found.standard.window.until == date(year, 10, 31)


def test_29_february_moves_to_the_28th(folder: Path) -> None:
    spoiled(folder, "until = 2023-10-31", "until = 2024-02-29")
    assert standard_for(2024, LISTED, folder).standard.window.until == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("month", "year"),
    [("2022-10", 2022), ("2022-11", 2023), ("2023-10", 2023), ("2023-11", 2024)],
)
def test_a_month_belongs_to_the_window_of_its_last_day(folder: Path, month: str, year: int) -> None:
    assert standard_of_month(month, LISTED, folder).standard.year == year


def test_months_of_the_window_begin_after_the_cut_off(folder: Path) -> None:
    standard = standard_for(2023, LISTED, folder).standard
    assert months_of_window(standard, "2023-01") == ("2022-11", "2022-12", "2023-01")


@pytest.mark.parametrize(
    ("as_of", "ended"),
    [("2022-11-15", 1), ("2022-11-30", 1), ("2023-01-30", 2), ("2023-01-31", 3)],
)
def test_ended_months_are_at_least_one(as_of: str, ended: int) -> None:
    months = ("2022-11", "2022-12", "2023-01")
    assert VolumeSpan("", date.fromisoformat(as_of)).ended_months(months) == ended


@pytest.mark.parametrize(
    ("counted_from", "ended"), [("2022-11", 3), ("2022-12", 2), ("2023-01", 1), ("2023-02", 1)]
)
def test_months_before_the_first_that_counts_do_not_divide(counted_from: str, ended: int) -> None:
    months = ("2022-11", "2022-12", "2023-01")
    assert VolumeSpan(counted_from, date(2023, 1, 31)).ended_months(months) == ended


def test_results_are_due_on_the_25th_of_the_month_after_or_the_next_working_day(
    folder: Path,
) -> None:
    rules = standard_for(2023, LISTED, folder).standard.satisfaction
    assert rules.due_on("2023-05", lambda day: day) == date(2023, 6, 25)
    assert rules.due_on("2023-12", lambda day: day + timedelta(days=2)) == date(2024, 1, 27)


@pytest.mark.parametrize(
    ("month", "deadline"),
    [
        ("2023-01", "2023-02-27"),  # the 25th is a Saturday
        ("2023-02", "2023-03-27"),  # so is this one
        ("2023-03", "2023-04-25"),
        ("2023-05", "2023-06-25"),  # a Sunday that was worked
        ("2023-11", "2023-12-25"),
        ("2023-12", "2024-01-25"),
    ],
)
def test_the_25th_moves_by_the_calendar_of_china(folder: Path, month: str, deadline: str) -> None:
    rules = standard_for(2023, LISTED, folder).standard.satisfaction
    china = Calendar(ZoneInfo("Asia/Shanghai"))
    assert rules.due_on(month, china.next_working_day) == date.fromisoformat(deadline)


def test_the_shift_of_the_deadline_can_be_switched_off(folder: Path) -> None:
    path = folder / SHIPPED.name
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('to = "next_working_day"', 'to = "none"'), encoding="utf-8")
    rules = read_standard(path)[0].satisfaction
    assert rules.due_on("2023-05", lambda day: day + timedelta(days=1)) == date(2023, 6, 25)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("points = 30", 'points = "30"', "satisfaction.total.points"),
        ("points = 30", "points = true", "satisfaction.total.points"),
        ("points = 30", "points = -1", "satisfaction.total.points"),
        ("points = 30", "points = 30\nbonus = 1", "satisfaction.total.bonus"),
        ("value = 0.6", "value = 1.5", "satisfaction.values.neutral.value"),
        ("value = 0.6", "worth = 0.6", "satisfaction.values.neutral"),
        ("day = 25", "day = 25.5", "satisfaction.due.day"),
        ("from = 0,", "from = 0, adopted = false,", "satisfaction.coefficient.steps.5.adopted"),
        ("coefficient = 0.97", "coefficient = 2.97", "satisfaction.coefficient.steps.3"),
        ("from = 0,", "from = 1,", "satisfaction.coefficient"),
        ("from = 30,", "from = 100,", "satisfaction.coefficient"),
        ("coefficient = 0.95", "coefficient = 0.97", "satisfaction.coefficient"),
        ("after = 2022-10-31", "after = 2023-12-31", "window"),
        ("after = 2022-10-31", 'after = "2022-10-31"', "window.after"),
        ('gives = "absent"', 'gives = "zero"', "satisfaction.no_rating.gives"),
        ('page = "docs/decisions/no-rating.md"', "", "satisfaction.no_rating"),
        ('category = "health"', 'category = "hospital"', "satisfaction.carried_out.1.category"),
        ("decimals = 4", "decimals = 5", "rounding.decimals"),
        ("year = 2023", "years = 2023", "year"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_and_key(
    folder: Path, old: str, new: str, key: str
) -> None:
    path = spoiled(folder, old, new)
    with pytest.raises(ConfigurationError) as refused:
        read_standard(path)
    assert "config/standards/wenzhou-2023.toml" in str(refused.value)
    assert key in str(refused.value)


@pytest.mark.parametrize("content", [b"= nonsense", b"\xff\xfe\x00", b""])
def test_what_is_no_standard_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"x\.toml"):
        read_standard(path)


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"wenzhou-2023\.toml is missing"):
        standard_for(2023, LISTED, tmp_path)


def test_no_standard_listed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no standard is listed"):
        standard_for(2023, {}, tmp_path)


def test_the_id_is_the_name_of_the_file(folder: Path) -> None:
    path = (folder / SHIPPED.name).rename(folder / "other.toml")
    with pytest.raises(ConfigurationError, match="file's own name"):
        read_standard(path)
