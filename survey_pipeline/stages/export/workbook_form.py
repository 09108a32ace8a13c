"""The parts that every sheet of the workbook is made of: fonts, headings, cells, print set-up.

A form as Chinese offices circulate it: merged title, a line with period and units, a bordered
table with a frozen head, totals, notes under it; A4 landscape, page numbers in the footer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey_pipeline.formulas import is_formula
from survey_pipeline.i18n import Message, translate
from survey_pipeline.reports.month_columns import CellKind, ReportColumn
from survey_pipeline.stages.export.sheet_layout import (
    A4,
    CELL_SIZE,
    DASH,
    FIRST_ROW,
    HEAD_FILL,
    HEAD_ROW,
    INK,
    META_ROW,
    NUMBER_FORMATS,
    RULE,
    TITLE_ROW,
    TOTAL_FILL,
    TURNED_HEIGHT,
    row_height,
)


@dataclass(frozen=True)
class Imprint:
    """What every sheet of a workbook says of it."""

    title: Message
    first: date
    last: date
    """The period; its end is also the file's date, so that the same scores give the same bytes."""
    units: Message
    footer: Message
    """Period and version, at the foot of every page."""
    standard: str
    standard_hash: str
    marks: Sequence[Message]
    """What a reader must see before the first figure."""
    places: int = 2
    """Decimals of points: the standard's `rounding.shown`."""


