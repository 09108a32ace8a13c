"""The kinds of files that bring the register: parent departments and assessed offices."""

from collections.abc import Mapping
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds.file_kind import (
    OFFICE_CODE,
    PARENT_CODE,
    FileColumn,
    FileKind,
)
from survey_pipeline.stages.intake.values.cells import choice, read_reason, read_text, read_yes_no
from survey_pipeline.stages.intake.values.dates import read_date
from survey_pipeline.vocabulary import Category, HotlineGroup, RecordKind

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
    **dict.fromkeys(("不参加排名", "不参与排名", "不排名"), HotlineGroup.NONE.value),
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

PARENTS = FileKind(
    RecordKind.PARENTS,
    (
        PARENT_CODE,
        FileColumn(
            "name",
            ("主管单位名称", "主管部门名称", "主管单位", "主管部门", "单位名称", "名称"),
            read_text,
        ),
        FileColumn(
            "hotline_group", ("热线分组", "热线排名组", "热线组别", "分组"), choice(_GROUPS)
        ),
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
        FileColumn(
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
        FileColumn(
            "category", ("类别", "参评类别", "单位类别", "处室类别", "分类"), choice(_CATEGORIES)
        ),
        PARENT_CODE,
        FileColumn(
            "approval_service",
            ("承担审批服务", "审批服务", "行政审批服务", "是否承担审批服务", "是否审批服务"),
            read_yes_no,
            required=False,
        ),
        FileColumn(
            "exempt_reason", ("免评原因", "免评理由", "不参评原因"), read_reason, required=False
        ),
        FileColumn("valid_from", ("启用日期", "生效日期", "起始日期"), read_date, required=False),
        FileColumn("valid_until", ("停用日期", "失效日期", "截止日期"), read_date, required=False),
    ),
    key=("office_code",),
    rule=_validity,
)
