"""The year as CSV and as JSON: for programs, so the names and codes are English in any locale."""

import csv
import json
from pathlib import Path
from typing import Any

from survey_pipeline.formulas import disarmed
from survey_pipeline.reports.year_columns import YEAR_COLUMNS, year_values
from survey_pipeline.reports.year_report import YearReport
from survey_pipeline.standard.whose_words import decisions_document

_TEXTS = {"office_code", "parent_code", "office", "parent"}


def write_year_csv(report: YearReport, path: Path, locale: str) -> None:
    """Write a row per office; components without data are empty, and named as missing."""
    del locale  # the same in every language
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(YEAR_COLUMNS)
        for office in report.score.offices:
            row = year_values(office, report.year, report.score.decimals)
            writer.writerow(_cell(name, row[name]) for name in YEAR_COLUMNS)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    return disarmed(str(value)) if name in _TEXTS else str(value)


def year_document(report: YearReport, locale: str) -> dict[str, Any]:
    """Return the document of `score year --json`, and which version it is."""
    standard = report.in_force.standard
    return {
        **report.score.to_json(locale),
        "complete": report.complete,
        "version": report.version,
        "published": report.published,
        "standard_hash": report.standard_hash,
        "standard_provisional": report.head["provisional_standard"],
        "coefficient_adopted": standard.satisfaction.coefficient.adoption is not None,
        "local_decisions": decisions_document(standard, locale),
        "program_version": report.program_version,
        "inputs_hash": report.inputs_hash,
    }


def write_year_json(report: YearReport, path: Path, locale: str) -> None:
    """Write the year as JSON."""
    text = json.dumps(year_document(report, locale), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
