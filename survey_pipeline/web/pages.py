"""Renders pages: templates in the visitor's language, with their own dates and numbers."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import jinja2
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.routing import Match

from survey_pipeline.calendar import CLOCK, SHORT_MOMENT
from survey_pipeline.context import Context
from survey_pipeline.i18n import LOCALES, N_, Message, catalogue
from survey_pipeline.notation import Hours
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.standstill import stands_still
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.access import SAFE, ours, page_of, visitor_of

TEMPLATES = Path(str(files("survey_pipeline.web"))) / "templates"
STATIC = Path(str(files("survey_pipeline.web"))) / "static"
LANGUAGE = "language"
"""The cookie with the visitor's choice."""
DONE = frozenset({"saved", "computed"})
"""Parts of an address that tell what was just done: a switch of languages tells it no more."""
TOLD = "told"
"""The cookie with what the next page tells, once."""
SIGNED_IN_ELSEWHERE, PASSWORD_CHANGED = "elsewhere", "password"
NOTICES = {
    SIGNED_IN_ELSEWHERE: N_(
        "You are signed in elsewhere too. If that is not you, end that session and change your "
        "password."
    ),
    PASSWORD_CHANGED: N_("Your password is changed. You are signed out everywhere else."),
}
TOLD_FOR = 60
"""Seconds: what nobody has seen by then is not told any more."""
FIGURES = 20_000
"""How many written figures and dates are remembered: tables say the same again and again."""
SEEN = "not-yet-known"
"""Stands in a part where its own fingerprint goes."""

HOME = {
    Role.OPERATOR: "/",
    Role.ADMIN: "/",
    Role.CALLER: "/callbacks",
    Role.ANALYST: "/scores",
    Role.OFFICE: "/reports",
}
"""Where each role begins."""


EVERY_DAY = ("operator", "admin")


NAVIGATION = (
    ("/", N_("The day"), EVERY_DAY),
    ("/callbacks", N_("Calls"), ("caller", *EVERY_DAY)),
    ("/replies", N_("Replies"), ("caller", *EVERY_DAY)),
    ("/scores", N_("Scores"), ("analyst", *EVERY_DAY)),
    ("/reports", N_("Case reports"), ("office",)),
    ("/deadlines", N_("Deadlines"), ("analyst", *EVERY_DAY)),
    ("/admin", N_("Admin"), ("admin",)),
)
"""The pages of the header: address, name, and for whom."""


