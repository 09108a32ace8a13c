"""The lines that add up to points: a tree, which `explain` prints and the exports list."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from survey_pipeline.frozen import frozen
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.numbers import exact_sum, fixed, half_up, plain
from survey_pipeline.standard.entry import Label
from survey_pipeline.standard.model import Rounding


@frozen
class Line:
    """One line of a component: where it has them, points = count x rate x factor."""

    component: str
    """A value of `vocabulary.Component`."""
    clause: str
    label: Label
    points: Fraction | None = None
    """Empty where the component has no data."""
    count: int | None = None
    rate: Fraction | None = None
    """Points (or, at the head of a component, the share) for each that was counted."""
    factor: Fraction | None = None
    note: Message | None = None
    evidence: tuple[Message, ...] = ()
    counted: bool = True
    """False: stands here to say why it does not count."""
    children: tuple["Line", ...] = ()

    def leaves(self) -> Iterator["Line"]:
        """Yield the counted lines without lines of their own: they add up to the points."""
        if not self.counted:
            return
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def flattened(self, *, counted: bool = True) -> Iterator["FlatLine"]:
        """Yield the lines without lines of their own, and those that do not count, as they stand.

        Args:
            counted: whether what stands above counts.
        """
        counts = counted and self.counted
        if not self.children:
            yield FlatLine(self, counts and self.points is not None)
        elif self.points is None:
            yield FlatLine(self, counted=False)
        for child in self.children:
            yield from child.flattened(counted=counts)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Line":
        """Read what `to_json` wrote: points have four decimals then."""

        def figure(name: str) -> Fraction | None:
            return None if stored[name] is None else Fraction(stored[name])

        return cls(
            component=stored["component"],
            clause=stored["clause"],
            label=Label(**stored["label"]),
            points=figure("points"),
            count=stored["count"],
            rate=figure("rate"),
            factor=figure("factor"),
            note=Message.from_json(stored["note"]) if stored["note"] else None,
            evidence=tuple(Message.from_json(message) for message in stored["evidence"]),
            counted=stored["counted"],
            children=tuple(cls.from_json(child) for child in stored["children"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: points of four decimals, exact figures, messages as JSON."""
        return {
            "component": self.component,
            "clause": self.clause,
            "label": {"zh": self.label.zh, "en": self.label.en},
            "count": self.count,
            "rate": None if self.rate is None else plain(self.rate),
            "factor": None if self.factor is None else plain(self.factor),
            "points": fixed(self.points, 4),
            "note": self.note.to_json() if self.note else None,
            "evidence": [message.to_json() for message in self.evidence],
            "counted": self.counted,
            "children": [child.to_json() for child in self.children],
        }


class FlatLine(NamedTuple):
    """A line out of its tree, and whether it counts there."""

    line: Line
    counted: bool


def grouped(head: Line, parts: Sequence[Line]) -> Line:
    """Put lines under a head with their exact sum; `add_up` rounds them at the end."""
    return replace(head, points=total(parts), children=tuple(parts))


def add_up(head: Line, parts: Sequence[Line], rounding: Rounding) -> Line:
    """Close a component: round it, round its lines, and add a line for the difference, if any.

    Args:
        head: the component's line; its points are set here.
        parts: exact lines, or groups of them; those that do not count carry no points.
        rounding: the standard's rule.
    """
    points = half_up(total(parts), rounding.decimals)
    rounded = [_rounded(part, rounding) for part in parts]
    left = points - total(rounded)
    if left:
        rounded.append(Line(head.component, rounding.clause, rounding.label, points=left))
    return replace(head, points=points, children=tuple(rounded))


def _rounded(part: Line, rounding: Rounding) -> Line:
    if part.points is None:
        return part
    if part.children:
        children = tuple(_rounded(child, rounding) for child in part.children)
        if all(new is old for new, old in zip(children, part.children, strict=True)):
            return part
        return replace(part, points=total(children), children=children)
    points = half_up(part.points, rounding.decimals)
    return part if points is part.points else replace(part, points=points)


def total(lines: Iterable[Line]) -> Fraction:
    """Return the sum of the counted leaves."""
    return exact_sum(_leaf_points(lines))


def _leaf_points(lines: Iterable[Line]) -> Iterator[Fraction]:
    for line in lines:
        if line.counted and line.children:
            yield from _leaf_points(line.children)
        elif line.counted and line.points is not None:
            yield line.points


def clauses_named(message: Message) -> Iterator[str]:
    """Yield the clauses that a note names: they are the values called `clause`."""
    for name, value in message.params.items():
        if isinstance(value, Message):
            yield from clauses_named(value)
        elif name == "clause":
            yield str(value)
