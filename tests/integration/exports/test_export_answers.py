"""One row per drawn case, without anything that leads to a citizen (specification, section 12)."""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from survey_pipeline.errors import CannotProceed
from survey_pipeline.reports.drawn_cases import probability
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.store.crypto import derived_keys

pytestmark = pytest.mark.usefixtures("database")

COLUMNS = [
    "answer_id", "month", "drawn_on", "office_code", "category", "texted", "delivered", "replied",
    "called", "reached", "mode", "rating", "value", "verification", "corrected", "reason",
    "attempts", "probability", "aapor_like", "aapor_version",
]  # fmt: skip
FLAGS = {"texted", "delivered", "replied", "called", "reached", "corrected"}


def rows_of(month: Any, path: Path) -> list[dict[str, str]]:
    write_answers(month.context, "2023-05", path, "csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def rows(month: Any, tmp_path: Path) -> list[dict[str, str]]:
    return rows_of(month, tmp_path / "answers.csv")


def test_there_is_a_row_for_every_drawn_case(month: Any, rows: list[dict[str, str]]) -> None:
    drawn = sum(len(stories) for office in month.city for _, stories in office.stories)
    assert len(rows) == drawn
    assert len({row["answer_id"] for row in rows}) == drawn
    assert list(rows[0]) == COLUMNS


def test_the_csv_begins_with_a_byte_order_mark(
    month: Any, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    assert rows
    assert (tmp_path / "answers.csv").read_bytes().startswith(b"\xef\xbb\xbfanswer_id,")


def test_no_phone_no_text_and_no_case_number_is_in_the_file(
    month: Any, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    content = (tmp_path / "answers.csv").read_text(encoding="utf-8-sig")
    for secret in ("138000", "577138", "K-4-1", "Licence", "+86"):
        assert secret not in content


def test_ids_differ_under_another_key_and_repeat_under_the_same(
    month: Any, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    ids = {row["answer_id"] for row in rows}
    assert {row["answer_id"] for row in rows_of(month, tmp_path / "again.csv")} == ids
    other = replace(month, context=replace(month.context, keys=derived_keys("other")))
    assert not ids & {row["answer_id"] for row in rows_of(other, tmp_path / "other.csv")}


def test_the_order_of_the_rows_is_that_of_the_ids(rows: list[dict[str, str]]) -> None:
    ids = [row["answer_id"] for row in rows]
    assert ids == sorted(ids)


def test_a_rating_has_its_value_and_its_mode(rows: list[dict[str, str]]) -> None:
    assert {(row["rating"], row["value"]) for row in rows} == {
        ("satisfied", "1"), ("neutral", "0.6"), ("dissatisfied", "0"), ("", ""),
    }  # fmt: skip
    assert all(bool(row["mode"]) == bool(row["rating"]) for row in rows)


def test_a_call_to_somebody_who_has_answered_stands_beside_the_rating(
    rows: list[dict[str, str]],
) -> None:
    pairs = {(row["rating"], row["verification"]) for row in rows if row["verification"]}
    assert pairs == {
        ("satisfied", "satisfied"), ("satisfied", "dissatisfied"), ("dissatisfied", "neutral"),
    }  # fmt: skip


def test_a_correction_is_marked(rows: list[dict[str, str]]) -> None:
    (corrected,) = [row for row in rows if row["corrected"] == "1"]
    assert (corrected["rating"], corrected["mode"]) == ("satisfied", "phone")


def test_a_withdrawn_case_stays_and_keeps_its_rating(rows: list[dict[str, str]]) -> None:
    withdrawn = [(row["office_code"], row["rating"]) for row in rows if row["aapor_like"] == "4.10"]
    assert sorted(withdrawn) == [("FI-2", ""), ("FI-2", "neutral"), ("HE-1", "")]


def test_the_inclusion_probability_is_that_of_the_day_to_six_decimals(
    rows: list[dict[str, str]],
) -> None:
    assert {row["probability"] for row in rows} == {"0.333333"}
    assert probability(2, 3) == Decimal("0.666667")
    assert str(probability(5, 5)) == "1.000000"


def test_every_row_names_the_version_of_its_outcome_codes(rows: list[dict[str, str]]) -> None:
    assert all("10th ed." in row["aapor_version"] for row in rows)


def test_the_parquet_file_holds_what_the_csv_holds(
    month: Any, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    write_answers(month.context, "2023-05", tmp_path / "answers.parquet", "parquet")
    table = parquet.read_table(tmp_path / "answers.parquet")
    assert table.column_names == COLUMNS
    assert [as_text(row) for row in table.to_pylist()] == rows


def as_text(row: dict[str, Any]) -> dict[str, str]:
    """Return a Parquet row as the CSV writes it."""
    return {name: cell_text(name, value) for name, value in row.items()}


def cell_text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in FLAGS:
        return str(int(value))
    return f"{value.normalize():f}" if name == "value" else str(value)


@pytest.mark.parametrize("wanted", ["2023-05", "2023-04"])
def test_the_parquet_schema_is_typed_and_the_same_for_an_empty_month(
    month: Any, wanted: str, tmp_path: Path
) -> None:
    done = write_answers(month.context, wanted, tmp_path / "answers.parquet", "parquet")
    schema = parquet.read_schema(tmp_path / "answers.parquet")
    assert (done.rows == 0) == (wanted == "2023-04")
    types = {field.name: field.type for field in schema}
    assert {name for name, kind in types.items() if kind == pa.bool_()} == FLAGS
    assert types["drawn_on"] == pa.date32()
    assert types["attempts"] == pa.int32()
    assert types["value"] == pa.decimal128(5, 4)
    assert types["probability"] == pa.decimal128(7, 6)
    optional = {field.name for field in schema if field.nullable}
    assert optional == {"mode", "rating", "value", "verification", "reason"}


def test_a_month_without_a_draw_has_the_header_alone(month: Any, tmp_path: Path) -> None:
    assert write_answers(month.context, "2023-04", tmp_path / "a.csv", "csv").rows == 0
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig") == ",".join(COLUMNS) + "\n"


def test_a_folder_that_does_not_exist_is_a_clear_refusal(month: Any, tmp_path: Path) -> None:
    with pytest.raises(CannotProceed, match="Make the folder"):
        write_answers(month.context, "2023-05", tmp_path / "nowhere" / "a.csv", "csv")


def test_days_of_the_draw_are_dates(rows: list[dict[str, str]]) -> None:
    assert {date.fromisoformat(row["drawn_on"]).month for row in rows} == {5}
