"""The names of offices and departments, for lists to choose from."""

from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, select

from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices, parents


@dataclass(frozen=True)
class RegisterNames:
    """Names by code, those of withdrawn bodies left out."""

    offices: dict[str, str]
    parents: dict[str, str]


def bodies_by_code(context: Context) -> RegisterNames:
    """Return the names of all offices and departments that are on the register."""
    with reading(context.engine) as connection:
        return RegisterNames(
            _names(connection, offices, offices.c.office_code),
            _names(connection, parents, parents.c.parent_code),
        )


def _names(connection: Connection, table: Table, code: Column[str]) -> dict[str, str]:
    query = select(code, table.c.name).where(table.c.withdrawn_at.is_(None)).order_by(code)
    return {row[0]: row[1] for row in connection.execute(query)}
