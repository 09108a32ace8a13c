"""What the pages of evidence share: the kinds as they stand in addresses, periods, words."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, Path, Query

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import N_
from survey_pipeline.reports.evidence_tables.evidence_listing import EvidenceState
from survey_pipeline.reports.evidence_tables.evidence_shapes import SHAPES
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.periods import Period, months, quarters
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.record_names import AUDIT_ACTIONS, KINDS
from survey_pipeline.web.pages.parameters import FIRST_YEAR, LAST_YEAR

ADDRESS = "/organise/evidence"
STATES: Mapping[str, str] = {
    EvidenceState.COUNTED: N_("counted"),
    EvidenceState.NOT_COUNTED: N_("not counted"),
    EvidenceState.WITHDRAWN: N_("withdrawn"),
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "kinds": KINDS,
    "actions": AUDIT_ACTIONS,
    "states": STATES,
}

Key = Annotated[str, Query(max_length=200)]
FormKey = Annotated[str, Form(max_length=200)]
AnyYear = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)]
FormYear = Annotated[int, Form(ge=FIRST_YEAR, le=LAST_YEAR)]


def kind_of(kind: Annotated[str, Path(max_length=40)]) -> RecordKind:
    """Return the kind of evidence that an address names.

    Raises:
        UnknownRecord: there is no such kind.
    """
    found = next((known for known in SHAPES if known.value == kind), None)
    if found is None:
        raise UnknownRecord("there is no evidence of kind {kind}", kind=kind)
    return found


EvidenceKind = Annotated[RecordKind, Depends(kind_of)]


def years_of(context: Context) -> list[int]:
    """Return the years that a page offers: this one, and those with a standard, latest first."""
    return sorted({*context.settings.standards, context.today().year}, reverse=True)


def periods(standard: Standard) -> dict[str, Period]:
    """Return the window's quarters and months, by their names."""
    window = standard.window
    return {part.name: part for part in (*quarters(window), *months(window))}


def record_address(kind: RecordKind, key: str, year: int, done: str = "") -> str:
    """Return the address of a record's page.

    Args:
        kind: of the record.
        key: as people write it.
        year: the appraisal year.
        done: what has just been done to it, for the page to say.
    """
    asked = {"key": key, "year": year, **({"done": done} if done else {})}
    return f"{ADDRESS}/{kind.value}/record?{urlencode(asked)}"
