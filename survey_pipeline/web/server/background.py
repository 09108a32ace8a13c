"""Small writes in a background thread: a page neither waits for them nor fails with them."""

import logging
from collections.abc import Callable
from queue import Full, Queue
from threading import Lock, Thread

log = logging.getLogger(__name__)

MOST = 1_000
"""Writes that wait at the same time; further ones are dropped, and a later request repeats them."""


class BackgroundWriter:
    """Runs writes one after the other in a thread of its own; none that waits already."""

    def __init__(self) -> None:
        self._waiting: Queue[tuple[str, Callable[[], object]]] = Queue(MOST)
        self._names: set[str] = set()
        self._lock = Lock()
        self._thread: Thread | None = None

    def __call__(self, name: str, write: Callable[[], object]) -> None:
        """Run a write soon, unless one with this name waits already."""
        with self._lock:
            if name in self._names:
                return
            try:
                self._waiting.put_nowait((name, write))
            except Full:
                return
            self._names.add(name)
            if self._thread is None:
                # a daemon: the process need not wait for these writes when it ends
                self._thread = Thread(target=self._work, name="background", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            name, write = self._waiting.get()
            try:
                write()
            except Exception as error:
                known = {"action": "background_failed", "error": type(error).__name__}
                log.warning("not written down: %s", name.partition(" ")[0], extra=known)
            finally:
                with self._lock:
                    self._names.discard(name)
                self._waiting.task_done()

    def wait(self) -> None:
        """Wait until no write waits; for tests."""
        self._waiting.join()