class WorkbookForm:
    """A workbook that is being written."""

    def __init__(self, path: Path, imprint: Imprint, locale: str) -> None:
        self.imprint = imprint
        self.locale = locale
        self.workbook = xlsxwriter.Workbook(
            str(path), {"strings_to_formulas": False, "strings_to_urls": False}
        )
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._cells: dict[tuple[CellKind, bool, bool], Format] = {}
        self.workbook.set_properties(
            {
                "title": self.title,
                "author": "survey-pipeline",
                "comments": f"{imprint.standard} {imprint.standard_hash}",
                "created": _midnight(imprint.last),
            }
        )

    @property
    def chinese(self) -> bool:
        """Whether the words are Chinese."""
        return self.locale.startswith("zh")

    @cached_property
    def title(self) -> str:
        """The title of the whole."""
        return self.imprint.title.render(self.locale)

    @property
    def body_font(self) -> str:
        """A font that the readers' machines have."""
        return "宋体" if self.chinese else "Calibri"

    @property
    def title_font(self) -> str:
        """The font of titles."""
        return "黑体" if self.chinese else "Calibri"

    def say(self, text: str, **params: object) -> str:
        """Return a text in the workbook's language."""
        return Message(text, params).render(self.locale)

    def word(self, text: str) -> str:
        """Return a marked word in the workbook's language."""
        return translate(text, self.locale)

    def style(self, **properties: Any) -> Format:
        """Return a format; equal ones are one in the file."""
        wanted = {
            "font_name": self.body_font,
            "font_size": 10,
            "font_color": INK,
            "valign": "vcenter",
            **properties,
        }
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(wanted)
        return self._formats[key]

    def cell_style(self, kind: CellKind, *, total: bool = False, quoted: bool = False) -> Format:
        """Return the format of a table's cell; looked up for every one of hundreds of thousands."""
        key = kind, total, quoted
        if key not in self._cells:
            self._cells[key] = self._cell_style(kind, total=total, quoted=quoted)
        return self._cells[key]

    def _cell_style(self, kind: CellKind, *, total: bool, quoted: bool) -> Format:
        properties: dict[str, Any] = {"border": 1, "border_color": RULE, "font_size": CELL_SIZE}
        if kind in NUMBER_FORMATS:
            align = "center" if kind == "rank" else "right"
            form = NUMBER_FORMATS[kind]
            if kind == "points":
                form = f"{0:.{self.imprint.places}f}"
            properties |= {"num_format": form, "align": align}
        elif kind in {"code", "word"}:
            properties |= {"text_wrap": True, "align": "center"}
        else:
            properties |= {"text_wrap": True, "align": "left"}
        if total:
            properties |= {"bold": True, "bg_color": TOTAL_FILL, "top": 2}
        if quoted:
            properties["quote_prefix"] = True
        return self.style(**properties)

    def write(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        kind: CellKind,
        value: Any,
        *,
        total: bool = False,
    ) -> None:
        """Write one cell of a table: figures as numbers, text as text, whatever it begins with."""
        if value is None and kind in NUMBER_FORMATS:
            sheet.write_string(row, column, DASH, self.cell_style(kind, total=total))
        elif kind in NUMBER_FORMATS:
            number = value if isinstance(value, int) else float(Decimal(value))
            sheet.write_number(row, column, number, self.cell_style(kind, total=total))
        else:
            text = "" if value is None else str(value)
            quoted = is_formula(text)
            sheet.write_string(row, column, text, self.cell_style(kind, total=total, quoted=quoted))

    def begin(self, name: str, title: str, widths: Sequence[float]) -> Worksheet:
        """Add a sheet with its title, period, units and print set-up; the table's head follows."""
        sheet = self.workbook.add_worksheet(name)
        last = len(widths) - 1
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_row(TITLE_ROW, 32)
        sheet.merge_range(
            TITLE_ROW,
            0,
            TITLE_ROW,
            last,
            title,
            self.style(font_name=self.title_font, font_size=18, bold=True, align="center"),
        )
        self._meta(sheet, last)
        self._print_setup(sheet)
        return sheet

    def _meta(self, sheet: Worksheet, last: int) -> None:
        """Write who prepared the sheet, for which period, in which units."""
        sheet.set_row(META_ROW, 20)
        third = max((last + 1) // 3, 1)
        spans = ((0, third - 1), (third, last - third), (last - third + 1, last))
        imprint = self.imprint
        texts = (
            self.say("Prepared by: {organisation}"),
            self.say("Period: {first} to {last}", first=imprint.first, last=imprint.last),
            imprint.units.render(self.locale),
        )
        for (start, end), text, align in zip(
            spans, texts, ("left", "center", "right"), strict=True
        ):
            style = self.style(align=align)
            if start < end:
                sheet.merge_range(META_ROW, start, META_ROW, end, text, style)
            else:
                sheet.write_string(META_ROW, start, text, style)

    def _print_setup(self, sheet: Worksheet) -> None:
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        pages = self.say("Page {page} of {pages}", page="&P", pages="&N")
        footer = self.imprint.footer.render(self.locale)
        sheet.set_footer(f"&L{footer}&C{pages}")

    @property
    def head_style(self) -> Format:
        """The format of a table's head."""
        return self.style(**self._head_properties)

    @property
    def _head_properties(self) -> dict[str, Any]:
        return {
            "bold": True,
            "font_size": 9,
            "bg_color": HEAD_FILL,
            "border": 1,
            "border_color": RULE,
            "align": "center",
            "text_wrap": True,
        }

    def head(
        self, sheet: Worksheet, labels: Sequence[str], row: int = HEAD_ROW, *, height: int = 34
    ) -> None:
        """Write a table's head."""
        sheet.set_row(row, height)
        for column, label in enumerate(labels):
            sheet.write_string(row, column, label, self.head_style)

    def wide_head(self, sheet: Worksheet, columns: Sequence[ReportColumn]) -> None:
        """Write the head of a table of many columns; long words over figures are turned."""
        turned = self.style(**self._head_properties, rotation=90)
        upright = any(column.turned_in(self.locale) for column in columns)
        sheet.set_row(HEAD_ROW, TURNED_HEIGHT if upright else 46)
        for place, column in enumerate(columns):
            style = turned if column.turned_in(self.locale) else self.head_style
            sheet.write_string(HEAD_ROW, place, self.word(column.label), style)

    def freeze(self, sheet: Worksheet, columns: int = 0) -> None:
        """Keep title and head in view, on the screen and on every page."""
        sheet.freeze_panes(FIRST_ROW, columns)
        sheet.repeat_rows(TITLE_ROW, HEAD_ROW)

    def rows(
        self,
        sheet: Worksheet,
        columns: Sequence[ReportColumn],
        rows: Sequence[dict[str, Any]],
        first: int = FIRST_ROW,
    ) -> int:
        """Write a table's rows; return the row after the last."""
        for at, values in enumerate(rows, first):
            wrapped = [
                (str(values[column.name]), column.printed_width)
                for column in columns
                if column.kind not in NUMBER_FORMATS
            ]
            sheet.set_row(at, row_height(wrapped))
            for place, column in enumerate(columns):
                self.write(sheet, at, place, column.kind, values[column.name])
        return first + len(rows)

    def foot(self, sheet: Worksheet, row: int, *more: str) -> int:
        """Write the marks under a table, and what else belongs there; return the row after."""
        texts = [mark.render(self.locale) for mark in self.imprint.marks]
        for number, text in enumerate([*texts, *more], 1):
            sheet.write_string(row, 0, f"{number}. {text}", self.style(font_size=9))
            row += 1
        return row


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the file format knows no zones
