"""Serves a page and asks for it again and again: the same for both sides of the figure `page`."""

import http.client
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

WARMING, ASKED = 3, 15
"""Requests before the clock runs, and those that are timed, one after the other."""


@contextmanager
def served(web: FastAPI) -> Iterator[int]:
    """Serve an application on a free port; give the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(web, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def timed(port: int, path: str, cookie: str = "") -> dict[str, float]:
    """Return the median of the seconds that an answer takes, the first ones left out."""
    ask(port, path, cookie, WARMING)
    return {"seconds": statistics.median(ask(port, path, cookie, ASKED))}


def ask(port: int, path: str, cookie: str, times: int) -> list[float]:
    """Ask for a page so many times; return how long each answer took.

    Raises:
        SystemExit: there is no such page.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        body = answer.read()
        took.append(time.perf_counter() - begun)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")
    connection.close()
    return took
