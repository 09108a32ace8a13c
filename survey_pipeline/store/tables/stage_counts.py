"""What each stage of the pipeline has done, added up by every worker: for monitoring alone."""

from datetime import datetime

from sqlalchemy import Table
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import moment, reference, table
from survey_pipeline.store.personal import Word


class StageCount(SQLModel, table=True):
    """The counters of one stage; they only grow."""

    __tablename__ = "stage_counts"

    stage: Word = Field(primary_key=True)
    """A `CountedStage`."""
    runs: int = reference(default=0)
    """Times that it ended well."""
    failures: int = reference(default=0)
    items: int = reference(default=0)
    milliseconds: int = reference(default=0)
    """In which it ran, well or not."""
    succeeded_at: datetime | None = moment(default=None)
    """When it last ended well."""


stage_counts: Table = table(StageCount)
