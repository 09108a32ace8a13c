"""The web application: one opened workspace behind it, and the families of addresses."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from survey_pipeline import __version__
from survey_pipeline.app import App
from survey_pipeline.errors import (
    CannotProceed,
    DatabaseFault,
    SurveyPipelineError,
    UnknownRecord,
    UsageError,
)
from survey_pipeline.i18n import N_, Message
from survey_pipeline.survey.spool import drain
from survey_pipeline.web import (
    access,
    admin,
    api,
    ballot,
    calls,
    day,
    deadlines,
    failed_texts,
    objections,
    replies,
    reports,
    score_files,
    scores,
    sign_in,
    year_scores,
)
from survey_pipeline.web.health import make_health
from survey_pipeline.web.hooks import make_hooks
from survey_pipeline.web.metrics import make_metrics
from survey_pipeline.web.pages import STATIC, render
from survey_pipeline.web.parts import PARTS, Kept
from survey_pipeline.web.sign_in import FirstAdmin

log = logging.getLogger(__name__)

FAMILIES = (
    sign_in,
    day,
    failed_texts,
    deadlines,
    admin,
    ballot,
    reports,
    scores,
    objections,
    score_files,
    year_scores,
    calls,
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
    web = FastAPI(
        title="survey-pipeline",
        version=__version__,
        docs_url=None,  # the pages that would show the API load their scripts from elsewhere
        redoc_url=None,
        lifespan=lambda _: _draining(app),
    )
    web.state.app = app
    web.state.context = app.context
    web.state.first_admin = FirstAdmin(app.context)
    web.state.ballot_tries = ballot.Tries(app.context)
    web.state.parts = Kept[Markup](PARTS)
    web.state.months = Kept[scores.Month](scores.MONTHS)
    web.add_middleware(access.Guard)
    web.mount("/static", StaticFiles(directory=STATIC), name="static")
    web.include_router(make_hooks(app.context, app.gateways))
    web.include_router(make_health(app.context))
    web.include_router(make_metrics(app.context))
    web.include_router(api.router)
    for family in FAMILIES:
        web.include_router(family.router)
    _explain_errors(web)
    return web


def _explain_errors(web: FastAPI) -> None:
    """Answer what goes wrong with a page of our own, in words."""

    @web.exception_handler(access.NotSignedIn)
    async def _(request: Request, _: Exception) -> Response:
        return access.to_sign_in(request)

    @web.exception_handler(access.NotAllowed)
    async def _(request: Request, _: Exception) -> Response:
        return render(request, "error.html", status=403, problem=Message(_NOT_YOURS))

    @web.exception_handler(HTTPException)
    async def _(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(getattr(error, "headers", None) or {})
        problem = Message(_NOT_THERE if status == 404 else _NOT_HERE)
        if request.url.path.startswith("/api/"):
            return JSONResponse({"detail": str(problem)}, status, headers)
        return render(request, "error.html", status=status, headers=headers, problem=problem)

    @web.exception_handler(RequestValidationError)
    async def _(request: Request, _: Exception) -> Response:
        return render(request, "error.html", status=422, problem=Message(_MISWRITTEN))

    for kind, status in (
        (UnknownRecord, 404),
        (UsageError, 400),
        (CannotProceed, 409),
        (DatabaseFault, 503),
    ):
        web.add_exception_handler(kind, _with_words(status))


_NOT_YOURS = N_("This page is for somebody with another task.")
_NOT_THERE = N_("There is no such page.")
_NOT_HERE = N_("This cannot be done here.")
_MISWRITTEN = N_("Something in the form or the address is missing or too long.")


def _with_words(status: int) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        problem = Message(_NOT_HERE)
        if isinstance(error, SurveyPipelineError):
            problem = error.message
        return render(request, "error.html", status=status, problem=problem)

    return handle


@asynccontextmanager
async def _draining(app: App) -> AsyncIterator[None]:
    """Store, while we serve, what webhooks brought when the database was busy."""
    draining = asyncio.create_task(_drain(app))
    yield
    draining.cancel()


async def _drain(app: App) -> None:
    while True:
        await asyncio.sleep(DRAIN_EVERY)
        try:
            await asyncio.to_thread(drain, app.context)
        except (DatabaseFault, SQLAlchemyError, OSError):
            log.warning("the spool waits", extra={"action": "spool_waits"})
