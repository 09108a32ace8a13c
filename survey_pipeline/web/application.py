"""The web application: one opened workspace behind it, and the families of addresses."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from markupsafe import Markup
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from survey_pipeline import __version__
from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.errors import (
    CannotProceed,
    DatabaseFault,
    SurveyPipelineError,
    UnknownRecord,
    UsageError,
)
from survey_pipeline.i18n import N_, Message
from survey_pipeline.inbound.spool import drain, has_room
from survey_pipeline.store.engine import try_writing
from survey_pipeline.troubles import SPOOL, WEBHOOKS, told
from survey_pipeline.web import (
    access,
    account,
    admin,
    admin_bulk,
    api,
    ballot,
    calls,
    calls_overview,
    day,
    deadlines,
    failed_texts,
    first_password,
    gateway_trial,
    objections,
    replies,
    report_files,
    reports,
    score_files,
    scores,
    sign_in,
    uploading,
    versions,
    year_scores,
)
from survey_pipeline.web.answers import FAULT, RETRY_AFTER, explain, told_to_visitors
from survey_pipeline.web.beside import Beside
from survey_pipeline.web.border import Border, Patience, Refused, refusal
from survey_pipeline.web.health import make_health
from survey_pipeline.web.hooks import make_hooks
from survey_pipeline.web.metrics import make_metrics
from survey_pipeline.web.pages import STATIC
from survey_pipeline.web.params import NoSuchTime
from survey_pipeline.web.parts import PARTS, Kept
from survey_pipeline.web.rooms import RoomFull, Rooms
from survey_pipeline.web.sign_in import FirstAdmin

log = logging.getLogger(__name__)

FAMILIES = (
    sign_in,
    account,
    first_password,
    day,
    failed_texts,
    deadlines,
    admin,
    admin_bulk,
    gateway_trial,
    ballot,
    report_files,
    reports,
    scores,
    objections,
    score_files,
    year_scores,
    versions,
    calls,
    calls_overview,
    replies,
)
"""The families of pages: each module has a `router`."""
DRAIN_EVERY = 5.0
"""Seconds between two looks at what could not be stored at once."""


def make_web(app: App) -> FastAPI:
    """Make the web application of an opened workspace.

    Raises:
        ConfigurationError: a configured gateway cannot be made.
    """
    web = Web(
        title="survey-pipeline",
        version=__version__,
        docs_url=None,  # the pages that would show the API load their scripts from elsewhere
        redoc_url=None,
        lifespan=_lifetime,
    )
    web.state.app = app
    web.state.context = app.context
    web.state.first_admin = FirstAdmin(app.context)
    web.state.ballot_tries = ballot.Tries(app.context)
    web.state.parts = Kept[Markup](PARTS)
    web.state.months = Kept[scores.Month](scores.MONTHS)
    web.state.patience = Patience()
    web.state.beside = Beside()
    web.state.rooms = Rooms(
        sign_in.make_room(),
        uploading.make_room(),
        api.make_room(),
        gateway_trial.make_room(),
        admin_bulk.make_room(),
    )
    web.mount("/static", StaticFiles(directory=STATIC), name="static")
    web.include_router(make_hooks(app.context, app.gateways))
    web.include_router(make_health(app.context))
    web.include_router(make_metrics(app.context))
    web.include_router(api.router)
    for family in FAMILIES:
        web.include_router(family.router)
    _explain_errors(web)
    return web


class Web(FastAPI):
    """The application inside its border, which is outside of whatever else answers, errors too."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the border around everything."""
        return Border(super().build_middleware_stack())


