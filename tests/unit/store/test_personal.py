"""Each column says whether it holds personal data (specification, section 10.3)."""

from typing import Annotated

import pytest
from sqlalchemy import Column, LargeBinary, Table
from sqlmodel import SQLModel

from survey_pipeline.store.columns import document, identity, table
from survey_pipeline.store.personal import (
    CitizenPhone,
    Code,
    Figures,
    KeptUntil,
    NotPersonal,
    Personal,
    Subject,
    columns_until,
    declared,
    has_to_say,
)
from survey_pipeline.store.tables import cases, surveys

TABLES = sorted(cases.metadata.tables.values(), key=lambda held: held.name)
COLUMNS = [column for held in TABLES for column in held.columns]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_a_column_of_text_bytes_or_json_says_what_it_holds(column: Column[object]) -> None:
    """Give a new column one of the types of `store.personal`."""
    assert has_to_say(column) == (declared(column) is not None)


def test_a_column_that_says_nothing_is_found() -> None:
    class Silent(SQLModel, table=True):
        __tablename__ = "silent"

        id: int | None = identity()
        said: Code
        phone: CitizenPhone | None
        figures: Figures = document()
        text: str
        sealed: bytes | None
        written: Annotated[str, "not a declaration"]

    held = table(Silent)
    SQLModel.metadata.remove(held)
    silent = [column.name for column in held.columns if has_to_say(column) and not declared(column)]
    assert silent == ["text", "sealed", "written"]
    assert isinstance(declared(held.c.said), NotPersonal)
    number = declared(held.c.phone)
    assert isinstance(number, Personal)
    assert (number.subject, number.until) == (Subject.CITIZEN, KeptUntil.SURVEY)


def test_the_columns_of_an_end_are_those_that_declare_it() -> None:
    def named(held: Table, *ends: KeptUntil) -> list[str]:
        return [column.name for column in columns_until(held, *ends)]

    assert named(cases, KeptUntil.SURVEY) == ["phone", "phone_hash", "citizen_name", "remark"]
    assert named(surveys, KeptUntil.SURVEY) == ["phone"]
    assert named(surveys, KeptUntil.SURVEY, KeptUntil.QUIET) == ["phone", "phone_hash"]


@pytest.mark.parametrize("held", TABLES, ids=lambda held: held.name)
def test_every_encrypted_or_hashed_number_is_declared_personal(held: Table) -> None:
    for column in held.columns:
        if "phone" in column.name and isinstance(column.type, LargeBinary):
            assert isinstance(declared(column), Personal)
