"""Thread pools for heavy work, so that pages never wait behind it.

Each pool bounds its requests, waiting ones included, in all and for each client, so that a single
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
from survey_pipeline.web.server.request_ids import current_request_id, under_request_id

P = ParamSpec("P")
R = TypeVar("R")


class PoolFull(SurveyPipelineError):
    """There are too many requests of one kind at the moment; nothing was done."""


class WorkPool:
    """Threads for one kind of work.

    It is used from the event loop only, so that its counts need no lock.

    Args:
        name: of its threads.
        threads: how many requests are worked on at the same time.
        most: requests in all: at work, waiting, and those whose body is still arriving.
        most_each: requests of one client.
    """

    def __init__(self, name: str, *, threads: int, most: int, most_each: int) -> None:
        self.most, self.most_each = most, most_each
        self._threads = ThreadPoolExecutor(threads, name)
        self._clients: Counter[str] = Counter()

    @contextmanager
    def slot(self, client: str, full: Message, full_of_yours: Message) -> Iterator[None]:
        """Hold a slot for one request.

        Args:
            client: the user, office or network that sent it.
            full: the message if the pool is full.
            full_of_yours: the message if this client has as many requests as it may have.

        Raises:
            PoolFull: there is no slot.
        """
        if self._clients[client] >= self.most_each:
            raise PoolFull(full_of_yours.text, **full_of_yours.params)
        if self._clients.total() >= self.most:
            raise PoolFull(full.text, **full.params)
        self._clients[client] += 1
        try:
            yield
        finally:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    async def run(self, do: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function in one of the threads, as soon as one is free, under the request's id."""
        loop, request_id = asyncio.get_running_loop(), current_request_id()

        def run_named() -> R:
            with under_request_id(request_id):
                return do(*args, **kwargs)

        return await loop.run_in_executor(self._threads, run_named)

    def close(self) -> None:
        """Cancel what waits; what runs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class WorkPools:
    """The pools of one application."""

    passwords: WorkPool
    uploads: WorkPool
    api_cases: WorkPool
    gateway_tests: WorkPool
    bulk: WorkPool
    upkeep: WorkPool
    trials: WorkPool

    def close(self) -> None:
        """Close all of them."""
        for pool in vars(self).values():
            pool.close()
