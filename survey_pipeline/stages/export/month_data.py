"""The month as CSV and as JSON: for programs, so the names and codes are English in any locale.

The CSV is UTF-8 with a byte order mark, without which spreadsheet programs garble Chinese names
(programs read it as `utf-8-sig`); its lines end with LF.
"""

import csv
import json
from pathlib import Path
from typing import Any

from survey_pipeline.formulas import disarmed
from survey_pipeline.reports.month_columns import MONTH_COLUMNS, ReportColumn
from survey_pipeline.reports.month_report import MonthReport, month_values
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.standard.whose_words import decisions_document


def write_csv(report: MonthReport, path: Path, locale: str) -> None:
    """Write the monthly CSV (specification, section 8)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in MONTH_COLUMNS)
        for row in report.rows:
            values = month_values(row, locale)
            writer.writerow(_cell(column, values[column.name]) for column in MONTH_COLUMNS)


def _cell(column: ReportColumn, value: Any) -> str:
    if value is None:
        return ""
    return disarmed(str(value)) if column.kind in {"code", "text"} else str(value)


def month_document(report: MonthReport, locale: str) -> dict[str, Any]:
    """Return the month as a JSON document: where it comes from, and a row per office.

    Shares, coefficient and points are texts of fixed decimals, null where there is none.
    """
    standard = report.in_force.standard
    return {
        "month": report.month,
        "version": report.version,
        "as_of": report.as_of.isoformat(),
        "complete": report.complete,
        "published": report.published,
        "standard": report.standard_id,
        "standard_hash": report.standard_hash,
        "standard_provisional": report.in_force.provisional,
        "coefficient_adopted": standard.satisfaction.coefficient.adoption is not None,
        "local_decisions": decisions_document(standard, locale),
        "program_version": report.program_version,
        "inputs_hash": report.inputs_hash,
        "offices": [month_values(row, locale) for row in report.rows],
        "standings": [_standing(report, row) for row in report.rows],
    }


def _standing(report: MonthReport, row: MonthRow) -> dict[str, Any]:
    """Return what stands beside an office's row: its rank in its category, its share satisfied."""
    place, share = report.places[row.office_code], row.answers.satisfied_share
    return {
        "office_code": row.office_code,
        "rank_in_category": place.rank,
        "ranked_in_category": place.ranked,
        "satisfied_share": None if share is None else str(share),
    }


def write_json(report: MonthReport, path: Path, locale: str) -> None:
    """Write the month as JSON."""
    text = json.dumps(month_document(report, locale), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
