"""The lines of its own score that an office may see, so that it can object to them.

A month's lines are shown if every answer's count may be shown (`ClosedMonth.whole`). Of a year,
lines of records are shown: deductions, delivered points, grades, ranks and awards, each with its
record's number and day. Ratings, ballots and remarks are not: a remark may hold a citizen's words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.reports.stored_scores import office_months
from survey_pipeline.scoring.lines import FlatLine
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.standard.entry import Label
from survey_pipeline.vocabulary import Component

FROM_PEOPLE = frozenset({Component.SATISFACTION, Component.ONLINE})
"""Components made of answers and ballots."""
PLACES = 4


@dataclass(frozen=True)
class OwnLine:
    """A line of an office's score."""

    label: Label
    clause: str
    component: str
    points: str | None
    counted: bool
    records: Sequence[str] = ()
    """The numbers of the records it rests on."""
    days: Sequence[str] = ()


def lines_of_month(context: Context, office_code: str, month: str, version: int) -> list[OwnLine]:
    """Return the lines of an office's month; the caller must check that the office may see them.

    Args:
        context: the workspace.
        office_code: the office.
        month: `YYYY-MM`.
        version: the version that the office is shown; another one has no lines here.
    """
    found = [
        scored
        for scored in office_months(context, office_code)
        if scored.month == month and scored.head.version == version
    ]
    return [
        OwnLine(
            Label(**line["label"]),
            line["clause"],
            line["component"],
            line["points"],
            line["counted"],
        )
        for scored in found
        for head in scored.lines
        for line in head["children"] or [head]
    ]


def of_records(lines: Iterable[FlatLine]) -> Iterable[OwnLine]:
    """Yield the lines of records out of a year's lines."""
    for line, counted in lines:
        records = [record for record in line.evidence if "record" in record.params]
        if line.component in FROM_PEOPLE or not records:
            continue
        yield OwnLine(
            line.label,
            line.clause,
            line.component,
            fixed(line.points, PLACES),
            counted,
            _params(records, "record"),
            _params(records, "day"),
        )


def _params(evidence: Sequence[Message], name: str) -> list[str]:
    return [str(record.params[name]) for record in evidence if name in record.params]
