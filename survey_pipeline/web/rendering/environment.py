"""The templates' environment: one for each language, with filters for its dates and numbers."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from survey_pipeline.calendar import CLOCK, SHORT_MOMENT
from survey_pipeline.i18n import Message, catalogue, translate
from survey_pipeline.notation import Hours
from survey_pipeline.web.rendering.navigation import NAVIGATION

TEMPLATES = Path(str(files("survey_pipeline.web"))) / "templates"
STATIC = Path(str(files("survey_pipeline.web"))) / "static"
MOST_FORMATTED = 20_000
"""Formatted numbers and dates that are cached: tables repeat them."""

Filters = dict[str, Callable[..., Any]]


@cache
def environment(locale: str, timezone: str) -> jinja2.Environment:
    """Return the templates of one language; unknown variables are errors, all text is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # templates are shipped: do not stat the files for each page
    )
    made.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
        lambda text: translate(text, locale), catalogue(locale).ngettext, newstyle=True
    )
    known = Locale.parse(locale)  # parsed once: loading the data of zh_CN takes a millisecond
    made.filters |= _time_filters(ZoneInfo(timezone))
    made.filters |= _number_filters(known)
    made.filters |= _text_filters(locale, known)
    made.globals |= {"version": _static_version(), "navigation": NAVIGATION}
    return made


def _time_filters(zone: ZoneInfo) -> Filters:
    """Return filters that write an aware datetime in the city's time zone."""

    def written(value: datetime | None, form: str) -> str:
        return f"{value.astimezone(zone):{form}}" if value else ""

    return {
        "moment": lambda value: written(value, SHORT_MOMENT),
        "clock": lambda value: written(value, CLOCK),
        "local_day": lambda value: value.astimezone(zone).date().isoformat(),
        "local_time": lambda value: written(value, CLOCK),
        "short": lambda value: value.isoformat() if value else "",
    }


def _number_filters(locale: Locale) -> Filters:
    """Return filters that write dates, numbers and shares as the language does.

    Their output needs no escaping, so that large tables are rendered faster.
    """

    @lru_cache(maxsize=MOST_FORMATTED)
    def day(value: date | None) -> Markup:
        written = format_date(value, "medium", locale=locale) if value else ""
        return Markup(written)  # noqa: S704 - a formatted date

    @lru_cache(maxsize=MOST_FORMATTED)
    def number(value: Any, places: int | None = None) -> Markup:
        if value is None or value == "":
            return Markup("")
        pattern = None if places is None else "#,##0." + "0" * places if places else "#,##0"
        written = format_decimal(_decimal(value), pattern, locale=locale)
        return Markup(written)  # noqa: S704 - a formatted number

    @lru_cache(maxsize=MOST_FORMATTED)
    def percent(value: Any) -> Markup:
        if value is None:
            return Markup("")
        written = format_percent(_decimal(value), "#,##0.0%", locale=locale)
        return Markup(written)  # noqa: S704 - a formatted number

    return {
        "day": day,
        "number": number,
        "percent": percent,
        "decimal": Decimal,
        "hours": lambda windows: _written_hours(windows, locale),
    }


def _text_filters(locale: str, known: Locale) -> Filters:
    """Return filters that join and translate texts."""

    def sentences(said: Iterable[str]) -> str:
        return ("" if known.language == "zh" else " ").join(said)

    def say(value: Message | str | None) -> str:
        return value.render(locale) if isinstance(value, Message) else value or ""

    return {
        "say": say,
        "sentences": sentences,
        "lines": lambda text: Markup("<br>").join(str(text or "").splitlines()),
    }


def _written_hours(windows: Iterable[Hours], locale: Locale) -> str:
    """Return windows of a day as people write them: 09:00-12:00, 14:00-17:30."""
    between = "、" if locale.language == "zh" else ", "
    return between.join(f"{hours.start:{CLOCK}}-{hours.end:{CLOCK}}" for hours in windows)


def _decimal(value: Any) -> Any:
    """Return a fraction as a Decimal, which Babel can format; other numbers unchanged."""
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return value


@cache
def _static_version() -> str:
    """Return a word that changes with any static file, so that browsers load the new one."""
    newest = max(path.stat().st_mtime_ns for path in STATIC.rglob("*") if path.is_file())
    return f"{newest:x}"
