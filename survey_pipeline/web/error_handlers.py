"""What the application answers to each kind of error, as a page, as JSON or as a bare status."""

import logging
from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from survey_pipeline.errors import (
    CannotProceed,
    DatabaseFault,
    SurveyPipelineError,
    UnknownRecord,
    UsageError,
)
from survey_pipeline.i18n import N_, Message
from survey_pipeline.web import access
from survey_pipeline.web.error_responses import (
    FAULT,
    RETRY_AFTER,
    error_response,
    message_of_outage,
)
from survey_pipeline.web.pages import factor_enrolment, first_password
from survey_pipeline.web.pages.parameters import UnknownDate
from survey_pipeline.web.return_path import redirect_to_sign_in
from survey_pipeline.web.server.refusals import RequestRefused, refusal_response
from survey_pipeline.web.server.work_pools import PoolFull

log = logging.getLogger(__name__)

NO_PERMISSION = N_("You don't have permission to open this page.")
NO_PAGE = N_("There is no such page.")
NOT_SUPPORTED = N_("This cannot be done here.")
INVALID = N_("Something in the form or the address is missing, too long or too large.")

Handler = Callable[[Request, Exception], Response]


def handle_errors(web: FastAPI) -> None:
    """Register a handler for each kind of error."""

    @web.exception_handler(access.NotSignedIn)
    async def _(request: Request, _: Exception) -> Response:
        return redirect_to_sign_in(request)

    @web.exception_handler(access.PasswordFirst)
    async def _(request: Request, _: Exception) -> Response:
        return RedirectResponse(first_password.ADDRESS, status_code=303)

    @web.exception_handler(access.FactorFirst)
    async def _(request: Request, _: Exception) -> Response:
        return RedirectResponse(factor_enrolment.ADDRESS, status_code=303)

    @web.exception_handler(access.NotAllowed)
    async def _(request: Request, _: Exception) -> Response:
        return error_response(request, 403, Message(NO_PERMISSION))

    @web.exception_handler(RequestRefused)
    async def _(request: Request, error: RequestRefused) -> Response:
        return refusal_response(request, error)

    @web.exception_handler(HTTPException)
    def _(request: Request, error: HTTPException) -> Response:
        access.try_to_find_visitor(request)
        problem = Message(NO_PAGE if error.status_code == 404 else NOT_SUPPORTED)
        return error_response(request, error.status_code, problem, dict(error.headers or {}))

    for kind, handler in _HANDLERS.items():
        web.add_exception_handler(kind, handler)


def _own_message(status: int, headers: dict[str, str] | None = None) -> Handler:
    """Return a handler that answers with the error's own message."""

    def handle(request: Request, error: Exception) -> Response:
        problem = Message(NOT_SUPPORTED)
        if isinstance(error, SurveyPipelineError):
            problem = error.message
        return error_response(request, status, problem, headers)

    return handle


def _fixed_message(status: int, text: str, headers: dict[str, str] | None = None) -> Handler:
    """Return a handler that answers with a fixed text and logs the kind of error."""

    def handle(request: Request, error: Exception) -> Response:
        known = {"action": "request_failed", "error": type(error).__name__, "status": status}
        said = error if isinstance(error, DatabaseFault) else type(error).__name__
        log.warning("request failed: %s", said, extra=known)
        return error_response(request, status, Message(text), headers)

    return handle


def _outage(request: Request, error: Exception) -> Response:
    """Answer 503 if database or disk fail, so that the client tries again.

    Raises:
        Exception: the error itself, if it is a fault of the program.
    """
    if (text := message_of_outage(error)) is None:
        raise error
    return _fixed_message(503, text, RETRY_AFTER)(request, error)


_HANDLERS: Mapping[type[Exception], Handler] = {
    UnknownRecord: _own_message(404),
    UsageError: _own_message(400),
    UnknownDate: _own_message(422),
    CannotProceed: _own_message(409),
    PoolFull: _own_message(503, RETRY_AFTER),
    RequestValidationError: _fixed_message(422, INVALID),
    ValidationError: _fixed_message(422, INVALID),  # of a form that a page reads by itself
    OverflowError: _fixed_message(422, INVALID),  # a number too large for a date or a column
    DatabaseFault: _outage,
    OSError: _outage,
    ClientDisconnect: lambda _, __: Response(status_code=400),  # there is no client to read it
    Exception: _fixed_message(500, FAULT),
}
