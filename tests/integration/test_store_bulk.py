"""Many rows at once: what is there already stays, counters add up, keys are found."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from survey_pipeline.store.bulk import KEYS_AT_ONCE, add_up, find_by_key, insert_new, streaming
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.store.insert import ROWS_AT_ONCE, insert_absent
from survey_pipeline.store.tables import daily_reports, parents, satisfaction_results
from survey_pipeline.testing.databases import new_database

COLUMNS = ("parent_code", "name", "hotline_group")


pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(new_database(tmp_path), tmp_path)
    yield made
    made.dispose()


def parent(code: str, name: str = "Bureau") -> dict[str, Any]:
    return {"parent_code": code, "name": name, "hotline_group": "city_agency"}


def names(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        rows = connection.execute(select(parents.c.parent_code, parents.c.name))
        return {row.parent_code: row.name for row in rows}


def test_what_is_there_stays_and_only_new_rows_are_counted(engine: Engine) -> None:
    with writing(engine) as connection:
        assert insert_absent(connection, parents, [parent("A"), parent("B")]) == 2
        assert insert_absent(connection, parents, [parent("B", "Other"), parent("C")]) == 1
        assert insert_absent(connection, parents, []) == 0
    assert names(engine) == {"A": "Bureau", "B": "Bureau", "C": "Bureau"}


def test_the_first_of_two_equal_keys_goes_in(engine: Engine) -> None:
    with writing(engine) as connection:
        assert insert_absent(connection, parents, [parent("A", "first"), parent("A", "2nd")]) == 1
    assert names(engine) == {"A": "first"}


def test_rows_beyond_one_statement_all_go_in(engine: Engine) -> None:
    rows = [parent(f"P-{number}") for number in range(ROWS_AT_ONCE + 1)]
    with writing(engine) as connection:
        assert insert_absent(connection, parents, rows) == len(rows)
    assert len(names(engine)) == len(rows)


def test_tuples_go_in_where_their_key_is_free(engine: Engine) -> None:
    with writing(engine) as connection:
        first = [("A", "first", "city_agency")]
        more = [("A", "again", "city_agency"), ("B", "second", "city_agency")]
        assert insert_new(connection, parents, COLUMNS, first) == 1
        assert insert_new(connection, parents, COLUMNS, more) == 1
        assert insert_new(connection, parents, COLUMNS, []) == 0
    assert names(engine) == {"A": "first", "B": "second"}


def test_columns_out_of_the_tables_order_are_refused(engine: Engine) -> None:
    with writing(engine) as connection, pytest.raises(ValueError, match="order"):
        insert_new(connection, parents, COLUMNS[::-1], [("city_agency", "x", "A")])


def result(office: str, month: str) -> dict[str, Any]:
    counts = dict.fromkeys(("reported", "sampled", "satisfied", "neutral", "dissatisfied"), 0)
    rest = {"source": "x", "mode": "all", "delivered_on": date(2023, 6, 1), "late": False}
    origin = {"import_id": 1, "row_no": 2}
    return {"office_code": office, "month": month, **counts, **rest, **origin}


def test_rows_are_found_by_keys_of_several_columns(engine: Engine) -> None:
    with writing(engine) as connection:
        pairs = [("A", "2023-04"), ("A", "2023-05"), ("B", "2023-05")]
        insert_absent(connection, satisfaction_results, [result(*pair) for pair in pairs])
        wanted = {("A", "2023-05"), ("B", "2023-04"), ("B", "2023-05")}
        key = ("office_code", "month")
        found = list(find_by_key(connection, satisfaction_results, key, wanted))
    assert {(row.office_code, row.month) for row in found} == {("A", "2023-05"), ("B", "2023-05")}
    assert found[0].delivered_on == date(2023, 6, 1)


@pytest.mark.parametrize("number", [0, 1, KEYS_AT_ONCE, KEYS_AT_ONCE + 1, 2 * KEYS_AT_ONCE + 7])
def test_any_number_of_keys_is_found(engine: Engine, number: int) -> None:
    rows = [(f"P-{one}", "x", "city_agency") for one in range(number)]
    with writing(engine) as connection:
        insert_new(connection, parents, COLUMNS, rows)
        wanted = {(row[0],) for row in rows} | {("A-none",)}
        found = list(find_by_key(connection, parents, ("parent_code",), wanted))
    assert sorted(row.parent_code for row in found) == sorted(row[0] for row in rows)


def test_a_counter_is_made_and_then_added_to(engine: Engine) -> None:
    key = {"office_code": "A", "reported_on": date(2023, 5, 4)}
    with writing(engine) as connection:
        for number in (3, 4, -2):
            add_up(connection, daily_reports, {**key}, "reported", number)
        other = {**key, "office_code": "B"}
        add_up(connection, daily_reports, other, "reported", 1)
        rows = connection.execute(select(daily_reports.c.office_code, daily_reports.c.reported))
        assert {row.office_code: row.reported for row in rows} == {"A": 5, "B": 1}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_streaming_gives_the_page_cache_back(engine: Engine) -> None:
    with writing(engine) as connection:
        usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
        with streaming(connection):
            assert connection.exec_driver_sql("PRAGMA cache_size").scalar_one() != usual
            insert_new(connection, parents, COLUMNS, [("A", "x", "city_agency")])
        assert connection.exec_driver_sql("PRAGMA cache_size").scalar_one() == usual
        assert connection.scalar(select(func.count()).select_from(parents)) == 1
