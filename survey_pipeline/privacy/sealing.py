"""Encrypts the texts that an earlier version stored in clear; done by `db upgrade`.

A batch is one short transaction, and what is sealed is passed over: it may be stopped and repeated.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Row,
    String,
    Table,
    bindparam,
    select,
    type_coerce,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.sealed import MARK, SealedDocument, SealedText, seal
from survey_pipeline.store.tables import cases
from survey_pipeline.store.traces import empty_log

ROWS_AT_ONCE = 500


def sealed_columns() -> Iterator[Column[Any]]:
    """Yield every column whose texts are stored encrypted."""
    for _, table in sorted(cases.metadata.tables.items()):
        yield from (
            column
            for column in table.columns
            if isinstance(column.type, SealedText | SealedDocument)
        )


def seal_stored(context: Context) -> int:
    """Encrypt what is stored in clear; return how many values that were.

    Raises:
        DatabaseFault: the database cannot be written; what is sealed stays sealed.
    """
    sealed = sum(_seal_column(context, column) for column in sealed_columns())
    if sealed:
        empty_log(context.engine)
    return sealed


def _seal_column(context: Context, column: Column[Any]) -> int:
    table, last, sealed = column.table, 0, 0
    while True:
        with reading(context.engine) as connection:
            rows = connection.execute(_after(table, column, last)).all()
        if not rows:
            return sealed
        last = rows[-1].id
        clear = [row for row in rows if row.stored is not None and not _is_sealed(row.stored)]
        if clear:
            with writing(context.engine) as connection:
                sealed += _write(connection, context, column, clear)


def _is_sealed(stored: Any) -> bool:
    return isinstance(stored, str) and stored.startswith(MARK)


def _after(table: Table, column: Column[Any], last: int) -> Any:
    stored = type_coerce(column, _plain(column)).label("stored")
    return (
        select(table.c.id, stored)
        .where(table.c.id > last, column.is_not(None))
        .order_by(table.c.id)
        .limit(ROWS_AT_ONCE)
    )


def _plain(column: Column[Any]) -> String | JSON:
    return JSON() if isinstance(column.type, SealedDocument) else String()


def _write(
    connection: Connection, context: Context, column: Column[Any], clear: Sequence[Row[Any]]
) -> int:
    """Seal values; of texts only where nobody has written another one since."""
    table, plain = column.table, _plain(column)
    statement: Any = update(table).where(table.c.id == bindparam("key"))
    rows = [{"key": row.id, "now": _sealed(context, row.stored)} for row in clear]
    if isinstance(plain, String):  # PostgreSQL cannot compare JSON
        statement = statement.where(type_coerce(column, plain) == bindparam("was", type_=plain))
        rows = [{**values, "was": row.stored} for values, row in zip(rows, clear, strict=True)]
    connection.execute(statement.values({column: bindparam("now", type_=plain)}), rows)
    return len(clear)


def _sealed(context: Context, stored: Any) -> str:
    return seal(context.keys, stored if isinstance(stored, str) else json.dumps(stored))
