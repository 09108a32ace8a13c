"""What a workbook consists of: its sheets in the order of their tabs, and the parts beside them.

Parts are found as the format says, by relations (ECMA-376 part 2, 9.3; the strict form of part 4
has other addresses with the same last words), and where a program left those out, by their usual
names.
"""

import posixpath
import re
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import unquote

from survey_pipeline.stages.intake.formats.xlsx_package import Package
from survey_pipeline.stages.intake.formats.xlsx_xml import Stop, local
from survey_pipeline.stages.intake.values.dates import EPOCH_1900, EPOCH_1904

MOST_SHEETS = 1_000
MOST_RELATIONS = 5_000
_WORKBOOK = "officeDocument"
_USUAL = {
    _WORKBOOK: "xl/workbook.xml",
    "sharedStrings": "xl/sharedStrings.xml",
    "styles": "xl/styles.xml",
}
"""Where programs put the parts."""

Relations = dict[str, list[tuple[str, str]]]
"""The kind of a relation -> (id, part) in order."""


@dataclass(frozen=True)
class Sheet:
    """One tab of a workbook that holds cells; charts and macros are none."""

    name: str
    part: str
    hidden: bool


@dataclass
class Workbook:
    """The parts of a workbook."""

    sheets: list[Sheet] = field(default_factory=list)
    epoch: date = EPOCH_1900
    strings: str | None = None
    styles: str | None = None


def read_workbook(package: Package) -> Workbook:
    """Return what a workbook consists of.

    Raises:
        UnreadableFile: the archive is no workbook, or damaged.
    """
    main = _first(package, _relations(package, ""), _WORKBOOK)
    if main is None or main.endswith(".bin"):
        raise package.what_else()
    relations = _relations(package, main)
    found = Workbook(
        strings=_first(package, relations, "sharedStrings"),
        styles=_first(package, relations, "styles"),
    )
    by_id = dict(relations.get("worksheet", []))
    root = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal root
        root = root or tag
        if tag == "workbookPr" and attributes.get("date1904", "0") in {"1", "true", "on"}:
            found.epoch = EPOCH_1904
        if tag == "sheet" and len(found.sheets) < MOST_SHEETS:
            part = by_id.get(local(attributes, "id"))
            if part is None and not relations:  # left out with the sheets' ids
                part = f"xl/worksheets/sheet{len(found.sheets) + 1}.xml"
            if part and package.has(part):
                hidden = attributes.get("state", "visible") != "visible"
                found.sheets.append(Sheet(attributes.get("name", ""), part, hidden))

    def end(tag: str) -> None:
        if tag == "sheets":  # what follows is of no use here
            raise Stop

    package.read(main, start, end)
    if root != "workbook":
        raise package.what_else()
    return found


def _first(package: Package, relations: Relations, kind: str) -> str | None:
    """Return the part of a kind; None if the workbook has none."""
    candidates = [part for _, part in relations.get(kind, [])]
    return next((part for part in [*candidates, _USUAL[kind]] if package.has(part)), None)


def _relations(package: Package, part: str) -> Relations:
    """Return what a part refers to; empty if it refers to nothing."""
    folder, file = posixpath.split(part)
    found: Relations = {}
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if tag != "Relationship" or attributes.get("TargetMode") == "External":
            return
        count += 1
        if count > MOST_RELATIONS:
            raise Stop
        kind = re.split(r"[/#]", attributes.get("Type", ""))[-1]
        target = _target(package, folder, attributes.get("Target", ""))
        found.setdefault(kind, []).append((attributes.get("Id", ""), target))

    where = posixpath.join(folder, "_rels", f"{file}.rels")
    if package.has(where):
        package.read(where, start)
    return found


def _target(package: Package, folder: str, target: str) -> str:
    """Return the part that a relation names: absolute or not, written as an address or plainly."""
    target = target.replace("\\", "/")
    path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
    path = posixpath.normpath(path)
    return path if package.has(path) else unquote(path)
