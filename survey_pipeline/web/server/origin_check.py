"""Refuses forms that another site's page sent (cross-site request forgery).

The browser says where a request comes from: `Sec-Fetch-Site`, else `Origin`.

Source: Fetch Metadata Request Headers (W3C); OWASP's cheat sheet on CSRF.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from fastapi import Request

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.web.access import SAFE
from survey_pipeline.web.server.refusals import RequestRefused

EXEMPT = ("/hooks/", "/api/")
"""Addresses that no cookie opens: requests carry a signature or a key."""

CROSS_SITE = N_("This form came from another site, so nothing was done. Send it from our own page.")
OTHER_PLACE = N_(
    "This form came from {origin}, but the program was reached as {host}, so nothing was done. If "
    "both are this site, a proxy hides its address: set public_url under [web] in "
    "config/pipeline.toml, or let the proxy pass on the Host header (docs/howto/reverse-proxy.md)."
)


def check_origin(request: Request) -> None:
    """Make sure that a form was sent by a page of our own.

    Raises:
        RequestRefused: another site's page sent it, or the browser does not say.
    """
    if request.method in SAFE or request.url.path.startswith(EXEMPT):
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site in ("same-origin", "none"):
        return
    if site is not None or origin is None or origin == "null":
        raise RequestRefused(403, Message(CROSS_SITE))
    if _host_and_port(origin) not in set(_own_hosts(request)):
        host = request.headers.get("host", "")
        raise RequestRefused(
            403, Message(OTHER_PLACE, {"origin": origin[:200], "host": host[:200]})
        )


def _own_hosts(request: Request) -> Iterator[str]:
    """Yield the hosts of our pages: that of the request, and that of the settings."""
    yield _host_and_port(f"//{request.headers.get('host', '')}")
    context: Context = request.app.state.context
    if context.settings.web.public_url:
        yield _host_and_port(context.settings.web.public_url)


def _host_and_port(address: str) -> str:
    """Return host and port of an address, without a default port, which some proxies add."""
    netloc = urlsplit(address).netloc.lower().rpartition("@")[2]
    return re.sub(r":(80|443)?$", "", netloc)
