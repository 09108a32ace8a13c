"""Writes that must not be lost although the database is away: done as soon as it is back."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from sqlalchemy import Connection, Engine

from survey_pipeline.errors import DatabaseFault
from survey_pipeline.store.engine import writing

log = logging.getLogger(__name__)

Write = Callable[[Connection], object]
PATIENCE = 30.0
"""Seconds that `now_or_later` waits for the database: a process that ends then has no later."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between two attempts: doubled each time."""


class Postponed:
    """The writes that a process still owes its database; its threads share them.

    Args:
        patience: seconds for which a write is tried before it is postponed.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._waiting: deque[Write] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def now_or_later(self, engine: Engine, write: Write) -> None:
        """Do a write in a transaction of its own, or keep it for `catch_up`."""
        self._waiting.append(write)
        until, pause = time.monotonic() + self._patience, SHORTEST_PAUSE
        while True:
            try:
                return self.catch_up(engine)
            except DatabaseFault as fault:
                left = until - time.monotonic()
                if left <= 0:
                    log.warning("a write waits: %s", fault, extra={"action": "write_postponed"})
                    return None
            time.sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)

    def catch_up(self, engine: Engine) -> None:
        """Do what was postponed, in order.

        Raises:
            DatabaseFault: the database is still away; what it has not taken stays postponed.
        """
        with self._lock:
            while self._waiting:
                with writing(engine) as connection:
                    self._waiting[0](connection)
                self._waiting.popleft()
