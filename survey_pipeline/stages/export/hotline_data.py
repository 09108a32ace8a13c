"""The statements of a hotline quarter as CSV and as JSON: for programs, so names are English."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from survey_pipeline.formulas import disarmed
from survey_pipeline.reports.hotline_statements import HotlineStatement, QuarterStatements
from survey_pipeline.scoring.hotline_quarters import GroupSums, QuarterRecord
from survey_pipeline.scoring.numbers import exact, fixed
from survey_pipeline.standard.quoting import quotation

PLACES = 4
CSV_COLUMNS = (
    "year", "quarter", "first", "last", "office_code", "office", "category", "parent_code",
    "parent", "record_no", "occurred_on", "clause", "label", "words", "deduction", "counted",
    "note", "group", "group_quarter", "group_year", "group_cap", "group_counted",
)  # fmt: skip
"""A row is a record; the columns of its group repeat the sums."""
_TYPED = {"office_code", "office", "parent_code", "parent", "record_no", "note"}


def statements_document(report: QuarterStatements, locale: str) -> dict[str, Any]:
    """Return a quarter's statements as one document; points are texts of four decimals."""
    delivery = report.delivery
    return {
        "year": report.year,
        "standard": report.in_force.standard.id,
        "quarter": report.period.name,
        "first": report.period.first.isoformat(),
        "last": report.period.last.isoformat(),
        "over": report.is_over,
        "due": delivery and delivery.term.due.isoformat(),
        "came_as": delivery and delivery.came_as,
        "came_on": delivery and delivery.came_on and delivery.came_on.isoformat(),
        "offices": [_statement(report, statement, locale) for statement in report.statements],
    }


def write_statements_json(report: QuarterStatements, path: Path, locale: str) -> None:
    """Write the statements as JSON."""
    text = json.dumps(statements_document(report, locale), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def write_statements_csv(report: QuarterStatements, path: Path, locale: str) -> None:
    """Write a row per record; an office without a record in the quarter has none."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        for row in _rows(report, locale):
            writer.writerow(_cell(name, row[name]) for name in CSV_COLUMNS)


def _statement(
    report: QuarterStatements, statement: HotlineStatement, locale: str
) -> dict[str, Any]:
    quarter = statement.quarter
    return {
        **_office(statement),
        "records": [record_values(report, found, locale) for found in quarter.records],
        "groups": [
            {"group": sums.cap.clause, "label": sums.cap.label.in_locale(locale), **_sums(sums)}
            for sums in quarter.groups
        ],
        "deducted": fixed(quarter.deducted, PLACES),
        "year_counted": fixed(quarter.year_counted, PLACES),
    }


def _office(statement: HotlineStatement) -> dict[str, Any]:
    office = statement.office
    return {
        "office_code": office.office_code,
        "office": office.name,
        "category": office.category.value,
        "parent_code": office.parent_code,
        "parent": office.parent,
    }


def record_values(report: QuarterStatements, found: QuarterRecord, locale: str) -> dict[str, Any]:
    """Return a record as the statement has it."""
    line = found.line
    rule = report.in_force.standard.hotline.clause(line.clause)
    return {
        "record_no": found.record.key,
        "occurred_on": found.record.occurred_on.isoformat(),
        "clause": line.clause,
        "label": line.label.in_locale(locale),
        "words": quotation(rule).text if rule is not None else None,
        "deduction": fixed(found.deduction, PLACES),
        "counted": line.counted,
        "note": line.note.render(locale) if line.note else None,
    }


def _sums(sums: GroupSums) -> dict[str, Any]:
    return {
        "quarter": fixed(sums.quarter, PLACES),
        "year": fixed(sums.year, PLACES),
        "cap": fixed(exact(sums.cap.cap), PLACES),
        "counted": fixed(sums.counted, PLACES),
    }


def _rows(report: QuarterStatements, locale: str) -> Iterator[dict[str, Any]]:
    period, standard = report.period, report.in_force.standard
    about = {
        "year": report.year, "quarter": period.name, "first": period.first, "last": period.last,
    }  # fmt: skip
    for statement in report.statements:
        sums_of = {sums.cap.clause: sums for sums in statement.quarter.groups}
        for found in statement.quarter.records:
            rule = standard.hotline.clause(found.line.clause)
            group = rule.group if rule is not None else ""
            sums = _sums(sums_of[group]) if group else dict.fromkeys(_SUMS)
            yield {
                **about,
                **_office(statement),
                **record_values(report, found, locale),
                "group": group,
                **{f"group_{name}": value for name, value in sums.items()},
            }


_SUMS = ("quarter", "year", "cap", "counted")


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return disarmed(str(value)) if name in _TYPED else str(value)
