"""One gateway's sender: keeps as many texts under way as the gateway's `concurrency` allows.

Workers take claimed texts in turn; a new batch is claimed before the last one is used
up, and results are written down while others are under way, so that no connection idles. What
touches the database waits its turn on one lock: SQLite has one writer. While results cannot be
written down nothing more is handed over: it would only add to what is in doubt.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway, SendResult, unknown
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.stages.dispatch.outbox import Claimed, Outbox, Sent
from survey_pipeline.stages.dispatch.pending_results import PendingResults
from survey_pipeline.stages.dispatch.shares import EVERYTHING, Share
from survey_pipeline.vocabulary import RefusalReason, SendOutcome

log = logging.getLogger(__name__)
T = TypeVar("T")

FIRST_BATCH, LARGEST_BATCH = 64, 4_096
"""Texts claimed, and results recorded, in one transaction: at first, and at most.

A batch is about a second of the gateway's own speed: a sender that is killed leaves no more than
that in doubt, and a fast carrier is not slowed by many small transactions.
"""
RECORD_EVERY = 0.5
"""Seconds after which results are recorded, however few there are."""
THROTTLES = 3
"""So many throttled attempts in a row end a gateway's part: it rests as long as they say."""
SHORT_WAIT = timedelta(seconds=5)
"""A wait that the sender keeps by pausing; where it is longer, the text alone waits."""


