"""Column types that both engines store alike."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

BigKey = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit keys; SQLite's INTEGER is 64-bit already, and only it numbers rows by itself."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite, which knows no zones, gets it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; hand others over in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(*, default: Any = ..., **options: Any) -> Any:
    """Declare a `UtcDateTime` field."""
    return Field(default, sa_type=UtcDateTime, **options)


def identity() -> Any:
    """Declare a primary key that the database numbers."""
    return Field(default=None, primary_key=True, sa_type=BigKey)


def reference(foreign_key: str | None = None, *, default: Any = ..., **options: Any) -> Any:
    """Declare a column that holds another table's `identity`."""
    if foreign_key:
        options["foreign_key"] = foreign_key
    return Field(default, sa_type=BigKey, **options)


def document(**options: Any) -> Any:
    """Declare a JSON field."""
    return Field(sa_type=JSON, **options)


def table(model: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table of a model, typed; all queries are written with it."""
    return model.__table__  # type: ignore[attr-defined,no-any-return] # SQLModel sets it on table classes
