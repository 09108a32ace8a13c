"""Error responses: a page for people, JSON for offices' systems, a bare status for providers."""

import errno
from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from survey_pipeline.errors import DatabaseFault
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.faults import BUSY, FULL, READ_ONLY
from survey_pipeline.store.key_changes import BEING_CHANGED, WAS_CHANGED
from survey_pipeline.web.rendering.page import locale_of, render

RETRY_AFTER = {"Retry-After": "5"}
"""Header of a response 503: seconds until another try makes sense."""
CLOSE = {"Connection": "close"}
"""Header of a response to a request that is not read to its end: the connection is unusable."""

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
KEY_CHANGING = N_(
    "The key of the personal data is being changed, and nothing works meanwhile. Try again in some "
    "minutes."
)
KEY_CHANGED = N_(
    "The key of the personal data was changed. Tell the person who runs the program to start it "
    "anew."
)
FAULT = N_("The program failed. The reason is in its log: tell the person who runs it.")


_DATABASE_FAULTS: Mapping[str, str] = {
    FULL.problem: NO_ROOM,
    READ_ONLY.problem: NO_CHANGES,
    BUSY.problem: OCCUPIED,
    BEING_CHANGED: KEY_CHANGING,
    WAS_CHANGED: KEY_CHANGED,
}
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def error_response(
    request: Request, status: int, problem: Message, headers: dict[str, str] | None = None
) -> Response:
    """Return an error in the form that the client of this address expects.

    Without a visitor looked up before, the page is a stranger's: an error page does not ask the
    database, which may be what failed.
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


def message_of_outage(error: Exception) -> str | None:
    """Return what visitors are told if database or disk fail; None for a fault of the program.

    Where the database is, and the message of its driver, are only logged.
    """
    if isinstance(error, DatabaseFault):
        return _DATABASE_FAULTS.get(error.message.text, UNAVAILABLE)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return NO_ROOM
    return None
