"""Answers to what cannot be done: pages in words, JSON for systems, a bare status for providers."""

import errno
from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from survey_pipeline.errors import DatabaseFault
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.faults import BUSY, FULL, READ_ONLY
from survey_pipeline.web.pages import locale_of, render

RETRY_AFTER = {"Retry-After": "5"}
"""Of an answer 503: seconds after which it is worth another try."""
CLOSE = {"Connection": "close"}
"""Where the rest of the request is not read: the connection is of no more use."""

UNAVAILABLE = N_("The database does not answer at the moment. Try again in a few seconds.")
NO_ROOM = N_(
    "The disk is full, so nothing was stored. Tell the person who runs the program; when there is "
    "room again, send it once more."
)
NO_CHANGES = N_(
    "The database takes no changes at the moment, so nothing was stored. Tell the person who runs "
    "the program, and send it again later."
)
OCCUPIED = N_(
    "The database is busy with another piece of work, so nothing was stored. Try again in a few "
    "seconds."
)
_FAULTS: Mapping[str, str] = {
    FULL.problem: NO_ROOM,
    READ_ONLY.problem: NO_CHANGES,
    BUSY.problem: OCCUPIED,
}
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FAULT = N_("A fault of the program. It is in the log; tell the person who runs it.")


def explain(
    request: Request, status: int, problem: Message, headers: dict[str, str] | None = None
) -> Response:
    """Answer a request that is refused or fails, in the form that its sender reads.

    The page is of a stranger where nobody has looked yet who is signed in: an error must not ask
    the database, which may be what failed.
    """
    path = request.url.path
    if path.startswith("/hooks/"):
        return Response(status_code=status, headers=headers)
    if path.startswith("/api/"):
        detail = problem.render(locale_of(request))
        return JSONResponse({"detail": detail}, status, headers)
    if not hasattr(request.state, "visitor"):
        request.state.visitor = None
    return render(request, "error.html", status=status, headers=headers, problem=problem)


def told_to_visitors(error: Exception) -> str | None:
    """Return what visitors are told of surroundings that fail; nothing for a fault of ours.

    Where the database lies, and what its driver said, is for the log alone.
    """
    if isinstance(error, DatabaseFault):
        return _FAULTS.get(error.message.text, UNAVAILABLE)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return NO_ROOM
    return None
