"""What some of the words are called where people read them; texts of the catalogue."""

from collections.abc import Mapping, Sequence

from survey_pipeline.i18n import N_, Message, coded
from survey_pipeline.vocabulary.calls import CallEnd, CallOutcome, CallReason
from survey_pipeline.vocabulary.messages import ReaderDecision, ReplyClass, ShareMove
from survey_pipeline.vocabulary.people import Role
from survey_pipeline.vocabulary.register import Audited, Category, HotlineGroup, RecordKind
from survey_pipeline.vocabulary.surveys import Rating

CATEGORY_NAMES: Mapping[str, str] = {
    Category.AGENCY: N_("Agency departments"),
    Category.EDUCATION: N_("Education"),
    Category.HEALTH: N_("Health"),
    Category.FINANCE: N_("Banks and insurers"),
    Category.SOE: N_("State-owned enterprises"),
    Category.SOCIAL: N_("Social services"),
}
GROUP_NAMES: Mapping[str, str] = {
    HotlineGroup.CITY_AGENCY: N_("city agencies"),
    HotlineGroup.SOE_INSTITUTION: N_("enterprises and institutions"),
}
RATINGS: Mapping[str, str] = {
    Rating.SATISFIED: N_("satisfied"),
    Rating.NEUTRAL: N_("neutral"),
    Rating.DISSATISFIED: N_("dissatisfied"),
}
READ_AS: Mapping[str, str] = {
    **RATINGS,
    ReplyClass.OPT_OUT: N_("opted out"),
    ReplyClass.OPT_IN: N_("opted in again"),
    ReplyClass.NOT_MY_CASE: N_("not their case"),
    ReplyClass.UNCLEAR: N_("unclear reply"),
    ReaderDecision.CANNOT_TELL: N_("no reader could tell"),
}
"""How a reply was read, by rule or by a reader."""
CALL_REASONS: Mapping[str, str] = {
    CallReason.LANDLINE: N_("a landline: no SMS"),
    CallReason.UNDELIVERED: N_("the SMS did not arrive"),
    CallReason.UNCLEAR: N_("the reply was unclear"),
    CallReason.NO_REPLY: N_("no reply to the SMS"),
    CallReason.DISSATISFIED: N_("not satisfied: ask why"),
    CallReason.VERIFY: N_("a random check of SMS answers"),
}
"""Why somebody is called."""
CALL_OUTCOMES: Mapping[str, str] = {
    CallOutcome.ANSWERED: N_("rated"),
    CallOutcome.NO_ANSWER: N_("nobody picked up"),
    CallOutcome.BUSY: N_("the line was busy"),
    CallOutcome.SWITCHED_OFF: N_("switched off, or a fault of the network"),
    CallOutcome.AGAIN: N_("asked for another time"),
    CallOutcome.REFUSED: N_("does not want to be asked"),
    CallOutcome.NOT_MY_CASE: N_("reached, but had no such case"),
    CallOutcome.WRONG_NUMBER: N_("somebody else's number"),
    CallOutcome.INVALID_NUMBER: N_("the number does not exist"),
    CallOutcome.LANGUAGE: N_("no common language"),
    CallOutcome.HUNG_UP: N_("hung up before the question"),
}
"""What came of an attempt."""
CALL_ENDS: Mapping[str, str] = {
    **CALL_OUTCOMES,
    CallEnd.SMS_REPLY: N_("answered by SMS meanwhile"),
    CallEnd.TEXT_ARRIVED: N_("the SMS arrived after all"),
    CallEnd.OPTED_OUT: N_("opted out"),
    CallEnd.WITHDRAWN: N_("the case was withdrawn"),
    CallEnd.SURVEY_CLOSED: N_("the survey has ended"),
    CallEnd.ATTEMPTS_USED: N_("all attempts are used"),
    CallEnd.NO_TIME_LEFT: N_("no attempt fits before the survey ends"),
}
"""What ended a call."""
MOVES: Mapping[str, str] = {
    ShareMove.FAILING: N_("too much failed"),
    ShareMove.LATE: N_("too many receipts came late"),
    ShareMove.RELIEVED: N_("took over"),
    ShareMove.DRIFT: N_("back toward the priorities"),
    ShareMove.STOPPED: N_("stopped"),
    ShareMove.RESUMED: N_("works again"),
    ShareMove.CONFIGURED: N_("the configuration changed"),
}
"""Why a gateway's share of the traffic moved."""
CHECK_NAMES: Mapping[str, str] = {
    "configuration": N_("configuration"),
    "database": N_("database"),
    "standard": N_("standard"),
    "templates": N_("templates"),
    "calendar": N_("calendar"),
    "clock": N_("clock"),
    "gateway": N_("gateway"),
    "sampling": N_("sampling"),
    "sending": N_("sending"),
    "review": N_("online review"),
    "permissions": N_("permissions"),
    "room": N_("disk"),
}
"""What `doctor` looks at."""
ROLES: Mapping[str, str] = {
    Role.OPERATOR: N_("operator"),
    Role.CALLER: N_("caller"),
    Role.ANALYST: N_("analyst"),
    Role.OFFICE: N_("office"),
    Role.ADMIN: N_("admin"),
}
KINDS: Mapping[str, str] = {
    RecordKind.PARENTS: N_("parent departments"),
    RecordKind.OFFICES: N_("offices"),
    RecordKind.CASES: N_("cases"),
    RecordKind.SATISFACTION: N_("satisfaction results"),
    RecordKind.SUPERVISION: N_("supervision records"),
    RecordKind.HOTLINE: N_("hotline records"),
    RecordKind.HOTLINE_RANK: N_("hotline ranks"),
    RecordKind.PERFORMANCE: N_("performance points"),
    RecordKind.PARENT_GRADES: N_("parents' grades"),
    RecordKind.PARENT_POINTS: N_("parents' points"),
    RecordKind.AWARDS: N_("awards"),
    RecordKind.REPRESENTATIVES: N_("representatives"),
    RecordKind.BALLOTS: N_("ballots"),
}
"""What files hold."""


