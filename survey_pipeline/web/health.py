"""`/healthz`: the process runs. `/readyz`: it can work, or 503.

Neither tells a stranger anything that could be used against the program.
"""

import threading

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault, SchemaError
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import require_writable
from survey_pipeline.troubles import STORAGE

router = APIRouter(include_in_schema=False)


class Readiness:
    """Whether this process can read and write now.

    One request at a time checks, and may wait for the database; the others get the latest result,
    so that a client that asks often does not keep pages from being served.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._latest = True

    def check(self) -> bool:
        """Return whether the database accepts writes, and everything that came in is stored."""
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


@router.get("/healthz")
async def alive() -> JSONResponse:
    """Answer that the process runs."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Answer whether the process can read and write."""
    readiness: Readiness = request.app.state.readiness
    if readiness.check():
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "unready"}, status_code=503)
