"""Asks a web application in this process, without sockets: quick enough for thousands of requests.

Connections, deadlines and the server's own limits are not there; tests of them serve on a port.
"""

import asyncio
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import Message, Scope

HOST, CLIENT = ("testserver", 80), ("127.0.0.1", 50_000)
FORM = "application/x-www-form-urlencoded"


class AsgiAnswer(NamedTuple):
    """What the application answered."""

    status: int
    headers: Headers
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers.get("location", "")


class AsgiClient:
    """A browser, as far as forms and cookies go; a system, as far as its requests go.

    Args:
        web: the application.
        cookies: that it holds from the start.
    """

    def __init__(self, web: FastAPI, **cookies: str) -> None:
        self.cookies = dict(cookies)
        self._web = web

    def get(self, target: str) -> AsgiAnswer:
        """Open a page."""
        return self.ask("GET", target)

    def post(self, target: str, **form: str) -> AsgiAnswer:
        """Send a form of our own pages."""
        return self.ask("POST", target, urlencode(form).encode(), {"content-type": FORM})

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> AsgiAnswer:
        """Send a request; keep the cookies of the answer.

        Raises:
            Exception: what the application does not handle.
        """
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {"sec-fetch-site": "same-origin", "cookie": kept, "host": HOST[0]}
        named |= {"content-length": str(len(body)), **(headers or {})}
        answer = asyncio.run(self._answer(_scope(method, target, named), body))
        for value in answer.headers.getlist("set-cookie"):
            self._keep(SimpleCookie(value))
        return answer

    def _keep(self, cookies: SimpleCookie) -> None:
        for name, cookie in cookies.items():
            if cookie["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value

    async def _answer(self, scope: Scope, body: bytes) -> AsgiAnswer:
        requests: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        events: list[Message] = []

        async def receive() -> Message:
            if requests:
                return requests.pop()
            await asyncio.Event().wait()  # the client stays until it is answered
            return {"type": "http.disconnect"}

        async def send(event: Message) -> None:
            events.append(event)

        await self._web(scope, receive, send)
        content = b"".join(event.get("body", b"") for event in events[1:])
        return AsgiAnswer(events[0]["status"], Headers(raw=events[0]["headers"]), content)


def _scope(method: str, target: str, headers: Mapping[str, str]) -> dict[str, Any]:
    parts = urlsplit(target)
    raw = quote(parts.path, safe="/%:@!$&'()*+,;=~").encode()
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": raw,
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [
            (name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()
        ],
        "client": CLIENT,
        "server": HOST,
    }
