"""`/review/{token}`: a representative's ballot, opened with the personal link only.

The pages know nothing of a visitor except the link. They look up no session and set no cookie, so
that two visits cannot be connected; they log no link and store no address. The token is only in
the path: no referrer carries it, and browsers keep no response.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import (
    CannotProceed,
    KeyFileError,
    SurveyPipelineError,
    UnknownRecord,
    UsageError,
)
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.review import Paper, PaperOffice, cast, last_closed, paper
from survey_pipeline.vocabulary import Rating
from survey_pipeline.vocabulary.names import CATEGORIES, RATING_HEADINGS
from survey_pipeline.web.access import client_address
from survey_pipeline.web.pages.link_throttle import LinkThrottle, TooManyTries
from survey_pipeline.web.rendering.page import render

log = logging.getLogger(__name__)

LONGEST = 256 * 1024
"""Bytes of a filled-in ballot; one with a thousand offices has a tenth of it."""
HEADERS = {"Referrer-Policy": "strict-origin"}
"""No request from these pages names their address. With `no-referrer`, browsers would also leave
out the origin of our own forms, which some send instead of `Sec-Fetch-Site` (`origin_check`)."""


@dataclass(frozen=True)
class BallotLine:
    """An office of the ballot, with its number there."""

    number: int
    office: PaperOffice


@dataclass(frozen=True)
class BallotGroup:
    """A category of the ballot."""

    category: str
    name: str
    lines: Sequence[BallotLine]

    @property
    def answered(self) -> int:
        """How many offices have a stored answer."""
        return sum(1 for line in self.lines if line.office.answer)


def without_visitor(request: Request) -> Context:
    """Return the workspace without an actor, even if the browser has a session."""
    request.state.visitor = None
    context: Context = request.app.state.context
    return context


async def sent_form(request: Request) -> bytes:
    """Return a form as it was sent, cut off behind the size that a ballot can have."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            break
    return body


Anonymous = Annotated[Context, Depends(without_visitor)]
Form = Annotated[bytes, Depends(sent_form)]

router = APIRouter(include_in_schema=False)


@router.get("/review/{token}")
def show(request: Request, context: Anonymous, token: str, saved: str = "") -> Response:
    """Show the ballot with its stored answers; after saving, thank for it."""
    try:
        listed = _opened(request, context, token)
    except SurveyPipelineError as error:
        return _shut(request, context, error, sent=False)
    return render(
        request,
        "ballot.html",
        headers=HEADERS,
        token=token,
        saved=bool(saved),
        groups=list(_groups(listed)),
        year=str(listed.year),
        closes_on=listed.closes_on,
        answered=sum(1 for office in listed.offices if office.answer),
        offices=len(listed.offices),
        ratings=RATING_HEADINGS,
    )


@router.post("/review/{token}")
def save(request: Request, context: Anonymous, token: str, form: Form) -> Response:
    """Store the answers, all of them or none."""
    try:
        _throttle(request).check(client_address(request))
        cast(context, token, _answers(form))
    except SurveyPipelineError as error:
        return _shut(request, context, error, sent=True)
    return RedirectResponse(f"/review/{token}?saved=1", status_code=303, headers=HEADERS)


def _opened(request: Request, context: Context, token: str) -> Paper:
    _throttle(request).check(client_address(request))
    return paper(context, token)


def _answers(form: bytes) -> dict[str, Rating]:
    """Read a form: the code of an office -> its answer.

    Raises:
        UsageError: it is not a form of ours.
    """
    try:
        if len(form) > LONGEST:
            raise ValueError("too long")
        return {code: Rating(answer) for code, answer in parse_qsl(form.decode("ascii"))}
    except ValueError as error:
        raise UsageError("this is not the ballot that was handed out") from error


def _groups(listed: Paper) -> Iterator[BallotGroup]:
    """Group the offices by category; they come in that order."""
    lines = (BallotLine(number, office) for number, office in enumerate(listed.offices, 1))
    for category, found in groupby(lines, key=lambda line: line.office.category):
        yield BallotGroup(category, CATEGORIES[category], list(found))


def _shut(
    request: Request, context: Context, error: SurveyPipelineError, *, sent: bool
) -> Response:
    """Show why there is no ballot; every invalid link gets the same page."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    problem, closed = error.message, None
    if status == 404:
        _throttle(request).count_failure(client_address(request))
        closed = last_closed(context)
    if closed is not None:
        problem = Message(N_("The online review of {year} is closed"), {"year": closed[0]})
    if status == 503:
        log.warning("ballots cannot be taken: %s", problem, extra={"action": "no_ballots"})
        problem = Message(N_("Ballots cannot be taken at the moment"))
    return render(
        request,
        "ballot_shut.html",
        status=status,
        headers=HEADERS,
        problem=problem,
        closed_at=closed and closed[1],
        status_code=status,
        sent=sent,
    )


_STATUS: Sequence[tuple[type[SurveyPipelineError], int]] = (
    (TooManyTries, 429),
    (UsageError, 400),
    (UnknownRecord, 404),
    (KeyFileError, 503),
    (CannotProceed, 409),
)
"""The first that fits. A fault of the key file is only logged: its message is for operators."""


def _throttle(request: Request) -> LinkThrottle:
    throttle: LinkThrottle = request.app.state.link_throttle
    return throttle
