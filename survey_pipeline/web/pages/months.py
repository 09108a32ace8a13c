"""Months as a visitor writes them."""

from collections.abc import Callable

from fastapi import Request

from survey_pipeline.reports.month_report import period
from survey_pipeline.web.rendering.page import locale_of

WriteMonth = Callable[[str], str]


def month_writer(request: Request) -> WriteMonth:
    """Return what writes a month (`2023-05`) in the visitor's language."""
    locale = locale_of(request)
    return lambda month: period(month, locale)
