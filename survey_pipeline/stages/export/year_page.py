"""The year as one web page: rankings, and each office's statement to unfold; no script."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.reports.year_columns import BESIDE_DAILY
from survey_pipeline.reports.year_report import (
    YearReport,
    missing_of,
    reading_of,
    told_lines,
)
from survey_pipeline.reports.year_standing import comparison
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.stages.export.month_page import environment
from survey_pipeline.vocabulary import Category
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS, named

WORDS: Mapping[str, str] = {
    "title": N_("Appraisal"),
    "period": N_("Period"),
    "prepared": N_("Prepared by: {organisation}"),
    "standard": N_("Standard"),
    "with_online": N_("With an online score"),
    "without_online": N_("Without an online score"),
    "rank": N_("Rank"),
    "city": N_("City"),
    "provisional_rank": N_("Provisional rank"),
    "office": N_("Office"),
    "daily": N_("Daily"),
    "total": N_("Total"),
    "note": N_("Note"),
    "lines": N_("Every line"),
    "component": N_("Component"),
    "clause": N_("Clause"),
    "what": N_("What"),
    "arithmetic": N_("Arithmetic, or why it does not count"),
    "points": N_("Points"),
    "uncounted": N_("does not count"),
    "evidence": N_("Evidence"),
    "reading": N_("Whose reading"),
    "apart": N_("Not appraised"),
    "reason": N_("Reason"),
    "arithmetic_of_total": N_("Total = daily + online + bonus - missing material."),
}
"""Every text of the template: gathered here, where the catalogue is gathered from."""


def render_year_page(report: YearReport, locale: str) -> str:
    """Return the page; the same scores give the same text.

    Args:
        report: the year's scores.
        locale: `zh_CN` or `en`.
    """
    window = report.score.window
    return (
        environment()
        .get_template("year.html")
        .render(
            words={key: translate(text, locale) for key, text in WORDS.items()},
            language="zh-CN" if locale.startswith("zh") else "en",
            year=report.year,
            version=Message("version {version}", {"version": report.version}).render(locale),
            first=window.after + ONE_DAY,
            last=window.until,
            as_of=report.score.as_of,
            standard=report.in_force.standard.title.in_locale(locale),
            marks=[mark.render(locale) for mark in report.marks()],
            daily=[named(COMPONENTS, component, locale) for component in DAILY],
            beside=[named(COMPONENTS, component, locale) for component in BESIDE_DAILY],
            categories=[_category(report, category, locale) for category in report.categories],
            exempt=[
                (office, named(CATEGORIES, office.category, locale))
                for office in report.score.exempt
            ],
        )
    )


def write_year_page(report: YearReport, path: Path, locale: str) -> None:
    """Write the page."""
    path.write_text(render_year_page(report, locale), encoding="utf-8")


def _category(report: YearReport, category: Category, locale: str) -> dict[str, Any]:
    rankings = {
        online: [
            _office(report, office, locale)
            for office in report.of_category(category, online=online)
        ]
        for online in (True, False)
    }
    return {
        "key": category.value,
        "name": named(CATEGORIES, category, locale),
        "rankings": [
            (online, offices, _comparison(offices, locale, online=online))
            for online, offices in rankings.items()
            if offices
        ],
    }


def _comparison(offices: Sequence[Mapping[str, Any]], locale: str, *, online: bool) -> str:
    return comparison(offices[0]["ranks"], online=online, locale=locale).render(locale)


def _office(report: YearReport, office: OfficeYearScore, locale: str) -> dict[str, Any]:
    places = report.in_force.standard.rounding.shown
    return {
        "office": office.office,
        "daily_points": [fixed(office.points[part], places) or "—" for part in DAILY],
        "daily": fixed(office.daily, places),
        "beside": [fixed(office.points[part], places) or "—" for part in BESIDE_DAILY],
        "total": fixed(office.total, places),
        "ranks": office.ranks,
        "missing": missing_of(office, locale),
        "lines": [
            {
                "line": line,
                "component": named(COMPONENTS, line.component, locale),
                "reading": reading_of(report, (line.clause, *line.rules), locale),
            }
            for head in office.lines
            for line in told_lines(head, locale, report.score.decimals, office.office)
        ],
    }
