"""The month as one web page: a single file, no script, nothing from outside."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import jinja2

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.i18n import N_, translate
from survey_pipeline.reports import month_summaries
from survey_pipeline.reports.definitions import definitions
from survey_pipeline.reports.month_columns import BY_NAME, STAGES
from survey_pipeline.reports.month_columns import RATINGS as ANSWERS
from survey_pipeline.reports.month_report import MonthReport, notes_of, period
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.vocabulary import DissatisfactionReason
from survey_pipeline.vocabulary.names import (
    CATEGORIES,
    DISSATISFIED_WITH,
    MODES,
    RATING_HEADINGS,
    SCORE_SOURCES,
    named,
)

K = TypeVar("K", bound=str)
TEMPLATES = Path(__file__).parent / "templates"


WORDS: dict[str, str] = {
    "title": N_("Satisfaction of those served"),
    "period": N_("Period"),
    "prepared": N_("Prepared by: {organisation}"),
    "standard": N_("Standard"),
    "at_a_glance": N_("At a glance"),
    "rate": N_("Satisfaction rate"),
    "interval": N_("95 % interval"),
    "rated": N_("Rated"),
    "response_rate": N_("Response rate"),
    "scored": N_("Offices with points"),
    "offices": N_("Offices"),
    "cases": N_("Cases"),
    "course": N_("From the report to the rating"),
    "course_desc": N_("How many cases came how far. Replies and calls go different ways."),
    "stage": N_("Step"),
    "distribution": N_("Offices by points"),
    "distribution_desc": N_("How many offices have how many points."),
    "points": N_("Points"),
    "by_category": N_("By category"),
    "category": N_("Category"),
    "by_mode": N_("SMS and phone"),
    "by_mode_desc": N_("Rate and 95 % interval of the answers by SMS and by phone."),
    "mode": N_("Way of answering"),
    "both": N_("Asked by both SMS and phone: {pairs}; said the same: {same}."),
    "reasons": N_("Reasons of those who were not satisfied"),
    "reason": N_("Reason"),
    "no_reasons": N_("No reason was given."),
    "ranking": N_("Ranking"),
    "rank": N_("Rank"),
    "in_category": N_("Rank in the category"),
    "satisfied_share": N_("Share satisfied"),
    "office": N_("Office"),
    "code": N_("Office code"),
    "parent": N_("Parent department"),
    "reported": N_("Cases reported"),
    "drawn": N_("Drawn"),
    "coefficient": N_("Volume coefficient"),
    "source": N_("Source"),
    "note": N_("Note"),
    "few": N_("few answers"),
    "apart": N_("Not appraised"),
    "without_rank": N_("Shown apart: no rank in this month"),
    "interval_desc": N_("Rate {rate}, interval {low} to {high}"),
    "nobody": N_("nobody rated"),
    "notes": N_("Notes"),
    "total": N_("Total"),
    "mean_points": N_("Mean points"),
}
"""Every text of the template: gathered here, where the catalogue is gathered from."""


@cache
def environment() -> jinja2.Environment:
    """Return the templates' environment: escaping, and strict about unknown names."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(report: MonthReport, locale: str) -> str:
    """Return the page; the same scores give the same text.

    Args:
        report: the month's scores.
        locale: `zh_CN` or `en`.
    """
    values = report.in_force.standard.satisfaction.values
    city = month_summaries.whole_city(report)
    return (
        environment()
        .get_template("month.html")
        .render(
            words={key: translate(text, locale) for key, text in WORDS.items()},
            percent=percent,
            points=lambda value: fixed(value, report.in_force.standard.rounding.shown) or "—",
            language="zh-CN" if locale.startswith("zh") else "en",
            report=report,
            month=period(report.month, locale),
            first=first_day(report.month),
            last=last_day(report.month),
            marks=[mark.render(locale) for mark in report.marks()],
            definitions=definitions(report, locale),
            standard=report.in_force.standard.title.in_locale(locale),
            city=city,
            categories=[_category(part, locale) for part in month_summaries.by_category(report)],
            course=[
                *(
                    (translate(BY_NAME[stage].label, locale), city.counts[stage])
                    for stage in STAGES
                ),
                (translate(month_summaries.ANSWERED, locale), city.answered),
            ],
            bins=month_summaries.point_bins(report),
            modes=[
                (named(MODES, mode.mode, locale), mode)
                for mode in month_summaries.modes(report.appraised, values)
            ],
            answers=[(rating, named(RATING_HEADINGS, rating, locale)) for rating in ANSWERS],
            verification=month_summaries.verification(report.appraised),
            reasons=_counted(
                month_summaries.reasons(report.appraised),
                DissatisfactionReason,
                DISSATISFIED_WITH,
                locale,
            ),
            offices=[_office(row, report, locale) for row in report.ranked],
            apart=[_office(row, report, locale) for row in report.apart],
        )
    )


def write_page(report: MonthReport, path: Path, locale: str) -> None:
    """Write the page."""
    path.write_text(render_page(report, locale), encoding="utf-8")


def percent(value: Any, places: int = 1) -> str:
    """Return a share in 0..1 as a percentage, a dash where there is none."""
    if value is None:
        return "—"
    return f"{fixed(Fraction(value) * 100, places)} %"


def _category(part: month_summaries.Summary, locale: str) -> tuple[str, month_summaries.Summary]:
    return named(CATEGORIES, str(part.category), locale), part


def _counted(
    counts: Mapping[K, int], order: Iterable[K], words: Mapping[str, str], locale: str
) -> list[tuple[str, str, int]]:
    """Return (code, word, count) of what occurred, in the order of the word list."""
    return [(str(key), named(words, key, locale), counts[key]) for key in order if counts.get(key)]


def _office(row: MonthRow, report: MonthReport, locale: str) -> dict[str, Any]:
    return {
        "row": row,
        "place": report.places[row.office_code],
        "category": named(CATEGORIES, row.category, locale),
        "source": named(SCORE_SOURCES, row.source, locale),
        "note": notes_of(row, locale),
        "few": row.rated < report.min_cell,
        "share": month_summaries.RateEstimate(
            None if row.rate is None else Fraction(row.rate), row.rate_low, row.rate_high
        ),
    }
