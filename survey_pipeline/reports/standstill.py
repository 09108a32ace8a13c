"""Whether texts can go out now; if not, why, since when, how many wait, and what to do.

Pages, `status` and `/metrics` all ask here, so that they cannot contradict each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.dispatch import GatewayView, views_of_gateways
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import messages, send_attempts
from survey_pipeline.survey.pausing import Pause, open_pause
from survey_pipeline.vocabulary import MessageState, SendOutcome

PATIENCE = timedelta(minutes=10)
"""How long a rest, or a queue without attempts, may last before it is a standstill."""
AT_LEAST = 5
"""Attempts that must fail in a row before sending is said to stand still."""


class Obstacle(StrEnum):
    """Why no text goes out."""

    NO_GATEWAY = "no_gateway"
    STOPPED = "stopped"
    """Every gateway is stopped, or stopped or resting: the configuration or an account is wrong."""
    RESTING = "resting"
    """Every gateway's provider asked for less, for longer than `PATIENCE`."""
    PAUSED = "paused"
    FAILING = "failing"
    """No gateway could be reached, time after time."""
    NO_SENDER = "no_sender"
    """Texts have been due for longer than `PATIENCE`, and no sender has tried one."""


@dataclass(frozen=True)
class Standstill:
    """No text can go out."""

    obstacle: Obstacle
    since: datetime | None
    """None if it is not known."""
    why: Message
    remedy: Message
    waiting: int = 0
    """Texts that are queued."""
    given_up_from: datetime | None = None
    """When the first of them is given up, and its case called."""

    def to_json(self) -> dict[str, Any]:
        """Return its part of the document of `status --json`."""
        return {
            "obstacle": self.obstacle.value,
            "since": self.since,
            "why": str(self.why),
            "remedy": str(self.remedy),
            "waiting": self.waiting,
            "given_up_from": self.given_up_from,
        }


@dataclass(frozen=True)
class _Look:
    """The workspace as it is looked at."""

    connection: Connection
    context: Context
    gateways: Sequence[GatewayView]

    def standstill(self) -> Standstill | None:
        """Return why no text goes out; obstacles that a person must remove come first."""
        return self._of_gateways() or self._of_pause() or self._of_senders()

    def _of_gateways(self) -> Standstill | None:
        if not self.gateways:
            return Standstill(
                Obstacle.NO_GATEWAY,
                None,
                Message(N_("No gateway is configured.")),
                Message(N_("Add a [[gateway]] to config/pipeline.toml and restart the program.")),
            )
        soon = self.context.now() + PATIENCE
        if any(
            not gateway.stopped_at and (gateway.rests_until or soon) <= soon
            for gateway in self.gateways
        ):
            return None
        stopped = [gateway for gateway in self.gateways if gateway.stopped_at]
        return _stopped(stopped) if stopped else self._resting()

    def _resting(self) -> Standstill:
        until = min(gateway.rests_until for gateway in self.gateways if gateway.rests_until)
        at = self.context.calendar.written(until)
        return Standstill(
            Obstacle.RESTING,
            None,
            Message(N_("Every gateway's provider asked for a rest, until {at}."), {"at": at}),
            Message(N_("Ask the provider for a higher limit, or add a second [[gateway]].")),
        )

    def _of_pause(self) -> Standstill | None:
        pause = open_pause(self.connection)
        return None if pause is None else _paused(pause)

    def _of_senders(self) -> Standstill | None:
        """Look at the latest attempts, and at how long the oldest text has been due."""
        due, now = self.connection.scalar(_OLDEST), self.context.now()
        if due is None:
            return None
        latest = self.connection.execute(_LATEST).all()
        told = [row for row in latest if row.outcome]
        if len(told) >= AT_LEAST and all(row.outcome == SendOutcome.NOT_SENT for row in told):
            return _failing(self._failing_since())
        tried = any(row.started_at > now - PATIENCE for row in latest)
        idle = due <= now - PATIENCE and not tried and self._open_for_long(now)
        return _no_sender(due) if idle else None

    def _failing_since(self) -> datetime | None:
        others = select(func.max(send_attempts.c.started_at)).where(
            send_attempts.c.outcome.is_not(None), send_attempts.c.outcome != SendOutcome.NOT_SENT
        )
        last = self.connection.scalar(others)
        first = select(func.min(send_attempts.c.started_at))
        if last is not None:
            first = first.where(send_attempts.c.started_at > last)
        found: datetime | None = self.connection.scalar(first)
        return found

    def _open_for_long(self, now: datetime) -> bool:
        hours, calendar = self.context.settings.sending.hours, self.context.calendar
        return all(calendar.is_open(at, hours, working_days=False) for at in (now - PATIENCE, now))


