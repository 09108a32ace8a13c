"""What happened and what waits, for `status`: counts from a few plain queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select

from survey_pipeline.context import Context
from survey_pipeline.day_runs import DAILY
from survey_pipeline.notation import Hours
from survey_pipeline.reports.standstill import Standstill, standstill_now
from survey_pipeline.stages.callbacks import DayLoad, forecast_load
from survey_pipeline.stages.dispatch import (
    GatewayView,
    MoveView,
    moves_of_shares,
    views_of_gateways,
)
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    calls,
    draws,
    import_runs,
    inbound,
    job_runs,
    messages,
    surveys,
)
from survey_pipeline.survey.leases import held
from survey_pipeline.survey.pausing import Pause, open_pause
from survey_pipeline.vocabulary import CallState

LATEST = 5
"""Imports, draws and moves of traffic that are shown."""


@dataclass(frozen=True)
class WorkspaceStatus:
    """The state of a workspace at a moment."""

    at: datetime
    imports: Sequence[dict[str, Any]]
    """The latest, newest first."""
    draws: Sequence[dict[str, Any]]
    messages: dict[str, int]
    """By state."""
    replies: dict[str, int]
    """By use."""
    surveys: dict[str, int]
    """By state."""
    calls: dict[str, int]
    """Waiting, due and held."""
    gateways: Sequence[GatewayView]
    moves: Sequence[MoveView]
    """The latest moves of traffic between them, newest first."""
    last_day_run: date | None
    paused: Pause | None
    """Of sending."""
    standstill: Standstill | None
    """Why no text goes out, if none does."""
    load: Sequence[DayLoad]
    texts_from: datetime | None
    """When texts may go out next; None if they may now."""
    calls_from: datetime | None
    """When citizens may be called next; None if they may now."""

    def to_json(self) -> dict[str, Any]:
        """Return the document of `status --json`."""
        return {
            **vars(self),
            "at": self.at.isoformat(),
            "gateways": [vars(gateway) for gateway in self.gateways],
            "moves": [vars(move) for move in self.moves],
            "last_day_run": self.last_day_run,
            "paused": vars(self.paused) if self.paused else None,
            "standstill": self.standstill.to_json() if self.standstill else None,
            "load": [{**vars(day), "calls": day.calls} for day in self.load],
        }


def read_status(context: Context) -> WorkspaceStatus:
    """Return the state of a workspace now."""
    now, load = context.now(), forecast_load(context)
    with reading(context.engine) as connection:
        return WorkspaceStatus(
            at=now,
            imports=_latest_imports(connection),
            draws=_latest_draws(connection),
            messages=_counts(connection, messages, messages.c.state),
            replies=_counts(connection, inbound, inbound.c.use),
            surveys=_counts(connection, surveys, surveys.c.state),
            calls=call_counts(connection, now),
            gateways=views_of_gateways(connection, context),
            moves=moves_of_shares(connection, LATEST),
            last_day_run=connection.scalar(
                select(func.max(job_runs.c.day)).where(
                    job_runs.c.job == DAILY, job_runs.c.finished_at.is_not(None)
                )
            ),
            paused=open_pause(connection),
            standstill=standstill_now(connection, context),
            load=load,
            texts_from=_opens(context, context.settings.sending.hours, working_days=False),
            calls_from=_opens(context, context.settings.callbacks.hours, working_days=True),
        )


def _opens(context: Context, hours: Sequence[Hours], *, working_days: bool) -> datetime | None:
    now = context.now()
    if context.calendar.is_open(now, hours, working_days=working_days):
        return None
    return context.calendar.next_open(now, hours, working_days=working_days)


def _counts(connection: Connection, table: Table, column: Column[Any]) -> dict[str, int]:
    rows = connection.execute(
        select(column, func.count()).select_from(table).group_by(column).order_by(column)
    )
    return {row[0]: row[1] for row in rows}


def _latest_imports(connection: Connection) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(
            import_runs.c.at,
            import_runs.c.by,
            import_runs.c.kind,
            import_runs.c.file_name,
            import_runs.c.accepted,
            import_runs.c.updated,
            import_runs.c.unchanged,
            import_runs.c.refused,
        )
        .order_by(import_runs.c.id.desc())
        .limit(LATEST)
    )
    return [dict(row) for row in rows.mappings()]


def _latest_draws(connection: Connection) -> list[dict[str, Any]]:
    drawn = (
        select(surveys.c.drawn_on, func.count().label("drawn"))
        .group_by(surveys.c.drawn_on)
        .subquery()
    )
    rows = connection.execute(
        select(draws.c.day, draws.c.frame, func.coalesce(drawn.c.drawn, 0).label("drawn"))
        .outerjoin(drawn, drawn.c.drawn_on == draws.c.day)
        .order_by(draws.c.day.desc())
        .limit(LATEST)
    )
    return [dict(row) for row in rows.mappings()]


def call_counts(connection: Connection, now: datetime) -> dict[str, int]:
    """Count the calls that wait, those of them that are due, and those that a caller holds."""
    is_open = calls.c.state == CallState.OPEN
    queries = {
        "waiting": is_open,
        "due": is_open & (calls.c.due_at <= now),
        "held": is_open & (held(now)),
    }
    return {
        name: connection.scalar(select(func.count()).select_from(calls).where(condition)) or 0
        for name, condition in queries.items()
    }
