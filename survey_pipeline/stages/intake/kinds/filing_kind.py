"""The kind of file that brings self-check filings: what departments' own checks found in a month.

Source: specification, section 14.C (note 1: what a filing holds, and by when it is filed).
"""

from collections.abc import Mapping
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds.file_kind import PARENT_CODE, FileColumn, FileKind
from survey_pipeline.stages.intake.values.cells import read_key, read_text, read_yes_no
from survey_pipeline.stages.intake.values.dates import read_date, read_month
from survey_pipeline.vocabulary import RecordKind

FILING_NO = FileColumn("filing_no", ("备案编号", "备案号", "自查备案编号"), read_key)
FILED_ON = FileColumn("filed_on", ("备案日期", "报备日期", "报送日期"), read_date)
DOCUMENT_NO = FileColumn("document_no", ("文号", "文件文号", "文件号"), read_text, required=False)

_CONTENTS = (
    FileColumn("problems", ("自查发现问题", "发现问题", "发现的问题"), read_text, required=False),
    FileColumn("people", ("人员查处情况", "查处情况", "人员处理情况"), read_text, required=False),
    FileColumn("causes", ("根源剖析", "原因剖析", "问题根源"), read_text, required=False),
    FileColumn("measures", ("整改措施", "措施"), read_text, required=False),
    FileColumn(
        "office_responsible",
        ("责任处室", "责任处室(站所)", "责任部门"),
        read_text,
        required=False,
    ),
    FileColumn("schedule", ("整改时序", "整改时限", "整改进度"), read_text, required=False),
)
"""The six things that note 1 lists."""
CONTENTS = tuple(column.name for column in _CONTENTS)


def _one_of_two(row: Mapping[str, Any]) -> tuple[str, Message] | None:
    """Refuse a filing that both holds something and says that nothing was found, or neither."""
    filled = [name for name in CONTENTS if row[name]]
    if row["nothing_found"] and filled:
        return "nothing_found", Message(
            "the filing says that nothing was found, and fills {columns}. Keep one of the two",
            {"columns": FILINGS.listed(filled)},
        )
    if not row["nothing_found"] and not filled:
        return "nothing_found", Message(
            "the filing holds nothing: fill {columns}; if the checks found nothing, write yes here",
            {"columns": FILINGS.listed(CONTENTS)},
        )
    return None


FILINGS = FileKind(
    RecordKind.FILINGS,
    (
        FileColumn("filing_no", (*FILING_NO.labels, "编号"), read_key),
        PARENT_CODE,
        FileColumn("month", ("月份", "自查月份", "所属月份", "年月"), read_month),
        FILED_ON,
        FileColumn(
            "nothing_found",
            ("未发现问题", "是否未发现问题", "无问题"),
            read_yes_no,
            required=False,
        ),
        *_CONTENTS,
        DOCUMENT_NO,
    ),
    key=("filing_no",),
    rule=_one_of_two,
    yearly=True,
)
