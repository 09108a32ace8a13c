"""Checks every request before the application handles it, and adds headers to every response.

A request has text without control characters, a body of bounded size that arrives in bounded time,
and, if it is a form, comes from a page of our own. The headers are on error responses too, so that
this is the outermost layer (`application.WebApplication`).
"""

import logging

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from survey_pipeline.web.access import SAFE
from survey_pipeline.web.server.body_reader import TimedReceive, read_form, replay
from survey_pipeline.web.server.origin_check import EXEMPT, check_origin
from survey_pipeline.web.server.refusals import RequestRefused, refusal_response
from survey_pipeline.web.server.security_headers import ResponseHeaders
from survey_pipeline.web.server.text_check import check_fields, check_text

log = logging.getLogger(__name__)

OWN_BODIES = (*EXEMPT, "/reports/uploads", "/organise/files/uploads", "/deliver/files")
"""Addresses that bound and read their bodies themselves."""


class RequestGuard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or let the application handle it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        response = ResponseHeaders(scope, send)
        try:
            await self._pass(scope, TimedReceive(scope, receive).receive, response.send)
        except ClientDisconnect:
            log.debug("the client has gone", extra={"action": "client_gone"})
        except Exception:
            if not response.begun:
                await PlainTextResponse("fault", 500)(scope, receive, response.send)
            raise

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            check_origin(request)
            _check_address(request)
            if request.method not in SAFE and not request.url.path.startswith(OWN_BODIES):
                body = await read_form(request, receive)
                receive = replay(body, receive)
        except RequestRefused as refused:
            await refusal_response(request, refused)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _check_address(request: Request) -> None:
    """Make sure that path and query are text; a webhook's may be any bytes, which are signed.

    Raises:
        RequestRefused: they hold a control character.
    """
    path = request.scope["path"]
    if path.startswith("/hooks/"):
        return
    check_text(path)
    check_fields(request.scope["query_string"])
