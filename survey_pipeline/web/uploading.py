"""Where uploads wait and are read: beside the pages, a few of one person."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Event
from typing import ParamSpec, TypeVar

from fastapi import Request

from survey_pipeline.i18n import N_, Message
from survey_pipeline.web.rooms import Room

P = ParamSpec("P")
R = TypeVar("R")

READERS = 2
"""Files read at the same time: each may take a good part of the memory that one file may."""
MOST, MOST_EACH = 24, 3
"""Files that are brought, wait or are read at the same time; of one person."""
LOOK_EVERY = 0.5
"""Seconds between looks whether the browser is still there."""
FULL = N_("Many files are being read at the moment. Try again in a minute.")
FULL_OF_YOURS = N_("{most} of your files are still being read. Wait until they are done.")


def make_room() -> Room:
    """Return the room of uploads."""
    return Room("uploads", threads=READERS, most=MOST, most_each=MOST_EACH)


@contextmanager
def place_for(request: Request, name: str) -> Iterator[None]:
    """Hold a place for a file of somebody, from before it is received.

    Raises:
        RoomFull: they have too many under way, or there are too many at all.
    """
    room: Room = request.app.state.rooms.uploads
    yours = Message(FULL_OF_YOURS, {"most": room.most_each})
    with room.place(name, Message(FULL), yours):
        yield


async def read_in_turn(
    request: Request, do: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Read a file when it is its turn."""
    room: Room = request.app.state.rooms.uploads
    return await room.work(do, *args, **kwargs)


@asynccontextmanager
async def watched(request: Request) -> AsyncIterator[Event]:
    """Give an event that is set when the browser has hung up: nobody waits for the answer then."""
    gone = Event()

    async def watch() -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(LOOK_EVERY)
        gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watching.cancel()
