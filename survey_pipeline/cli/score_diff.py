"""Two versions of a score on a terminal: why they differ, which offices moved, by which lines."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from survey_pipeline.cli.support import say, shown
from survey_pipeline.i18n import N_
from survey_pipeline.reports.line_changes import LineChange, LineSide
from survey_pipeline.reports.score_changes import Changes, OfficeChange

NONE = "—"


def difference(changes: Changes, period: str, locale: str) -> Iterator[RenderableType]:
    """Yield what is printed: the reasons, then the offices, those that moved furthest first."""
    versions = {"before": changes.before.version, "after": changes.after.version}
    yield Text(say("{period}: from version {before} to version {after}", period=period, **versions))
    for reason in changes.reasons():
        yield Text(f"  - {shown(reason)}")
    counts = {"moved": changes.moved, "ranked": changes.ranked, "same": changes.same}
    text = N_("offices with other points: {moved}, with another rank: {ranked}, the same: {same}")
    yield Text(say(text, **counts))
    for office in changes.offices:
        yield _office(office, locale)
    if changes.differing > len(changes.offices):
        rest = changes.differing - len(changes.offices)
        yield Text(say("and {count} more offices that moved less", count=rest))


def _office(office: OfficeChange, locale: str) -> Tree:
    before, after = (_points(points) for points in office.points)
    title = f"{office.office_code} {office.office}: {before} → {after}"
    if office.rank[0] != office.rank[1]:
        ranks = {"before": office.rank[0] or NONE, "after": office.rank[1] or NONE}
        title += "  " + say("rank {before} → {after}", **ranks)
    if not all(office.there):
        title += "  " + say(N_("no longer in it") if office.there[0] else N_("new in it"))
    tree = Tree(Text(title, style="bold" if office.moved else ""))
    for line in office.lines:
        tree.add(Text(_line(line, locale)))
    return tree


def _line(line: LineChange, locale: str) -> str:
    sides = f"{_side(line.before)} → {_side(line.after)}"
    return f"{line.label.in_locale(locale)} {line.clause}: {sides}"


def _side(side: LineSide | None) -> str:
    if side is None:
        return NONE
    value = (side.points or NONE) if side.counted else say("does not count")
    return f"{value} ({shown(side.note)})" if side.note else value


def _points(points: Decimal | None) -> str:
    return NONE if points is None else f"{points:.4f}"


def document(changes: Changes, period: str, locale: str) -> dict[str, Any]:
    """Return the document of `score diff --json`."""
    return {
        "period": period,
        "before": changes.before.version,
        "after": changes.after.version,
        "reasons": [shown(reason) for reason in changes.reasons()],
        "moved": changes.moved,
        "ranked": changes.ranked,
        "differing": changes.differing,
        "same": changes.same,
        "offices": [_office_document(office, locale) for office in changes.offices],
    }


def _office_document(office: OfficeChange, locale: str) -> dict[str, Any]:
    return {
        "office_code": office.office_code,
        "office": office.office,
        "points": [None if points is None else str(points) for points in office.points],
        "rank": list(office.rank),
        "in": list(office.there),
        "figures": [
            {"name": figure.name, "before": _plain(figure.before), "after": _plain(figure.after)}
            for figure in office.figures
        ],
        "lines": [
            {
                "clause": line.clause,
                "label": line.label.in_locale(locale),
                "before": _side_document(line.before),
                "after": _side_document(line.after),
            }
            for line in office.lines
        ],
    }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _side_document(side: LineSide | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "points": side.points,
        "counted": side.counted,
        "note": shown(side.note) if side.note else None,
    }
