"""The fields of a form in which one record is entered: one for each column of its kind of file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from survey_pipeline.i18n import Message, coded
from survey_pipeline.stages.intake.file_summary import Problem
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.kinds.file_kind import FileColumn
from survey_pipeline.stages.intake.values.cells import Choice, Reader, read_count, read_text
from survey_pipeline.stages.intake.values.dates import read_date, read_month
from survey_pipeline.vocabulary import RecordKind

LONGEST = 1_000
"""Characters of a field: what is longer than its kind takes is refused with the reason."""
_TYPES: Mapping[Reader, str] = {read_date: "date", read_month: "month", read_count: "number"}
_LONG = frozenset({"matter", "remark", "work"})
"""Texts that deserve several lines, beside those of a filing."""


@dataclass(frozen=True)
class RecordField:
    """A field as the form shows it."""

    name: str
    label: Message
    required: bool
    value: str
    type: str
    """Of an `input`; `select`, or `textarea`."""
    options: Mapping[str, Message]
    """What a `select` offers: value -> word."""
    problems: Sequence[Message]
    warnings: Sequence[Message]


async def read_fields(request: Request) -> dict[str, str]:
    """Return the texts of a form by their names, cut where no record can be that long."""
    form = await request.form()
    return {name: text[:LONGEST] for name, text in form.items() if isinstance(text, str)}


Typed = Annotated[dict[str, str], Depends(read_fields)]
"""The fields of a form that has those of a kind of record."""


def column_label(column: FileColumn) -> Message:
    """Return a column as a person reads it: its heading in Chinese, its name in English."""
    return coded(column.name.replace("_", " "), column.labels[0])


def fields_of_kind(
    kind: RecordKind,
    values: Mapping[str, str],
    *,
    options: Mapping[str, Mapping[str, Message]] | None = None,
    problems: Sequence[Problem] = (),
    warnings: Sequence[Problem] = (),
) -> list[RecordField]:
    """Return the fields of a kind's form.

    Args:
        kind: what the record is.
        values: what stands in the fields, by the columns' English names.
        options: what some columns offer, in place of their own lists.
        problems: why the record was refused, by column.
        warnings: what should be looked at, by column.
    """
    given = options or {}
    return [
        RecordField(
            name=column.name,
            label=column_label(column),
            required=column.required,
            value=values.get(column.name, ""),
            type=_type(column, offered := given.get(column.name) or _offered(column)),
            options=offered,
            problems=[found.reason for found in problems if found.column == column.name],
            warnings=[found.reason for found in warnings if found.column == column.name],
        )
        for column in KINDS[kind].columns
    ]


def of_the_whole(kind: RecordKind, problems: Sequence[Problem]) -> list[Message]:
    """Return the reasons that no single field has."""
    names = {column.name for column in KINDS[kind].columns}
    return [found.reason for found in problems if found.column not in names]


def _offered(column: FileColumn) -> Mapping[str, Message]:
    return column.read.options() if isinstance(column.read, Choice) else {}


def _type(column: FileColumn, offered: Mapping[str, Message]) -> str:
    if offered:
        return "select"
    if column.name in _LONG or (column.read is read_text and _is_of_filing(column)):
        return "textarea"
    return _TYPES.get(column.read, "text")


def _is_of_filing(column: FileColumn) -> bool:
    return column in KINDS[RecordKind.FILINGS].columns and column.name != "document_no"
