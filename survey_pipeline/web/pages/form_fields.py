"""The fields of a form for one record, from the columns of its file."""

from collections.abc import Mapping, Sequence
from typing import Any

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_
from survey_pipeline.stages.intake.kinds import KINDS as FILE_KINDS
from survey_pipeline.stages.intake.kinds.filing_kind import CONTENTS
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.vocabulary import AwardKind, AwardLevel, Recipient, RecordKind
from survey_pipeline.vocabulary.record_names import AWARD_KINDS, RECIPIENTS

CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    **dict.fromkeys(
        ("nothing_found", "unreasonable_claim", "confirmed", "core_function"),
        (("yes", N_("yes")), ("no", N_("no"))),
    ),
    "recipient": tuple((recipient.value, RECIPIENTS[recipient]) for recipient in Recipient),
    "kind": tuple((kind.value, AWARD_KINDS[kind]) for kind in AwardKind),
}
"""Columns with few values: value and name."""


def choices_of(context: Context, year: int, locale: str) -> dict[str, Sequence[tuple[str, str]]]:
    """Return the columns with few values: value and name; levels as the standard calls them."""
    bonus = standard_for(year, context.settings.standards, context.home / FOLDER).standard.bonus
    levels = [(level.value, bonus.level(level).label.in_locale(locale)) for level in AwardLevel]
    return {**CHOICES, "level": levels}


def own_columns(kind: RecordKind, locale: str) -> list[dict[str, Any]]:
    """Return the fields of a single record; what is given by the body or the offices is none."""
    hidden = {"parent_code", *(("office_code", "share") if kind is RecordKind.AWARDS else ())}
    return [
        {
            "name": column.name,
            "label": column.named().render(locale).replace("_", " "),
            "required": column.required,
            "is_day": column.name.endswith("_on"),
            "is_long": column.name in CONTENTS,
        }
        for column in FILE_KINDS[kind].columns
        if column.name not in hidden
    ]
