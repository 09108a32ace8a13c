"""Paths of our own site to come back to, after a sign-in or a change of language."""

from urllib.parse import urlencode, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.web.access import SAFE

LONGEST_PATH = 2_000
"""Characters of a path to come back to, with its query."""


def redirect_to_sign_in(request: Request) -> Response:
    """Redirect to the sign-in, which leads back to the page that the visitor was on."""
    address = f"/login?{urlencode({'next': current_page(request)}, safe='/')}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


def current_page(request: Request) -> str:
    """Return path and query of the page that the browser shows.

    A form and a fragment are requested from another address than their own: the browser names the
    page in `Referer` or, if htmx sends the request, in `HX-Current-URL`.
    """
    if request.headers.get("hx-request"):
        address = request.headers.get("hx-current-url", "")
    elif request.method in SAFE:
        address = str(request.url)
    else:
        address = request.headers.get("referer", "")
    parts = urlsplit(address)
    return own_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def own_path(target: str) -> str:
    """Return a path of our own site unchanged; empty if a browser might go elsewhere with it."""
    parts = urlsplit(target)
    fits = target.startswith("/") and not target.startswith("//") and len(target) <= LONGEST_PATH
    plain = target.isprintable() and "\\" not in target
    return target if fits and plain and not parts.scheme and not parts.netloc else ""
