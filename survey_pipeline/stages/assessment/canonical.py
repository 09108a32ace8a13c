"""The canonical form of facts, so that the same facts always have the same hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from survey_pipeline.scoring.evidence import OfficeYear, YearFacts
from survey_pipeline.scoring.facts import Answers, MonthFacts


def inputs_hash(facts: MonthFacts) -> str:
    """Return the SHA-256, in hex, of everything that a month's score rests on.

    The day itself is no input, only what it decides: which months have ended, what is overdue.
    """
    document = {
        "month": facts.month,
        "due_on": facts.due_on.isoformat(),
        "overdue": facts.overdue,
        "complete": facts.complete,
        "offices": canonical(facts.offices),
    }
    return _hash(document)


def year_hash(facts: YearFacts, evidence: str, *, settled: bool) -> str:
    """Return the SHA-256, in hex, of everything that a year's score rests on.

    Args:
        facts: the facts; their records are in `evidence` already, row by row.
        evidence: the fingerprint of the evidence.
        settled: whether nothing of its months can still be drawn or answered.
    """
    return _hash(
        {
            "year": facts.year,
            "as_of": facts.as_of.isoformat(),
            "settled": settled,
            "offices": [_without_records(office) for office in facts.offices],
            "exempt": canonical(facts.exempt),
            "evidence": evidence,
        }
    )


def _without_records(office: OfficeYear) -> list[Any]:
    months = [
        [month.month, month.reported, _counts(month.sms), _counts(month.phone)]
        for month in office.months
    ]
    deliveries = [canonical(month.delivery) for month in office.months]
    results = [[month.month, canonical(month.results)] for month in office.months if month.results]
    parts = (office.office, office.ended_months, office.selected, office.online)
    # said only where it holds: the hashes of scores of earlier versions stay as they are
    unranked = ["unranked"] if office.unranked else []
    by_case = [results] if results else []
    return [months, deliveries, *(canonical(part) for part in parts), *unranked, *by_case]


def _counts(answers: Answers) -> list[int]:
    return [answers.satisfied, answers.neutral, answers.dissatisfied]


def _hash(document: dict[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> Any:
    """Return a value as plain JSON with one order: fields by name, mappings by key."""
    if isinstance(value, str | int | None):  # most are; a bool is an int, a word a str
        return value
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((name, getattr(value, name), always) for name, always in _names(type(value)))
        return {name: canonical(part) for name, part, always in parts if always or part is not None}
    if isinstance(value, Mapping):
        return sorted(([canonical(key), canonical(entry)] for key, entry in value.items()), key=str)
    if isinstance(value, list | tuple):
        return [canonical(entry) for entry in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


@cache
def _names(kind: type[Any]) -> tuple[tuple[str, bool], ...]:
    """Return a dataclass's fields, each with whether it is said where it is None.

    A field that came later is said only where it holds something (`metadata={"canonical": "if
    any"}`): so the hashes of earlier scores stay as they are.
    """
    return tuple((part.name, "canonical" not in part.metadata) for part in fields(kind))
