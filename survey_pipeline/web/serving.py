"""Serves the web application until it is told to stop."""

import logging
import socket

import uvicorn
from fastapi import FastAPI

from survey_pipeline.errors import CannotProceed

LINGER = 5
"""Seconds that requests under way may still take when it is told to stop."""


def listen(host: str, port: int) -> socket.socket:
    """Take the address, before anything else is started.

    Raises:
        CannotProceed: somebody else has it, or this machine has no such address.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise CannotProceed(
            "{host}:{port} cannot be served: {problem}. Choose another --host or --port",
            host=host,
            port=port,
            problem=getattr(error, "strerror", None) or error,
        ) from error
    # connections take it over: without it an answer's second half waits 40 ms for the browser to
    # acknowledge the first (Nagle, RFC 896; asyncio turns it off only on sockets it makes itself)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def make_server(web: FastAPI) -> uvicorn.Server:
    """Return a server, not yet running.

    Addresses are not logged: a query may hold a number (Kannel) or a token. The forwarded
    addresses of a proxy on this machine are taken for the callers' own.
    """
    logging.getLogger("uvicorn.access").disabled = True
    config = uvicorn.Config(
        web,
        log_config=None,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=LINGER,
    )
    return uvicorn.Server(config)


def serve(web: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    make_server(web).run(sockets=[listening])
