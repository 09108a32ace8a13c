"""A whole dispatch: settle what was left behind, write what is due, send what is due."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.gateways.port import Gateway
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.stages.dispatch.composer import make_composer
from survey_pipeline.stages.dispatch.composing import Composed, compose
from survey_pipeline.stages.dispatch.outbox import Outbox, due_now
from survey_pipeline.stages.dispatch.receipts import apply_receipts
from survey_pipeline.stages.dispatch.report import DispatchReport
from survey_pipeline.stages.dispatch.sender import Sender
from survey_pipeline.stages.dispatch.shares import EVERYTHING, Share
from survey_pipeline.stages.dispatch.traffic import TrafficSplit
from survey_pipeline.stages.dispatch.unknown import ask_about_unknown, take_up_expired_leases
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import messages, surveys
from survey_pipeline.survey.lifecycle import Move, move_messages
from survey_pipeline.survey.pausing import sending_pause
from survey_pipeline.troubles import RESULTS
from survey_pipeline.vocabulary import MessageState, MessageWhy, SendOutcome

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with the number of texts handed over so far, and the number of texts due."""


def dispatch(
    context: Context,
    gateways: Mapping[str, Gateway],
    *,
    day: date | None = None,
    ignore_hours: bool = False,
    progress: Progress | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> DispatchReport:
    """Send what is due; come back when nothing due is left untried, or sending is paused.

    May be stopped and repeated at any time, and run by several workers at once.

    Args:
        context: the workspace.
        gateways: the configured gateways by label.
        day: only what was drawn that day.
        ignore_hours: send outside sending hours too.
        progress: is called whenever results were written down.
        meanwhile: is called every `traffic.every` while texts go out, from another thread: to hear
            what comes in, for an opt-out must not wait for the end. Receipts are read if nothing
            else is asked for; they speak of the gateways' health.

    Raises:
        ConfigurationError: a template is missing or wrong; what was written before is sent.
        DatabaseFault: the database failed; results that were kept meanwhile are on record if it
            came back before the lease of their texts ended.
    """
    lapsed = take_up_expired_leases(context)
    context.troubles.end(RESULTS)  # texts whose results were lost stand as unknown from now on
    asked = ask_about_unknown(context, gateways)
    expired = _expire(context)
    composed, unusable = _compose(context, day)
    hear = meanwhile or (lambda: apply_receipts(context))
    run = _Run(context, gateways, day, hear, ignore_hours=ignore_hours)
    run.watch(progress, _waiting(context, day))
    if run.may_send() and sending_pause(context) is None:
        asyncio.run(run.send_all())
    waiting = _waiting(context, day)
    pause = sending_pause(context)
    open_now = run.may_send() and pause is None
    run.traffic.read()
    if unusable is not None:
        raise unusable
    return DispatchReport(
        composed=composed,
        outcomes=run.outcomes,
        lapsed=lapsed,
        asked=asked,
        expired=expired,
        held=0 if open_now else waiting,
        opens_at=None if open_now or pause else _opens_at(context),
        paused_at=context.calendar.local(pause.at) if pause else None,
        paused_by=pause.by if pause else None,
        left=waiting if open_now else 0,
        stopped=run.traffic.stopped,
        resting={
            label: context.calendar.local(until) for label, until in run.traffic.resting.items()
        },
    )


def _compose(context: Context, day: date | None) -> tuple[Composed, ConfigurationError | None]:
    """Write what is due; a template that is wrong must not hold up the texts written before."""
    try:
        return compose(context, make_composer(context), day=day), None
    except ConfigurationError as error:
        return Composed(), error


def _expire(context: Context) -> int:
    """Give up texts that were held too long: the phone takes their cases."""
    with writing(context.engine) as connection:
        ids = connection.scalars(
            select(messages.c.id).where(
                messages.c.state == MessageState.QUEUED, messages.c.expires_at <= context.now()
            )
        )
        moves = [
            Move(key, MessageState.EXPIRED, MessageWhy.HELD_TOO_LONG, only_from=MessageState.QUEUED)
            for key in ids
        ]
        return move_messages(connection, context, moves)


def _opens_at(context: Context) -> datetime:
    hours = context.settings.sending.hours
    opens = context.calendar.next_open(context.now(), hours, working_days=False)
    return context.calendar.local(opens)


def _waiting(context: Context, day: date | None) -> int:
    query = select(func.count()).select_from(messages).where(*due_now(context.now()))
    if day is not None:
        query = query.join(surveys, surveys.c.id == messages.c.survey_id).where(
            surveys.c.drawn_on == day
        )
    with reading(context.engine) as connection:
        return connection.scalar(query) or 0


class _Run:
    """The senders of one dispatch."""

    def __init__(
        self,
        context: Context,
        gateways: Mapping[str, Gateway],
        day: date | None,
        meanwhile: Callable[[], object],
        *,
        ignore_hours: bool,
    ) -> None:
        self._context = context
        self._ignore_hours = ignore_hours
        settings = {gateway.label: gateway for gateway in context.settings.gateway}
        known = {label: settings.get(label, _unlisted(label)) for label in gateways}
        priorities = {label: gateway.priority for label, gateway in known.items()}
        self.traffic = TrafficSplit(context, priorities, meanwhile)
        worker = f"{socket.gethostname()}-{os.getpid()}-{context.new_token()}"
        alone = len(gateways) == 1
        self._senders = {
            label: Sender(
                context,
                known[label],
                gateway,
                Outbox(context, label, worker, day, alone=alone),
                self.may_send,
            )
            for label, gateway in gateways.items()
        }

    def watch(self, progress: Progress | None, due: int) -> None:
        """Call `progress` whenever results are recorded; `due` is how many texts are due."""
        if progress is not None:
            for sender in self._senders.values():
                sender.recorded = lambda: progress(sum(self.outcomes.values()), due)

    def may_send(self) -> bool:
        """Return whether texts may go out now."""
        hours = self._context.settings.sending.hours
        return self._ignore_hours or self._context.calendar.is_open(
            self._context.now(), hours, working_days=False
        )

    @property
    def outcomes(self) -> Counter[SendOutcome]:
        """Attempts by outcome."""
        return sum((sender.outcomes for sender in self._senders.values()), Counter())

    async def send_all(self) -> None:
        """Send until nothing due is left, or no gateway has a part in the traffic."""
        database, traffic = asyncio.Lock(), self.traffic
        await asyncio.to_thread(traffic.look)
        await _all_ended(self._try_again(label, database) for label in traffic.stopped)
        while parts := traffic.parts():
            claimed = await _all_ended(
                self._send(label, part, database) for label, part in parts.items()
            )
            if not any(claimed) and traffic.parts() == parts:
                return

    async def _send(self, label: str, part: Share, database: asyncio.Lock) -> int:
        """Send one gateway's part; note it if the gateway was stopped or rests."""
        sender = self._senders[label]
        claimed = await sender.run(part, lambda: self.traffic.part_now(label), database)
        async with database:
            if sender.stopped is not None:
                await asyncio.to_thread(self.traffic.stop, label, sender.stopped)
            if sender.rests_until is not None:
                await asyncio.to_thread(self.traffic.rest, label, sender.rests_until)
        return claimed

    async def _try_again(self, label: str, database: asyncio.Lock) -> None:
        """Try a stopped gateway with one message, which spends no attempt if it comes back."""
        sender = self._senders[label]
        await sender.run(EVERYTHING, lambda: EVERYTHING, database, most=1)
        async with database:
            if sender.stopped is not None:
                await asyncio.to_thread(self.traffic.stop, label, sender.stopped)
            elif sender.works:
                await asyncio.to_thread(self.traffic.resume, label)


async def _all_ended(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for every sender, then raise the first fault.

    What still runs when a fault is raised is cancelled, and leaves texts in doubt.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    if faults := [found for found in ended if isinstance(found, BaseException)]:
        raise faults[0]
    return [found for found in ended if not isinstance(found, BaseException)]


def _unlisted(label: str) -> GatewaySettings:
    """Return the settings of a gateway that the file does not name: tests bring such ones."""
    return GatewaySettings(kind=label, priority=1)
