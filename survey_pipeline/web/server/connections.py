"""Bounds connections: how many there are, and how long each may wait for a header or a reader.

uvicorn limits only the time that a connection idles between two requests: a client that sends half
a header keeps its connection for ever (uvicorn issue 157). Here a connection without a complete
header is closed after a while, or at once if there are too many, the longest waiting first. A
client that stops reading a response is disconnected as well. How long a body may take is decided
in `body_reader`, where the request can still be answered.
"""

import asyncio
import logging
import resource
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from survey_pipeline.web.server.security_headers import HEADERS

log = logging.getLogger(__name__)

HEADER_SECONDS = 15.0
"""From the connection, or from the first byte of its next request, to the complete header."""
READER_SECONDS = 60.0
"""Without the client reading any more of a response."""
MOST = 1_000
"""Connections at the same time; a browser opens up to six."""
RESERVED_FILES = 128
"""File descriptors left to the database, gateways and files, if the process may have few."""
FEWEST = 16

_CROWDED = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"


def most_connections() -> int:
    """Return how many connections there may be, given the process's limit of file descriptors."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return MOST
    return max(FEWEST, min(MOST, allowed - RESERVED_FILES))


class WaitingConnections:
    """The connections of one server without a complete header, the longest waiting first.

    Args:
        most: connections that the server may have, waiting or not.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._waiting: dict[BoundedConnection, None] = {}

    def add(self, connection: "BoundedConnection") -> None:
        """Note that a connection waits, from now on."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def discard(self, connection: "BoundedConnection") -> None:
        """Note that a connection waits no longer."""
        self._waiting.pop(connection, None)

    def close_longest(self) -> bool:
        """Close the connection that has waited longest; return whether there was one."""
        longest = next(iter(self._waiting), None)
        if longest is None:
            return False
        longest.reject("crowded out", _CROWDED)
        return True


class BoundedConnection(H11Protocol):
    """uvicorn's connection, with deadlines."""

    waiting: ClassVar[WaitingConnections]
    header_seconds: ClassVar[float] = HEADER_SECONDS
    reader_seconds: ClassVar[float] = READER_SECONDS

    _header_timer: asyncio.TimerHandle | None = None
    _reader_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Accept a connection if there is room, or if a waiting one can be closed for it."""
        super().connection_made(transport)
        crowded = len(self.connections) > self.waiting.most
        if crowded and not self.waiting.close_longest():
            self.reject("too many connections", _CROWDED)
            return
        self.waiting.add(self)
        self._start_header_timer()

    def data_received(self, data: bytes) -> None:
        """Handle received bytes; a header must be complete by its deadline."""
        super().data_received(data)
        if not self.transport.is_closing():
            self._update_header_timer()

    def on_response_complete(self) -> None:
        """Let the connection wait for its next request."""
        super().on_response_complete()
        if not self.transport.is_closing() and not self._responding():
            self.waiting.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.waiting.discard(self)
        self._stop_header_timer()
        self._stop_reader_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to read, but not for ever."""
        super().pause_writing()
        self._reader_timer = self.loop.call_later(self.reader_seconds, self._drop_slow_reader)

    def resume_writing(self) -> None:
        """Continue: the client has read something."""
        self._stop_reader_timer()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, with the headers of every response."""
        headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        headers += [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        response = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (response, h11.Data(data=msg.encode("ascii")), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def reject(self, why: str, response: bytes) -> None:
        """Close the connection; a client that has sent something gets a response first."""
        self.waiting.discard(self)
        self._stop_header_timer()
        log.warning("connection closed: %s", why, extra={"action": "connection_closed"})
        if not self.transport.is_closing():
            if self.conn.trailing_data[0] or why == "too many connections":
                self.transport.write(response + _SECURITY + b"Content-Length: 0\r\n\r\n")
            self.transport.close()

    def _responding(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _update_header_timer(self) -> None:
        """Stop the timer if a request is being handled; start it if a header is incomplete."""
        if self._responding():
            self.waiting.discard(self)
            self._stop_header_timer()
        elif self._header_timer is None:
            self._start_header_timer()

    def _start_header_timer(self) -> None:
        self._header_timer = self.loop.call_later(self.header_seconds, self._drop_late_header)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
        self._header_timer = None

    def _stop_reader_timer(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
        self._reader_timer = None

    def _drop_late_header(self) -> None:
        self._header_timer = None
        if not self._responding():
            self.reject("no whole header in time", _LATE)

    def _drop_slow_reader(self) -> None:
        log.warning(
            "connection closed: the client does not read", extra={"action": "connection_closed"}
        )
        self.transport.abort()


_SECURITY = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items()).encode()


def bounded_connections(most: int | None = None, **seconds: float) -> type[asyncio.Protocol]:
    """Return the connection class for one server.

    Args:
        most: connections at the same time; None: as many as file descriptors allow.
        seconds: other deadlines (`header_seconds`, `reader_seconds`).
    """
    members: dict[str, Any] = {"waiting": WaitingConnections(most or most_connections()), **seconds}
    return type("Connection", (BoundedConnection,), members)
