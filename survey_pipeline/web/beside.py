"""What is written down beside the pages: a page neither waits for it nor fails with it."""

import logging
from collections.abc import Callable
from queue import Full, Queue
from threading import Lock, Thread

log = logging.getLogger(__name__)

MOST = 1_000
"""Things that wait at the same time; what is more is let go, and comes again by itself."""


class Beside:
    """Does one thing after the other in a thread of its own; nothing twice at once."""

    def __init__(self) -> None:
        self._waiting: Queue[tuple[str, Callable[[], object]]] = Queue(MOST)
        self._named: set[str] = set()
        self._lock = Lock()
        self._thread: Thread | None = None

    def __call__(self, name: str, do: Callable[[], object]) -> None:
        """Do something soon, unless the same waits already."""
        with self._lock:
            if name in self._named:
                return
            try:
                self._waiting.put_nowait((name, do))
            except Full:
                return
            self._named.add(name)
            if self._thread is None:
                # a daemon: what it writes down is worth no wait at the end
                self._thread = Thread(target=self._work, name="beside", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            name, do = self._waiting.get()
            try:
                do()
            except Exception as error:
                known = {"action": "beside_failed", "error": type(error).__name__}
                log.warning("not written down: %s", name.partition(" ")[0], extra=known)
            finally:
                with self._lock:
                    self._named.discard(name)
                self._waiting.task_done()

    def wait(self) -> None:
        """Wait until nothing waits; for tests."""
        self._waiting.join()
