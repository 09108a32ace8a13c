"""Changes of the data key: which one the database is under, and since when."""

from datetime import datetime

from sqlalchemy import Table
from sqlmodel import SQLModel

from survey_pipeline.store.columns import identity, moment, table
from survey_pipeline.store.personal import Actor, Identifier


class KeyChange(SQLModel, table=True):
    """One change of the data key; the latest one names the key that the database is under.

    While it is not finished, it is the mark that keeps every other process away from the database
    (`store.key_changes`). At most one is not finished.
    """

    __tablename__ = "key_changes"

    id: int | None = identity()
    begun_at: datetime = moment()
    begun_by: Actor
    old_key: Identifier
    """Fingerprint of the data key before."""
    new_key: Identifier
    """Fingerprint of the data key since."""
    finished_at: datetime | None = moment(default=None)
    """When every value was under the new key."""


key_changes: Table = table(KeyChange)
