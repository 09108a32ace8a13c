"""The stored form of a year's lines, about a tenth of the size of plain JSON objects.

What many lines of an office share (component, clause and label; the text of a message and the
names of its values) stands once, in tables of its own, and a line is a list that names them by
number. Unpacking gives lines that are shown exactly like those that were packed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.numbers import from_units, plain, to_units
from survey_pipeline.standard.entry import Label

_BLANK: tuple[Any, ...] = (None, None, None, None, None, [], 1, [])
"""What the end of a line is where nothing is said: from the points to the children."""


def pack(lines: Sequence[Line]) -> str:
    """Return an office's lines as the text of one JSON document."""
    packer = _Packer()
    packed = [packer.line(line) for line in lines]
    document = {
        "kinds": list(packer.kinds),
        "texts": [[text, *names] for text, names in packer.texts],
        "lines": packed,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> tuple[Line, ...]:
    """Return the lines that `pack` was given; values of messages are texts now."""
    document = json.loads(text)
    unpacker = _Unpacker(document["kinds"], document["texts"])
    return tuple(unpacker.line(packed) for packed in document["lines"])


@dataclass
class _Packer:
    """Packs lines that live as long as it does: it knows shared objects by their identity."""

    kinds: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    texts: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    figures: dict[int, str] = field(default_factory=dict)
    messages: dict[int, list[Any]] = field(default_factory=dict)
    """Points, figures, and messages inside others, by the identity of the objects."""

    def line(self, line: Line) -> list[Any]:
        kind = (line.component, line.clause, line.label.zh, line.label.en)
        packed = [
            self.kinds.setdefault(kind, len(self.kinds)),
            None if line.points is None else self._units(line.points),
            line.count,
            None if line.rate is None else self._figure(line.rate),
            None if line.factor is None else self._figure(line.factor),
            None if line.note is None else self._message(line.note),
            [self._message(message) for message in line.evidence] if line.evidence else [],
            1 if line.counted else 0,
            [self.line(child) for child in line.children] if line.children else [],
        ]
        while len(packed) > 1 and packed[-1] == _BLANK[len(packed) - 2]:
            packed.pop()
        return packed

    def _units(self, points: Fraction) -> int:
        known = self.units.get(id(points))
        if known is None:
            known = self.units[id(points)] = to_units(points)
        return known

    def _figure(self, figure: Fraction) -> str:
        known = self.figures.get(id(figure))
        if known is None:
            known = self.figures[id(figure)] = plain(figure)
        return known

    def _message(self, message: Message) -> list[Any]:
        text = (message.text, tuple(message.params))
        packed: list[Any] = [self.texts.setdefault(text, len(self.texts))]
        for value in message.params.values():
            if isinstance(value, str):  # as most are
                packed.append(value)
            elif isinstance(value, Message):
                packed.append(self._inner(value))
            else:
                packed.append(str(value))
        return packed

    def _inner(self, message: Message) -> list[Any]:
        known = self.messages.get(id(message))
        if known is None:
            known = self.messages[id(message)] = self._message(message)
        return known


@dataclass(frozen=True)
class _Unpacker:
    kinds: Sequence[Sequence[str]]
    texts: Sequence[Sequence[str]]

    def line(self, packed: Sequence[Any]) -> Line:
        component, clause, zh, en = self.kinds[packed[0]]
        said = [*packed[1:], *_BLANK[len(packed) - 1 :]]
        points, count, rate, factor, note, evidence, counted, children = said
        return Line(
            component,
            clause,
            Label.model_construct(zh=zh, en=en),
            points=None if points is None else from_units(points),
            count=count,
            rate=None if rate is None else Fraction(rate),
            factor=None if factor is None else Fraction(factor),
            note=None if note is None else self._message(note),
            evidence=tuple(self._message(message) for message in evidence),
            counted=bool(counted),
            children=tuple(self.line(child) for child in children),
        )

    def _message(self, packed: Sequence[Any]) -> Message:
        text, *names = self.texts[packed[0]]
        values = (
            self._message(value) if isinstance(value, list) else value for value in packed[1:]
        )
        return Message(text, dict(zip(names, values, strict=True)))
