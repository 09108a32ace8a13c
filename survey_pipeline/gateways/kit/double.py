"""A provider's stand-in on loopback: answers what it was told, keeps what it was asked."""

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import unquote_plus

from aiohttp import web

from survey_pipeline.gateways.kit.contract import Fault, Reply

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class AskedRequest:
    """One request as the double got it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def plain(self) -> str:
        """Target and body, as they came and unquoted, for looking for what must be in them."""
        body = self.body.decode("utf-8", "replace")
        return "\n".join((self.target, unquote_plus(self.target), body, unquote_plus(body)))


class Double:
    """An HTTP server that gives each request the next of its answers.

    Args:
        answers: in order; a request beyond the last one gets 599 and fails `verify`.
    """

    def __init__(self, answers: Sequence[Reply | Fault] = ()) -> None:
        self.asked: list[AskedRequest] = []
        self._answers = deque(answers)
        self._over = 0
        self._released = asyncio.Event()

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    async def __aenter__(self) -> Self:
        """Listen on a free port; refuse connections where the provider is to be unreachable."""
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        # bound and not listening: connections are refused, and no other process takes the port
        self._socket = socket.socket()
        self._socket.bind((LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]
        if self._answers and self._answers[0] is Fault.UNREACHABLE:
            self._answers.popleft()
        else:
            await web.SockSite(self._runner, self._socket).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; requests that hang are let go."""
        self._released.set()
        await self._runner.cleanup()
        self._socket.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        self.asked.append(AskedRequest(request.method, request.raw_path, headers, body))
        if not self._answers:
            self._over += 1
            return web.Response(status=599)
        answer = self._answers.popleft()
        if isinstance(answer, Reply):
            return _response(answer)
        if answer is Fault.HANG:
            await self._released.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def verify(self) -> None:
        """Check that each answer was fetched, once.

        Raises:
            AssertionError: an answer was left, or there were more requests than answers.
        """
        if self._over:
            raise AssertionError(f"the provider was asked {self._over} times too often")
        if self._answers:
            raise AssertionError(f"{len(self._answers)} answers of the double were not fetched")


def _response(answer: Reply) -> web.Response:
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    headers = {"Content-Type": answer.media_type, **answer.headers}
    return web.Response(status=answer.status, body=body, headers=headers)
