"""The thread pool in which uploaded files are read, a few of each user."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Event
from typing import ParamSpec, TypeVar

from fastapi import Request

from survey_pipeline.i18n import N_, Message
from survey_pipeline.web.server.work_pools import WorkPool

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 2
"""Files read at the same time: each may take a good part of the memory that one file may."""
MOST, MOST_EACH = 24, 3
"""Files that arrive, wait or are read at the same time, in all and of one user."""
CHECK_INTERVAL = 0.5
"""Seconds between checks whether the browser is still connected."""
FULL = N_("Many files are being read at the moment. Try again in a minute.")
FULL_OF_YOURS = N_("{most} of your files are still being read. Wait until they are done.")


def make_pool() -> WorkPool:
    """Return the pool."""
    return WorkPool("uploads", threads=THREADS, most=MOST, most_each=MOST_EACH)


@contextmanager
def upload_slot(request: Request, name: str) -> Iterator[None]:
    """Hold a slot for a file of a user, from before it is received.

    Raises:
        PoolFull: the user has too many files in work, or there are too many in all.
    """
    pool: WorkPool = request.app.state.pools.uploads
    yours = Message(FULL_OF_YOURS, {"most": pool.most_each})
    with pool.slot(name, Message(FULL), yours):
        yield


async def run_upload(request: Request, do: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Read a file as soon as a thread is free."""
    pool: WorkPool = request.app.state.pools.uploads
    return await pool.run(do, *args, **kwargs)


@asynccontextmanager
async def disconnect_event(request: Request) -> AsyncIterator[Event]:
    """Yield an event that is set when the browser disconnects: the file need not be read then."""
    gone = Event()

    async def watch() -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(CHECK_INTERVAL)
        gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watching.cancel()
