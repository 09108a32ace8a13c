"""What a record of a form would cost its office, before anything is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection

from survey_pipeline.context import Context
from survey_pipeline.reports.evidence_tables.evidence_listing import year_standard
from survey_pipeline.reports.evidence_tables.evidence_shapes import SHAPES
from survey_pipeline.reports.evidence_tables.record_standing import (
    COSTED,
    RecordStanding,
    RecordStandings,
)
from survey_pipeline.stages.intake.entering import Entered, try_record
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.engine import reading
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import RecordKind


@dataclass(frozen=True)
class RecordCost:
    """What would become of a form, and of the office's component."""

    entered: Entered
    standing: RecordStanding | None
    """Of the record, if it is not refused and is of a kind that has one."""
    before: Fraction | None
    """The office's points of the component as they are; None if there are none yet."""
    after: Fraction | None


def cost_of(context: Context, kind: RecordKind, fields: Mapping[str, str], year: int) -> RecordCost:
    """Return what a form's record would be refused for, or what it would cost.

    Args:
        context: the workspace.
        kind: one of `SHAPES`.
        fields: column name -> what was typed.
        year: the appraisal year.
    """
    standard = year_standard(context, year)
    office = as_key(fields.get("office_code", ""))
    with reading(context.engine) as connection:
        before = _component(context, connection, standard, kind, office)
    shape = SHAPES[kind]
    key = shape.key_of({name: as_key(text) for name, text in _with_blanks(kind, fields).items()})

    def look(connection: Connection) -> tuple[RecordStanding | None, Fraction | None]:
        codes = {office} if office else None
        found = RecordStandings(context, connection, standard, codes).of(kind)
        return found.get(key), _component(context, connection, standard, kind, office)

    tried = try_record(context, kind, fields, look, year=year if shape.is_yearly else None)
    standing, after = tried.look or (None, None)
    return RecordCost(tried.entered, standing, before, after)


def _with_blanks(kind: RecordKind, fields: Mapping[str, str]) -> dict[str, str]:
    return {name: fields.get(name, "") for name in SHAPES[kind].table.c.keys()}  # noqa: SIM118 - a collection of columns


def _component(
    context: Context, connection: Connection, standard: Standard, kind: RecordKind, office: str
) -> Fraction | None:
    if kind not in COSTED or not office:
        return None
    line = RecordStandings(context, connection, standard, {office}).component(kind, office)
    return None if line is None else line.points
