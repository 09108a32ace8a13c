"""What the ledger's texts bring about, in order of time, for those who ask from a moment on."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from threading import Lock
from typing import Generic, TypeVar

from survey_pipeline.gateways.simulated.ledger import Ledger, Taken


@dataclass(frozen=True, slots=True, repr=False)
class Happening:
    """Something that a text brought about. Its `repr` shows neither number nor words."""

    at: datetime
    provider_id: str
    turn: int
    """Which of several of one moment comes first."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(provider_id={self.provider_id!r})"


H = TypeVar("H", bound=Happening)
_WHEN = attrgetter("at")
_ORDER = attrgetter("at", "provider_id", "turn")


class News(Generic[H]):
    """One kind of happening of one carrier.

    The ledger is read on where the last question ended. What lies before the moment asked for is
    forgotten, so memory holds what is still to come; who asks for an earlier time makes it read
    the ledger again from the start.
    """

    def __init__(self, ledger: Ledger, brought_by: Callable[[Taken], Iterable[H]]) -> None:
        self._ledger = ledger
        self._brought_by = brought_by
        self._lock = Lock()
        self._offset = 0
        self._from: datetime | None = None
        self._known: list[H] = []

    def between(self, since: datetime | None, now: datetime) -> list[H]:
        """Return what happened from `since` on (inclusive; nothing: ever) up to `now`."""
        with self._lock:
            if self._from is not None and (since is None or since < self._from):
                self._offset, self._known = 0, []
            self._from = since
            self._read_on()
            if since is not None:
                del self._known[: bisect_left(self._known, since, key=_WHEN)]
            return self._known[: bisect_right(self._known, now, key=_WHEN)]

    def _read_on(self) -> None:
        before = -1
        while before < self._offset:
            before = self._offset
            taken, self._offset = self._ledger.read(before)
            self._known += (
                event
                for text in taken
                for event in self._brought_by(text)
                if self._from is None or event.at >= self._from
            )
        self._known.sort(key=_ORDER)
