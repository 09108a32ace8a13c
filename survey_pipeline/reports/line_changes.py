"""What differs between two trees of lines, both as `scoring.lines.Line.to_json` wrote them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.standard.entry import Label

Tree = Sequence[Mapping[str, Any]]
SHOWN = ("points", "count", "rate", "factor", "counted", "note", "evidence")
"""What a reader sees of a line."""


@dataclass(frozen=True)
class LineSide:
    """A line as it stands in one version."""

    points: str | None
    counted: bool
    note: Message | None
    evidence: Sequence[Message]


@dataclass(frozen=True)
class LineChange:
    """A line that is not the same in both versions; one side is empty where it is not there."""

    label: Label
    clause: str
    before: LineSide | None
    after: LineSide | None

    @property
    def moved(self) -> bool:
        """Whether its points differ, and not just what stands beside them."""
        before = self.before and self.before.counted and self.before.points
        after = self.after and self.after.counted and self.after.points
        return (before or "0.0000") != (after or "0.0000")


def line_changes(before: Tree, after: Tree) -> list[LineChange]:
    """Return the lines without lines of their own that differ, in the order of the later version.

    A line of a record is known by the record, another one by its clause and its place among the
    lines of that clause.
    """
    old, new = dict(_keyed(before)), dict(_keyed(after))
    keys = [*new, *(key for key in old if key not in new)]
    return [
        _change(old.get(key), new.get(key))
        for key in keys
        if _shown(old.get(key)) != _shown(new.get(key))
    ]


def _keyed(lines: Tree) -> Iterator[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    seen: Counter[tuple[Any, ...]] = Counter()
    for line in _leaves(lines):
        key = (line["component"], line["clause"], *_records(line))
        yield (*key, seen[key]), line
        seen[key] += 1


def _leaves(lines: Tree) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        if line["children"]:
            yield from _leaves(line["children"])
        else:
            yield line


def _records(line: Mapping[str, Any]) -> list[str]:
    evidence = [Message.from_json(stored) for stored in line["evidence"]]
    return [str(stored.params["record"]) for stored in evidence if "record" in stored.params]


def _shown(line: Mapping[str, Any] | None) -> list[Any] | None:
    return None if line is None else [line[name] for name in SHOWN]


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> LineChange:
    named = after or before or {}
    return LineChange(Label(**named["label"]), named["clause"], _side(before), _side(after))


def _side(line: Mapping[str, Any] | None) -> LineSide | None:
    if line is None:
        return None
    return LineSide(
        points=line["points"],
        counted=line["counted"],
        note=Message.from_json(line["note"]) if line["note"] else None,
        evidence=[Message.from_json(stored) for stored in line["evidence"]],
    )
