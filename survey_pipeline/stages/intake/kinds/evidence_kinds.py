"""The kinds of files that bring the year's evidence (specification, section 3), as data.

What the standard says of a row (clauses, ranges, categories, dates) stands in `evidence_rules`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds.file_kind import (
    DELIVERED_ON,
    OFFICE_CODE,
    PARENT_CODE,
    REMARK,
    SOURCE,
    FileColumn,
    FileKind,
)
from survey_pipeline.stages.intake.kinds.filing_kind import DOCUMENT_NO, FILED_ON, FILING_NO
from survey_pipeline.stages.intake.values.cells import choice, read_key, read_text, read_yes_no
from survey_pipeline.stages.intake.values.dates import read_date
from survey_pipeline.stages.intake.values.points import (
    read_clause,
    read_points,
    read_rank,
    read_share,
)
from survey_pipeline.vocabulary import AwardKind, AwardLevel, Grade, Recipient, RecordKind

_GRADES = {
    **{grade.value: grade.value for grade in Grade},
    **dict.fromkeys(("优秀", "优"), Grade.EXCELLENT.value),
    **dict.fromkeys(("良好", "良"), Grade.GOOD.value),
    "一般": Grade.FAIR.value,
}
_LEVEL_WORDS = {
    AwardLevel.G1: (
        "党中央、国务院", "党中央", "国务院", "中央", "国务院办公厅", "中央办公厅",
        "中共中央办公厅", "党中央、国务院办公厅", "中央办公厅、国务院办公厅",
    ),
    AwardLevel.G2: (
        "国家部委、省委省政府", "国家部委", "国家部委办公厅", "省委、省政府", "省委", "省政府",
    ),
    AwardLevel.G3: (
        "国家部委司局、省委省政府办公厅", "国家部委司局", "部委司局", "省委、省政府办公厅",
        "省委办公厅、省政府办公厅", "省委办公厅", "省政府办公厅",
    ),
    AwardLevel.G4: (
        "省级部门(含办公厅名义)或市委市政府(含办公室名义)", "省级部门、市委市政府", "省级部门",
        "省级部门(含办公厅名义)", "省级部门办公厅", "市委、市政府", "市委市政府(含办公室名义)",
        "市委、市政府办公室", "市委办公室、市政府办公室", "市委", "市政府", "市委办公室",
        "市政府办公室",
    ),
}  # fmt: skip
"""The standard's own words, whole or in part; the first of each is what a refusal offers.

