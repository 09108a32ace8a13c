"""How the gateways stand, how traffic moved between them, and pauses of sending."""

from datetime import datetime

from sqlalchemy import Index, Table, text
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import document, identity, moment, table
from survey_pipeline.store.personal import (
    Actor,
    Explained,
    Figures,
    Word,
)


class GatewayState(SQLModel, table=True):
    """How a gateway stands: its share of the traffic, and whether it has a part in it now."""

    __tablename__ = "gateway_states"

    gateway: Word = Field(primary_key=True)
    configured: int
    """Its share by priority, in hundredths of a point: 10,000 is all traffic."""
    share: int
    """Its share by its health."""
    moved_at: datetime | None = moment(default=None)
    """When the share last moved."""
    judged_at: datetime | None = moment(default=None)
    """When its health was last judged, by any worker."""
    stopped_at: datetime | None = moment(default=None)
    """Since when its configuration is known to be broken."""
    stopped_why: Explained | None = None
    """The provider's code and words."""
    rests_until: datetime | None = moment(default=None)
    """The provider asked for less: nothing is handed over before."""


class GatewayMove(SQLModel, table=True):
    """The journal of the gateways' shares; rows are never changed."""

    __tablename__ = "gateway_moves"

    id: int | None = identity()
    at: datetime = moment()
    gateway: Word
    before: int
    """The share in hundredths of a point."""
    after: int
    """The same as before where the gateway was stopped or resumed: its share waits for it."""
    why: Word
    """A `ShareMove`."""
    figures: Figures = document()
    """What the move was decided by: attempts, failed, receipts, late; or the provider's words."""


class Pause(SQLModel, table=True):
    """Somebody has stopped something for everyone; at most one pause of a thing is open."""

    __tablename__ = "pauses"
    __table_args__ = (
        Index(
            "uq_pauses_open",
            "what",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = identity()
    what: Word
    """`sending`: no text leaves, on any host."""
    at: datetime = moment()
    by: Actor
    ended_at: datetime | None = moment(default=None)
    ended_by: Actor | None = None


gateway_states: Table = table(GatewayState)
gateway_moves: Table = table(GatewayMove)
pauses: Table = table(Pause)
