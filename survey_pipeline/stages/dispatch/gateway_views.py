"""The gateways' states for people and programs: shares in points, stops, rests, latest changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch.gateway_health import parts_now
from survey_pipeline.stages.dispatch.gateway_states import states_in
from survey_pipeline.stages.dispatch.shares import POINT, configured_shares
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import gateway_moves


@dataclass(frozen=True)
class GatewayView:
    """One gateway; of 100 points of traffic."""

    gateway: str
    configured: Decimal
    """By its priority."""
    share: Decimal
    """By its health; 0 while it is stopped or rests."""
    part: Decimal
    """What it takes now: other gateways' parts too while they are stopped or rest."""
    stopped_at: datetime | None
    stopped_why: str | None
    rests_until: datetime | None
    """Only if that is still to come."""


@dataclass(frozen=True)
class MoveView:
    """One move of a gateway's share, in points."""

    at: datetime
    gateway: str
    before: Decimal
    after: Decimal
    why: str
    """A `ShareMove`."""
    figures: Mapping[str, Any]


def gateway_views(context: Context) -> list[GatewayView]:
    """Return every configured gateway, in the order of the file."""
    with reading(context.engine) as connection:
        return views_of_gateways(connection, context)


def views_of_gateways(connection: Connection, context: Context) -> list[GatewayView]:
    """Return the same, read through a connection that is open already."""
    now = context.now()
    configured = configured_shares(
        {gateway.label: gateway.priority for gateway in context.settings.gateway}
    )
    found = states_in(connection, configured)
    taken = parts_now(found, now)
    return [
        GatewayView(
            gateway.label,
            _points(configured[gateway.label]),
            _points(found[gateway.label].share if found[gateway.label].takes_part(now) else 0),
            _points(taken[gateway.label].size if gateway.label in taken else 0),
            found[gateway.label].stopped_at,
            found[gateway.label].stopped_why,
            found[gateway.label].rests_from(now),
        )
        for gateway in context.settings.gateway
    ]


def latest_moves(
    context: Context, most: int, *, since: datetime | None = None, until: datetime | None = None
) -> Sequence[MoveView]:
    """Return the latest moves of shares, newest first; those of a span of time, if it is given."""
    with reading(context.engine) as connection:
        return moves_of_shares(connection, most, since=since, until=until)


def moves_of_shares(
    connection: Connection,
    most: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Sequence[MoveView]:
    """Return the same, read through a connection that is open already."""
    query = select(gateway_moves).order_by(gateway_moves.c.id.desc()).limit(most)
    if since is not None:
        query = query.where(gateway_moves.c.at >= since)
    if until is not None:
        query = query.where(gateway_moves.c.at < until)
    return [
        MoveView(row.at, row.gateway, _points(row.before), _points(row.after), row.why, row.figures)
        for row in connection.execute(query)
    ]


def _points(hundredths: int) -> Decimal:
    return (Decimal(hundredths) / POINT).quantize(Decimal("0.01"))
