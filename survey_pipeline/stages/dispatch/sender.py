"""One gateway's sender: keeps as many texts under way as the gateway's `concurrency` allows.

Workers take claimed texts one after the other; a new batch is claimed before the last one is used
up, and results are written down while others are under way, so that no connection idles. What
touches the database waits its turn on one lock: SQLite has one writer.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from survey_pipeline.gateways.port import Gateway, SendResult, unknown
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.stages.dispatch.outbox import Claimed, Outbox, Sent
from survey_pipeline.stages.dispatch.shares import EVERYTHING, Share
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import RefusalReason, SendOutcome

log = logging.getLogger(__name__)
T = TypeVar("T")

FIRST_BATCH, LARGEST_BATCH = 64, 4_096
"""Texts claimed, and results recorded, in one transaction: at first, and at most.

A batch is about a second of the gateway's own speed: whoever is killed leaves no more than that in
doubt, and a fast carrier is not slowed by many small transactions.
"""
RECORD_EVERY = 0.5
"""Seconds after which results are recorded, however few there are."""
THROTTLES = 3
"""So many throttled attempts in a row end a gateway's part of this dispatch."""


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
        """Why no more goes over this gateway now."""
        self.claimed = 0
        self.recorded: Callable[[], None] = lambda: None
        """Is called whenever results were written down."""
        self._context = context
        self._settings = settings
        self._gateway = gateway
        self._outbox = outbox
        self._may_send = may_send
        self._share = EVERYTHING
        self._rate = float(settings.rate_per_second)
        self._most = min(FIRST_BATCH, self._largest())
        self._waiting: deque[Claimed] = deque()
        self._results: list[Sent] = []
        self._exhausted = False
        self._throttled = 0
        self._resting = False
        self._next_slot = self._claimed_at = self._recorded_at = 0.0

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
        self._most = max(1, min(wanted, 2 * self._most, self._largest()))

    async def run(self, share: Share, database: asyncio.Lock, most: int | None = None) -> int:
        """Send everything that is due in a share of the traffic.

        Args:
            share: which messages are this gateway's.
            database: held while the database is worked on.
            most: at most so many (one, to see whether a gateway works again).

        Returns:
            How many messages were claimed.
        """
        self._share, self._database, self._exhausted = share, database, False
        self._left, before = most, self.claimed
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
        return self.claimed - before

    async def _work(self) -> None:
        while (message := await self._next()) is not None:
            if self._context.now() >= message.begin_by:
                self._results.append(Sent(message, None))
            else:
                if self._rate:
                    await self._pace()
                result = await self._hand_over(message)
                self._results.append(Sent(message, result))
                self._heed(result)
            self._record_soon()

    async def _next(self) -> Claimed | None:
        if self._ended:
            return None
        if len(self._waiting) <= self._most // 4:
            self._refill_soon()
        while not self._waiting and self._refilling is not None and not self._ended:
            await asyncio.shield(self._refilling)
        return self._waiting.popleft() if self._waiting and not self._ended else None

    @property
    def _ended(self) -> bool:
        """Whether nothing more goes over this gateway now."""
        return self._resting or self.stopped is not None

    def _refill_soon(self) -> None:
        if self._refilling is None and not self._exhausted:
            self._refilling = _started(self._refill())

    async def _refill(self) -> None:
        most = self._most if self._left is None else min(self._most, self._left)
        try:
            if most < 1 or self._ended or not self._may_send():
                self._exhausted = True
                return
            claimed = await self._with_database(lambda: self._outbox.claim(self._share, most))
            self._waiting.extend(claimed)
            self.claimed += len(claimed)
            self._exhausted = not claimed
            self._adapt(len(claimed))
            if self._left is not None:
                self._left -= len(claimed)
        finally:
            self._refilling = None

    async def _pace(self) -> None:
        """Wait for the next free slot of the gateway's rate."""
        now = self._loop.time()
        self._next_slot = max(self._next_slot + 1 / self._rate, now)
        if self._next_slot > now:
            await asyncio.sleep(self._next_slot - now)

    async def _hand_over(self, message: Claimed) -> SendResult:
        try:
            return await self._gateway.send(message.outgoing)
        except Exception as error:  # whatever its author forgot: nobody knows
            kind = type(error).__name__
            log.warning("gateway raised", extra={"action": "gateway_raised", "error": kind})
            return unknown(f"the gateway raised {kind}")

    def _heed(self, result: SendResult) -> None:
        """Stop where going on makes no sense: a broken configuration, or a provider's limit."""
        self._throttled = self._throttled + 1 if result.outcome is SendOutcome.THROTTLED else 0
        if result.reason is RefusalReason.CONFIGURATION:
            self.stopped = result.error or "configuration"
        elif self._throttled >= THROTTLES:
            self._resting = True

    def _record_soon(self) -> None:
        if self._recording is not None:
            return
        full = len(self._results) >= self._most
        if full or self._loop.time() - self._recorded_at > RECORD_EVERY:
            self._recording = _started(self._record())

    async def _record(self) -> None:
        results, self._results = self._results, []
        self._recorded_at = self._loop.time()
        try:
            self.outcomes += await self._with_database(lambda: self._outbox.record(results))
            self.recorded()
        except BaseException:
            self._results = results + self._results  # tried again, at the latest at the end
            raise
        finally:
            self._recording = None

    async def _with_database(self, work: Callable[[], T]) -> T:
        async with self._database:
            return await asyncio.to_thread(work)

    async def _finish(self) -> None:
        """Record what is known, give back what was not handed over; also when we are cancelled."""
        under_way = [task for task in (self._refilling, self._recording) if task is not None]
        await asyncio.gather(*under_way, return_exceptions=True)
        self._results += [Sent(message, None) for message in self._waiting]
        self._waiting.clear()
        if self._results:
            await self._record()


def _started(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start work beside the workers; whoever waits for it, or the end, meets its fault."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
