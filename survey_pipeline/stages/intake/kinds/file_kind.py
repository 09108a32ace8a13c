"""What a kind of file is: its columns, their headings and readers, its key; columns of several.

Headings are compared folded (`heading`), full-width brackets as ordinary ones. If a file has two
headings of one column (手机 and 电话), the heading that comes first in the column's list is read,
and the other in rows where the first is blank.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from re import Pattern
from typing import Any

from survey_pipeline.i18n import Message, coded
from survey_pipeline.stages.intake.values.cells import Choice, Reader, read_code, read_text
from survey_pipeline.stages.intake.values.dates import read_date
from survey_pipeline.typed import folded, says_nothing, tidy
from survey_pipeline.vocabulary import RecordKind

_DECORATION = re.compile(r"[\s_*:\"“”]|\((?:必填|选填|required|optional)\)", re.IGNORECASE)


def heading(cell: str) -> str:
    """Return a heading as it is compared.

    Folded and lower-case, without blanks, underscores, stars, colons and quotation marks.
    """
    return _DECORATION.sub("", folded(tidy(cell))).casefold()


@dataclass(frozen=True)
class FileColumn:
    """One column of a kind of file."""

    name: str
    labels: tuple[str, ...]
    """Its Chinese headings, the best first; the English name always counts as well."""
    read: Reader
    required: bool = True
    plain: Pattern[str] | None = None
    """Cells that match it as a whole are their own value; the reader is not called for them."""
    prefix: str = ""
    """What is put before the value of such a cell."""
    person: bool = False
    """Whether it names a person: then no word counts as blank, because None is a surname."""

    def named(self) -> Message:
        """Return the column as a sentence names it."""
        return coded(self.name, self.labels[0])

    def is_blank(self, text: str) -> bool:
        """Return whether a tidy cell gives no value: it is empty, or says that there is nothing."""
        if not text or self.person:
            return not text
        listed = isinstance(self.read, Choice) and self.read.takes(text)
        return not listed and says_nothing(text)


MOST_RECORDS = 100_000
"""Rows of a file whose keys are all kept in memory; no city has more offices."""

RowRule = Callable[[Mapping[str, Any]], tuple[str, Message] | None]
"""Checks a row's values together; returns the column and the reason, or None."""


@dataclass(frozen=True)
class FileKind:
    """One kind of file: how it is read, before any database is asked."""

    kind: RecordKind
    columns: tuple[FileColumn, ...]
    key: tuple[str, ...]
    rule: RowRule | None = None
    most_rows: int | None = MOST_RECORDS
    """A file with more rows is refused; None: no bound."""
    yearly: bool = False
    """Whether it belongs to an appraisal year, which the file does not name."""
    secret: bool = False
    """Whether its rows must stay unknown: no hash of the file is kept, and no cell is repeated that
    might show what a row says."""
    unfilled: tuple[str, ...] = ()
    """Columns to be filled in on a form of ours: a row in which all of them are blank is not filled
    in yet, and is passed over."""
    not_needed: frozenset[str] = frozenset()
    """Headings (as `heading` returns them) that stand on such a form and are not read."""
    excludes: RecordKind | None = None
    """The kind of which no records may stand beside this one's: one file of either comes in at a
    time."""

    def column(self, name: str) -> FileColumn:
        """Return a column by its English name."""
        return next(column for column in self.columns if column.name == name)

    def listed(self, names: Iterable[str]) -> Message:
        """Return columns, by their English names, as a sentence lists them."""
        found = [self.column(name) for name in names]
        english = ", ".join(f"{column.name} ({column.labels[0]})" for column in found)
        return coded(english, "、".join(column.labels[0] for column in found))

    @cached_property
    def headings(self) -> dict[str, list[tuple[str, int]]]:
        """Folded heading -> the columns that it may head, and how well it fits (0 is best)."""
        found: dict[str, list[tuple[str, int]]] = {}
        for column in self.columns:
            for rank, label in enumerate((column.name, *column.labels)):
                found.setdefault(heading(label), []).append((column.name, rank))
        return found


OFFICE_CODE = FileColumn(
    "office_code",
    (
        "处室(站所)编码",
        "处室编码",
        "站所编码",
        "单位编码",
        "部门编码",
        "处室(站所)代码",
        "处室代码",
    ),
    read_code,
)
PARENT_CODE = FileColumn(
    "parent_code",
    ("主管单位编码", "主管部门编码", "主管单位代码", "主管部门代码", "上级单位编码"),
    read_code,
)
REMARK = FileColumn("remark", ("备注", "说明"), read_text, required=False)
DELIVERED_ON = FileColumn(
    "delivered_on", ("交付日期", "报送日期", "提交日期", "送达日期"), read_date, required=False
)
SOURCE = FileColumn("source", ("来源", "数据来源", "报送单位", "牵头单位"), read_text)
