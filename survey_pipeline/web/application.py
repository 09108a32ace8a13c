"""The web application: one opened workspace behind it, and the families of addresses."""

from fastapi import FastAPI

from survey_pipeline import __version__
from survey_pipeline.app import App
from survey_pipeline.web.health import make_health
from survey_pipeline.web.hooks import make_hooks


def make_web(app: App) -> FastAPI:
    """Make the web application of an opened workspace.

    Raises:
        ConfigurationError: a configured gateway cannot be made.
    """
    web = FastAPI(
        title="survey-pipeline", version=__version__, docs_url=None, redoc_url=None
    )  # the pages that would show the API load their scripts from elsewhere
    web.include_router(make_hooks(app.context, app.gateways))
    web.include_router(make_health(app.context))
    return web
