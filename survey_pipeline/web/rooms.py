"""Heavy work has rooms of its own, with threads and a waiting list: pages never stand in its queue.

Each room bounds how many requests it takes in at all, and how many of one guest, so that a single
person, office or network cannot fill it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.i18n import Message

P = ParamSpec("P")
R = TypeVar("R")


class RoomFull(SurveyPipelineError):
    """There is too much of one kind of work at the moment; nothing was done."""


class Room:
    """A kind of work.

    Used from the event loop alone, so that its counts need no lock.

    Args:
        name: of its threads.
        threads: works that are under way at the same time.
        most: requests in it, those that wait and those whose body is still coming among them.
        most_each: of one guest.
    """

    def __init__(self, name: str, *, threads: int, most: int, most_each: int) -> None:
        self.most, self.most_each = most, most_each
        self._threads = ThreadPoolExecutor(threads, name)
        self._guests: Counter[str] = Counter()

    @contextmanager
    def place(self, guest: str, full: Message, full_of_yours: Message) -> Iterator[None]:
        """Hold a place.

        Args:
            guest: whose it is.
            full: what to say where there is none.
            full_of_yours: what to say where this guest has as many as one may have.

        Raises:
            RoomFull: there is no place.
        """
        if self._guests[guest] >= self.most_each:
            raise RoomFull(full_of_yours.text, **full_of_yours.params)
        if self._guests.total() >= self.most:
            raise RoomFull(full.text, **full.params)
        self._guests[guest] += 1
        try:
            yield
        finally:
            self._guests[guest] -= 1
            if not self._guests[guest]:
                del self._guests[guest]

    async def work(self, do: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do something in one of the room's threads, when it is its turn."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: do(*args, **kwargs))

    def close(self) -> None:
        """Take nothing more; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class Rooms:
    """The rooms of one application."""

    passwords: Room
    uploads: Room
    api_cases: Room
    gateway_tests: Room
    bulk: Room

    def close(self) -> None:
        """Close all of them."""
        for room in vars(self).values():
            room.close()
