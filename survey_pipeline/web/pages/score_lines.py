"""Stored lines of points as a page shows them: a tree, each line beside the text of its clause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.reports.score_objections import ScoreObjection
from survey_pipeline.scoring.arithmetic import arithmetic
from survey_pipeline.scoring.lines import clauses_named
from survey_pipeline.standard.entry import Label
from survey_pipeline.web.pages.disclosure import ClauseText, Disclosure


@dataclass(frozen=True)
class ShownLine:
    """One line."""

    label: str
    clause: str
    arithmetic: Message | None
    note: Message | None
    """How its points came about, or why it does not count."""
    points: str | None
    """Four decimals; None without data."""
    counted: bool
    evidence: Sequence[Message]
    texts: Sequence[ClauseText]
    """Of its clauses, without those that the page has shown before."""
    shown_above: bool
    """Whether the text of its own clause is further up on the page."""
    objections: Sequence[ScoreObjection]
    """To its records."""
    children: Sequence["ShownLine"]


def shown_line(
    line: Mapping[str, Any],
    disclosure: Disclosure,
    *also: str,
    objections: Sequence[ScoreObjection] = (),
) -> ShownLine:
    """Return a stored line (`scoring.lines.Line.to_json`) with everything below it.

    Args:
        line: as JSON.
        disclosure: of the page.
        also: clauses that it rests on besides its own and those that its note names.
        objections: of the office; each is shown at the lines of its record.
    """
    note = Message.from_json(line["note"]) if line["note"] else None
    named = list(clauses_named(note)) if note else []
    evidence = [Message.from_json(source) for source in line["evidence"]]
    texts = disclosure.first_time([line["clause"], *named, *also])
    own_is_new = any(text.clause == line["clause"] for text in texts)
    return ShownLine(
        label=Label(**line["label"]).in_locale(disclosure.locale),
        clause=line["clause"],
        arithmetic=_arithmetic(line),
        note=note,
        points=line["points"],
        counted=line["counted"],
        evidence=evidence,
        texts=texts,
        shown_above=disclosure.knows(line["clause"]) and not own_is_new,
        objections=_to_records(line, evidence, objections),
        children=[
            shown_line(child, disclosure, objections=objections) for child in line["children"]
        ],
    )


def _to_records(
    line: Mapping[str, Any], evidence: Sequence[Message], objections: Sequence[ScoreObjection]
) -> list[ScoreObjection]:
    """Return the objections to the records of a line."""
    records = [source.params.get("record") for source in evidence]
    return [
        objection
        for objection in objections
        if any(objection.meets(record, line["component"]) for record in records if record)
    ]


def _arithmetic(line: Mapping[str, Any]) -> Message | None:
    """Return the line's arithmetic; None for a line that has none, or lines of its own."""
    if line["children"]:
        return None
    figures = (line["count"], line["rate"], line["factor"])
    return arithmetic(line["component"], figures, noted=bool(line["note"]))
