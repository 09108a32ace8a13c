"""Computes a stored score again and lists what differs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from survey_pipeline import __version__
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.facts import MonthFacts
from survey_pipeline.scoring.month import score_month
from survey_pipeline.stages.assessment.canonical import inputs_hash, year_hash
from survey_pipeline.stages.assessment.stored_month import StoredMonth
from survey_pipeline.stages.assessment.stored_year import StoredYear, YearInputs, computed
from survey_pipeline.standard.load import InForce
from survey_pipeline.vocabulary.stored_names import stored_value_named

Rows = Mapping[str, Mapping[str, Any]]
"""What is stored of each office, by office_code."""


@dataclass(frozen=True)
class ScoreVerification:
    """Whether a stored score is what its inputs give."""

    period: str
    """`YYYY` or `YYYY-MM`."""
    version: int
    problems: tuple[Message, ...]
    notes: tuple[Message, ...] = ()
    """What has changed since and changes no figure."""

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return not self.problems


def verify_month(stored: StoredMonth, in_force: InForce, facts: MonthFacts) -> ScoreVerification:
    """Compute a stored month anew from facts gathered as of the same day."""
    anew: Rows = {
        score.office_code: {
            "points": score.points,
            "rank": score.rank,
            "facts": score.row.to_json(),
            "lines": score.lines,
        }
        for score in score_month(in_force.standard, facts)
    }
    kept: Rows = {row.office_code: _without_code(row) for row in stored.offices}
    problems = [
        *_other_inputs(stored, in_force, inputs_hash(facts)),
        *_other_head({"complete": stored.complete}, {"complete": facts.complete}),
        *_other_rows(kept, anew),
    ]
    return ScoreVerification(stored.month, stored.version, tuple(problems))


def verify_year(stored: StoredYear, in_force: InForce, inputs: YearInputs) -> ScoreVerification:
    """Compute a stored year anew from facts gathered as of the same day."""
    head, rows = computed(in_force, inputs)
    hashed = year_hash(inputs.facts, inputs.evidence, settled=inputs.settled)
    kept: Rows = {row.office_code: _without_code(row) for row in stored.offices}
    anew: Rows = {row.office_code: _without_code(row) for row in rows}
    problems = [
        *_other_inputs(stored, in_force, hashed),
        *_other_head({"complete": stored.complete, "head": stored.head}, head),
        *_other_rows(kept, anew),
    ]
    return ScoreVerification(str(stored.year), stored.version, tuple(problems))


def _without_code(row: Any) -> dict[str, Any]:
    return {
        part.name: getattr(row, part.name) for part in fields(row) if part.name != "office_code"
    }


def _other_inputs(
    stored: StoredMonth | StoredYear, in_force: InForce, inputs: str
) -> Iterator[Message]:
    """Yield what the score was made from and has changed since; each may explain a difference."""
    if stored.standard_hash != in_force.file_hash:
        yield Message(
            "it was scored by {standard} (SHA-256 {stored}); in force is {other} ({found})",
            {
                "standard": stored.standard,
                "stored": stored.standard_hash[:12],
                "other": in_force.standard.id,
                "found": in_force.file_hash[:12],
            },
        )
    if stored.program_version != __version__:
        yield Message(
            "program {stored} computed it, this is {found}",
            {"stored": stored.program_version, "found": __version__},
        )
    if stored.inputs_hash != inputs:
        yield Message(
            "what it was computed from has changed since (SHA-256 {stored}, now {found}): records "
            "came in, were changed or taken back",
            {"stored": stored.inputs_hash[:12], "found": inputs[:12]},
        )


def _other_head(stored: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Message]:
    for name in stored:
        if _plain(stored[name]) != _plain(found[name]):
            values = {"stored": _short(stored[name]), "found": _short(found[name])}
            yield Message(
                "{name}: stored {stored}, computed {found}",
                {"name": stored_value_named(name), **values},
            )


def _other_rows(stored: Rows, found: Rows) -> Iterator[Message]:
    for code in sorted(stored.keys() | found.keys()):
        if code not in found:
            yield Message("{office} is stored, and would not be scored", {"office": code})
        elif code not in stored:
            yield Message("{office} would be scored, and is not stored", {"office": code})
        else:
            for name, value, other in _differing(stored[code], found[code]):
                yield Message(
                    "{office}: {name}: stored {stored}, computed {found}",
                    {
                        "office": code,
                        "name": stored_value_named(name),
                        "stored": value,
                        "found": other,
                    },
                )


def _differing(
    stored: Mapping[str, Any], found: Mapping[str, Any]
) -> Sequence[tuple[str, str, str]]:
    """Return each value that differs: its name, as stored, as computed."""
    kept, anew = _values(stored), _values(found)
    return [
        (name, _short(kept.get(name)), _short(anew.get(name)))
        for name in sorted(kept.keys() | anew.keys())
        if kept.get(name) != anew.get(name)
    ]


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's values by name, as JSON has them; those of its facts as `facts.NAME`."""
    values = {name: value for name, value in row.items() if name != "facts"}
    values |= {f"facts.{name}": value for name, value in row["facts"].items()}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _short(value: Any) -> str:
    """Write a value for a sentence; a tree of lines by its size alone."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 60 else f"{text[:57]}..."
