"""Bounds what one request may ask of the database (`database.page_timeout`)."""

from datetime import timedelta

from starlette.types import ASGIApp, Receive, Scope, Send

from survey_pipeline.store.patience import bounded_statements


class StatementBound:
    """ASGI middleware that lets no statement of a request take longer."""

    def __init__(self, app: ASGIApp, longest: timedelta) -> None:
        self._app = app
        self._longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; what else is called here, such as the start, is not bounded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with bounded_statements(self._longest):
            await self._app(scope, receive, send)
