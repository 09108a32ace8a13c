"""The made-up city repeats by its seed, and its reports look like real ones."""

import csv
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.phones import kind_of
from survey_pipeline.simulation.city import City, make_city, write_register
from survey_pipeline.simulation.departments import INTERMEDIARIES
from survey_pipeline.simulation.papers import document_no
from survey_pipeline.simulation.reports import BAD_ROWS, Reports
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.intake.values.cells import read_phone
from survey_pipeline.testing import NOON, workspace
from survey_pipeline.vocabulary import Category, PhoneKind, RecordKind
from survey_pipeline.workspace import shipped_reports

MONTH, MONDAY, SUNDAY = "2023-05", date(2023, 5, 8), date(2023, 5, 7)


@pytest.fixture
def city() -> City:
    return make_city("seed", MONTH, 60, 18)


def rows_of(files: list[Path]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in files:
        utf8 = path.suffix == ".csv"
        with path.open(encoding="utf-8-sig" if utf8 else "gb18030", newline="") as file:
            rows += csv.DictReader(file, delimiter="," if utf8 else "\t")
    return rows


def test_one_seed_makes_one_city(city: City) -> None:
    assert make_city("seed", MONTH, 60, 18) == city
    assert make_city("another", MONTH, 60, 18).offices != city.offices


def test_the_city_has_every_category_and_every_odd_case(city: City) -> None:
    assert {one.category for one in city.offices} == set(Category)
    assert sum(bool(one.exempt_reason) for one in city.offices) == 1
    (closing,) = [one for one in city.offices if one.valid_until]
    assert f"{closing.valid_until:%Y-%m}" == MONTH
    approving = [one for one in city.offices if one.approval_service]
    assert {one.category for one in approving} == {Category.AGENCY}
    assert len({one.name for one in city.offices}) == len({one.office_code for one in city.offices})
    assert len(city.offices) == 60


def test_a_department_has_one_name_in_every_register(city: City) -> None:
    with (shipped_reports() / "parents.csv").open(encoding="utf-8") as file:
        shipped = {row["parent_code"]: row for row in csv.DictReader(file)}
    made = {code: (name, group.value) for code, name, group in city.parents}
    assert {code: (row["name"], row["hotline_group"]) for code, row in shipped.items()} == {
        code: parent for code, parent in made.items() if code in shipped
    }
    assert len({name for name, _ in made.values()}) == len(made)


FITTING = {
    Category.EDUCATION: {"市教育局"},
    Category.HEALTH: {"市卫健委"},
    Category.FINANCE: {"市金融办"},
    Category.SOE: {"市公用集团", "市交运集团"},
}


def test_every_office_stands_under_a_department_of_its_kind(city: City) -> None:
    names = {code: name for code, name, _ in city.parents}
    for office in city.offices:
        parent = names[office.parent_code]
        assert parent in FITTING.get(office.category, {parent}), office.name
        if office.category is Category.AGENCY:
            assert office.name.startswith(parent), "mid-level departments carry its name"
        if office.name.endswith(INTERMEDIARIES):
            assert office.category is Category.SOCIAL, "C3.2 is used for these alone"
    assert any(office.name.endswith(INTERMEDIARIES) for office in city.offices)


def test_a_large_city_gives_no_name_twice() -> None:
    names = [office.name for office in make_city("seed", MONTH, 1_000, 18).offices]
    assert len(set(names)) == len(names)


def test_a_document_number_has_the_form_of_official_papers() -> None:
    written = document_no("温委办发", date(2026, 10, 8), Dice("seed"))
    assert re.fullmatch(r"温委办发〔2026〕[1-9]\d?号", written)


def test_offices_differ_in_size(city: City) -> None:
    volumes = sorted(one.volume for one in city.offices)
    assert volumes[-1] > 4 * volumes[0]


def test_the_register_is_taken_whole(city: City, tmp_path: Path) -> None:
    context = workspace(tmp_path)
    parents, offices = write_register(city, tmp_path)
    first = import_file(context, RecordKind.PARENTS, parents)
    second = import_file(context, RecordKind.OFFICES, offices)
    assert (first.accepted, first.refused, first.warnings) == (len(city.parents), 0, 0)
    assert (second.accepted, second.refused, second.warnings) == (60, 0, 0)


def test_a_day_comes_in_again_the_same(city: City, tmp_path: Path) -> None:
    days = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        written = Reports(city, folder).write(MONDAY, working_day=True)
        days.append(([path.read_bytes() for path in written.files], written.zero))
    assert days[0] == days[1]


def test_reports_have_landlines_faults_and_citizens_who_come_again(
    city: City, tmp_path: Path
) -> None:
    reports = Reports(city, tmp_path)
    rows: list[dict[str, str]] = []
    for number in range(10):
        written = reports.write(MONDAY + timedelta(days=number), working_day=True)
        rows += rows_of(list(written.files))
    read = [read_phone(row["联系电话"]) for row in rows]
    numbers = [one for one in read if isinstance(one, str)]
    landlines = [one for one in numbers if kind_of(one) == PhoneKind.LANDLINE]
    assert 0.04 < len(landlines) / len(rows) < 0.08
    assert 0 < len(rows) - len(numbers) < 2 * BAD_ROWS / 1000 * len(rows)
    assert max(Counter(numbers).values()) > 1


def test_what_intake_refuses_of_a_day_is_few_and_for_many_reasons(
    city: City, tmp_path: Path
) -> None:
    context = workspace(tmp_path, at=NOON + timedelta(days=40))
    for kind, path in zip(
        (RecordKind.PARENTS, RecordKind.OFFICES), write_register(city, tmp_path), strict=True
    ):
        import_file(context, kind, path)
    accepted, reasons = 0, Counter[str]()
    reports = Reports(city, tmp_path)
    for number in range(5):
        day = MONDAY + timedelta(days=number)
        for path in reports.write(day, working_day=True).files:
            done = import_file(context, RecordKind.CASES, path, reported_on=day)
            accepted += done.accepted
            reasons.update(one.reason.text for one in done.problems)
    assert 0.005 < reasons.total() / accepted < 0.03
    assert len(reasons) >= 5


def test_on_a_free_day_only_hospitals_and_banks_report(city: City, tmp_path: Path) -> None:
    written = Reports(city, tmp_path).write(SUNDAY, working_day=False)
    codes = {row["处室（站所）编码"][3:5] for row in rows_of(list(written.files))}
    assert codes == {"HE", "FI"}
    assert written.zero == []


def test_an_office_that_has_closed_reports_no_more(city: City, tmp_path: Path) -> None:
    (closing,) = [one for one in city.offices if one.valid_until]
    after = closing.valid_until + timedelta(days=3) if closing.valid_until else MONDAY
    written = Reports(city, tmp_path).write(after, working_day=True)
    codes = {row["处室（站所）编码"] for row in rows_of(list(written.files))}
    assert closing.office_code not in codes | set(written.zero)


def test_small_offices_say_so_when_nobody_came(tmp_path: Path) -> None:
    tiny = make_city("seed", MONTH, 20, 1)
    written = Reports(tiny, tmp_path).write(MONDAY, working_day=True)
    assert written.zero
    reporting = {row["处室（站所）编码"] for row in rows_of(list(written.files))}
    assert not reporting & set(written.zero)
