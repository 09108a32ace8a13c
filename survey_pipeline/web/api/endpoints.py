"""The API of offices' systems: `POST /api/v1/cases` and `GET /api/v1/scores`, with an office's key.

The key determines the office whose cases are stored and whose scores are shown. There is no
session, so that no page can make a browser send such a request. Each row has its own result, with
reasons in the client's language (Accept-Language, else that of the configuration). A request that
is refused as a whole is answered `{"detail": "..."}`.
"""

import hashlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.i18n import LOCALES, N_, Message
from survey_pipeline.people.api_keys import office_of_key
from survey_pipeline.reports.closed_months import ClosedMonth, closed_month
from survey_pipeline.stages.intake.file_summary import Problem
from survey_pipeline.stages.intake.uploads.posted_rows import PostedRows, RowAnswer, import_rows
from survey_pipeline.web.api.models import CasesOut, ProblemOut, RefusalOut, RowOut, ScoreOut
from survey_pipeline.web.api.openapi import CASES_BODY, MONTH_PATTERN, REFUSALS
from survey_pipeline.web.api.request_body import ApiRefusal, read_document
from survey_pipeline.web.error_responses import RETRY_AFTER
from survey_pipeline.web.server.work_pools import PoolFull, WorkPool

LARGEST_BODY = 4 << 20
"""Bytes: 400 for each row that a request may have; in memory, rows take twenty times as much."""
MOST_AT_ONCE, MOST_OF_OFFICE = 32, 4
"""Requests with rows that are held at the same time, in all and of one office."""
NAME = "API"
"""The name of such an import in the journal."""

BAD_KEY = N_("give the office's key: Authorization: Bearer KEY")
NO_MONTH = N_("month is written 2023-05")
BUSY = N_("too many requests at once; send this one again in a moment")
BUSY_KEY = N_("too many requests of this office at once; wait for the answers, then go on")
TOO_LARGE = N_("the body is larger than {most} bytes; send fewer rows at once")


class JsonRefusals(APIRoute):
    """A route that answers refusals as JSON in the client's language."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which also answers refusals."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except ApiRefusal as error:
                return _refusal(request, error.status, error.message, error.headers)
            except RequestValidationError:  # the month is the only parameter
                return _refusal(request, 422, Message(NO_MONTH))
            except PoolFull as error:
                return _refusal(request, 503, error.message, RETRY_AFTER)
            except UnknownRecord as error:
                return _refusal(request, 404, error.message)
            except CannotProceed as error:
                return _refusal(request, 409, error.message)

        return answer


KEY = HTTPBearer(
    auto_error=False,
    scheme_name="OfficeKey",
    description="The key of an office, made by `survey-pipeline key add` or under /admin.",
)

router = APIRouter(prefix="/api/v1", route_class=JsonRefusals)


def make_pool() -> WorkPool:
    """Return the pool of reported cases.

    It has one thread, so that only one request at a time is in memory as more than bytes.
    """
    return WorkPool("api-cases", threads=1, most=MOST_AT_ONCE, most_each=MOST_OF_OFFICE)


class KeyAccess:
    """Access for an office's system with its key; a dependency of the router."""

    def __call__(
        self, request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(KEY)]
    ) -> str:
        """Return the code of the office whose key it is.

        Raises:
            ApiRefusal: there is no key, or it is unknown or revoked.
        """
        office = None
        if given:
            background = request.app.state.background
            office = office_of_key(_context(request), given.credentials, background)
        if office is None:
            raise ApiRefusal(401, Message(BAD_KEY), WWW_Authenticate="Bearer")
        return office

    def __str__(self) -> str:
        return "an office's key"


KEY_HOLDER = KeyAccess()
Office = Annotated[str, Depends(KEY_HOLDER)]


@router.post(
    "/cases",
    response_model=CasesOut,
    responses={
        status: {"model": RefusalOut, **REFUSALS[status]}
        for status in (401, 408, 409, 413, 422, 503)
    },
    openapi_extra={"requestBody": CASES_BODY},
    summary="Report cases",
    tags=["offices"],
)
async def report_cases(request: Request, office: Office) -> Response:
    """Take cases of the key's office; all sound rows are stored, the others refused with reasons.

    The same rows again change nothing; the same key with other contents is an update, until the
    draw of that day has been held. Rows of other offices are refused.
    """
    pool: WorkPool = request.app.state.pools.api_cases
    with pool.slot(office, Message(BUSY), Message(BUSY_KEY)):
        body = await _body(request)
        return await pool.run(_take, request, office, body)


@router.get(
    "/scores",
    response_model=ScoreOut,
    responses={status: {"model": RefusalOut, **REFUSALS[status]} for status in (401, 404, 422)},
    summary="A closed month's score",
    tags=["offices"],
)
def score(
    request: Request,
    office: Office,
    month: Annotated[
        str, Query(pattern=MONTH_PATTERN, description="YYYY-MM", examples=["2023-05"])
    ],
) -> ScoreOut:
    """Return the score of the key's office for a month whose last survey has ended.

    Counts, rate, points and rank are given only from a certain number of ratings on.
    """
    return _score_out(closed_month(_context(request), office, month), office, _locale(request))


def _take(request: Request, office: str, body: bytes) -> Response:
    rows, day = read_document(body)
    context = _context(request).acting(f"key of {office}")
    digest = hashlib.sha256(body).hexdigest()
    taken = import_rows(context, rows, office=office, name=NAME, digest=digest, reported_on=day)
    return Response(
        _cases_out(taken, _locale(request)).model_dump_json(), media_type="application/json"
    )


async def _body(request: Request) -> bytes:
    """Return the body.

    Raises:
        ApiRefusal: it is too large.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ApiRefusal(413, Message(TOO_LARGE, {"most": LARGEST_BODY}))
    return bytes(body)


def _cases_out(taken: PostedRows, locale: str) -> CasesOut:
    summary = taken.summary
    return CasesOut(
        reported_on=taken.reported_on,
        accepted=summary.accepted,
        updated=summary.updated,
        unchanged=summary.unchanged,
        refused=summary.refused,
        ignored=list(taken.ignored),
        rows=[_row_out(row, locale) for row in taken.rows],
    )


def _row_out(row: RowAnswer, locale: str) -> RowOut:
    return RowOut(
        row=row.row,
        outcome=row.outcome,
        problems=_problems_out(row.problems, locale),
        warnings=_problems_out(row.warnings, locale),
    )


def _problems_out(problems: Sequence[Problem], locale: str) -> list[ProblemOut]:
    return [
        ProblemOut(column=problem.column, reason=problem.reason.render(locale))
        for problem in problems
    ]


def _score_out(found: ClosedMonth, office: str, locale: str) -> ScoreOut:
    known = {**vars(found), "published": found.published}
    same = {name: known[name] for name in ScoreOut.model_fields if name in known}
    notes = [note.render(locale) for note in found.notes]
    return ScoreOut(**{**same, "office_code": office, "shown": found.enough, "notes": notes})


def _refusal(
    request: Request, status: int, message: Message, headers: dict[str, str] | None = None
) -> Response:
    detail = message.render(_locale(request))
    return JSONResponse({"detail": detail}, status_code=status, headers=headers)


def _locale(request: Request) -> str:
    """Return the first language of the client that we have, else that of the configuration."""
    for wanted in request.headers.get("accept-language", "").split(","):
        language = wanted.split(";")[0].strip().lower()[:2]
        for locale in LOCALES:
            if language and locale.startswith(language):
                return locale
    return _context(request).settings.locale


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context
