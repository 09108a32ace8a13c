"""The register as a table: offices with their department, and whether each is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.validity import valid_on, valid_on_sql


class RegisterState(StrEnum):
    """What the register can be filtered by."""

    OPEN = "open"
    """Valid today, and appraised."""
    CLOSED = "closed"
    """Valid on other days alone."""
    EXEMPT = "exempt"
    """Not appraised, with a reason."""
    WITHDRAWN = "withdrawn"
    """Taken off the register."""


@dataclass(frozen=True)
class RegisterFilter:
    """Which offices are wanted; an empty field filters nothing."""

    text: str = ""
    """Part of a code or a name."""
    category: str = ""
    parent: str = ""
    state: RegisterState | None = None


@dataclass(frozen=True)
class RegisteredOffice:
    """An office as a row of the table."""

    office_code: str
    name: str
    category: str
    parent_code: str
    parent: str
    state: RegisterState
    exempt_reason: str


def list_register(context: Context, wanted: RegisterFilter) -> Sequence[RegisteredOffice]:
    """Return the offices that a filter meets, by code."""
    query = (
        select(offices, parents.c.name.label("parent"))
        .join(parents, parents.c.parent_code == offices.c.parent_code)
        .where(*_conditions(context, wanted))
        .order_by(offices.c.office_code)
    )
    with reading(context.engine) as connection:
        return [_office(context, row) for row in connection.execute(query)]


def _conditions(context: Context, wanted: RegisterFilter) -> list[ColumnElement[bool]]:
    columns, found = offices.c, list[ColumnElement[bool]]()
    if wanted.text:
        names = (columns.office_code, columns.name)
        found.append(or_(*(name.icontains(wanted.text, autoescape=True) for name in names)))
    if wanted.category:
        found.append(columns.category == wanted.category)
    if wanted.parent:
        found.append(columns.parent_code == wanted.parent)
    if wanted.state is not None:
        found.extend(_of_state(context, wanted.state))
    return found


def _of_state(context: Context, state: RegisterState) -> list[ColumnElement[bool]]:
    columns = offices.c
    if state is RegisterState.WITHDRAWN:
        return [columns.withdrawn_at.is_not(None)]
    on_register = columns.withdrawn_at.is_(None)
    is_valid = valid_on_sql(columns, context.today())
    if state is RegisterState.CLOSED:
        return [on_register, ~is_valid]
    is_exempt = columns.exempt_reason.is_not(None)
    return [on_register, is_valid, is_exempt if state is RegisterState.EXEMPT else ~is_exempt]


def _office(context: Context, row: Any) -> RegisteredOffice:
    if row.withdrawn_at is not None:
        state = RegisterState.WITHDRAWN
    elif not valid_on(row, context.today()):
        state = RegisterState.CLOSED
    else:
        state = RegisterState.EXEMPT if row.exempt_reason else RegisterState.OPEN
    return RegisteredOffice(
        row.office_code,
        row.name,
        row.category,
        row.parent_code,
        row.parent,
        state,
        row.exempt_reason or "",
    )
