"""The kind of file that delivers answers case by case, as other agencies' surveys got them.

The call list of a handover is such a file once its two empty columns are filled in.
"""

from collections.abc import Iterator

from survey_pipeline.i18n import LOCALES, translate
from survey_pipeline.stages.intake.kinds.case_kind import CASE_NO
from survey_pipeline.stages.intake.kinds.file_kind import (
    DELIVERED_ON,
    OFFICE_CODE,
    SOURCE,
    FileColumn,
    FileKind,
    heading,
)
from survey_pipeline.stages.intake.values.cells import ANSWER_WORDS, choice
from survey_pipeline.stages.intake.values.dates import read_date
from survey_pipeline.vocabulary import RecordKind, ResultMode
from survey_pipeline.vocabulary.call_list import HANDOVER_COLUMNS, TO_FILL_IN

_MODES = {
    **{mode.value: mode.value for mode in ResultMode},
    **dict.fromkeys(("短信", "短信评价"), ResultMode.SMS.value),
    **dict.fromkeys(("电话", "电话回访"), ResultMode.PHONE.value),
    **dict.fromkeys(("网络", "网上", "网页", "网络评价"), ResultMode.WEB.value),
}

_COLUMNS = (
    OFFICE_CODE,
    CASE_NO,
    FileColumn(
        "answer",
        ("评价结果", "评价", "回访结果", "满意度评价", "满意度", "评价意见"),
        choice(ANSWER_WORDS),
    ),
    FileColumn("mode", ("评价方式", "回访方式", "调查方式", "方式"), choice(_MODES)),
    FileColumn(
        "answered_on",
        ("评价日期", "回访日期", "答复日期", "评价时间", "回访时间", "日期"),
        read_date,
    ),
    SOURCE,
    DELIVERED_ON,
)


def _not_needed() -> Iterator[str]:
    """Yield the headings of the call list that are not read, in every language."""
    read = {column.name for column in _COLUMNS}
    for name, words in HANDOVER_COLUMNS.items():
        if name not in read:
            yield from (heading(text) for text in (name, words))
            yield from (heading(translate(words, locale)) for locale in LOCALES)


RESULTS = FileKind(
    RecordKind.RESULTS,
    _COLUMNS,
    key=("office_code", "case_no"),
    unfilled=TO_FILL_IN,
    not_needed=frozenset(_not_needed()),
    excludes=RecordKind.SATISFACTION,
)
