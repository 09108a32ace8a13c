"""Renders pages and fragments: templates in the visitor's language."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from survey_pipeline.context import Context
from survey_pipeline.i18n import LOCALES
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.standstill import stands_still
from survey_pipeline.web.access import OPERATORS, visitor_of
from survey_pipeline.web.rendering.environment import environment
from survey_pipeline.web.rendering.navigation import HOME, way_back
from survey_pipeline.web.rendering.notices import clear_notice, pending_notice
from survey_pipeline.web.server.request_ids import current_request_id

LANGUAGE = "language"
"""The cookie with the visitor's choice."""


def locale_of(request: Request) -> str:
    """Return the visitor's language: their choice, else that of the configuration."""
    chosen = request.cookies.get(LANGUAGE)
    context: Context = request.app.state.context
    return chosen if chosen in LOCALES else context.settings.locale


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """Render a template for the visitor.

    Args:
        request: whose page it is.
        template: its name in `templates/`; the name of a fragment begins with `_`.
        status: of the response.
        headers: in addition to those of every response.
        values: what the template is given; it shows a `Message` with the filter `say`.
    """
    who, fragment = visitor_of(request), is_fragment(template)
    notice = pending_notice(request) if who and not fragment else ""
    text = render_text(
        request,
        template,
        {
            "who": who,
            "path": request.url.path,
            "home": HOME.get(who.role, "/") if who else "/login",
            "back": way_back(request),
            "notice": notice,
            "request_id": current_request_id(),
            "stands_still": status < 400 and not fragment and _stands_still(request, who),
            **values,
        },
    )
    response = HTMLResponse(text, status_code=status, headers=headers)
    if who and not fragment:
        clear_notice(request, response)
    return response


def is_fragment(template: str) -> bool:
    """Return whether a template is part of a page, which htmx swaps in."""
    return template.startswith("_")


def _stands_still(request: Request, who: SignedIn | None) -> bool:
    """Return whether the navigation marks that no text goes out; only operators are shown it."""
    return who is not None and who.role in OPERATORS and stands_still(request.app.state.context)


def render_text(request: Request, template: str, values: Mapping[str, Any]) -> str:
    """Render a template in the visitor's language; nothing else in it depends on the visitor."""
    context: Context = request.app.state.context
    locale = locale_of(request)
    return (
        environment(locale, context.settings.timezone)
        .get_template(template)
        .render(
            locale=locale,
            language=locale.replace("_", "-"),
            demo=context.settings.demo,
            **values,
        )
    )
