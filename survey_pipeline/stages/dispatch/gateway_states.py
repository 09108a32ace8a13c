"""The stored states of gateways: their shares, stops and rests, and every change of a share.

Several workers share these rows. A worker that judges the gateways' health locks the rows, and does
nothing if another worker judged them within `traffic.every`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch.gateway_figures import recent_figures
from survey_pipeline.stages.dispatch.gateway_health import GatewayState, ShareChange, decide_changes
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


def read_states(context: Context, configured: Mapping[str, int]) -> dict[str, GatewayState]:
    """Return the states of these gateways; nothing is judged or written.

    Args:
        context: the workspace.
        configured: their shares by the configuration, in hundredths of a point.
    """
    with reading(context.engine) as connection:
        return states_in(connection, configured)


def judge(context: Context, configured: Mapping[str, int]) -> dict[str, GatewayState]:
    """Judge the gateways' health if that is due, change shares, and return the new states.

    A single gateway is not judged.
    """
    if len(configured) < 2:
        return read_states(context, configured)
    now, policy = context.now(), context.settings.traffic
    with writing(context.engine) as connection:
        _set_up(connection, configured, now)
        found = states_in(connection, configured)
        if any(
            state.judged_at and state.judged_at > now - policy.every for state in found.values()
        ):
            return found
        figures = recent_figures(connection, context.settings, now)
        _move(connection, decide_changes(now, found, figures, policy), now)
        for label in configured:
            _update(connection, label, {"judged_at": now})
        return states_in(connection, configured)


def stop(context: Context, label: str, why: str, configured: int) -> None:
    """Note that a gateway's configuration is broken; only the first call logs an error."""
    now = context.now()
    with writing(context.engine) as connection:
        before = _held(connection, label, configured)
        values = {"stopped_at": before.stopped_at or now, "stopped_why": why}
        _update(connection, label, values)
        if before.stopped_at is None:
            change = ShareChange(label, before.share, before.share, ShareMove.STOPPED)
            _record(connection, change, {"error": why}, now)
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
        change = ShareChange(label, before.share, before.share, ShareMove.RESUMED)
        _record(connection, change, {}, now)
    log.warning("gateway resumed", extra={"action": "gateway_resumed", "gateway": label})


def rest(context: Context, label: str, until: datetime, configured: int) -> None:
    """Note until when a gateway's provider takes no texts."""
    with writing(context.engine) as connection:
        before = _held(connection, label, configured)
        if before.rests_until is None or before.rests_until < until:
            _update(connection, label, {"rests_until": until})


def states_in(connection: Connection, configured: Mapping[str, int]) -> dict[str, GatewayState]:
    """Return the states of these gateways; one without a row has its configured share."""
    known = _rows(connection)
    found = {
        label: known.get(label, GatewayState(share, share)) for label, share in configured.items()
    }
    if len(found) == 1:  # a share from a time with several gateways does not apply
        return {label: replace(state, share=WHOLE) for label, state in found.items()}
    return found


def _rows(connection: Connection, *, hold: bool = False) -> dict[str, GatewayState]:
    """Return the stored states; with `hold`, locked until the transaction ends."""
    query = select(*_COLUMNS).order_by(gateway_states.c.gateway)
    if hold:
        query = query.with_for_update()  # SQLite has a single writer anyway
    return {row[0]: GatewayState(*row[1:]) for row in connection.execute(query)}


def _held(connection: Connection, label: str, configured: int) -> GatewayState:
    """Return a gateway's state, its row locked; the row is added if there is none."""
    insert_absent(connection, gateway_states, [_row(label, configured)])
    return _rows(connection, hold=True)[label]


def _row(label: str, share: int) -> dict[str, Any]:
    return {"gateway": label, "configured": share, "share": share}


def _set_up(connection: Connection, configured: Mapping[str, int], now: datetime) -> None:
    """Reset the shares if gateways or priorities in the configuration have changed."""
    known = _rows(connection, hold=True)
    if not known:
        rows = [_row(label, share) for label, share in sorted(configured.items())]
        insert_absent(connection, gateway_states, rows)
        return
    wanted = {**dict.fromkeys(known, 0), **configured}
    if {label: state.configured for label, state in known.items()} == wanted:
        return
    new = sorted(wanted.keys() - known.keys())
    insert_absent(connection, gateway_states, [_row(label, 0) for label in new])
    for label, share in sorted(wanted.items()):
        before = known[label].share if label in known else 0
        _update(connection, label, {"configured": share, "share": share, "moved_at": now})
        if before != share:
            _record(connection, ShareChange(label, before, share, ShareMove.CONFIGURED), {}, now)


def _move(connection: Connection, changes: Sequence[ShareChange], now: datetime) -> None:
    for change in changes:
        _update(connection, change.gateway, {"share": change.after, "moved_at": now})
        _record(connection, change, asdict(change.figures), now)
        told = {name: getattr(change, name) for name in ("gateway", "before", "after", "why")}
        log.warning("traffic moved", extra={"action": "traffic_moved", **told})


def _update(connection: Connection, label: str, values: Mapping[str, Any]) -> None:
    connection.execute(
        update(gateway_states).where(gateway_states.c.gateway == label).values(**values)
    )


def _record(
    connection: Connection, change: ShareChange, figures: Mapping[str, Any], now: datetime
) -> None:
    connection.execute(
        gateway_moves.insert().values(
            at=now,
            gateway=change.gateway,
            before=change.before,
            after=change.after,
            why=change.why,
            figures=dict(figures),
        )
    )
