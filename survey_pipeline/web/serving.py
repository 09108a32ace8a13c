"""Serves the web application until it is told to stop."""

import asyncio
import logging
import socket
from collections.abc import Iterable, Iterator

import uvicorn
from fastapi import FastAPI

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.settings import Network
from survey_pipeline.web.connections import bounded_connections
from survey_pipeline.web.sparing import sparing

LINGER = 5
"""Seconds that requests under way may still take when it is told to stop."""


def listen(host: str, port: int) -> socket.socket:
    """Bind the socket before anything else starts.

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


def make_server(web: FastAPI, connections: type[asyncio.Protocol] | None = None) -> uvicorn.Server:
    """Return a server, not yet running.

    Addresses are not logged: a query may hold a number (Kannel) or a token. The forwarded
    addresses of the proxies in the settings are taken for the callers' own.

    Args:
        web: what is served.
        connections: other bounds than the usual ones.
    """
    logging.getLogger("uvicorn.access").disabled = True
    context: Context = web.state.context
    config = uvicorn.Config(
        web,
        http=connections or bounded_connections(),
        ws="none",
        log_config=None,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(_with_mapped(context.settings.web.proxies)),
        timeout_graceful_shutdown=LINGER,
    )
    return uvicorn.Server(config)


def _with_mapped(networks: Iterable[Network]) -> Iterator[str]:
    """Return networks, those of IPv4 also as a socket of both kinds shows them (`::ffff:...`)."""
    for network in networks:
        yield str(network)
        if network.version == 4:
            yield f"::ffff:{network.network_address}/{network.prefixlen + 96}"


def serve(web: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    with sparing():
        make_server(web).run(sockets=[listening])
