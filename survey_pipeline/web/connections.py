"""Connections are few, and wait for nobody for ever.

uvicorn bounds a connection that idles between two requests and nothing else: whoever opens one and
sends half a header keeps it for good (its issue 157). So a connection that has no whole header yet
is closed after a while, and sooner where there are too many: those that have waited longest make
way for new ones. A reader that stops in the middle of an answer is let go as well. How long a body
may take is judged above, where it can be answered (`border`).
"""

import asyncio
import logging
import resource
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from survey_pipeline.web.border import HEADERS

log = logging.getLogger(__name__)

HEADER_SECONDS = 15.0
"""From a connection's begin, or from the first byte of its next request, to the whole header."""
READER_SECONDS = 60.0
"""Without a reader taking anything of an answer."""
MOST = 1_000
"""Connections at the same time; a browser opens up to six."""
OTHER_FILES = 128
"""Descriptors that are left to the database, gateways and files, where few are allowed."""
FEWEST = 16

_CROWDED = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"


def most_connections() -> int:
    """Return how many connections there may be, by the limit of descriptors of this process."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return MOST
    return max(FEWEST, min(MOST, allowed - OTHER_FILES))


class Doors:
    """The connections of one server that wait for a whole header, the longest first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._waiting: dict[BoundedConnection, None] = {}

    def waits(self, one: "BoundedConnection") -> None:
        """Note that a connection waits, from now on."""
        self._waiting.pop(one, None)
        self._waiting[one] = None

    def goes(self, one: "BoundedConnection") -> None:
        """Note that a connection waits no longer."""
        self._waiting.pop(one, None)

    def make_way(self) -> bool:
        """Close the connection that has waited longest; say whether there was one."""
        longest = next(iter(self._waiting), None)
        if longest is None:
            return False
        longest.turn_out("crowded out", _CROWDED)
        return True


class BoundedConnection(H11Protocol):
    """uvicorn's connection, with deadlines."""

    doors: ClassVar[Doors]
    header_seconds: ClassVar[float] = HEADER_SECONDS
    reader_seconds: ClassVar[float] = READER_SECONDS

    _deadline: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Take a connection in, if there is room or room can be made."""
        super().connection_made(transport)
        crowded = len(self.connections) > self.doors.most
        if crowded and not self.doors.make_way():
            self.turn_out("too many connections", _CROWDED)
            return
        self.doors.waits(self)
        self._expect_header()

    def data_received(self, data: bytes) -> None:
        """Take in what came; a header must be whole by its deadline."""
        super().data_received(data)
        if not self.transport.is_closing():
            self._look()

    def on_response_complete(self) -> None:
        """Let the connection wait for its next request."""
        super().on_response_complete()
        if not self.transport.is_closing() and not self._answering():
            self.doors.waits(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.doors.goes(self)
        self._expect_nothing()
        self._expect_no_reader()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the reader, but not for ever."""
        super().pause_writing()
        self._reader = self.loop.call_later(self.reader_seconds, self._give_reader_up)

    def resume_writing(self) -> None:
        """Go on: the reader has taken something."""
        self._expect_no_reader()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, with the headers that every answer has."""
        headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        headers += [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        answer = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (answer, h11.Data(data=msg.encode("ascii")), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def turn_out(self, why: str, answer: bytes) -> None:
        """Close the connection; who has sent something is told why."""
        self.doors.goes(self)
        self._expect_nothing()
        log.warning("connection closed: %s", why, extra={"action": "connection_closed"})
        if not self.transport.is_closing():
            if self.conn.trailing_data[0] or why == "too many connections":
                self.transport.write(answer + _SECURITY + b"Content-Length: 0\r\n\r\n")
            self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _look(self) -> None:
        """See whether a request is under way now, or a header is still to come."""
        if self._answering():
            self.doors.goes(self)
            self._expect_nothing()
        elif self._deadline is None:
            self._expect_header()

    def _expect_header(self) -> None:
        self._deadline = self.loop.call_later(self.header_seconds, self._give_up)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None

    def _expect_no_reader(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        self._reader = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._answering():
            self.turn_out("no whole header in time", _LATE)

    def _give_reader_up(self) -> None:
        log.warning("connection closed: nobody reads", extra={"action": "connection_closed"})
        self.transport.abort()


_SECURITY = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items()).encode()


def bounded_connections(most: int | None = None, **seconds: float) -> type[asyncio.Protocol]:
    """Return the kind of connection of one server.

    Args:
        most: at the same time; by the limit of descriptors unless said.
        seconds: other deadlines (`header_seconds`, `reader_seconds`).
    """
    members: dict[str, Any] = {"doors": Doors(most or most_connections()), **seconds}
    return type("Connection", (BoundedConnection,), members)
