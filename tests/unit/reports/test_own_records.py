"""What an office reads of a record's value: points, a rank, a grade or a level, never a code."""

from pathlib import Path

import pytest

from survey_pipeline.reports.own_records import OwnRecord, value_in_words
from survey_pipeline.standard.load import read_standard
from survey_pipeline.vocabulary import RecordKind

STANDARD = read_standard(Path("config/standards/wenzhou-2023.toml"))[0]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (RecordKind.HOTLINE, "0.4", "0.4 points"),  # a clause of the standard has that number
        (RecordKind.SUPERVISION, "", ""),
        (RecordKind.HOTLINE_RANK, "13", "rank 13"),
        (RecordKind.PARENT_GRADES, "good", "Good"),
        (RecordKind.AWARDS, "G3", "Departments of ministries; provincial general offices"),
    ],
)
def test_the_value_of_a_record_is_in_words(kind: RecordKind, value: str, words: str) -> None:
    record = OwnRecord(kind, "R-1", 2023, "", None, "", value, None)
    assert value_in_words(record, STANDARD, "en") == words
