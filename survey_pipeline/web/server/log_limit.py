"""Limits log lines that strangers can cause: one of a kind per minute, with a count of the rest."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

INTERVAL = 60.0
"""Seconds in which a kind is limited."""
MOST_TRACEBACKS = 20
"""Tracebacks of one kind in an interval: they are faults of ours, and each may differ."""
MOST_KINDS = 1_000
"""Kinds that are remembered; then all of them are forgotten."""

LIMITED_ACTIONS = frozenset(
    {"webhook_refused", "webhook_unreadable", "connection_closed", "request_failed", "no_ballots"}
)
"""Actions of our log that a stranger can cause at will."""
SERVER_LOGGERS = frozenset({"uvicorn.error", "asyncio", "python_multipart.multipart"})
"""Loggers of the server, which writes a line for each invalid request and each failed accept."""

Kind = tuple[object, ...]


class RepeatFilter(logging.Filter):
    """Passes one record of a kind per interval; the next one tells how many were dropped.

    Args:
        clock: returns seconds, as `time.monotonic` does.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = Lock()
        self._kinds: dict[Kind, tuple[float, int]] = {}
        """Kind -> begin of its interval, and records in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written."""
        if (
            record.name not in SERVER_LOGGERS
            and getattr(record, "action", "") not in LIMITED_ACTIONS
        ):
            return True
        most = MOST_TRACEBACKS if record.exc_info else 1
        count, dropped = self._count(_kind(record), most)
        if dropped:
            record.msg = f"{record.getMessage()} ({dropped} more of this kind since then)"
            record.args = ()
        return count <= most

    def _count(self, kind: Kind, most: int) -> tuple[int, int]:
        """Count a record; return its number in the interval, and how many the last one dropped."""
        now = self._clock()
        with self._lock:
            if len(self._kinds) > MOST_KINDS:
                self._kinds.clear()
            begin, count = self._kinds.get(kind, (now, 0))
            dropped = 0
            if now - begin >= INTERVAL:
                begin, count, dropped = now, 0, max(0, count - most)
            self._kinds[kind] = begin, count + 1
        return count + 1, dropped


@contextmanager
def limited_logs() -> Iterator[RepeatFilter]:
    """Limit every handler of the root logger for a while."""
    made, handlers = RepeatFilter(), list(logging.getLogger().handlers)
    for handler in handlers:
        handler.addFilter(made)
    yield made
    for handler in handlers:
        handler.removeFilter(made)


def _kind(record: logging.LogRecord) -> Kind:
    error = record.exc_info[0] if record.exc_info else None
    known = (getattr(record, name, None) for name in ("action", "gateway", "error"))
    return (record.name, record.levelno, record.msg, error, *known)
