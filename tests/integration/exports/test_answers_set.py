"""The answers of many months as one data set, read as it stands by DuckDB and Arrow."""

import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow import dataset

from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.answers_set import months_with_surveys, write_answers_set

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def folder(month: Any, tmp_path: Path) -> Path:
    found = months_with_surveys(month.context)
    assert "2023-05" in found
    for _ in range(2):  # the second writes the same files again
        list(write_answers_set(month.context, [*found, "2024-01"], tmp_path / "answers"))
    return tmp_path / "answers"


def test_duckdb_reads_it_as_one_table_by_year_and_month(
    month: Any, folder: Path, tmp_path: Path
) -> None:
    alone = write_answers(month.context, "2023-05", tmp_path / "may.parquet", "parquet")
    files = str(folder / "**" / "*.parquet")
    with duckdb.connect() as engine:
        counted = engine.execute(
            "SELECT year, month, count(*) FROM read_parquet(?, hive_partitioning = true)"
            " WHERE month = '2023-05' GROUP BY ALL",
            [files],
        ).fetchall()
        same = engine.execute(
            "SELECT count(*) FROM (SELECT * EXCLUDE (year) FROM"
            " read_parquet(?, hive_partitioning = true) WHERE month = '2023-05') AS part"
            " JOIN read_parquet(?) AS alone USING (answer_id)"
            " WHERE part.rating IS NOT DISTINCT FROM alone.rating"
            " AND part.month = alone.month AND part.probability = alone.probability",
            [files, str(alone.path)],
        ).fetchall()
    assert counted == [(2023, "2023-05", alone.rows)]
    assert same == [(alone.rows,)]


def test_a_file_lacks_what_its_folder_names_and_an_empty_month_is_a_file(folder: Path) -> None:
    (file,) = (folder / "year=2023" / "month=2023-05").iterdir()
    assert "month" not in dataset.dataset(file).schema.names
    assert dataset.dataset(folder / "year=2024" / "month=2024-01").count_rows() == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
