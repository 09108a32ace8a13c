"""What the web application does beside requests: stores spooled webhooks, notes configuration."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from survey_pipeline.app import App
from survey_pipeline.configuration_log import ConfigurationLog
from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.inbound.spool import drain, has_room
from survey_pipeline.store.engine import try_writing
from survey_pipeline.troubles import SPOOL, WEBHOOKS, told

log = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds between two attempts to store what is spooled."""
LOOK_EVERY = 60.0
"""Seconds between two looks at the configuration's files."""


@asynccontextmanager
async def lifespan(web: FastAPI) -> AsyncIterator[None]:
    """Drain the spool and look at the configuration while the application serves."""
    tasks = [asyncio.create_task(_regularly(*job)) for job in jobs_beside_requests(web.state.app)]
    yield
    for task in tasks:
        task.cancel()
    web.state.pools.close()


def jobs_beside_requests(app: App) -> list[tuple[float, Callable[[], None]]]:
    """Return what is done while the application serves, each with the seconds between two runs."""
    return [
        (INTERVAL, partial(drain_spool, app.context)),
        (LOOK_EVERY, partial(note_configuration, app.configuration)),
    ]


async def _regularly(interval: float, job: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(interval)
        await asyncio.to_thread(job)


def note_configuration(configuration: ConfigurationLog) -> None:
    """Put a change of the configuration on record: a `serve` without a worker sees it as well."""
    try:
        configuration.look()
    except (DatabaseFault, SQLAlchemyError):
        log.warning("a change of configuration waits", extra={"action": "configuration_waits"})


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
