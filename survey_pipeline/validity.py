"""On which days an office is valid: the one rule, for values and for columns.

An office is valid from `valid_from` to `valid_until`, both included; an empty end is open. Outside
these days it is not surveyed and owes nothing.

Source: specification, section 12.5.
"""

from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement


class Valid(Protocol):
    """Anything with a first and a last day."""

    @property
    def valid_from(self) -> date | None:
        """The first day; None: always was."""

    @property
    def valid_until(self) -> date | None:
        """The last day; None: no end is known."""


def valid_within(office: Valid, first: date, last: date) -> bool:
    """Return whether an office is valid on at least one day of a span, both ends included."""
    return (office.valid_from is None or office.valid_from <= last) and (
        office.valid_until is None or office.valid_until >= first
    )


def valid_on(office: Valid, day: date) -> bool:
    """Return whether an office is valid on a day."""
    return valid_within(office, day, day)


def valid_part(office: Valid, first: date, last: date) -> tuple[date, date]:
    """Return the part of a span in which an office is valid; if it ends before it begins, none."""
    return max(first, office.valid_from or first), min(last, office.valid_until or last)


class ValidColumns(Protocol):
    """A table's columns of a first and a last day (`offices.c`)."""

    valid_from: "Column[date | None]"
    valid_until: "Column[date | None]"


def valid_within_sql(columns: "ValidColumns", first: date, last: date) -> "ColumnElement[bool]":
    """Return `valid_within` as a condition on a table's columns."""
    return (columns.valid_from.is_(None) | (columns.valid_from <= last)) & (
        columns.valid_until.is_(None) | (columns.valid_until >= first)
    )


def valid_on_sql(columns: "ValidColumns", day: date) -> "ColumnElement[bool]":
    """Return `valid_on` as a condition on a table's columns."""
    return valid_within_sql(columns, day, day)
