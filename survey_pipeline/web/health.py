"""`/healthz`: the process lives. `/readyz`: it can work, or says with 503 that it cannot."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault, SchemaError
from survey_pipeline.store import migrate
from survey_pipeline.troubles import STORAGE


def make_health(context: Context) -> APIRouter:
    """Return the two addresses; neither says anything that a stranger could use."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def alive() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    def ready() -> JSONResponse:
        try:
            migrate.check(context.engine)
        except (DatabaseFault, SQLAlchemyError, SchemaError):
            return JSONResponse({"status": "unready"}, status_code=503)
        if context.troubles.of(*STORAGE):
            return JSONResponse({"status": "unready"}, status_code=503)
        return JSONResponse({"status": "ready"})

    return router
