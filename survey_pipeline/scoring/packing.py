"""Lines as a year stores them: 200,000 of them as JSON objects would weigh ten times as much.

What many lines of an office share (component, clause and label; the text of a message and the
names of its values) stands once, in tables of its own, and a line is a list that names them by
number. Unpacking gives lines that are shown exactly like those that were packed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.numbers import from_units, plain, to_units
from survey_pipeline.standard.figures import Label

_BLANK: tuple[Any, ...] = (None, None, None, None, None, [], 1, [])
"""What the end of a line is where nothing is said: from the points to the children."""


def pack(lines: Iterable[Line]) -> dict[str, Any]:
    """Return an office's lines as one JSON document."""
    packer = _Packer()
    packed = [packer.line(line) for line in lines]
    return {
        "kinds": [list(kind) for kind in packer.kinds],
        "texts": [[text, *names] for text, names in packer.texts],
        "lines": packed,
    }


def unpack(document: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the lines that `pack` was given; values of messages are texts now."""
    unpacker = _Unpacker(document["kinds"], document["texts"])
    return tuple(unpacker.line(packed) for packed in document["lines"])


@dataclass
class _Packer:
    kinds: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    texts: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)
    figures: dict[Fraction, str] = field(default_factory=dict)

    def line(self, line: Line) -> list[Any]:
        kind = (line.component, line.clause, line.label.zh, line.label.en)
        packed = [
            self.kinds.setdefault(kind, len(self.kinds)),
            None if line.points is None else to_units(line.points),
            line.count,
            self._figure(line.rate),
            self._figure(line.factor),
            None if line.note is None else self._message(line.note),
            [self._message(message) for message in line.evidence],
            int(line.counted),
            [self.line(child) for child in line.children],
        ]
        while len(packed) > 1 and packed[-1] == _BLANK[len(packed) - 2]:
            packed.pop()
        return packed

    def _figure(self, figure: Fraction | None) -> str | None:
        if figure is None:
            return None
        if figure not in self.figures:
            self.figures[figure] = plain(figure)
        return self.figures[figure]

    def _message(self, message: Message) -> list[Any]:
        text = (message.text, tuple(message.params))
        return [
            self.texts.setdefault(text, len(self.texts)),
            *(
                self._message(value) if isinstance(value, Message) else str(value)
                for value in message.params.values()
            ),
        ]


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