def _explain_errors(web: FastAPI) -> None:
    """Answer what goes wrong with a page of our own, in words."""

    @web.exception_handler(access.NotSignedIn)
    async def _(request: Request, _: Exception) -> Response:
        return access.to_sign_in(request)

    @web.exception_handler(access.PasswordFirst)
    async def _(request: Request, _: Exception) -> Response:
        return RedirectResponse(first_password.ADDRESS, status_code=303)

    @web.exception_handler(access.NotAllowed)
    async def _(request: Request, _: Exception) -> Response:
        return explain(request, 403, Message(_NOT_YOURS))

    @web.exception_handler(Refused)
    async def _(request: Request, error: Refused) -> Response:
        return refusal(request, error)

    @web.exception_handler(HTTPException)
    def _(request: Request, error: HTTPException) -> Response:
        access.look_for_visitor(request)
        problem = Message(_NOT_THERE if error.status_code == 404 else _NOT_HERE)
        return explain(request, error.status_code, problem, dict(error.headers or {}))

    for kind, handler in _HANDLERS.items():
        web.add_exception_handler(kind, handler)


_NOT_YOURS = N_("You don't have permission to open this page.")
_NOT_THERE = N_("There is no such page.")
_NOT_HERE = N_("This cannot be done here.")
_MISWRITTEN = N_("Something in the form or the address is missing, too long or too large.")

Handler = Callable[[Request, Exception], Response]


def _with_own_words(status: int, headers: dict[str, str] | None = None) -> Handler:
    def handle(request: Request, error: Exception) -> Response:
        problem = Message(_NOT_HERE)
        if isinstance(error, SurveyPipelineError):
            problem = error.message
        return explain(request, status, problem, headers)

    return handle


def _with_word(status: int, text: str, headers: dict[str, str] | None = None) -> Handler:
    def handle(request: Request, error: Exception) -> Response:
        known = {"action": "request_failed", "error": type(error).__name__, "status": status}
        said = error if isinstance(error, DatabaseFault) else type(error).__name__
        log.warning("request failed: %s", said, extra=known)
        return explain(request, status, Message(text), headers)

    return handle


def _explain_fault(request: Request, error: Exception) -> Response:
    """Answer 503 where the surroundings fail, so that it is tried again; else it is our fault."""
    if (text := told_to_visitors(error)) is None:
        raise error
    return _with_word(503, text, RETRY_AFTER)(request, error)


_HANDLERS: Mapping[type[Exception], Handler] = {
    UnknownRecord: _with_own_words(404),
    UsageError: _with_own_words(400),
    NoSuchTime: _with_own_words(422),
    CannotProceed: _with_own_words(409),
    RoomFull: _with_own_words(503, RETRY_AFTER),
    RequestValidationError: _with_word(422, _MISWRITTEN),
    ValidationError: _with_word(422, _MISWRITTEN),  # of a form that a page reads by itself
    OverflowError: _with_word(422, _MISWRITTEN),  # a number beyond what a date or a column holds
    DatabaseFault: _explain_fault,
    OSError: _explain_fault,
    ClientDisconnect: lambda _, __: Response(status_code=400),  # nobody is there to read it
    Exception: _with_word(500, FAULT),
}


@asynccontextmanager
async def _lifetime(web: FastAPI) -> AsyncIterator[None]:
    """Store, while we serve, what webhooks brought when the database was busy."""
    draining = asyncio.create_task(_drain(web.state.app))
    yield
    draining.cancel()
    web.state.rooms.close()


async def _draining(app: App) -> AsyncIterator[None]:
    """Store, while we serve, what webhooks brought when the database was busy."""
    draining = asyncio.create_task(_drain(app))
    yield
    draining.cancel()


async def _drain(app: App) -> None:
    while True:
        await asyncio.sleep(DRAIN_EVERY)
        await asyncio.to_thread(_take_up, app.context)


def _take_up(context: Context) -> None:
    """Store what waits beside the database or in memory; see whether a trouble has ended."""
    try:
        context.postponed.catch_up(context.engine)
        drain(context)
        if context.troubles.of(WEBHOOKS):
            try_writing(context.engine)
    except DatabaseFault as error:
        if context.troubles.begin(WEBHOOKS, told(error), context.now()):
            log.warning("the spool waits: %s", error, extra={"action": "spool_waits"})
    except (SQLAlchemyError, OSError):
        log.warning("the spool waits", extra={"action": "spool_waits"})
    else:
        context.troubles.end(WEBHOOKS)
        if context.troubles.of(SPOOL) and has_room(context.home):
            context.troubles.end(SPOOL)
