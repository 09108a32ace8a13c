"""A paper before it is written: its template, the name of its file, its fields and their words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.numbers import fixed

MISSING = "—"
"""Stands where there is no figure, or none that may be told."""
_PERCENT_PLACES = 2


@dataclass(frozen=True)
class OutgoingPaper:
    """One paper to be written."""

    template: str
    """The name of its template without locale and ending, such as `statement_year`."""
    locale: str
    """`zh_CN` or `en`: there is a template for each."""
    name: str
    """Of its file, without ending."""
    fields: Mapping[str, Any]
    """Texts, and lists of tables' rows: a template places them and computes nothing."""


def common_fields(context: Context, locale: str) -> dict[str, Any]:
    """Return the fields of every paper: who writes it, when, and the red heading."""
    organisation = context.settings.organisation
    return {
        "organisation": organisation.name,
        "heading": organisation.heading,
        "today": day_words(context.today(), locale),
    }


def day_words(day: date, locale: str) -> str:
    """Return a day as papers write it: `2026年10月31日`, or `31 October 2026`."""
    if locale.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B %Y}"


def percent(share: Fraction | Decimal | None) -> str:
    """Return a share (0 to 1) in per cent of two decimals."""
    if share is None:
        return MISSING
    return f"{fixed(Fraction(share) * 100, _PERCENT_PLACES)}%"


def listed(names: Iterable[str], locale: str) -> str:
    """Return names as a list to read."""
    return ("、" if locale.startswith("zh") else ", ").join(names)


def some(names: Sequence[str], locale: str, most: int = 10) -> str:
    """Return at most so many names as a list to read, and how many more there are."""
    if len(names) <= most:
        return listed(names, locale)
    known = {"names": listed(names[:most], locale), "count": len(names) - most}
    return Message("{names} and {count} more", known).render(locale)


def words_of(value: Message | str, locale: str) -> str:
    """Return a text, or a message in words."""
    return value.render(locale) if isinstance(value, Message) else value


def told(messages: Iterable[Message], locale: str) -> list[str]:
    """Return messages as sentences."""
    return [message.render(locale) for message in messages]


def file_name(*parts: object) -> str:
    """Return a file's name of parts; what no file system takes becomes a dash."""
    return re.sub(r"[^\w.-]+", "-", "-".join(map(str, parts)))


def objections_until(context: Context, locale: str) -> str:
    """Return the last day for objections: a working day."""
    settings = context.settings
    last: date = context.today() + timedelta(days=settings.organisation.objections_within.days)
    return day_words(context.calendar.next_working_day(last), locale)
