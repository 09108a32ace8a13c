"""Receipts of deletions: that personal data is gone, how much, and until when it was due."""

from datetime import datetime

from sqlalchemy import Table
from sqlmodel import SQLModel

from survey_pipeline.store.columns import document, identity, moment, table
from survey_pipeline.store.personal import Actor, Figures, Identifier, Word


class Deletion(SQLModel, table=True):
    """One deletion: its counts grow with each batch, in the batch's own transaction."""

    __tablename__ = "deletions"

    id: int | None = identity()
    kind: Word
    """A `DeletionKind`."""
    by: Actor
    begun_at: datetime = moment()
    touched_at: datetime = moment()
    """When the last batch was deleted; a deletion that was killed is known by it."""
    limits: Figures = document()
    """Up to when data was due, a moment or a day for each kind of data."""
    counts: Figures = document()
    """How many rows and files were emptied or deleted, by table or kind of file."""
    finished_at: datetime | None = moment(default=None)
    complete: bool = False
    """Whether it came to its end; a killed one is closed by the next."""
    sha256: Identifier | None = None
    """SHA-256, in hex, over all that stands above as canonical JSON; set when it is finished."""


deletions: Table = table(Deletion)
