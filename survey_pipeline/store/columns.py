"""Column types that both engines store alike."""

from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from survey_pipeline.store.personal import INFO, Declared
from survey_pipeline.store.sealed import SealedBytes, SealedDocument, SealedText

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


def sealed(**options: Any) -> Any:
    """Declare a text that is stored encrypted."""
    return Field(sa_type=SealedText, **options)


def sealed_bytes(**options: Any) -> Any:
    """Declare a value that its writers encrypt."""
    return Field(sa_type=SealedBytes, **options)


def sealed_document(**options: Any) -> Any:
    """Declare a JSON object that is stored encrypted."""
    return Field(sa_type=SealedDocument, **options)


def table(model: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table of a model, typed; all queries are written with it.

    Each column's `info` gets what its annotation declares of personal data (`store.personal`).
    """
    made: Table = model.__table__  # type: ignore[attr-defined] # SQLModel sets it on table classes
    hints = get_type_hints(model, include_extras=True)
    for column in made.columns:
        if (said := _declaration(hints[column.name])) is not None:
            column.info[INFO] = said
    return made


def _declaration(hint: Any) -> Declared | None:
    """Find the declaration in an annotation such as `Annotated[str, said] | None`."""
    for part in (*getattr(hint, "__metadata__", ()), *get_args(hint)):
        if isinstance(part, Declared):
            return part
        if (said := _declaration(part)) is not None:
            return said
    return None
