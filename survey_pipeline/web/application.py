"""The web application: one opened workspace behind it, and the families of addresses."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from survey_pipeline import __version__
from survey_pipeline.app import App
from survey_pipeline.survey.spool import drain
from survey_pipeline.web.health import make_health
from survey_pipeline.web.hooks import make_hooks

log = logging.getLogger(__name__)

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
    web.include_router(make_hooks(app.context, app.gateways))
    web.include_router(make_health(app.context))
    return web


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
        except (SQLAlchemyError, OSError):
            log.warning("the spool waits", extra={"action": "spool_waits"})
