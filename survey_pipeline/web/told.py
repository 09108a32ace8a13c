"""Lines of points as a page shows them: a tree, each line beside the words that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.reports.score_objections import ScoreObjection
from survey_pipeline.scoring.lines import clauses_named
from survey_pipeline.standard.entry import Label
from survey_pipeline.web.readings import Readings, Words


@dataclass(frozen=True)
class ToldLine:
    """One line."""

    label: str
    clause: str
    arithmetic: Message | None
    note: Message | None
    """How its points came about, or why it does not count."""
    points: str | None
    """Four decimals; nothing where there is no data."""
    counted: bool
    evidence: Sequence[Message]
    words: Sequence[Words]
    """What its clauses rest on, those told before left out."""
    told: bool
    """Whether its own clause stands further up."""
    objections: Sequence[ScoreObjection]
    """What was objected to its records."""
    children: Sequence["ToldLine"]


def told_line(
    line: Mapping[str, Any],
    readings: Readings,
    *also: str,
    objections: Sequence[ScoreObjection] = (),
) -> ToldLine:
    """Return a stored line (`scoring.lines.Line.to_json`) with everything below it.

    Args:
        line: the line.
        readings: tells clauses.
        also: clauses of rules that it rests on beside its own.
        objections: those of the office; each stands at the line of its record.
    """
    note = Message.from_json(line["note"]) if line["note"] else None
    named = list(clauses_named(note)) if note else []
    evidence = [Message.from_json(one) for one in line["evidence"]]
    records = [one.params.get("record") for one in evidence]
    words = readings.of([line["clause"], *named, *also])
    return ToldLine(
        label=Label(**line["label"]).in_locale(readings.locale),
        clause=line["clause"],
        arithmetic=_arithmetic(line),
        note=note,
        points=line["points"],
        counted=line["counted"],
        evidence=evidence,
        words=words,
        told=readings.knows(line["clause"]) and all(one.clause != line["clause"] for one in words),
        objections=[
            one
            for one in objections
            if any(one.meets(record, line["component"]) for record in records if record)
        ],
        children=[told_line(child, readings, objections=objections) for child in line["children"]],
    )


def _arithmetic(line: Mapping[str, Any]) -> Message | None:
    """Write out count x rate x factor, where a line without lines of its own has them."""
    if line["count"] is None or line["rate"] is None or line["children"]:
        return None
    values = {name: line[name] for name in ("count", "rate", "factor")}
    if line["factor"] is None:
        return Message("{count} x {rate}", values)
    return Message("{count} x {rate} x {factor}", values)
