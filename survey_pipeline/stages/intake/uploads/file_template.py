"""An empty workbook for any kind of file: headings, lists to choose from, what each column takes.

Its example row is refused if it is left in (`checking.EXAMPLE_ROW`).
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.stages.intake.checking import EXAMPLES
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.kinds.file_kind import FileColumn, FileKind
from survey_pipeline.stages.intake.values.cells import (
    Choice,
    Reader,
    read_code,
    read_count,
    read_key,
    read_phone,
)
from survey_pipeline.stages.intake.values.dates import read_date, read_month
from survey_pipeline.stages.intake.values.points import (
    read_clause,
    read_points,
    read_rank,
    read_share,
)
from survey_pipeline.standard.model import Standard
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.record_names import KINDS as KIND_NAMES

LAST_ROW = 5_000
"""The row up to which cells offer their list."""
HOW_TO = (
    N_("One row is one record. Columns marked with * are needed; leave the others blank."),
    N_("Delete the example row: a file is not taken with it."),
    N_("The same key with other contents is a correction of the record."),
    N_("Save the file as .xlsx and bring it on the page of files."),
)
TAKES: Mapping[Reader, tuple[str, str]] = {
    read_date: (N_("A date, as 2023-05-04"), "2023-05-04"),
    read_month: (N_("A month, as 2023-05"), "2023-05"),
    read_phone: (N_("One mobile number or landline, all digits"), "13800000000"),
    read_points: (N_("Points as a number"), "1"),
    read_share: (N_("A share, as 1/2 or 0.5"), "1/2"),
    read_rank: (N_("A whole number from 1"), "1"),
    read_count: (N_("A whole number from 0"), "10"),
    read_key: (N_("A number or code that names the record"), "A-1"),
    read_code: (N_("The code on the register"), "A-1"),
    read_clause: (N_("A clause of the standard; the sheet of lists has their words"), "C2.1a"),
}
"""What a column takes by its reader, and an example."""
A_TEXT = N_("A text of up to 500 characters")
A_CHOICE = N_("One of: {words}")


def make_template(kind: RecordKind, locale: str, standard: Standard) -> bytes:
    """Return the workbook of a kind.

    Args:
        kind: what the file is to hold.
        locale: the language of headings, lists and explanations.
        standard: whose clauses are offered.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        _Template(book, KINDS[kind], locale, standard).write()
    return content.getvalue()


class _Template:
    """Writes the three sheets of one workbook."""

    def __init__(self, book: Any, kind: FileKind, locale: str, standard: Standard) -> None:
        self._kind, self._locale, self._standard = kind, locale, standard
        self._chinese = locale.startswith("zh")
        self._text = book.add_format({"num_format": "@"})
        self._soft = book.add_format({"num_format": "@", "italic": True, "font_color": "#777777"})
        self._head = book.add_format({"bold": True, "bg_color": "#DCE6F2", "border": 1})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self._rows = book.add_worksheet(self._say(KIND_NAMES[kind.kind])[:31])
        self._how_to = book.add_worksheet(self._say(N_("How to fill it in")))
        self._list_name = self._say(N_("Lists"))
        self._lists = book.add_worksheet(self._list_name)

    def _say(self, text: str) -> str:
        return translate(text, self._locale)

    def _heading(self, column: FileColumn) -> str:
        return column.labels[0] if self._chinese and column.labels else column.name

    def write(self) -> None:
        """Write all sheets."""
        self._write_rows()
        self._write_lists()
        self._write_how_to()

    def _write_rows(self) -> None:
        for place, column in enumerate(self._kind.columns):
            needed = "*" if column.required else ""
            self._rows.write_string(0, place, self._heading(column) + needed, self._head)
            example = EXAMPLES[self._chinese] if place == 0 else self._example(column)
            self._rows.write_string(1, place, example, self._soft)
        self._rows.set_column(0, len(self._kind.columns) - 1, 20, self._text)
        self._rows.freeze_panes(1, 0)

    def _example(self, column: FileColumn) -> str:
        if isinstance(column.read, Choice):
            return column.read.offered(chinese=self._chinese)[0]
        return TAKES[column.read][1] if column.read in TAKES else ""

    def _write_lists(self) -> None:
        """Write what the cells offer, a column each; beside a clause its words."""
        place = 0
        for at, column in enumerate(self._kind.columns):
            offered = self._offered(column)
            if not offered:
                continue
            self._lists.write_string(0, place, self._heading(column), self._head)
            for row, (word, words) in enumerate(offered, 1):
                self._lists.write_string(row, place, word, self._text)
                if words:
                    self._lists.write_string(row, place + 1, words)
            self._offer(at, place, len(offered))
            self._lists.set_column(place, place, 20)
            self._lists.set_column(place + 1, place + 1, 60 if offered[0][1] else 3)
            place += 2

    def _offered(self, column: FileColumn) -> Sequence[tuple[str, str]]:
        """Return what a column's cells offer, each with its words if it needs some."""
        if isinstance(column.read, Choice):
            return [(word, "") for word in column.read.offered(chinese=self._chinese)]
        if column.name != "clause":
            return []
        supervision = (*self._standard.supervision.clauses, self._standard.supervision.material)
        of_kind = self._kind.kind is RecordKind.SUPERVISION
        clauses = supervision if of_kind else self._standard.hotline.clauses
        return [(entry.clause, entry.label.in_locale(self._locale)) for entry in clauses]

    def _offer(self, at: int, place: int, count: int) -> None:
        """Let a column's cells offer a list; other words are taken too, and checked on coming."""
        letter = chr(ord("A") + place)
        source = f"='{self._list_name}'!${letter}$2:${letter}${count + 1}"
        rule = {"validate": "list", "source": source, "error_type": "warning"}
        self._rows.data_validation(1, at, LAST_ROW, at, rule)

    def _write_how_to(self) -> None:
        sheet = self._how_to
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 10)
        sheet.set_column(2, 3, 60, self._wrap)
        for row, line in enumerate(HOW_TO):
            sheet.write_string(row, 0, self._say(line))
        top = len(HOW_TO) + 1
        heads = (N_("Column"), N_("Needed"), N_("What it takes"), N_("Other headings"))
        for place, head in enumerate(heads):
            sheet.write_string(top, place, self._say(head), self._head)
        for row, column in enumerate(self._kind.columns, top + 1):
            for place, cell in enumerate(self._explained(column)):
                sheet.write_string(row, place, cell)

    def _explained(self, column: FileColumn) -> tuple[str, ...]:
        """Return a column's heading, whether it is needed, what it takes, its other headings."""
        heading = self._heading(column)
        others = [name for name in (column.name, *column.labels) if name != heading]
        needed = N_("yes") if column.required else N_("no")
        return heading, self._say(needed), self._takes(column), "、".join(others)

    def _takes(self, column: FileColumn) -> str:
        if isinstance(column.read, Choice):
            words = "、" if self._chinese else ", "
            listed = words.join(column.read.offered(chinese=self._chinese))
            return Message(A_CHOICE, {"words": listed}).render(self._locale)
        return self._say(TAKES[column.read][0] if column.read in TAKES else A_TEXT)
