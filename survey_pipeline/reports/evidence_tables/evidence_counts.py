"""How many records of each kind there are for a year."""

from dataclasses import dataclass

from sqlalchemy import func, select

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.reports.evidence_tables.evidence_listing import year_standard
from survey_pipeline.reports.evidence_tables.evidence_shapes import SHAPES
from survey_pipeline.store.engine import reading
from survey_pipeline.vocabulary import RecordKind


@dataclass(frozen=True)
class EvidenceCount:
    """Records of a kind."""

    kind: RecordKind
    records: int
    """Withdrawn ones too."""
    withdrawn: int


def count_evidence(context: Context, year: int) -> list[EvidenceCount]:
    """Return how many records of each kind there are for an appraisal year."""
    window = year_standard(context, year).window
    found = []
    with reading(context.engine) as connection:
        for kind, shape in SHAPES.items():
            table = shape.table
            own = (
                table.c.year == year
                if shape.is_yearly
                else table.c[shape.month].between(month_of(window.first), month_of(window.until))
            )
            query = select(func.count(), func.count(table.c.withdrawn_at)).where(own)
            records, withdrawn = connection.execute(query).one()
            found.append(EvidenceCount(kind, records, withdrawn))
    return found
