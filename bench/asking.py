"""Serves a page and asks for it again and again: the same for both sides of the figure `page`."""

import http.client
import itertools
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

WARMING, ASKED = 3, 15
"""Requests before the clock runs, and those that are timed, one after the other."""


@contextmanager
def served(web: FastAPI) -> Iterator[int]:
    """Serve an application on a free port; give the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as the product's own
    server = uvicorn.Server(uvicorn.Config(web, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def timed(port: int, paths: Sequence[str], cookie: str = "") -> dict[str, float]:
    """Return the median of the seconds that an answer takes, the first ones left out.

    Args:
        port: of the server.
        paths: asked for in turn.
        cookie: sent with each request.
    """
    ask(port, paths[:WARMING], cookie, WARMING)
    return {"seconds": statistics.median(ask(port, paths[WARMING:] or paths, cookie, ASKED))}


def ask(port: int, paths: Sequence[str], cookie: str, times: int) -> list[float]:
    """Ask for pages in turn, so many times; return how long each answer took.

    Raises:
        SystemExit: there is no such page.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for path in itertools.islice(itertools.cycle(paths), times):
        begun = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        body = answer.read()
        took.append(time.perf_counter() - begun)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")
    connection.close()
    return took
