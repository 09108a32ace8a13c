"""Texts lie encrypted in the database, and what an earlier version left in clear is sealed."""

import json
from typing import Any

import pytest
from sqlalchemy import JSON, String, select, type_coerce, update

from survey_pipeline.errors import KeyFileError
from survey_pipeline.privacy.sealing import seal_stored, sealed_columns
from survey_pipeline.store.crypto import new_keys
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.store.sealed import MARK, SealedDocument, unlock
from survey_pipeline.store.tables import inbound, messages

pytestmark = pytest.mark.usefixtures("database")


def stored(marked: Any) -> dict[str, list[Any]]:
    """Return what lies in each sealed column, as the engine has it."""
    found = {}
    with reading(marked.context.engine) as connection:
        for column in sealed_columns():
            kind = JSON() if isinstance(column.type, SealedDocument) else String()
            values = connection.scalars(select(type_coerce(column, kind))).all()
            found[str(column)] = [value for value in values if value is not None]
    return found


def in_clear(marked: Any) -> None:
    """Put what is sealed back in clear, as an earlier version had it."""
    with writing(marked.context.engine) as connection:
        for table, name, kind in (
            (inbound, "text", String()),
            (messages, "text", String()),
            (messages, "variables", JSON()),
        ):
            for row in connection.execute(select(table.c.id, table.c[name])).all():
                connection.execute(
                    update(table)
                    .where(table.c.id == row[0])
                    .values({name: type_coerce(row[1], kind)})
                )


def test_every_text_of_a_citizen_lies_encrypted(marked: Any) -> None:
    lying = stored(marked)
    assert {name for name, values in lying.items() if values} == {
        "answers.why", "audit_values.after", "audit_values.before", "audit_values.reason",
        "call_attempts.note", "call_attempts.correct_why", "inbound.text",
        "messages.text", "messages.variables", "opt_outs.reason",
    }  # fmt: skip
    for values in lying.values():
        assert all(value.startswith(MARK) for value in values)
    assert "marked" not in json.dumps(lying).lower()


def test_what_lies_in_clear_is_read_and_sealed_once(marked: Any) -> None:
    context = marked.context
    before = stored(marked)
    in_clear(marked)
    assert stored(marked)["inbound.text"] == ["marked text of a citizen"] * 2
    with reading(context.engine) as connection:
        texts = connection.scalars(select(inbound.c.text)).all()
        variables = connection.scalars(select(messages.c.variables)).all()
    assert texts == ["marked text of a citizen"] * 2
    assert variables == [{"name": "Marked Name"}]
    assert seal_stored(context) == 4
    assert stored(marked) == before
    assert seal_stored(context) == 0


def test_without_the_right_key_nothing_is_read(marked: Any) -> None:
    context = marked.context
    engine = open_engine(context.settings.database.url, context.home)
    try:
        with pytest.raises(KeyFileError), reading(engine) as connection:
            connection.scalars(select(inbound.c.text)).all()
        unlock(engine, new_keys())
        with pytest.raises(KeyFileError), reading(engine) as connection:
            connection.scalars(select(inbound.c.text)).all()
    finally:
        engine.dispose()
