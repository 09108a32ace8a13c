"""The kinds of files that are taken, as data: the register, cases and delivered results.

Another kind is another `FileKind` and a loader (`loaders`) for its table. The kinds that bring the
year's evidence stand in `evidence_kinds`.
"""

import re
from collections.abc import Mapping
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds.evidence_kinds import EVIDENCE_KINDS
from survey_pipeline.stages.intake.kinds.file_kind import (
    DELIVERED_ON,
    OFFICE_CODE,
    PARENT_CODE,
    REMARK,
    SOURCE,
    Column,
    FileKind,
)
from survey_pipeline.stages.intake.kinds.review_kinds import REVIEW_KINDS
from survey_pipeline.stages.intake.values.cells import (
    choice,
    read_count,
    read_key,
    read_reason,
    read_text,
    read_yes_no,
)
from survey_pipeline.stages.intake.values.dates import read_date, read_month
from survey_pipeline.stages.intake.values.phones import COUNTRY, KNOWN_MOBILE, read_phone
from survey_pipeline.vocabulary import Category, DeliveryMode, HotlineGroup, RecordKind

_PLAIN_KEY = re.compile(r"(?=[A-Za-z_\-]*[0-9])[A-Za-z0-9_\-]{1,60}")
"""With a digit: letters alone may be a word that says that there is nothing."""

_GROUPS = {
    **{group.value: group.value for group in HotlineGroup},
    **dict.fromkeys(
        ("市级机关", "市直机关", "市级机关单位", "市直单位", "机关"), HotlineGroup.CITY_AGENCY.value
    ),
    **dict.fromkeys(
        (
            "国有企事业单位",
            "国企事业单位",
            "国有企业",
            "国企",
            "事业单位",
            "企事业单位",
            "国企(事业)单位",
        ),
        HotlineGroup.SOE_INSTITUTION.value,
    ),
}
_CATEGORIES = {
    **{category.value: category.value for category in Category},
    "机关中层": Category.AGENCY.value,
    "机关中层处室": Category.AGENCY.value,
    "机关": Category.AGENCY.value,
    "教育机构": Category.EDUCATION.value,
    "教育": Category.EDUCATION.value,
    "医疗卫生": Category.HEALTH.value,
    "医疗卫生机构": Category.HEALTH.value,
    "医疗": Category.HEALTH.value,
    "卫生": Category.HEALTH.value,
    "银保机构": Category.FINANCE.value,
    "银行保险": Category.FINANCE.value,
    "金融": Category.FINANCE.value,
    "国有企业": Category.SOE.value,
    "国企": Category.SOE.value,
    "社会服务": Category.SOCIAL.value,
    "社会服务机构": Category.SOCIAL.value,
}
_MODES = {
    **{mode.value: mode.value for mode in DeliveryMode},
    **dict.fromkeys(("全部", "全部调查", "全部结果"), DeliveryMode.ALL.value),
    **dict.fromkeys(("电话", "电话回访"), DeliveryMode.PHONE.value),
}

PARENTS = FileKind(
    RecordKind.PARENTS,
    (
        PARENT_CODE,
        Column(
            "name",
            ("主管单位名称", "主管部门名称", "主管单位", "主管部门", "单位名称", "名称"),
            read_text,
        ),
        Column("hotline_group", ("热线分组", "热线排名组", "热线组别", "分组"), choice(_GROUPS)),
    ),
    key=("parent_code",),
)


def _validity(row: Mapping[str, Any]) -> tuple[str, Message] | None:
    if row["valid_from"] and row["valid_until"] and row["valid_until"] < row["valid_from"]:
        return "valid_until", Message("the office would end before it begins")
    return None


OFFICES = FileKind(
    RecordKind.OFFICES,
    (
        OFFICE_CODE,
        Column(
            "name",
            (
                "处室(站所)名称",
                "处室名称",
                "站所名称",
                "单位名称",
                "部门名称",
                "处室(站所)",
                "名称",
            ),
            read_text,
        ),
        Column(
            "category", ("类别", "参评类别", "单位类别", "处室类别", "分类"), choice(_CATEGORIES)
        ),
        PARENT_CODE,
        Column(
            "approval_service",
            ("承担审批服务", "审批服务", "行政审批服务", "是否承担审批服务", "是否审批服务"),
            read_yes_no,
            required=False,
        ),
        Column(
            "exempt_reason", ("免评原因", "免评理由", "不参评原因"), read_reason, required=False
        ),
        Column("valid_from", ("启用日期", "生效日期", "起始日期"), read_date, required=False),
        Column("valid_until", ("停用日期", "失效日期", "截止日期"), read_date, required=False),
    ),
    key=("office_code",),
    rule=_validity,
)

CASES = FileKind(
    RecordKind.CASES,
    (
        OFFICE_CODE,
        Column("case_no", ("办件编号", "办件号", "业务编号", "流水号"), read_key, plain=_PLAIN_KEY),
        Column("served_on", ("服务日期", "办理日期", "办件日期", "办结日期", "日期"), read_date),
        Column(
            "phone",
            ("联系电话", "手机号码", "手机号", "手机", "电话"),
            read_phone,
            plain=KNOWN_MOBILE,
            prefix=COUNTRY,
        ),
        Column("item", ("服务事项", "办理事项", "事项名称", "事项"), read_text),
        Column("channel", ("服务方式", "办理方式", "渠道"), read_text, required=False),
        Column("subject_type", ("对象类型", "服务对象类型"), read_text, required=False),
        Column(
            "citizen_name",
            ("服务对象姓名", "姓名", "办事人"),
            read_text,
            required=False,
            person=True,
        ),
        REMARK,
    ),
    key=("office_code", "case_no"),
    most_rows=None,
)

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
        Column("month", ("月份", "统计月份", "所属月份", "年月"), read_month),
        Column(
            "reported", ("办件量", "办件数", "上报办件数", "报送办件数", "办件总数"), read_count
        ),
        Column("sampled", ("抽样数", "抽查数", "抽样量", "样本数", "调查数"), read_count),
        Column("satisfied", ("满意", "满意数", "满意件数"), read_count),
        Column("neutral", ("一般", "一般数", "一般件数"), read_count),
        Column("dissatisfied", ("不满意", "不满意数", "不满意件数"), read_count),
        SOURCE,
        Column("mode", ("方式", "调查方式", "结果方式", "模式"), choice(_MODES), required=False),
        DELIVERED_ON,
    ),
    key=("office_code", "month"),
    rule=_sums,
)

KINDS: Mapping[RecordKind, FileKind] = {
    one.kind: one for one in (PARENTS, OFFICES, CASES, SATISFACTION, *EVIDENCE_KINDS, *REVIEW_KINDS)
}
"""Every kind of file, by its word on the command line."""
