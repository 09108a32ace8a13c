"""What the gateways did lately, as figures: two grouped queries over the rows of a few minutes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal_column, or_, select

from survey_pipeline.settings import Settings
from survey_pipeline.stages.dispatch.gateway_health import GatewayFigures
from survey_pipeline.stages.dispatch.outbox import NOT_HANDED_OVER
from survey_pipeline.store.tables import gateway_moves, receipts, send_attempts
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome, ShareMove

OWN_REASONS = (RefusalReason.FILTERED, RefusalReason.CONFIGURATION, RefusalReason.OTHER)
"""Refusals that are the gateway's own; the others are the citizen's or ours."""
FINAL_RECEIPTS = (ReceiptState.DELIVERED, ReceiptState.UNDELIVERED)
"""Not every provider sends intermediate receipts: with them a provider would look faster."""


def recent_figures(
    connection: Connection, settings: Settings, now: datetime
) -> Mapping[str, GatewayFigures]:
    """Return what each gateway did in the last `traffic.window`.

    An attempt counts once it has ended, or once its sender's lease has run out; one that was
    throttled, or that was given back before the gateway was called, counts in nothing. Nor does
    what a gateway did before it was stopped and mended.
    """
    since = now - settings.traffic.window
    recent = _begun_since(connection, since)
    attempts = {row.gateway: row for row in _attempts(connection, settings, recent, now)}
    told = {row.gateway: row for row in _receipts(connection, settings, since, recent)}
    found = {}
    for gateway in attempts.keys() | told.keys():
        tried, heard = attempts.get(gateway), told.get(gateway)
        found[gateway] = GatewayFigures(
            attempts=tried.attempts if tried else 0,
            failed=(tried.failed if tried else 0) + (heard.failed if heard else 0),
            receipts=heard.receipts if heard else 0,
            late=heard.late if heard else 0,
        )
    return found


def _begun_since(connection: Connection, since: datetime) -> ColumnElement[bool]:
    """Return the condition that an attempt began since then, and since its gateway was mended."""
    mended = connection.execute(
        select(gateway_moves.c.gateway, func.max(gateway_moves.c.at))
        .where(gateway_moves.c.why == ShareMove.RESUMED, gateway_moves.c.at >= since)
        .group_by(gateway_moves.c.gateway)
    ).all()
    return and_(
        send_attempts.c.started_at >= since,
        *(
            or_(send_attempts.c.gateway != gateway, send_attempts.c.started_at >= at)
            for gateway, at in mended
        ),
    )


def _attempts(
    connection: Connection, settings: Settings, recent: ColumnElement[bool], now: datetime
) -> Any:
    lapsed = and_(
        send_attempts.c.outcome.is_(None),
        send_attempts.c.started_at <= now - settings.sending.lease,
    )
    counts = or_(
        lapsed,
        send_attempts.c.outcome.in_(
            (SendOutcome.ACCEPTED, SendOutcome.REFUSED, SendOutcome.UNKNOWN)
        ),
        and_(
            send_attempts.c.outcome == SendOutcome.NOT_SENT,
            func.coalesce(send_attempts.c.reason, "") != NOT_HANDED_OVER,
        ),
    )
    failed = or_(
        lapsed,
        send_attempts.c.outcome.in_((SendOutcome.NOT_SENT, SendOutcome.UNKNOWN)),
        and_(
            send_attempts.c.outcome == SendOutcome.REFUSED, send_attempts.c.reason.in_(OWN_REASONS)
        ),
    )
    return connection.execute(
        select(
            send_attempts.c.gateway,
            func.count().label("attempts"),
            _how_many(failed).label("failed"),
        )
        .where(recent, counts)
        .group_by(send_attempts.c.gateway)
    )


def _receipts(
    connection: Connection, settings: Settings, since: datetime, recent: ColumnElement[bool]
) -> Any:
    """Return the receipts that came since, and the recent attempts that they say failed."""
    of_late = select(send_attempts.c.id).where(
        send_attempts.c.id == receipts.c.attempt_id,
        recent,
        send_attempts.c.outcome == SendOutcome.ACCEPTED,  # others have been counted already
    )
    failed = and_(
        receipts.c.state == ReceiptState.UNDELIVERED,
        receipts.c.reason.in_(OWN_REASONS),
        of_late.exists(),
    )
    # an expression: to group by the column SQLite would read every receipt, in an index's order
    gateway = receipts.c.gateway.concat(literal_column("''"))
    late_after = int(settings.traffic.late_after.total_seconds() * 1000)
    return connection.execute(
        select(
            gateway.label("gateway"),
            func.count().label("receipts"),
            _how_many(receipts.c.waited > late_after).label("late"),
            _how_many(failed).label("failed"),
        )
        .where(
            receipts.c.received_at >= since,
            receipts.c.state.in_(FINAL_RECEIPTS),
            receipts.c.waited.is_not(None),
        )
        .group_by(gateway)
    )


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
