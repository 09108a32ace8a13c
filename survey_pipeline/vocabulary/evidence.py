"""The evidence that others bring: levels, grades, kinds of awards, what is owed by when."""

from enum import StrEnum


class Component(StrEnum):
    """The parts of a year's score, and what stands beside them."""

    SATISFACTION = "satisfaction"
    """服务对象满意度评价."""
    PERFORMANCE = "performance"
    """履职成效评价."""
    SUPERVISION = "supervision"
    """监督检查评价."""
    HOTLINE = "hotline"
    """12345 政务服务热线评价."""
    PARENT_RATING = "parent_rating"
    """主管单位评价."""
    ONLINE = "online"
    """网络评议."""
    BONUS = "bonus"
    """加分项."""
    MATERIAL_PENALTY = "material_penalty"
    """What an office bears of its parent department's missing material; subtracted."""


class Grade(StrEnum):
    """A parent department's grade for one of its offices."""

    EXCELLENT = "excellent"
    """优秀."""
    GOOD = "good"
    """良好."""
    FAIR = "fair"
    """一般."""


class AwardLevel(StrEnum):
    """Who awarded it."""

    G1 = "G1"
    """党中央、国务院."""
    G2 = "G2"
    """国家部委、省委省政府."""
    G3 = "G3"
    """国家部委司局、省委省政府办公厅."""
    G4 = "G4"
    """省级部门、市委市政府."""


class Recipient(StrEnum):
    """Who received an award."""

    OFFICE = "office"
    """The office itself."""
    PERSON = "person"
    """A person of the office."""
    PARENT = "parent"
    """The parent department, which names the offices that carried the work."""


class AwardKind(StrEnum):
    """What kind of award it is; only a commendation gives points."""

    COMMENDATION = "commendation"
    """通报表彰 for a piece of work."""
    GENERAL = "general"
    """综合类表彰: annual merit, youth, women, union titles."""
    CITY_SELECTION = "city_selection"
    """市委市政府较大范围的评比表彰."""
    QUALIFICATION = "qualification"
    """资格评审评比."""


class Per(StrEnum):
    """The unit that a deduction is counted by."""

    CASE = "case"
    """每例."""
    PERSON = "person"
    """每人次."""
    PARENT = "parent"
    """From the parent department."""


class Duty(StrEnum):
    """What is owed by a date."""

    CASE_REPORT = "case_report"
    """The day's case report, a zero report included."""
    SATISFACTION = "satisfaction"
    """A month's results from a lead agency."""
    SELF_CHECK = "self_check"
    """A month's filing of what a parent department's own checks found."""
    HOTLINE = "hotline"
    """A quarter's hotline records."""
    PARENT_RATING = "parent_rating"
    """The year's grades, or points of a lead agency."""
    PERFORMANCE = "performance"
    """The year's performance points."""
    HOTLINE_RANK = "hotline_rank"
    """The year's ranking of parent departments."""


class Decision(StrEnum):
    """What was decided about an office's objection (申诉)."""

    UPHELD = "upheld"
    """The office is right: an update or a withdrawal that names the objection may follow."""
    REJECTED = "rejected"
    """The evidence stands."""