AUDITED: Mapping[str, str] = {
    **KINDS,
    Audited.ANSWERS: N_("answers"),
    Audited.API_KEYS: N_("API keys"),
    Audited.CALL_ATTEMPTS: N_("calls made"),
    Audited.DAILY_REPORTS: N_("daily reports"),
    Audited.GATEWAY_TESTS: N_("test texts"),
    Audited.INBOUND: N_("replies"),
    Audited.JOB_RUNS: N_("daily run"),
    Audited.MONTH_SCORES: N_("month's scores"),
    Audited.OBJECTIONS: N_("objections"),
    Audited.PAUSES: N_("pause of sending"),
    Audited.REVIEW: N_("online review"),
    Audited.UPLOADS: N_("files of offices"),
    Audited.USERS: N_("people"),
    Audited.WEB_SESSIONS: N_("sessions"),
    Audited.YEAR_SCORES: N_("year's scores"),
}
"""What the audit log speaks of."""
KEY_PARTS: Mapping[str, str] = {
    "parent_code": N_("department code"),
    "office_code": N_("office code"),
    "case_no": N_("case number"),
    "month": N_("month"),
    "record_no": N_("record number"),
    "filing_no": N_("filing number"),
    "award_no": N_("award number"),
    "rep_no": N_("representative number"),
}
"""Of the keys of records, as `withdraw` takes them."""


def role_named(role: str) -> Message:
    """Return a role as a sentence names it."""
    return coded(role, Message(ROLES[role]))


def kind_named(kind: str) -> Message:
    """Return a kind of file or record as a sentence names it."""
    return coded(kind, Message(KINDS[kind]))


def category_named(category: str) -> Message:
    """Return a category of offices as a sentence names it."""
    return coded(category, Message(CATEGORY_NAMES[category]))


def end_named(why: str) -> Message:
    """Return what ended a call as a sentence names it."""
    return coded(why, Message(CALL_ENDS.get(why, why)))


def key_named(parts: Sequence[str]) -> Message:
    """Return how a key is written: its parts, joined by slashes."""
    named: list[object] = [coded(part.upper(), Message(KEY_PARTS[part])) for part in parts]
    text = "/".join(f"{{part{place}}}" for place in range(len(named)))
    return Message(text, {f"part{place}": part for place, part in enumerate(named)})
