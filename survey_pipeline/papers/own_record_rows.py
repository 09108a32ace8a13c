"""The records of an office as rows of its year's statement: the same as on its records page."""

from collections.abc import Mapping

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.papers.paper import MISSING, day_words
from survey_pipeline.reports.own_records import (
    OwnRecord,
    clause_labels,
    own_records,
    value_in_words,
)
from survey_pipeline.standard.model import Standard
from survey_pipeline.vocabulary.record_names import KINDS


def own_record_rows(
    context: Context, office_code: str, standard: Standard, locale: str
) -> list[dict[str, str]]:
    """Return an office's records of a year.

    Args:
        context: the workspace.
        office_code: the office.
        standard: of the year.
        locale: `zh_CN` or `en`.
    """
    labels = clause_labels(standard, locale)
    found = own_records(context, office_code).get(standard.year, [])
    return [
        _row(record, labels, value_in_words(record, standard, locale), locale) for record in found
    ]


def _row(record: OwnRecord, labels: Mapping[str, str], value: str, locale: str) -> dict[str, str]:
    kind = translate(KINDS[record.kind], locale)
    if record.taken_back:
        taken_back: dict[str, object] = {"day": day_words(record.taken_back, locale)}
        value = Message(N_("taken back on {day}"), taken_back).render(locale)
    return {
        "kind": f"{kind} {record.number}".strip(),
        "what": labels.get(record.clause, "") or MISSING,
        "day": day_words(record.day, locale) if record.day else MISSING,
        "document": record.document or MISSING,
        "value": value or MISSING,
    }
