"""Log lines that strangers can cause: one of a kind a minute, with a count of the others."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

EVERY = 60.0
"""Seconds for which a line of one kind speaks."""
TRACEBACKS = 20
"""Tracebacks of one kind in that time: faults of ours, each may tell something else."""
MOST_KINDS = 1_000
"""Kinds that are remembered; then all are forgotten, and written once more."""

SPARED = frozenset(
    {"webhook_refused", "webhook_unreadable", "connection_closed", "request_failed", "no_ballots"}
)
"""Actions of ours that a stranger can cause as often as they like."""
SERVER = frozenset({"uvicorn.error", "asyncio", "python_multipart.multipart"})
"""Loggers of the server: it writes a line for whatever is no HTTP, and for each lack of files."""

Kind = tuple[object, ...]


class Sparing(logging.Filter):
    """Lets one record of a kind through in a minute; the next one says how many there were more.

    Args:
        clock: seconds, as `time.monotonic` counts them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = Lock()
        self._kinds: dict[Kind, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written."""
        if record.name not in SERVER and getattr(record, "action", "") not in SPARED:
            return True
        kind, most = _kind(record), TRACEBACKS if record.exc_info else 1
        now = self._clock()
        with self._lock:
            if len(self._kinds) > MOST_KINDS:
                self._kinds.clear()
            since, count = self._kinds.get(kind, (now, 0))
            if now - since >= EVERY:
                since, passed_over, count = now, max(0, count - most), 0
            else:
                passed_over = 0
            self._kinds[kind] = since, count + 1
        if passed_over:
            record.msg = f"{record.getMessage()} ({passed_over} more of this kind since then)"
            record.args = ()
        return count < most


@contextmanager
def sparing() -> Iterator[Sparing]:
    """Let every handler of the log write sparingly for a while."""
    made, handlers = Sparing(), list(logging.getLogger().handlers)
    for handler in handlers:
        handler.addFilter(made)
    yield made
    for handler in handlers:
        handler.removeFilter(made)


def _kind(record: logging.LogRecord) -> Kind:
    error = record.exc_info[0] if record.exc_info else None
    known = (getattr(record, name, None) for name in ("action", "gateway", "error"))
    return (record.name, record.levelno, record.msg, error, *known)