国务院办公厅 and 中央办公厅 as G1 and 国家部委办公厅 as G2 are local decisions
(docs/decisions/award-levels.md).
"""
_LEVELS = {
    spelling: level.value
    for level, words in _LEVEL_WORDS.items()
    for word in (*words, level.value.casefold())
    for spelling in (word, word.replace("、", ""))
}
_read_level = choice(
    _LEVELS, "；".join(f"{words[0]} ({level})" for level, words in _LEVEL_WORDS.items())
)
_RECIPIENTS = {
    **{recipient.value: recipient.value for recipient in Recipient},
    **dict.fromkeys(("处室(站所)", "处室", "站所", "参评处室(站所)"), Recipient.OFFICE.value),
    "个人": Recipient.PERSON.value,
    **dict.fromkeys(("主管单位", "主管部门"), Recipient.PARENT.value),
}
_AWARD_KINDS = {
    **{kind.value: kind.value for kind in AwardKind},
    **dict.fromkeys(("通报表彰", "表彰"), AwardKind.COMMENDATION.value),
    **dict.fromkeys(("综合类表彰", "综合类", "综合表彰"), AwardKind.GENERAL.value),
    **dict.fromkeys(
        ("市委市政府较大范围的评比表彰", "较大范围的评比表彰", "较大范围评比表彰", "评比表彰"),
        AwardKind.CITY_SELECTION.value,
    ),
    **dict.fromkeys(("资格评审评比", "资格评审"), AwardKind.QUALIFICATION.value),
}


def _flag(name: str, *labels: str) -> FileColumn:
    return FileColumn(name, labels, read_yes_no, required=False)


_RECORD_NO = FileColumn("record_no", ("记录编号", "记录号", "扣分编号", "编号"), read_key)
_CLAUSE = FileColumn(
    "clause", ("条款", "条款编号", "条款号", "扣分条款", "评价条款", "指标编号"), read_clause
)
_DEDUCTED = FileColumn(
    "points", ("扣分", "扣分值", "扣分分值", "分值"), read_points, required=False
)
_OFFICE_IF_ANY = replace(OFFICE_CODE, required=False)
_PARENT_IF_ANY = replace(PARENT_CODE, required=False)
_DELIVERED_POINTS = FileColumn("points", ("得分", "评分", "分数", "分值"), read_points)


def _either_code(row: Mapping[str, Any]) -> tuple[str, Message] | None:
    if not row["office_code"] and not row["parent_code"]:
        return "office_code", Message("the row names neither an office nor a parent department")
    return None


SUPERVISION = FileKind(
    RecordKind.SUPERVISION,
    (
        _RECORD_NO,
        _CLAUSE,
        _OFFICE_IF_ANY,
        _PARENT_IF_ANY,
        FileColumn(
            "occurred_on",
            ("发生日期", "认定日期", "处理日期", "决定日期", "发现日期", "日期"),
            read_date,
        ),
        _DEDUCTED,
        FileColumn(
            "person",
            ("责任人", "责任人姓名", "当事人", "姓名"),
            read_text,
            required=False,
            person=True,
        ),
        FileColumn("matter", ("事由", "案由", "违纪事项", "涉及事项"), read_text, required=False),
        _flag("is_head", "是否主要负责人", "主要负责人", "是否负责人"),
        _flag("duty_related", "是否与职务有关", "与职务有关", "与职务因素有关", "职务因素"),
        _flag("adverse_effect", "是否造成不良影响", "造成不良影响", "不良影响"),
        _flag("self_found", "是否自查发现", "自查发现", "主管单位主动发现", "主动发现"),
        _flag("rectified", "是否整改到位", "整改到位", "已整改"),
        replace(FILING_NO, required=False),
        replace(FILED_ON, required=False),
        DOCUMENT_NO,
        REMARK,
    ),
    key=("record_no",),
    rule=_either_code,
    most_rows=None,
    yearly=True,
)

HOTLINE = FileKind(
    RecordKind.HOTLINE,
    (
        replace(_RECORD_NO, labels=(*_RECORD_NO.labels, "工单编号", "工单号")),
        _CLAUSE,
        OFFICE_CODE,
        FileColumn("occurred_on", ("发生日期", "认定日期", "考评日期", "日期"), read_date),
        _DEDUCTED,
        _flag("unreasonable_claim", "是否无理诉求", "无理诉求", "属于无理诉求"),
        REMARK,
    ),
    key=("record_no",),
    most_rows=None,
    yearly=True,
)

HOTLINE_RANK = FileKind(
    RecordKind.HOTLINE_RANK,
    (
        PARENT_CODE,
        FileColumn("rank", ("排名", "名次", "年度排名", "热线排名", "热线年度排名"), read_rank),
    ),
    key=("parent_code",),
    yearly=True,
)

PERFORMANCE = FileKind(
    RecordKind.PERFORMANCE,
    (
        OFFICE_CODE,
        replace(_DELIVERED_POINTS, labels=("履职成效得分", *_DELIVERED_POINTS.labels)),
        SOURCE,
        DELIVERED_ON,
    ),
    key=("office_code",),
    yearly=True,
)

PARENT_GRADES = FileKind(
    RecordKind.PARENT_GRADES,
    (
        OFFICE_CODE,
        FileColumn("grade", ("等次", "评价等次", "评定等次", "考核等次", "等级"), choice(_GRADES)),
        DELIVERED_ON,
    ),
    key=("office_code",),
    yearly=True,
)

PARENT_POINTS = FileKind(
    RecordKind.PARENT_POINTS,
    (
        OFFICE_CODE,
        replace(_DELIVERED_POINTS, labels=("主管单位评价得分", *_DELIVERED_POINTS.labels)),
        SOURCE,
        DELIVERED_ON,
    ),
    key=("office_code",),
    yearly=True,
)


def _award(row: Mapping[str, Any]) -> tuple[str, Message] | None:
    """Hold the recipient against office, department and share."""
    if not row["office_code"]:
        return "office_code", Message(
            "an award names its office; one to the parent department names its offices, a row each"
        )
    if row["recipient"] != Recipient.PARENT:
        return ("share", Message("only an award to the parent is shared")) if row["share"] else None
    if not row["parent_code"]:
        return "parent_code", Message("an award to the parent names it: parent_code is needed")
    return None


AWARDS = FileKind(
    RecordKind.AWARDS,
    (
        FileColumn("award_no", ("表彰编号", "奖项编号", "荣誉编号", "编号"), read_key),
        FileColumn(
            "work",
            ("表彰工作", "受表彰工作", "工作名称", "表彰事项", "工作事项", "工作"),
            read_text,
        ),
        FileColumn("level", ("表彰级别", "表彰层级", "级别", "层级"), _read_level),
        FileColumn("recipient", ("表彰对象", "受表彰对象", "对象"), choice(_RECIPIENTS)),
        _OFFICE_IF_ANY,
        _PARENT_IF_ANY,
        FileColumn("share", ("份额", "分配比例", "分摊比例", "比例"), read_share, required=False),
        replace(DOCUMENT_NO, labels=("表彰文号", *DOCUMENT_NO.labels)),
        FileColumn(
            "issued_on", ("发文日期", "发文时间", "印发日期", "表彰日期", "日期"), read_date
        ),
        FileColumn(
            "kind", ("表彰类别", "表彰类型", "类别", "类型"), choice(_AWARD_KINDS), required=False
        ),
        _flag("confirmed", "是否盖章确认", "主管单位确认", "盖章确认", "是否确认"),
        _flag("core_function", "是否主要职能工作", "主要职能工作", "是否主要职能", "主要职能"),
    ),
    key=("award_no", "office_code"),
    rule=_award,
    yearly=True,
)

EVIDENCE_KINDS = (
    SUPERVISION,
    HOTLINE,
    HOTLINE_RANK,
    PERFORMANCE,
    PARENT_GRADES,
    PARENT_POINTS,
    AWARDS,
)
