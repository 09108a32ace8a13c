"""Stores the webhooks that were spooled while the database was unavailable."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.inbound.spool import drain, has_room
from survey_pipeline.store.engine import try_writing
from survey_pipeline.troubles import SPOOL, WEBHOOKS, told

log = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds between two attempts."""


@asynccontextmanager
async def lifespan(web: FastAPI) -> AsyncIterator[None]:
    """Drain the spool as long as the application serves; then close its thread pools."""
    draining = asyncio.create_task(_drain_regularly(web.state.context))
    yield
    draining.cancel()
    web.state.pools.close()


async def _drain_regularly(context: Context) -> None:
    while True:
        await asyncio.sleep(INTERVAL)
        await asyncio.to_thread(drain_spool, context)


def drain_spool(context: Context) -> None:
    """Store what is spooled or postponed; after a failure, check whether writing works again."""
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