_LATEST = (
    select(send_attempts.c.outcome, send_attempts.c.started_at)
    .order_by(send_attempts.c.started_at.desc())
    .limit(4 * AT_LEAST)
)
_QUEUED = messages.c.state == MessageState.QUEUED
_OLDEST = select(func.min(messages.c.not_before)).where(_QUEUED)
_WAITING = select(func.count(), func.min(messages.c.expires_at)).where(_QUEUED)


def standstill(context: Context) -> Standstill | None:
    """Return why no text goes out, how many wait and until when; None while texts go out."""
    with reading(context.engine) as connection:
        return standstill_now(connection, context)


def standstill_now(connection: Connection, context: Context) -> Standstill | None:
    """Return the same, read through a connection that is open already."""
    found = _Look(connection, context, views_of_gateways(connection, context)).standstill()
    if found is None:
        return None
    waiting, first = connection.execute(_WAITING).one()
    return Standstill(found.obstacle, found.since, found.why, found.remedy, waiting, first)


def stands_still(context: Context) -> bool:
    """Return whether no text can go out; cheap enough for the head of every page."""
    with reading(context.engine) as connection:
        gateways = views_of_gateways(connection, context)
        return _Look(connection, context, gateways).standstill() is not None


def _stopped(stopped: Sequence[GatewayView]) -> Standstill:
    told = [
        Message(
            N_("{gateway}: {why}"), {"gateway": gateway.gateway, "why": gateway.stopped_why or ""}
        )
        for gateway in stopped
    ]
    first = told[0]
    for reason in told[1:]:
        first = Message(N_("{one}; {other}"), {"one": first, "other": reason})
    return Standstill(
        Obstacle.STOPPED,
        max(gateway.stopped_at for gateway in stopped if gateway.stopped_at),
        Message(
            N_("The provider refuses our account or configuration ({gateways})."),
            {"gateways": first},
        ),
        Message(
            N_(
                "Correct the [[gateway]] in config/pipeline.toml or its credentials, restart the "
                "program, and check with survey-pipeline doctor. One text is tried every minute; "
                "when the gateway accepts it, the others follow automatically."
            )
        ),
    )


def _paused(pause: Pause) -> Standstill:
    return Standstill(
        Obstacle.PAUSED,
        pause.at,
        Message(N_("Sending was paused by {who}."), {"who": pause.by}),
        Message(N_("Resume sending on the page of the day.")),
    )


def _failing(since: datetime | None) -> Standstill:
    return Standstill(
        Obstacle.FAILING,
        since,
        Message(N_("No gateway could be reached; every attempt failed.")),
        Message(
            N_(
                "Check the network and the provider's address; survey-pipeline doctor checks "
                "both. Texts are tried again automatically."
            )
        ),
    )


def _no_sender(since: datetime) -> Standstill:
    return Standstill(
        Obstacle.NO_SENDER,
        since,
        Message(N_("Texts are due, and no sender is running.")),
        Message(N_("Start survey-pipeline run, or survey-pipeline worker beside serve.")),
    )