class Sender:
    """Sends what is due over one gateway, until nothing is left or the gateway must be stopped."""

    def __init__(
        self,
        context: Context,
        settings: GatewaySettings,
        gateway: Gateway,
        outbox: Outbox,
        may_send: Callable[[], bool],
    ) -> None:
        self.outcomes: Counter[SendOutcome] = Counter()
        self.stopped: str | None = None
        """Why no more goes over this gateway now: its configuration is broken."""
        self.rests_until: datetime | None = None
        """Its provider wants nothing before."""
        self.works = False
        """Whether the provider has taken, or judged, a text in this run: it knows who we are."""
        self.claimed = 0
        self.recorded: Callable[[], None] = lambda: None
        """Is called whenever results were written down."""
        self._context = context
        self._settings = settings
        self._gateway = gateway
        self._outbox = outbox
        self._may_send = may_send
        self._part = EVERYTHING
        self._rate = float(settings.rate_per_second)
        self._batch_size = min(FIRST_BATCH, self._largest())
        self._waiting: deque[Claimed] = deque()
        self._results = PendingResults(context, settings.label, outbox.record)
        self._fault: Exception | None = None
        self._exhausted = False
        self._throttled: list[datetime] = []
        self._next_slot = self._claimed_at = self._recorded_at = 0.0
        self._paused_at = self._pause_ends = 0.0

    def _largest(self) -> int:
        """Return how many texts may be claimed at once: with a rate, a quarter of a lease's."""
        if not self._rate:
            return LARGEST_BATCH
        lease = self._context.settings.sending.lease.total_seconds()
        return max(1, min(LARGEST_BATCH, int(self._rate * lease / 4)))

    def _adapt(self, claimed: int) -> None:
        """Make the next batch about a second of work, at most twice the last one."""
        now = self._loop.time()
        took, self._claimed_at = max(now - self._claimed_at, 0.001), now
        wanted = max(self._settings.concurrency, int(claimed / took))
        self._batch_size = max(1, min(wanted, 2 * self._batch_size, self._largest()))

    async def run(
        self,
        part: Share,
        part_now: Callable[[], Share | None],
        database: asyncio.Lock,
        most: int | None = None,
    ) -> int:
        """Send everything that is due in a part of the traffic.

        Args:
            part: which messages are this gateway's.
            part_now: asked before each claim; a run ends if its part has changed, so
                that all senders begin anew with theirs. May look into the database.
            database: held while the database is worked on.
            most: at most so many (one, to see whether a gateway works again).

        Returns:
            How many messages were claimed.

        Raises:
            DatabaseFault: the database failed; what was under way has ended before.
        """
        self._part, self._part_now, self._database = part, part_now, database
        self._exhausted, self._left, before = False, most, self.claimed
        self.stopped, self.rests_until, self.works, self._fault = None, None, False, None
        self._refilling: asyncio.Task[None] | None = None
        self._recording: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._recorded_at = self._claimed_at = self._loop.time()
        try:
            async with self._gateway:
                workers = 1 if most else self._settings.concurrency
                await asyncio.gather(*(self._work() for _ in range(workers)))
        finally:
            await self._finish()
        if self._fault is not None:
            raise self._fault
        return self.claimed - before

    async def _work(self) -> None:
        while (message := await self._next_message()) is not None:
            if self._rate:
                await self._pace()
            if self._pause_ends:
                await self._pause()
            await self._until_results_are_recorded()
            if self._ended or self._context.now() >= message.begin_by:
                self._results.add(Sent(message, None))
            else:
                begun = self._loop.time()
                result = await self._hand_over(message)
                self._results.add(Sent(message, result))
                self._react(result, begun)
            self._record_soon()

    async def _next_message(self) -> Claimed | None:
        if self._ended:
            return None
        # the claim runs beside the sending: a quarter of a batch lasts until the next one is here
        if len(self._waiting) <= self._batch_size // 4:
            self._refill_soon()
        while not self._waiting and self._refilling is not None and not self._ended:
            # shielded: all workers wait for one claim, and one cancelled worker must not end it
            await asyncio.shield(self._refilling)
        # checked again: another worker may have taken the last text, or the gateway was stopped
        return self._waiting.popleft() if self._waiting and not self._ended else None

    @property
    def _ended(self) -> bool:
        """Whether nothing more goes over this gateway now."""
        return bool(self.rests_until or self.stopped is not None or self._fault)

    def _refill_soon(self) -> None:
        if self._refilling is None and not self._exhausted:
            self._refilling = _start(self._refill())

    async def _refill(self) -> None:
        most = self._batch_size if self._left is None else min(self._batch_size, self._left)
        try:
            # the hours may have closed, or the gateway was stopped, since this task was started
            if most < 1 or self._ended or not self._may_send():
                self._exhausted = True
                return
            # measured before the claim: waiting for the database shortens the time that is left
            lease = self._context.settings.sending.lease.total_seconds()
            lease_ends = self._loop.time() + lease
            claimed = await self._with_database(lambda: self._claim(most))
            self._results.keep_until(lease_ends)
            self._waiting.extend(claimed)
            self.claimed += len(claimed)
            # a claim that finds nothing ends the run, though a text may come due a moment later:
            # the next round takes it
            self._exhausted = not claimed
            self._adapt(len(claimed))
            if self._left is not None:
                self._left -= len(claimed)
        except Exception as error:  # raised by `run` when what is under way has ended
            self._fault = error
        finally:
            self._refilling = None

    def _claim(self, most: int) -> Sequence[Claimed]:
        return self._outbox.claim(self._part, most) if self._part_now() == self._part else ()

    async def _pace(self) -> None:
        """Wait for the next free slot of the gateway's rate."""
        now = self._loop.time()
        self._next_slot = max(self._next_slot + 1 / self._rate, now)
        if self._next_slot > now:
            await asyncio.sleep(self._next_slot - now)

    async def _pause(self) -> None:
        """Wait as long as the provider asked for; it may ask again meanwhile."""
        while (wait := self._pause_ends - self._loop.time()) > 0:
            await asyncio.sleep(wait)

    async def _hand_over(self, message: Claimed) -> SendResult:
        try:
            return await self._gateway.send(message.outgoing)
        except Exception as error:  # a fault of the gateway's code: the text may have gone out
            kind = type(error).__name__
            log.warning("gateway raised", extra={"action": "gateway_raised", "error": kind})
            return unknown(f"the gateway raised {kind}")

    def _react(self, result: SendResult, begun: float) -> None:
        """Stop where going on makes no sense: a broken configuration, or a provider's limit."""
        broken = result.reason is RefusalReason.CONFIGURATION
        if broken:
            self.stopped = result.error or RefusalReason.CONFIGURATION.value
        if result.outcome is SendOutcome.THROTTLED:
            self._slow_down(result.retry_at or self._context.now(), begun)
            return
        self._throttled.clear()
        judged = result.outcome in (SendOutcome.ACCEPTED, SendOutcome.REFUSED)
        self.works = self.works or (judged and not broken)

    def _slow_down(self, retry_at: datetime, begun: float) -> None:
        """Pause for a short wait; rest after several throttles in a row.

        What was under way when a pause began was handed over too early as well: such a burst is one
        throttle.
        """
        wait = retry_at - self._context.now()
        if begun >= self._paused_at or wait > SHORT_WAIT:
            self._throttled.append(retry_at)
        if timedelta(0) < wait <= SHORT_WAIT:
            now = self._loop.time()
            self._paused_at = now if self._pause_ends <= now else self._paused_at
            self._pause_ends = max(self._pause_ends, now + wait.total_seconds())
        if len(self._throttled) >= THROTTLES:
            self.rests_until = max(self._throttled)

    def _record_soon(self) -> None:
        if self._recording is not None:
            return
        full = len(self._results) >= self._batch_size
        if full or self._loop.time() - self._recorded_at > RECORD_EVERY:
            self._recording = _start(self._record())

    async def _record(self) -> None:
        # set at the start: what is sent during the record waits RECORD_EVERY for the next one
        self._recorded_at = self._loop.time()
        try:
            self.outcomes += await self._results.record(self._with_database)
            self.recorded()
        except Exception as error:
            # stops the workers, too: more texts handed over would be more texts in doubt
            self._fault = error
            raise
        finally:
            self._recording = None

    async def _until_results_are_recorded(self) -> None:
        """Wait while results cannot be recorded; a fault that lasts ends the run."""
        while self._results.failing and self._recording is not None:
            await asyncio.wait([self._recording])

    async def _with_database(self, work: Callable[[], T]) -> T:
        async with self._database:
            return await asyncio.to_thread(work)

    async def _finish(self) -> None:
        """Record what is known, give back what was not handed over; also when we are cancelled."""
        under_way = [task for task in (self._refilling, self._recording) if task is not None]
        await asyncio.gather(*under_way, return_exceptions=True)
        self._results.add(*(Sent(message, None) for message in self._waiting))
        self._waiting.clear()
        if self._results:
            await self._record()


def _start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start a background task; its exception is kept for `run`, which raises it at its end."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
