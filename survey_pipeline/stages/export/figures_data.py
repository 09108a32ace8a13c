"""Figures about the survey as CSV and as JSON: for programs, so the names are English."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from survey_pipeline.formulas import disarmed
from survey_pipeline.i18n import Message
from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.reports.survey_figures.figure_table import FigureFile, FigureTable


def figures_document(figures: FigureFile, locale: str) -> dict[str, Any]:
    """Return figures as one document; shares are texts of fixed decimals, null where undefined."""
    return {
        **figures.about,
        **{table.name: _rows(table, locale) for table in figures.tables},
    }


def _rows(table: FigureTable, locale: str) -> list[dict[str, Any]]:
    return [
        {column.name: _plain(row[column.name], locale) for column in table.columns}
        for row in table.rows
    ]


def _plain(value: Any, locale: str) -> Any:
    if isinstance(value, Message):
        return value.render(locale)
    return f"{value:f}" if isinstance(value, Decimal) else value


def write_figures_json(figures: FigureFile, path: Path, locale: str) -> None:
    """Write all tables as JSON."""
    text = json.dumps(figures_document(figures, locale), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def write_figures_csv(figures: FigureFile, path: Path, locale: str) -> None:
    """Write the flat table, a row for each group."""
    table = figures.flat
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in table.columns)
        for row in table.rows:
            writer.writerow(_cell(column, row[column.name], locale) for column in table.columns)


def _cell(column: ReportColumn, value: Any, locale: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(_plain(value, locale))
    return disarmed(text) if column.kind in {"code", "text"} else text
