"""Reasons that several loaders give: codes that are not on the register, days to come."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CellReason


def unknown_office(code: str) -> Message:
    """Return the reason for a code that is not on the register."""
    return Message("there is no office {code}; import offices first", {"code": code})


def withdrawn_office(code: str) -> Message:
    """Return the reason for an office that was taken off the register."""
    return Message("the office {code} was withdrawn", {"code": code})


def office_refusal(office: Row[Any] | None, code: str) -> CellReason | None:
    """Refuse an office that is not on the register, or was taken off it.

    Args:
        office: the office of that code; None if there is none.
        code: as the row has it.
    """
    if office is None:
        return "office_code", unknown_office(code)
    return None if office.withdrawn_at is None else ("office_code", withdrawn_office(code))


def parent_refusal(parent: Row[Any] | None, code: str) -> CellReason | None:
    """Refuse a parent department that is not on the register, or was taken off it.

    Args:
        parent: the department of that code; None if there is none.
        code: as the row has it.
    """
    if parent is None:
        return "parent_code", Message(
            "there is no parent department {code}; import parents first", {"code": code}
        )
    if parent.withdrawn_at is not None:
        return "parent_code", Message("the parent department {code} was withdrawn", {"code": code})
    return None


def future_refusal(row: Mapping[str, Any], today: date, *columns: str) -> CellReason | None:
    """Refuse days after today.

    Args:
        row: its dates are ISO text, or None.
        today: the day of the import.
        columns: the columns that hold such days.
    """
    for column in columns:
        if row[column] and row[column] > today.isoformat():
            return column, Message("{day} is in the future", {"day": row[column]})
    return None
