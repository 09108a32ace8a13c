"""What stored values are called where people read them; texts of the catalogue.

One table for each enum, worded for the middle of a sentence. Where a heading needs another form,
a table of headings stands beside it, with the same words. A value is named here and nowhere else.
"""

from collections.abc import Mapping

from survey_pipeline.i18n import N_, Message, coded, translate
from survey_pipeline.vocabulary.calls import CallEnd, CallOutcome, CallReason
from survey_pipeline.vocabulary.evidence import Component, Decision
from survey_pipeline.vocabulary.messages import (
    InboundUse,
    MessageState,
    ReaderDecision,
    ReplyClass,
    SendOutcome,
    ShareMove,
)
from survey_pipeline.vocabulary.people import Role
from survey_pipeline.vocabulary.register import (
    Category,
    DeliveryMode,
    HotlineGroup,
    ScoreSource,
)
from survey_pipeline.vocabulary.surveys import (
    Disposition,
    DispositionGroup,
    DissatisfactionReason,
    Mode,
    Rating,
    SurveyState,
)

CATEGORIES: Mapping[str, str] = {
    Category.AGENCY: N_("Agencies"),
    Category.EDUCATION: N_("Education"),
    Category.HEALTH: N_("Health"),
    Category.FINANCE: N_("Banks and insurers"),
    Category.SOE: N_("State-owned enterprises"),
    Category.SOCIAL: N_("Social services"),
}
HOTLINE_GROUPS: Mapping[str, str] = {
    HotlineGroup.CITY_AGENCY: N_("city agencies"),
    HotlineGroup.SOE_INSTITUTION: N_("enterprises and institutions"),
    HotlineGroup.NONE: N_("not ranked"),
}
RATINGS: Mapping[str, str] = {
    Rating.SATISFIED: N_("satisfied"),
    Rating.NEUTRAL: N_("neutral"),
    Rating.DISSATISFIED: N_("dissatisfied"),
}
RATING_HEADINGS: Mapping[str, str] = {
    Rating.SATISFIED: N_("Satisfied"),
    Rating.NEUTRAL: N_("Neutral"),
    Rating.DISSATISFIED: N_("Dissatisfied"),
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
    CallReason.LANDLINE: N_("landline"),
    CallReason.UNDELIVERED: N_("SMS not delivered"),
    CallReason.UNCLEAR: N_("unclear reply"),
    CallReason.NO_REPLY: N_("no reply to the SMS"),
    CallReason.DISSATISFIED: N_("not satisfied: ask why"),
    CallReason.VERIFY: N_("random check of SMS answers"),
}
"""Why a citizen is called."""
SURVEY_STATES: Mapping[str, str] = {
    SurveyState.OPEN: N_("open"),
    SurveyState.CLOSED: N_("closed"),
}
MESSAGE_STATES: Mapping[str, str] = {
    MessageState.QUEUED: N_("queued"),
    MessageState.SENDING: N_("being sent"),
    MessageState.ACCEPTED: N_("accepted"),
    MessageState.UNKNOWN: N_("fate unknown"),
    MessageState.DELIVERED: N_("delivered"),
    MessageState.UNDELIVERED: N_("undelivered"),
    MessageState.FAILED: N_("failed"),
    MessageState.EXPIRED: N_("expired"),
}
INBOUND_USES: Mapping[str, str] = {
    InboundUse.PENDING: N_("not yet read"),
    InboundUse.ANSWER: N_("counted as the answer"),
    InboundUse.COMMENT: N_("kept as the reason"),
    InboundUse.OPT: N_("opted out or in"),
    InboundUse.READER: N_("waiting for a reader"),
    InboundUse.CODED: N_("decided by a reader"),
    InboundUse.CANNOT_TELL: N_("no reader could tell"),
    InboundUse.NO_SURVEY: N_("no survey open"),
    InboundUse.SUPERSEDED: N_("replaced by a later answer"),
}
"""What became of a citizen's text."""
CALL_OUTCOMES: Mapping[str, str] = {
    CallOutcome.ANSWERED: N_("rated"),
    CallOutcome.NO_ANSWER: N_("no answer"),
    CallOutcome.BUSY: N_("the line was busy"),
    CallOutcome.SWITCHED_OFF: N_("switched off, or a fault of the network"),
    CallOutcome.AGAIN: N_("asked for another time"),
    CallOutcome.REFUSED: N_("does not want to be asked"),
    CallOutcome.NOT_MY_CASE: N_("reached, but had no such case"),
    CallOutcome.WRONG_NUMBER: N_("another person's number"),
    CallOutcome.INVALID_NUMBER: N_("the number does not exist"),
    CallOutcome.LANGUAGE: N_("no common language"),
    CallOutcome.HUNG_UP: N_("hung up before the question"),
}
"""What came of an attempt."""
CALL_ENDS: Mapping[str, str] = {
    **CALL_OUTCOMES,
    CallEnd.SMS_REPLY: N_("answered by SMS meanwhile"),
    CallEnd.TEXT_ARRIVED: N_("the SMS arrived after all"),
    CallEnd.ANSWERED_ELSEWHERE: N_("the answer was delivered by others"),
    CallEnd.OPTED_OUT: N_("opted out"),
    CallEnd.WITHDRAWN: N_("the case was withdrawn"),
    CallEnd.SURVEY_CLOSED: N_("the survey has ended"),
    CallEnd.FORGOTTEN: N_("the citizen had their data deleted"),
    CallEnd.ATTEMPTS_USED: N_("all attempts are used"),
    CallEnd.NO_TIME_LEFT: N_("no attempt fits before the survey ends"),
}
"""What ended a call."""
SHARE_MOVES: Mapping[str, str] = {
    ShareMove.FAILING: N_("too much failed"),
    ShareMove.LATE: N_("too many receipts came late"),
    ShareMove.RELIEVED: N_("took over"),
    ShareMove.DRIFT: N_("back toward the priorities"),
    ShareMove.STOPPED: N_("stopped"),
    ShareMove.RESUMED: N_("works again"),
    ShareMove.CONFIGURED: N_("the configuration changed"),
}
"""Why a gateway's share of the traffic moved."""
COMPONENTS: Mapping[str, str] = {
    Component.SATISFACTION: N_("Satisfaction"),
    Component.PERFORMANCE: N_("Performance"),
    Component.SUPERVISION: N_("Supervision"),
    Component.HOTLINE: N_("Hotline 12345"),
    Component.PARENT_RATING: N_("Parent rating"),
    Component.ONLINE: N_("Online review"),
    Component.BONUS: N_("Bonus"),
    Component.MATERIAL_PENALTY: N_("Missing material"),
}
MODES: Mapping[str, str] = {Mode.SMS: N_("SMS"), Mode.PHONE: N_("Phone")}
DELIVERY_MODES: Mapping[str, str] = {
    DeliveryMode.ALL: N_("all results of the month, in place of those of {organisation}"),
    DeliveryMode.PHONE: N_("the phone results, beside the SMS answers of {organisation}"),
    DeliveryMode.JOINT: N_("their own results, beside all of {organisation}"),
}
"""Which answers a delivered result holds."""
SCORE_SOURCES: Mapping[str, str] = {
    ScoreSource.OWN: N_("Survey by {organisation}"),
    ScoreSource.DELIVERED: N_("Delivered"),
    ScoreSource.MIXED: N_("Survey by {organisation}, and delivered"),
}
"""Whose answers a score rests on."""
DISSATISFIED_WITH: Mapping[str, str] = {
    DissatisfactionReason.ATTITUDE: N_("Attitude"),
    DissatisfactionReason.EFFICIENCY: N_("Speed of handling"),
    DissatisfactionReason.CLARITY: N_("Requirements not told clearly"),
    DissatisfactionReason.RESULT: N_("Result of the matter"),
    DissatisfactionReason.RULES: N_("Rules and procedure"),
    DissatisfactionReason.FACILITIES: N_("Place and facilities"),
    DissatisfactionReason.INTEGRITY: N_("Integrity"),
    DissatisfactionReason.OTHER: N_("Other reason"),
}
DISPOSITIONS: Mapping[str, str] = {
    Disposition.COMPLETE: N_("Rated, by SMS or phone"),
    Disposition.UNCLASSIFIABLE: N_("A reply that could not be classified"),
    Disposition.REFUSAL: N_("Opted out, or refused on the phone"),
    Disposition.HUNG_UP: N_("Hung up before the question"),
    Disposition.CALL_AGAIN: N_("Asked for another time, never completed"),
    Disposition.LANGUAGE: N_("No common language"),
    Disposition.NEVER_ATTEMPTED: N_("Never attempted"),
    Disposition.BUSY: N_("Busy"),
    Disposition.NO_ANSWER: N_("No answer"),
    Disposition.SWITCHED_OFF: N_("Switched off, or a fault of the carrier"),
    Disposition.NOTHING_BACK: N_("Texted, nothing came back, never called"),
    Disposition.TEXT_UNDELIVERED: N_("Text not delivered, never called"),
    Disposition.BAD_CONTACT: N_("Dead number, wrong person, or not their case"),
    Disposition.WITHDRAWN: N_("Withdrawn"),
    Disposition.DUPLICATE: N_("Duplicate"),
    Disposition.NEVER_A_CASE: N_("Never a case, proved"),
}
"""How a drawn case ended."""
DISPOSITION_GROUP_NAMES: Mapping[str, str] = {
    DispositionGroup.COMPLETE: N_("complete"),
    DispositionGroup.REFUSAL: N_("refusal"),
    DispositionGroup.NON_CONTACT: N_("non-contact"),
    DispositionGroup.OTHER: N_("other, eligible"),
    DispositionGroup.UNKNOWN_HOUSEHOLD: N_("unknown"),
    DispositionGroup.UNKNOWN_OTHER: N_("unknown, other"),
    DispositionGroup.NOT_ELIGIBLE: N_("not eligible"),
}
AAPOR_VERSION = N_(
    "AAPOR Standard Definitions 10th ed., own mapping (text-message table not consulted)"
)
"""Whose codes `aapor_like` follows, and what we could not read (specification, section 13.1).
Files for machines have it in English, what people read in their language."""
OBJECTION_DECISIONS: Mapping[str, str] = {
    Decision.UPHELD: N_("upheld"),
    Decision.REJECTED: N_("rejected"),
}
"""On an office's objection."""
SEND_OUTCOMES: Mapping[str, str] = {
    SendOutcome.ACCEPTED: N_("taken"),
    SendOutcome.REFUSED: N_("refused"),
    SendOutcome.THROTTLED: N_("too fast for it"),
    SendOutcome.NOT_SENT: N_("not sent"),
    SendOutcome.UNKNOWN: N_("fate unknown"),
}
"""What a gateway said of attempts to send."""
CHECK_NAMES: Mapping[str, str] = {
    "configuration": N_("configuration"),
    "database": N_("database"),
    "keys": N_("keys"),
    "standard": N_("standard"),
    "templates": N_("templates"),
    "documents": N_("papers"),
    "calendar": N_("calendar"),
    "clock": N_("clock"),
    "draws": N_("draws"),
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
    Role.LEAD_AGENCY: N_("lead agency"),
    Role.DEPARTMENT: N_("parent department"),
    Role.HOTLINE_CENTRE: N_("hotline centre"),
    Role.LEADER: N_("leader"),
    Role.ADMIN: N_("admin"),
}


def named(words: Mapping[str, str], value: str, locale: str) -> str:
    """Return what `value` is called in `locale`; a value of a later program stays as it is."""
    return translate(words[value], locale) if value in words else value


def role_named(role: str) -> Message:
    """Return a role as a sentence names it."""
    return coded(role, Message(ROLES[role]))


def category_named(category: str) -> Message:
    """Return a category of offices as a sentence names it."""
    return coded(category, Message(CATEGORIES[category]))


def end_named(why: str) -> Message:
    """Return what ended a call as a sentence names it."""
    return coded(why, Message(CALL_ENDS.get(why, why)))
