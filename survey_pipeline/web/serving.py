"""Serves the web application until a signal stops it."""

import asyncio
import logging
import socket
from collections.abc import Iterable, Iterator

import uvicorn
from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.settings import Network
from survey_pipeline.web.server.connections import bounded_connections
from survey_pipeline.web.server.log_limit import limited_logs
from survey_pipeline.web.server.request_ids import RequestIds, logged_request_ids

LINGER = 5
"""Seconds that running requests may still take after the signal."""


def listen(host: str, port: int) -> socket.socket:
    """Bind the socket before anything else starts.

    Raises:
        CannotProceed: another process has the port, or this machine has no such address.
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
    # connections inherit it: with Nagle's algorithm (RFC 896) the second half of a response waits
    # 40 ms until the browser acknowledges the first; asyncio turns it off only on its own sockets
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def make_server(web: FastAPI, connections: type[asyncio.Protocol] | None = None) -> uvicorn.Server:
    """Return a server, not yet running.

    Addresses are not logged, because a query may contain a phone number (Kannel) or a token.
    From a proxy of the settings, the forwarded address is taken for that of the client.

    Args:
        web: the application.
        connections: the connection class; None: with the usual bounds.
    """
    logging.getLogger("uvicorn.access").disabled = True
    context: Context = web.state.context
    proxies = context.settings.web.proxies
    behind_proxies = ProxyHeadersMiddleware(web, list(_with_mapped(proxies)))  # type: ignore[arg-type] # uvicorn has types of ASGI of its own
    config = uvicorn.Config(
        RequestIds(behind_proxies, proxies),  # type: ignore[arg-type] # uvicorn's types again
        http=connections or bounded_connections(),
        ws="none",
        log_config=None,
        server_header=False,
        proxy_headers=False,  # it would hide the peer, whose word on ids counts, from us
        timeout_graceful_shutdown=LINGER,
    )
    return uvicorn.Server(config)


def _with_mapped(networks: Iterable[Network]) -> Iterator[str]:
    """Yield networks; those of IPv4 also as a dual-stack socket shows them (`::ffff:...`)."""
    for network in networks:
        yield str(network)
        if network.version == 4:
            yield f"::ffff:{network.network_address}/{network.prefixlen + 96}"


def serve(web: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    with limited_logs(), logged_request_ids():
        make_server(web).run(sockets=[listening])
