"""`/healthz`: the process lives. `/readyz`: it can work, or says with 503 that it cannot."""

import threading

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault, SchemaError
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import require_writable
from survey_pipeline.troubles import STORAGE


def make_health(context: Context) -> APIRouter:
    """Return the two addresses; neither says anything that a stranger could use."""
    router = APIRouter(include_in_schema=False)
    readiness = Readiness(context)

    @router.get("/healthz")
    async def alive() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    def ready() -> JSONResponse:
        if readiness.look():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "unready"}, status_code=503)

    return router


class Readiness:
    """Whether this process can read and write now.

    One request at a time looks, and may wait for the database; the others get the latest answer, so
    that nobody who asks often keeps pages from being served.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._latest = True

    def look(self) -> bool:
        """Return whether the database takes writes, and nothing of what came in is held up."""
        if not self._lock.acquire(blocking=False):
            return self._latest
        try:
            self._latest = self._works()
            return self._latest
        finally:
            self._lock.release()

    def _works(self) -> bool:
        try:
            migrate.check(self._context.engine)
            require_writable(self._context.engine)
        except (DatabaseFault, SQLAlchemyError, SchemaError):
            return False
        return not self._context.troubles.of(*STORAGE)
