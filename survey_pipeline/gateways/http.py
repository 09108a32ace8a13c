"""HTTP as a gateway needs it: timeouts that hold, and never a second request by itself.

A request that is made twice is a citizen who is texted twice. aiohttp sends an idempotent request
(a GET) again when the connection breaks (RFC 9110, section 9.2.2, allows it); here a broken
connection is an answer that was lost, and the caller hears of it.
"""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientPayloadError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    ServerDisconnectedError,
    TCPConnector,
)
from yarl import URL

from survey_pipeline.gateways.problems import (
    CLOSED,
    NO_ADDRESS,
    NO_NAME,
    NO_TLS,
    NOT_CONNECTED,
    TOO_LATE,
    UNREACHED,
    UNREADABLE,
)

TIMEOUT = timedelta(seconds=15)
"""How long a whole request may take, unless a gateway's `timeout` says otherwise."""
CONNECTING = timedelta(seconds=5)
"""How long of it connecting may take; after that nothing can have been sent."""
LARGEST_ANSWER = 4 << 20
"""Bytes of an answer that are read; more is no answer of a provider's."""


class NotReached(Exception):
    """The request certainly did not reach the server: no address, no route, no connection.

    Its text is one of `problems.PROBLEMS`.
    """


class NoAnswer(Exception):
    """The request may have been received; its answer was lost, late or unreadable.

    Its text is one of `problems.PROBLEMS`.
    """


@dataclass(frozen=True, repr=False)
class HttpAnswer:
    """What a server said. Its `repr` does not show the text, which may hold numbers."""

    status: int
    text: str
    headers: Mapping[str, str]
    """Names as they came; looked up without regard to case."""

    def __repr__(self) -> str:
        return f"Answer(status={self.status})"


class Http:
    """A pool of connections to one provider, open between `async with` and its end.

    Args:
        timeout: for a whole request.
        connections: at most so many at once.
    """

    def __init__(self, timeout: timedelta, connections: int) -> None:
        # connecting ends before the whole request does: which of both it was must be told apart
        connecting = min(timeout / 2, CONNECTING)
        self._timeout = ClientTimeout(
            total=timeout.total_seconds(), connect=connecting.total_seconds()
        )
        self._connections = connections
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Make the pool; nothing is connected yet."""
        self._session = ClientSession(
            timeout=self._timeout,
            connector=TCPConnector(limit=self._connections),
            middlewares=(_once,),
            auto_decompress=True,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, object] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Make one request, once; redirects are not followed.

        Args:
            method: `GET` or `POST`.
            url: complete and encoded.
            data: a form, or a body as it is.
            headers: besides those that every request has.

        Raises:
            NotReached: it certainly did not reach the server.
            NoAnswer: it is unknown whether the request was carried out.
        """
        if self._session is None:
            raise RuntimeError("the gateway is used outside `async with`")
        try:
            async with self._session.request(
                method,
                _parsed(url),
                data=data,
                headers=headers,
                allow_redirects=False,
            ) as response:
                return await _read(response)
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as error:
            raise NotReached(_reason(error)) from error
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            raise NoAnswer(_lost(error)) from error


def _parsed(url: str) -> URL:
    """Return an address, looked through: the client finds some faults of it only on its way.

    Raises:
        NotReached: it has no host, or a port or a name that cannot be.
    """
    try:
        address = URL(url, encoded=True)
        (address.host or "").encode("idna")
        usable = bool(address.host) and address.port is not None
    except ValueError as error:
        raise NotReached(NO_ADDRESS) from error
    if not usable:
        raise NotReached(NO_ADDRESS)
    return address


def _reason(error: Exception) -> str:
    """Return why the server was not reached."""
    if isinstance(error, InvalidURL):
        return NO_ADDRESS
    if isinstance(error, ConnectionTimeoutError):
        return TOO_LATE
    if isinstance(error, ClientConnectorDNSError):
        return NO_NAME
    cause = getattr(error, "os_error", None)
    if isinstance(error, ClientSSLError) or isinstance(cause, ssl.SSLError):
        return NO_TLS
    return UNREACHED.get(getattr(cause, "errno", None) or 0, NOT_CONNECTED)


def _lost(error: Exception) -> str:
    """Return why the answer is not there."""
    if isinstance(error, TimeoutError):
        return TOO_LATE
    closed = (ServerDisconnectedError, ClientOSError, ClientPayloadError, OSError)
    return CLOSED if isinstance(error, closed) else UNREADABLE


async def _read(response: ClientResponse) -> HttpAnswer:
    body = await response.content.read(LARGEST_ANSWER)
    while not response.content.at_eof() and len(body) < LARGEST_ANSWER:
        body += await response.content.read(LARGEST_ANSWER - len(body))
    return HttpAnswer(response.status, body.decode("utf-8", "replace"), response.headers)


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Stop the session from repeating a request whose connection broke."""
    try:
        return await handler(request)
    except (ClientConnectorError, ConnectionTimeoutError):
        raise
    except (ClientError, OSError) as error:
        raise NoAnswer(_lost(error)) from error


def basic_auth(user: str, password: str) -> dict[str, str]:
    """Return the header of Basic authentication (RFC 7617)."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def retry_at(headers: Mapping[str, str], now: datetime, otherwise: timedelta) -> datetime:
    """Return when a throttled request may be made again (RFC 9110, section 10.2.3).

    Args:
        headers: of the answer; `Retry-After` is seconds or a date.
        now: the present moment.
        otherwise: the wait where it is missing, unreadable or in the past.
    """
    given = headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit() and len(given) < 8:  # 115 days: more is a slip
        return now + timedelta(seconds=int(given))
    try:
        until = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError):
        return now + otherwise
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return until if until > now else now + otherwise
