"""`/admin/checks/text`: one test text to a number, as `gateway test` sends it.

A provider may take long to answer, so that texts are sent in a thread pool of their own.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.gateways.port import SendResult
from survey_pipeline.gateways.registry import make_gateways
from survey_pipeline.i18n import N_, Message
from survey_pipeline.phones.typed_numbers import read_mobile
from survey_pipeline.stages.dispatch import gateway_views
from survey_pipeline.stages.dispatch.trial_text import result_in_words, send_test
from survey_pipeline.vocabulary import SendOutcome
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.rendering.page import render
from survey_pipeline.web.server.work_pools import WorkPool

Text = Annotated[str, Form(max_length=100)]

LEVELS = {SendOutcome.ACCEPTED: "good", SendOutcome.UNKNOWN: "fair"}
"""How an outcome is marked; other outcomes are bad."""
BUSY = N_("Test texts are being sent at the moment. Try again when they are answered.")
BUSY_WITH_YOURS = N_("Your last test text waits for its answer. Try again when it is there.")

router = APIRouter(include_in_schema=False)


def make_pool() -> WorkPool:
    """Return the pool."""
    return WorkPool("gateway-tests", threads=2, most=6, most_each=1)


@router.get("/admin/checks")
def checks_page(request: Request, context: Workspace) -> Response:
    """Show the state of the gateways, a form for a test text, and the checks of `doctor`."""
    return _page(request, context)


@router.post("/admin/checks/text")
async def send_trial(
    request: Request, context: Workspace, who: User, number: Text, gateway: Text = ""
) -> Response:
    """Send one test text, and show the result."""
    pool: WorkPool = request.app.state.pools.gateway_tests
    with pool.slot(who.name, Message(BUSY), Message(BUSY_WITH_YOURS)):
        return await pool.run(_tested, request, context, number, gateway)


def _tested(request: Request, context: Context, text: str, label: str) -> Response:
    number = read_mobile(text)
    if isinstance(number, Message):
        return _page(request, context, status=400, test_problem=number, chosen=label)
    try:
        name, result = _sent(request, context, number, label)
    except SurveyPipelineError as error:
        return _page(request, context, status=409, test_problem=error.message, chosen=label)
    level = LEVELS.get(result.outcome, "bad")
    return _page(request, context, told=(level, result_in_words(name, number, result)), chosen=name)


def _sent(request: Request, context: Context, number: str, label: str) -> tuple[str, SendResult]:
    """Send through gateways made for this test; those of the sender belong to its event loop."""
    app: App = request.app.state.app
    made = make_gateways(context.settings.gateway, app.gateway_environment)
    return send_test(context, made, number, label or None)


def _page(request: Request, context: Context, status: int = 200, **more: Any) -> Response:
    values = {"told": None, "test_problem": None, "chosen": "", **more}
    return render(
        request, "admin_checks.html", status=status, gateways=gateway_views(context), **values
    )
