"""How far the audit log is bound into its chain, for the journal's page; no full check."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from survey_pipeline.audit_chain.heads import kept_head
from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_heads, audit_links, audit_waiting

HEADS_LOOKED_AT = 31
"""The latest heads: those of a month of daily runs."""


@dataclass(frozen=True)
class ChainState:
    """The chain as it stands."""

    linked: int
    """The last link's position."""
    waiting: int
    """Entries that are not linked yet."""
    head_at: datetime | None
    """When the latest head was signed; None before the first."""
    head_position: int
    head_hash: str
    heads: int
    """Of the latest heads, those that were looked at."""
    fitting: int
    """Of those, the ones that are signed by this workspace and are in the chain."""

    @property
    def ok(self) -> bool:
        """Whether every head that was looked at fits."""
        return self.fitting == self.heads


def read_chain_state(context: Context) -> ChainState:
    """Return how far the chain is, and whether the latest heads fit it."""
    latest = (
        select(audit_heads, audit_links.c.link.label("linked"))
        .outerjoin_from(audit_heads, audit_links, audit_links.c.position == audit_heads.c.position)
        .order_by(audit_heads.c.id.desc())
        .limit(HEADS_LOOKED_AT)
    )
    with reading(context.engine) as connection:
        linked = int(connection.scalar(select(func.max(audit_links.c.position))) or 0)
        waiting = connection.scalar(select(func.count()).select_from(audit_waiting))
        heads = connection.execute(latest).all()
    fitting = [
        head
        for head in heads
        if kept_head(context.keys, head).is_signed_by(context.keys)
        and (head.position == 0 or (head.linked is not None and head.linked.hex() == head.link))
    ]
    newest = next(iter(heads), None)
    return ChainState(
        linked=linked,
        waiting=int(waiting or 0),
        head_at=None if newest is None else newest.at,
        head_position=newest.position if newest else 0,
        head_hash=newest.link if newest else "",
        heads=len(heads),
        fitting=len(fitting),
    )
