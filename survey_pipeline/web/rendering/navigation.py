"""The links of the header, where each role begins, and the way back from a form."""

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from fastapi import Request
from starlette.routing import Match

from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import Role
from survey_pipeline.web import access
from survey_pipeline.web.access import SAFE
from survey_pipeline.web.return_path import current_page, own_path

HOME = {
    Role.OPERATOR: "/",
    Role.ADMIN: "/",
    Role.CALLER: "/callbacks",
    Role.ANALYST: "/scores",
    Role.OFFICE: "/reports",
    Role.LEAD_AGENCY: "/deliver",
    Role.DEPARTMENT: "/deliver",
    Role.HOTLINE_CENTRE: "/deliver",
    Role.LEADER: "/overview",
}
"""The page where each role begins."""

NAVIGATION = (
    ("/", N_("The day"), access.OPERATORS),
    ("/callbacks", N_("Calls"), access.CALLERS),
    ("/replies", N_("Replies"), access.CALLERS),
    ("/scores", N_("Scores"), access.SCORE_READERS),
    ("/reports", N_("Case reports"), access.OFFICES),
    ("/deliver", N_("Deliver"), access.DELIVERERS),
    ("/overview", N_("Overview"), access.LEADERS),
    ("/deadlines", N_("Deadlines"), access.SCORE_READERS),
    ("/organise", N_("Organise"), access.ORGANISERS),
    ("/draws", N_("Draws"), access.DRAW_READERS),
    ("/admin", N_("Admin"), access.ADMINS),
)
"""The links of the header: address, name, and who may open it."""

EVENTS = frozenset({"saved", "computed", "changed"})
"""Parameters that report what was just done; a change of language does not repeat them."""


def way_back(request: Request) -> str:
    """Return the address of the visitor's page, without the report of what was just done there.

    The response to a form has no address of its own: it is that of the page with the form, as the
    browser names it, or else the nearest page above the form's own address.
    """
    page = quote(request.url.path)
    query = request.url.query
    if request.method not in SAFE:
        form = urlsplit(current_page(request))
        # a ballot names its site alone, not its page
        named = (form.path, form.query) not in {("", ""), ("/", "")}
        page, query = _nearest_page(request, form.path if named else page), form.query
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name not in EVENTS
    ]
    return own_path(page + (f"?{urlencode(kept)}" if kept else "")) or page


def _nearest_page(request: Request, path: str) -> str:
    """Return a path if it is that of a page, else the nearest page above it."""
    while path != "/" and not _is_page(request, path):
        path = path.rpartition("/")[0] or "/"
    return path


def _is_page(request: Request, path: str) -> bool:
    asked = {**request.scope, "method": "GET", "path": unquote(path)}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)
