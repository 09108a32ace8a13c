"""`/review/{token}`: a representative's ballot, opened by the personal link alone.

The link is all that these pages know of anybody. They look for no session and set no cookie, so
that nothing joins two visits; nothing here writes to a log, and no address is stored. The token is
in the path alone: no referrer carries it, no answer is kept by a browser.
"""

import ipaddress
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
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
from survey_pipeline.web.pages import render

log = logging.getLogger(__name__)

LONGEST = 256 * 1024
"""Bytes of a filled-in paper; one with a thousand offices has a tenth of it."""
WINDOW = timedelta(minutes=10)
MOST_FROM_ADDRESS = 100
"""Links that do not open, from one address in the window. A token has 128 random bits, so that no
number of guesses finds one; the limit keeps a guesser from costing us much. It is as wide as it is
because a council's representatives may sit behind one address."""
MOST_ADDRESSES = 10_000
"""Held in memory at once."""
HEADERS = {"Referrer-Policy": "strict-origin"}
"""No request that begins on these pages names their address. `no-referrer` would take the origin
from our own forms as well, by which we know them where a browser does not say more (`access`)."""


class TooManyTries(SurveyPipelineError):
    """Too many links that do not open came from one address."""


class Tries:
    """Counts links that did not open, by address; in memory, never written down."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._began = context.now()
        self._failed: Counter[str] = Counter()

    def refuse_if_tired(self, address: str) -> None:
        """Say that it is enough, if it is.

        Raises:
            TooManyTries: of this address.
        """
        if self._context.now() - self._began >= WINDOW or len(self._failed) > MOST_ADDRESSES:
            self._failed, self._began = Counter(), self._context.now()
        if self._failed[_network(address)] >= MOST_FROM_ADDRESS:
            minutes = int(WINDOW.total_seconds() // 60)
            raise TooManyTries(
                N_("too many links that are not valid: wait {minutes} minutes"), minutes=minutes
            )

    def failed(self, address: str) -> None:
        """Count one more."""
        self._failed[_network(address)] += 1


@dataclass(frozen=True)
class Line:
    """An office of the paper, with its number on it."""

    number: int
    office: PaperOffice


@dataclass(frozen=True)
class Group:
    """A category of the paper."""

    category: str
    name: str
    lines: Sequence[Line]

    @property
    def answered(self) -> int:
        """How many have an answer that is kept."""
        return sum(1 for line in self.lines if line.office.answer)


def ballot_box(request: Request) -> Context:
    """Return the workspace, in nobody's hands, even where the browser holds a session."""
    request.state.visitor = None
    context: Context = request.app.state.context
    return context


async def filled_in(request: Request) -> bytes:
    """Return a form as it was sent, and no more of it than a paper can have."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            break
    return body


Box = Annotated[Context, Depends(ballot_box)]
Form = Annotated[bytes, Depends(filled_in)]

router = APIRouter(include_in_schema=False)


@router.get("/review/{token}")
def show(request: Request, context: Box, token: str, saved: str = "") -> Response:
    """Show the paper with what is kept of it; thank whoever has just saved it."""
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
def save(request: Request, context: Box, token: str, form: Form) -> Response:
    """Keep the answers that were given, all of them or none."""
    try:
        _refuse_if_tired(request)
        cast(context, token, _answers(form))
    except SurveyPipelineError as error:
        return _shut(request, context, error, sent=True)
    return RedirectResponse(f"/review/{token}?saved=1", status_code=303, headers=HEADERS)


def _opened(request: Request, context: Context, token: str) -> Paper:
    _refuse_if_tired(request)
    return paper(context, token)


def _answers(form: bytes) -> dict[str, Rating]:
    """Read a form: office_code -> answer.

    Raises:
        UsageError: it is none of ours.
    """
    try:
        if len(form) > LONGEST:
            raise ValueError("too long")
        return {code: Rating(answer) for code, answer in parse_qsl(form.decode("ascii"))}
    except ValueError as error:
        raise UsageError("this is not the ballot that was handed out") from error


def _groups(listed: Paper) -> Iterator[Group]:
    """Put the offices, which come in that order, under their categories."""
    lines = (Line(number, office) for number, office in enumerate(listed.offices, 1))
    for category, found in groupby(lines, key=lambda line: line.office.category):
        yield Group(category, CATEGORIES[category], list(found))


def _shut(
    request: Request, context: Context, error: SurveyPipelineError, *, sent: bool
) -> Response:
    """Say why there is no paper, the same to every link that does not open."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    problem, closed = error.message, None
    if status == 404:
        _tries(request).failed(_address(request))
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
"""The first that fits. A fault of the key file is for our log: its words are for operators."""


def _refuse_if_tired(request: Request) -> None:
    _tries(request).refuse_if_tired(_address(request))


def _tries(request: Request) -> Tries:
    tries: Tries = request.app.state.ballot_tries
    return tries


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _network(address: str) -> str:
    """Return what one guesser has of addresses: one, or with IPv6 a network of /64."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network((known.packed[:8] + bytes(8), 64)))
