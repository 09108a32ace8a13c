"""Requests that are refused before any page handles them."""

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from survey_pipeline.i18n import Message
from survey_pipeline.web.access import SAFE
from survey_pipeline.web.error_responses import CLOSE, error_response


class RequestRefused(HTTPException):
    """A request that may not reach the application.

    An `HTTPException`, because FastAPI passes no other exception on while it reads a body.
    """

    def __init__(
        self, status: int, problem: Message, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, str(problem), headers)
        self.problem = problem


def refusal_response(request: Request, refused: RequestRefused) -> Response:
    """Return the response to a refused request; the body may be unread, so the connection ends."""
    headers = {**(refused.headers or {}), **(CLOSE if request.method not in SAFE else {})}
    return error_response(request, refused.status_code, refused.problem, headers)
