"""The kind of file that delivers a month's satisfaction results of other agencies' surveys."""

from collections.abc import Mapping
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds.file_kind import (
    DELIVERED_ON,
    OFFICE_CODE,
    SOURCE,
    FileColumn,
    FileKind,
)
from survey_pipeline.stages.intake.values.cells import choice, read_count
from survey_pipeline.stages.intake.values.dates import read_month
from survey_pipeline.vocabulary import DeliveryMode, RecordKind

_MODES = {
    **{mode.value: mode.value for mode in DeliveryMode},
    **dict.fromkeys(("全部", "全部调查", "全部结果"), DeliveryMode.ALL.value),
    **dict.fromkeys(("电话", "电话回访"), DeliveryMode.PHONE.value),
    **dict.fromkeys(("会同", "联合", "共同", "联合调查"), DeliveryMode.JOINT.value),
}

COUNTS = ("reported", "sampled", "satisfied", "neutral", "dissatisfied")


def _sums(row: Mapping[str, Any]) -> tuple[str, Message] | None:
    rated = row["satisfied"] + row["neutral"] + row["dissatisfied"]
    if rated > row["sampled"]:
        return "sampled", Message(
            "satisfied, neutral and dissatisfied are {rated} together, more than the {sampled} "
            "sampled",
            {"rated": rated, "sampled": row["sampled"]},
        )
    if row["sampled"] > row["reported"]:
        return "sampled", Message(
            "{sampled} sampled are more than the {reported} reported",
            {"sampled": row["sampled"], "reported": row["reported"]},
        )
    return None


SATISFACTION = FileKind(
    RecordKind.SATISFACTION,
    (
        OFFICE_CODE,
        FileColumn("month", ("月份", "统计月份", "所属月份", "年月"), read_month),
        FileColumn(
            "reported", ("办件量", "办件数", "上报办件数", "报送办件数", "办件总数"), read_count
        ),
        FileColumn("sampled", ("抽样数", "抽查数", "抽样量", "样本数", "调查数"), read_count),
        FileColumn("satisfied", ("满意", "满意数", "满意件数"), read_count),
        FileColumn("neutral", ("一般", "一般数", "一般件数"), read_count),
        FileColumn("dissatisfied", ("不满意", "不满意数", "不满意件数"), read_count),
        SOURCE,
        FileColumn(
            "mode", ("方式", "调查方式", "结果方式", "模式"), choice(_MODES), required=False
        ),
        DELIVERED_ON,
    ),
    key=("office_code", "month"),
    rule=_sums,
    excludes=RecordKind.RESULTS,
)
