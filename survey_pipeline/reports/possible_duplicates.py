"""Records of a year that differ by so little that they may be the same; none is merged."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, func, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.likeness import NearRecords, same_words
from survey_pipeline.standard import standard_for
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import awards, supervision_records

MOST_SHOWN = 200
"""A list of more would be read by no one."""


def possible_duplicates(
    context: Context, year: int, office_code: str | None = None
) -> Sequence[Message]:
    """Return the possible duplicates of a year as its records stand now, at most `MOST_SHOWN`.

    Args:
        context: the workspace.
        year: the appraisal year.
        office_code: of this office alone.
    """
    with reading(context.engine) as connection:
        found = [
            *_of_awards(connection, year, office_code),
            *_of_sanctions(context, connection, year, office_code),
        ]
    return found[:MOST_SHOWN]


def evidence_mark(context: Context, year: int) -> tuple[object, ...]:
    """Return what changes whenever an award or sanction of a year comes, changes or goes."""
    with reading(context.engine) as connection:
        return tuple(
            connection.execute(
                select(
                    func.count(), func.max(table.c.import_id), func.count(table.c.withdrawn_at)
                ).where(table.c.year == year)
            ).one()
            for table in (awards, supervision_records)
        )


def _of_awards(connection: Connection, year: int, office_code: str | None) -> Iterator[Message]:
    known = NearRecords()
    columns = (awards.c.office_code, awards.c.award_no, awards.c.work)
    for code, key, work in connection.execute(_records(awards, year, office_code, *columns)):
        known.add(code, key, (same_words(work),))
        if (near := known.near(code, key)) is not None:
            yield Message(
                "{office}: the works of awards {first} ({work}) and {second} ({other}) may be the "
                "same",
                {"office": code, "first": near[0], "work": near[1][0], "second": key,
                 "other": same_words(work)},
            )  # fmt: skip


def _of_sanctions(
    context: Context, connection: Connection, year: int, office_code: str | None
) -> Iterator[Message]:
    """Yield near sanctions by their numbers; persons are not named."""
    standard = standard_for(year, context.settings.standards, context.home / FOLDER).standard
    table, known = supervision_records, NearRecords()
    columns = (table.c.office_code, table.c.record_no, table.c.person, table.c.matter)
    query = _records(table, year, office_code, *columns).where(
        table.c.clause.in_(standard.supervision.highest.clauses),
        table.c.person.is_not(None),
        table.c.matter.is_not(None),
    )
    for code, key, person, matter in connection.execute(query):
        words = (same_words(context.keys.decrypt(person)), same_words(matter))
        known.add(code, key, words)
        if (near := known.near(code, key)) is not None:
            yield Message(
                "{office}: persons and matters of {first} and {second} may be the same",
                {"office": code, "first": near[0], "second": key},
            )


def _records(
    table: Table, year: int, office_code: str | None, *columns: Column[Any]
) -> Select[Any]:
    query = select(*columns).where(table.c.year == year, table.c.withdrawn_at.is_(None))
    if office_code is not None:
        query = query.where(table.c.office_code == office_code)
    return query.order_by(table.c.office_code, table.c.id)
