"""`/healthz`: the process runs. `/readyz`: it can work, or 503.

Neither tells a stranger anything that could be used against the program.
"""

import logging
import threading

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from survey_pipeline.context import Context
from survey_pipeline.reports.readiness import readiness

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)


class Readiness:
    """Whether the program can do its work now (`reports.readiness`).

    One request at a time checks, and may wait for the database; the others get the latest result,
    so that a client that asks often does not keep pages from being served.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._latest = True

    def check(self) -> bool:
        """Return whether everything works: database, spool, disk, clock and worker."""
        if not self._lock.acquire(blocking=False):
            return self._latest
        try:
            self._latest = self._works()
            return self._latest
        finally:
            self._lock.release()

    def _works(self) -> bool:
        """Look at everything; the log has what fails, once: the answer tells no stranger."""
        failing = [check for check, works in readiness(self._context).items() if not works]
        if failing and self._latest:
            known = {"action": "not_ready", "failing": ", ".join(failing)}
            log.warning("the program is not ready to work", extra=known)
        return not failing


@router.get("/healthz")
async def alive() -> JSONResponse:
    """Answer that the process runs."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Answer whether the program can do its work."""
    readiness: Readiness = request.app.state.readiness
    if readiness.check():
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "unready"}, status_code=503)
