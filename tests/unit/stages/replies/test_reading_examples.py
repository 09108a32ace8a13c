"""Every reply of the tables is read as the table says."""

from pathlib import Path

import pytest

from survey_pipeline.stages.replies.reading import read_reply

TABLES = Path(__file__).parents[3] / "data" / "replies"


def rows(name: str) -> list[tuple[str, str]]:
    """Return reply and class of each row; `\\n` stands for a newline, blanks matter."""
    lines = (TABLES / name).read_text("utf-8").split("\n")[1:]
    cells = [line.split("\t") for line in lines if line]
    return [(cell[0].replace("\\n", "\n"), cell[1]) for cell in cells]


@pytest.mark.parametrize("name", ["examples.tsv", "more.tsv"])
def test_each_reply_is_read_as_the_table_says(name: str) -> None:
    wrong = [
        (text, expected, str(reading.reply_class), reading.why)
        for text, expected in rows(name)
        if (reading := read_reply(text)).reply_class != expected
    ]
    assert not wrong
