"""After a purge SQLite's files hold nothing of what was deleted, in freed pages and the log."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.privacy.purging import purge
from survey_pipeline.store.engine import database_file, reading
from survey_pipeline.store.sealed import seal
from survey_pipeline.store.tables import cases
from survey_pipeline.testing import add_cases

RETENTION = timedelta(days=90)


@pytest.fixture
def database() -> str:
    """SQLite alone: PostgreSQL keeps its files from us."""
    return "sqlite"


def files(marked: Any) -> Iterator[Path]:
    file = database_file(marked.context.engine)
    assert file is not None
    yield from file.parent.glob(f"{file.name}*")


def found(marked: Any) -> set[str]:
    """Return which marks are in the bytes of the database's files, in clear or as ciphertext."""
    keys = marked.context.keys
    marks = {word: word.encode() for word in marked.words}
    marks |= {number: number.encode() for number in marked.numbers}
    marks |= {f"sealed {value}": keys.encrypt(value) for value in (*marked.numbers, "Marked Name")}
    marks |= {f"hash of {number}": keys.phone_hash(number) for number in marked.numbers}
    marks["sealed text"] = seal(keys, "marked text of a citizen").encode()
    data = b"\0".join(path.read_bytes() for path in files(marked))
    return {name for name, mark in marks.items() if mark in data}


def test_the_search_finds_what_is_there(marked: Any) -> None:
    assert found(marked) >= {
        "sealed text", "sealed Marked Name",
        f"sealed {marked.numbers[0]}", f"hash of {marked.numbers[0]}",
    }  # fmt: skip


def test_nothing_of_a_purged_citizen_is_left_in_the_files(marked: Any) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    assert purge(context).traces_gone
    assert found(marked) == {f"hash of {marked.numbers[2]}"}, "the opt-out alone stays"


def test_nothing_is_left_where_pages_were_split_and_rows_moved(marked: Any) -> None:
    """A full table: updates make rows longer and move them, so that copies lie in free space."""
    context = marked.context
    rows = [("AG-1", f"D{number}", f"+86139{number:08d}") for number in range(3000)]
    add_cases(context, rows, reported_on=context.today())
    with context.engine.begin() as connection:
        connection.execute(
            cases.update()
            .where(cases.c.case_no.like("D%"))
            .values(frame_on=context.today(), remark=context.keys.encrypt("moved " * 20))
        )
    context.clock.advance(RETENTION)
    purge(context)
    data = b"\0".join(path.read_bytes() for path in files(marked))
    some = [row[2] for row in rows[::25]]
    left = [number for number in some if context.keys.encrypt(number) in data]
    hashes = [number for number in some if context.keys.phone_hash(number) in data]
    assert (left, hashes) == ([], [])
    assert context.keys.encrypt("moved " * 20) not in data


def test_a_reader_in_the_way_is_told(marked: Any) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    with reading(context.engine) as connection:
        connection.execute(cases.select()).first()
        assert not purge(context).traces_gone
    assert found(marked) > {f"hash of {marked.numbers[2]}"}
    assert purge(context).traces_gone
    assert found(marked) == {f"hash of {marked.numbers[2]}"}
