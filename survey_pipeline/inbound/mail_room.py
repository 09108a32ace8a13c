"""Stores what webhooks bring: all that waits goes into one transaction.

A provider is answered when its event is on the disk, which takes a sync. Events that come together
share one, so that a burst of receipts does not wait for a sync each.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.inbound.mailbox import Events, store_events
from survey_pipeline.store.engine import writing
from survey_pipeline.store.migrate import require_file
from survey_pipeline.troubles import WEBHOOKS, told

AT_ONCE = 500
"""Webhooks stored in one transaction."""


class _Delivery(NamedTuple):
    gateway: str
    events: Events
    stored: "Future[None]"


class MailRoom:
    """One writer for the webhooks of a process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: deque[_Delivery] = deque()
        self._writer = ThreadPoolExecutor(1, "webhooks")

    def store(self, gateway: str, events: Events) -> "Future[None]":
        """Store events soon.

        Returns:
            What is done when they are on the disk, or fails. Cancelled before its turn, they are
            not stored.
        """
        delivery = _Delivery(gateway, events, Future())
        self._waiting.append(delivery)
        self._writer.submit(self._store_waiting)
        return delivery.stored

    def _store_waiting(self) -> None:
        count = min(len(self._waiting), AT_ONCE)
        taken = [self._waiting.popleft() for _ in range(count)]
        wanted = [delivery for delivery in taken if delivery.stored.set_running_or_notify_cancel()]
        try:
            self._store(wanted)
        except Exception:  # one of them may be what the database refuses
            for delivery in wanted:
                self._store_alone(delivery)

    def _store_alone(self, delivery: _Delivery) -> None:
        try:
            self._store([delivery])
        except Exception as error:  # its caller is told
            if isinstance(error, DatabaseFault):
                self._context.troubles.begin(WEBHOOKS, told(error), self._context.now())
            delivery.stored.set_exception(error)

    def _store(self, deliveries: Sequence[_Delivery]) -> None:
        if not deliveries:
            return
        context = self._context
        with writing(context.engine) as connection:
            for delivery in deliveries:
                store_events(
                    connection, context.keys, delivery.gateway, delivery.events, context.now()
                )
        require_file(context.engine)  # a deleted file takes commits, and nobody finds them
        context.troubles.end(WEBHOOKS)
        for delivery in deliveries:
            delivery.stored.set_result(None)