def locale_of(request: Request) -> str:
    """Return the visitor's language: their choice, else the configuration's."""
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
        template: its name in `templates/`; one that begins with `_` is a part of a page (htmx).
        status: of the answer.
        headers: besides those that every answer has.
        values: what the template is given; a `Message` among them may be shown with `say`.
    """
    who = visitor_of(request)
    told = "" if template.startswith("_") else request.cookies.get(TOLD, "")
    text = render_text(
        request,
        template,
        {
            "request": request,
            "who": who,
            "path": request.url.path,
            "locales": LOCALES,
            "home": HOME.get(who.role, "/") if who else "/login",
            "back": _way_back(request),
            "notice": NOTICES.get(told, "") if who else "",
            "stands_still": status < 400 and _stands_still(request, who, template),
            **values,
        },
    )
    response = HTMLResponse(text, status_code=status, headers=headers)
    if told and who:
        response.delete_cookie(TOLD, path="/")
    return response


def _way_back(request: Request) -> str:
    """Return the address of the visitor's page, without what was just done there.

    What answers a form has no address of its own: then it is that of the page with the form, as the
    browser names it, else the nearest page above.
    """
    page = quote(request.url.path)
    query = request.url.query
    if request.method not in SAFE:
        form = urlsplit(page_of(request))
        named = (form.path, form.query) not in {
            ("", ""),
            ("/", ""),
        }  # a ballot names its site alone
        page, query = _nearest_page(request, form.path if named else page), form.query
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name not in DONE
    ]
    return ours(page + (f"?{urlencode(kept)}" if kept else "")) or page


def _nearest_page(request: Request, path: str) -> str:
    """Return a path if it is that of a page, else the nearest one above it."""
    while path != "/" and not _is_page(request, path):
        path = path.rpartition("/")[0] or "/"
    return path


def _is_page(request: Request, path: str) -> bool:
    asked = {**request.scope, "method": "GET", "path": unquote(path)}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)


def tell_once(request: Request, response: Response, what: str) -> None:
    """Let the visitor's next page begin with a notice."""
    response.set_cookie(
        TOLD,
        what,
        max_age=TOLD_FOR,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


def _stands_still(request: Request, who: SignedIn | None, template: str) -> bool:
    """Return whether the page's navigation marks that nothing takes texts; an error asks nobody."""
    steers = who is not None and who.role.value in EVERY_DAY
    return steers and not template.startswith("_") and stands_still(request.app.state.context)


def render_text(request: Request, template: str, values: Mapping[str, Any]) -> str:
    """Render a template in the visitor's language, without anything else that is theirs."""
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


def unless_seen(part: Response, seen: str) -> Response:
    """Answer 204 where the browser has the very part: it swaps nothing, and keeps its focus."""
    tag = hashlib.sha256(part.body).hexdigest()[:16]
    if tag == seen:
        return Response(status_code=204)
    body = bytes(part.body).replace(SEEN.encode(), tag.encode())
    return Response(body, media_type="text/html; charset=utf-8")


@cache
def environment(locale: str, timezone: str) -> jinja2.Environment:
    """Return the templates of one language; unknown variables are errors, everything is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # they are shipped: no look at the files with every page
    )
    made.install_gettext_translations(catalogue(locale), newstyle=True)  # type: ignore[attr-defined] # the extension adds it
    made.filters |= _filters(locale, timezone)
    made.globals |= {"version": _version(), "navigation": NAVIGATION}
    return made


def _filters(locale: str, timezone: str) -> dict[str, Any]:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - beside its only use

    zone = ZoneInfo(timezone)
    known = Locale.parse(locale)  # looking for zh_CN's data takes Babel a millisecond each time

    def moment(value: datetime | None) -> str:
        return f"{value.astimezone(zone):{SHORT_MOMENT}}" if value else ""

    def clock(value: datetime | None) -> str:
        return f"{value.astimezone(zone):{CLOCK}}" if value else ""

    # dates and figures are safe: they need not be searched for what HTML would misunderstand
    @lru_cache(maxsize=FIGURES)
    def day(value: date | None) -> Markup:
        return Markup(format_date(value, "medium", locale=known) if value else "")  # noqa: S704

    @lru_cache(maxsize=FIGURES)
    def number(value: Any, places: int | None = None) -> Markup:
        if value is None or value == "":
            return Markup("")
        pattern = None if places is None else "#,##0." + "0" * places if places else "#,##0"
        return Markup(format_decimal(_decimal(value), pattern, locale=known))  # noqa: S704

    @lru_cache(maxsize=FIGURES)
    def percent(value: Any) -> Markup:
        if value is None:
            return Markup("")
        return Markup(format_percent(_decimal(value), "#,##0.0%", locale=known))  # noqa: S704

    def sentences(said: Iterable[str]) -> str:
        return ("" if known.language == "zh" else " ").join(said)

    def say(value: Message | str | None) -> str:
        return value.render(locale) if isinstance(value, Message) else value or ""

    return {
        "moment": moment,
        "clock": clock,
        "day": day,
        "short": lambda value: value.isoformat() if value else "",
        "number": number,
        "percent": percent,
        "say": say,
        "sentences": sentences,
        "decimal": Decimal,
        "hours": lambda windows: _written_hours(windows, known),
        "local_day": lambda value: value.astimezone(zone).date().isoformat(),
        "local_time": lambda value: f"{value.astimezone(zone):{CLOCK}}",
        "lines": lambda text: Markup("<br>").join(str(text or "").splitlines()),
    }


def _written_hours(windows: Iterable[Hours], locale: Locale) -> str:
    """Return windows of a day as people write them: 09:00-12:00, 14:00-17:30."""
    between = "、" if locale.language == "zh" else ", "
    return between.join(f"{one.start:{CLOCK}}-{one.end:{CLOCK}}" for one in windows)


def _decimal(value: Any) -> Any:
    """Return an exact share as Babel takes it."""
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return value


@cache
def _version() -> str:
    """Return what changes when a shipped file does, so that browsers take the new one."""
    newest = max(path.stat().st_mtime_ns for path in STATIC.rglob("*") if path.is_file())
    return f"{newest:x}"
