"""The web application: one opened workspace, the families of addresses, and what they share."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from markupsafe import Markup
from starlette.types import ASGIApp

from survey_pipeline import __version__
from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.web.api import endpoints as api
from survey_pipeline.web.error_handlers import handle_errors
from survey_pipeline.web.health import Readiness
from survey_pipeline.web.hooks import Webhooks
from survey_pipeline.web.metrics import WorkspaceCollector
from survey_pipeline.web.pages import (
    bulk_accounts,
    first_admin,
    gateway_test,
    invitation_runs,
    link_throttle,
    month_scores,
    password_pool,
    upkeep_desk,
    upload_queue,
    what_if,
)
from survey_pipeline.web.rendering.environment import STATIC
from survey_pipeline.web.rendering.fragment_cache import MOST_FRAGMENTS, LruCache
from survey_pipeline.web.routes import include_families
from survey_pipeline.web.server.background import BackgroundWriter
from survey_pipeline.web.server.body_reader import BodyTimeouts
from survey_pipeline.web.server.middleware import RequestGuard
from survey_pipeline.web.server.statement_bound import StatementBound
from survey_pipeline.web.server.work_pools import WorkPools
from survey_pipeline.web.spool_drain import lifespan


class WebApplication(FastAPI):
    """The application inside its guard, which also adds the headers to error responses."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the guard around everything else, and a bound on what a request may read."""
        context: Context = self.state.context
        inner = super().build_middleware_stack()
        return RequestGuard(StatementBound(inner, context.settings.database.page_timeout))


def make_web(app: App) -> FastAPI:
    """Make the web application of an opened workspace.

    Raises:
        ConfigurationError: a configured gateway cannot be made.
    """
    web = WebApplication(
        title="survey-pipeline",
        version=__version__,
        docs_url=None,  # the pages that would show the API load their scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    _share(web, app)
    web.mount("/static", StaticFiles(directory=STATIC), name="static")
    include_families(web)
    handle_errors(web)
    return web


def _share(web: FastAPI, app: App) -> None:
    """Keep what the handlers of all requests share in the application's state."""
    state, context = web.state, app.context
    state.app, state.context = app, context
    state.readiness = Readiness(context)
    state.webhooks = Webhooks(context, app.gateways)
    state.collector = WorkspaceCollector(context)
    state.first_admin = first_admin.FirstAdminLink(context)
    state.link_throttle = link_throttle.LinkThrottle(context)
    state.fragments = LruCache[Markup](MOST_FRAGMENTS)
    state.months = LruCache[month_scores.Month](month_scores.MOST_MONTHS)
    state.body_timeouts = BodyTimeouts()
    state.background = BackgroundWriter()
    state.invitations = invitation_runs.InvitationRuns()
    state.pools = WorkPools(
        passwords=password_pool.make_pool(),
        uploads=upload_queue.make_pool(),
        api_cases=api.make_pool(),
        gateway_tests=gateway_test.make_pool(),
        bulk=bulk_accounts.make_pool(),
        upkeep=upkeep_desk.make_pool(),
        trials=what_if.make_pool(),
    )
