"""How the gateways stand, on record: their shares, who was stopped, who rests, and every move.

Several workers share these rows. Whoever judges the gateways' health holds the rows meanwhile, and
passes where another worker has judged it within `traffic.every`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch.figures import recent_figures
from survey_pipeline.stages.dispatch.health import Shift, Standing, decide
from survey_pipeline.stages.dispatch.shares import WHOLE
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import gateway_moves, gateway_states
from survey_pipeline.vocabulary import ShareMove

log = logging.getLogger(__name__)

_COLUMNS = [
    gateway_states.c[name]
    for name in (
        "gateway",
        "configured",
        "share",
        "moved_at",
        "judged_at",
        "stopped_at",
        "stopped_why",
        "rests_until",
    )
]


def standings(context: Context, configured: Mapping[str, int]) -> dict[str, Standing]:
    """Return how these gateways stand; nothing is judged or written.

    Args:
        context: the workspace.
        configured: their shares by the configuration, in hundredths of a point.
    """
    with reading(context.engine) as connection:
        return standings_now(connection, configured)


def judge(context: Context, configured: Mapping[str, int]) -> dict[str, Standing]:
    """Judge the gateways' health where that is due, move shares, and return how they stand then.

    With one gateway there is nothing to judge.
    """
    if len(configured) < 2:
        return standings(context, configured)
    now, policy = context.now(), context.settings.traffic
    with writing(context.engine) as connection:
        _set_up(connection, configured, now)
        found = standings_now(connection, configured)
        if any(one.judged_at and one.judged_at > now - policy.every for one in found.values()):
            return found
        figures = recent_figures(connection, context.settings, now)
        _move(connection, decide(now, found, figures, policy), now)
        for label in configured:
            _update(connection, label, {"judged_at": now})
        return standings_now(connection, configured)


def stop(context: Context, label: str, why: str, configured: int) -> None:
    """Note that a gateway's configuration is broken; the first to find it out raises the alarm."""
    now = context.now()
    with writing(context.engine) as connection:
        before = _held(connection, label, configured)
        values = {"stopped_at": before.stopped_at or now, "stopped_why": why}
        _update(connection, label, values)
        if before.stopped_at is None:
            shift = Shift(label, before.share, before.share, ShareMove.STOPPED)
            _record(connection, shift, {"error": why}, now)
    if before.stopped_at is None:
        log.error(
            "gateway stopped", extra={"action": "gateway_stopped", "gateway": label, "error": why}
        )


def resume(context: Context, label: str, configured: int) -> None:
    """Note that a stopped gateway works again."""
    now = context.now()
    with writing(context.engine) as connection:
        before = _held(connection, label, configured)
        if before.stopped_at is None:
            return
        _update(connection, label, {"stopped_at": None, "stopped_why": None})
        shift = Shift(label, before.share, before.share, ShareMove.RESUMED)
        _record(connection, shift, {}, now)
    log.warning("gateway resumed", extra={"action": "gateway_resumed", "gateway": label})


def rest(context: Context, label: str, until: datetime, configured: int) -> None:
    """Note until when a gateway's provider wants nothing."""
    with writing(context.engine) as connection:
        before = _held(connection, label, configured)
        if before.rests_until is None or before.rests_until < until:
            _update(connection, label, {"rests_until": until})


def standings_now(connection: Connection, configured: Mapping[str, int]) -> dict[str, Standing]:
    """Return how these gateways stand; one that is not on record stands as configured."""
    known = _rows(connection)
    found = {label: known.get(label, Standing(share, share)) for label, share in configured.items()}
    if len(found) == 1:  # what it shared with others once plays no part
        return {label: replace(one, share=WHOLE) for label, one in found.items()}
    return found


def _rows(connection: Connection, *, hold: bool = False) -> dict[str, Standing]:
    """Return every gateway on record; held, if asked for, until the transaction ends."""
    query = select(*_COLUMNS).order_by(gateway_states.c.gateway)
    if hold:
        query = query.with_for_update()  # on SQLite whoever writes is alone anyway
    return {row[0]: Standing(*row[1:]) for row in connection.execute(query)}


def _held(connection: Connection, label: str, configured: int) -> Standing:
    """Return how a gateway stands, held; it is put on record if need be."""
    insert_absent(connection, gateway_states, [_row(label, configured)])
    return _rows(connection, hold=True)[label]


def _row(label: str, share: int) -> dict[str, Any]:
    return {"gateway": label, "configured": share, "share": share}


def _set_up(connection: Connection, configured: Mapping[str, int], now: datetime) -> None:
    """Set the shares anew where the configuration's gateways or priorities are other ones."""
    known = _rows(connection, hold=True)
    if not known:
        rows = [_row(label, share) for label, share in sorted(configured.items())]
        insert_absent(connection, gateway_states, rows)
        return
    wanted = {**dict.fromkeys(known, 0), **configured}
    if {label: one.configured for label, one in known.items()} == wanted:
        return
    new = sorted(wanted.keys() - known.keys())
    insert_absent(connection, gateway_states, [_row(label, 0) for label in new])
    for label, share in sorted(wanted.items()):
        before = known[label].share if label in known else 0
        _update(connection, label, {"configured": share, "share": share, "moved_at": now})
        if before != share:
            _record(connection, Shift(label, before, share, ShareMove.CONFIGURED), {}, now)


def _move(connection: Connection, shifts: Sequence[Shift], now: datetime) -> None:
    for one in shifts:
        _update(connection, one.gateway, {"share": one.after, "moved_at": now})
        _record(connection, one, asdict(one.figures), now)
        told = {name: getattr(one, name) for name in ("gateway", "before", "after", "why")}
        log.warning("traffic moved", extra={"action": "traffic_moved", **told})


def _update(connection: Connection, label: str, values: Mapping[str, Any]) -> None:
    connection.execute(
        update(gateway_states).where(gateway_states.c.gateway == label).values(**values)
    )


def _record(
    connection: Connection, shift: Shift, figures: Mapping[str, Any], now: datetime
) -> None:
    connection.execute(
        gateway_moves.insert().values(
            at=now,
            gateway=shift.gateway,
            before=shift.before,
            after=shift.after,
            why=shift.why,
            figures=dict(figures),
        )
    )
