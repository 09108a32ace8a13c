"""The kinds of files that are taken, as data: columns, headings, readers, keys.

Another kind is another `FileKind` here and a keeper (`keeping`) for its table. Headings are
compared folded (`heading`), full-width brackets as ordinary ones. Where a file has two headings of
one column (手机 and 电话), the one that stands earlier in the list is read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from re import Pattern
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.cells import (
    Reader,
    choice,
    folded,
    read_code,
    read_count,
    read_key,
    read_text,
    read_yes_no,
)
from survey_pipeline.stages.intake.dates import read_date, read_month
from survey_pipeline.stages.intake.phones import COUNTRY, KNOWN_MOBILE, read_phone
from survey_pipeline.vocabulary import Category, DeliveryMode, HotlineGroup, RecordKind

_DECORATION = re.compile(r"[\s*:]|\((?:必填|选填|required|optional)\)", re.IGNORECASE)


def heading(cell: str) -> str:
    """Return a heading as it is compared: folded, lower-case, without blanks, stars and colons."""
    return _DECORATION.sub("", folded(cell)).casefold().lstrip("\ufeff")


@dataclass(frozen=True)
class Column:
    """One column of a kind of file."""

    name: str
    labels: tuple[str, ...]
    """Its Chinese headings, the best first; the English name always counts as well."""
    read: Reader
    required: bool = True
    plain: Pattern[str] | None = None
    """Cells that match it whole are their own value: the reader need not be asked."""
    prefix: str = ""
    """What stands before the value of such a cell."""


MOST_RECORDS = 100_000
"""No city has more offices; kinds whose rows are kept in mind during an import are so bounded."""

RowRule = Callable[[Mapping[str, Any]], tuple[str, Message] | None]
"""Looks at a row's values together; returns the column and the reason, or nothing."""


@dataclass(frozen=True)
class FileKind:
    """One kind of file: how it is read, before any database is asked."""

    kind: RecordKind
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rule: RowRule | None = None
    most_rows: int | None = MOST_RECORDS
    """More rows are refused; none: no bound."""

    def column(self, name: str) -> Column:
        """Return a column by its English name."""
        return next(column for column in self.columns if column.name == name)

    @cached_property
    def headings(self) -> dict[str, list[tuple[str, int]]]:
        """Folded heading -> the columns that it may head, and how well it fits: 0 the best."""
        found: dict[str, list[tuple[str, int]]] = {}
        for column in self.columns:
            for rank, label in enumerate((column.name, *column.labels)):
                found.setdefault(heading(label), []).append((column.name, rank))
        return found


_PLAIN_KEY = re.compile(r"[A-Za-z0-9_\-]{1,60}")

OFFICE_CODE = Column(
    "office_code",
    (
        "处室(站所)编码",
        "处室编码",
        "站所编码",
        "单位编码",
        "部门编码",
        "处室(站所)代码",
        "处室代码",
    ),
    read_code,
)
PARENT_CODE = Column(
    "parent_code",
    ("主管单位编码", "主管部门编码", "主管单位代码", "主管部门代码", "上级单位编码"),
    read_code,
)
REMARK = Column("remark", ("备注", "说明"), read_text, required=False)
DELIVERED_ON = Column(
    "delivered_on", ("交付日期", "报送日期", "提交日期", "送达日期"), read_date, required=False
)

_GROUPS = {
    **{group.value: group.value for group in HotlineGroup},
    **dict.fromkeys(
        ("市级机关", "市直机关", "市级机关单位", "市直单位", "机关"), HotlineGroup.CITY_AGENCY.value
    ),
    **dict.fromkeys(
        (
            "国企事业单位",
            "国有企事业单位",
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
        Column("exempt_reason", ("免评原因", "免评理由", "不参评原因"), read_text, required=False),
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
        Column("citizen_name", ("服务对象姓名", "姓名", "办事人"), read_text, required=False),
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
        Column("source", ("来源", "数据来源", "报送单位", "牵头单位"), read_text),
        Column("mode", ("方式", "调查方式", "结果方式", "模式"), choice(_MODES), required=False),
        DELIVERED_ON,
    ),
    key=("office_code", "month"),
    rule=_sums,
)

KINDS: Mapping[RecordKind, FileKind] = {
    one.kind: one for one in (PARENTS, OFFICES, CASES, SATISFACTION)
}
"""Every kind of file, by its word on the command line."""
