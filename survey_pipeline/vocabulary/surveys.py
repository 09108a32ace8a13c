"""The draw, and the life of each drawn case up to its final outcome code."""

from collections.abc import Mapping
from enum import StrEnum


class FrameReason(StrEnum):
    """Why a case of the frame could not be drawn: the first that applies, in this order."""

    EXEMPT = "exempt"
    """The office is exempt this year, or the day is outside its validity."""
    NOT_OURS = "not_ours"
    """The office's satisfaction survey is carried out by others."""
    TOO_OLD = "too_old"
    """Served more than `max_age_days` before the day of the draw."""
    HEALTH_LANDLINE = "health_landline"
    """A landline whose calls are others' (health offices by the shipped standard)."""
    OPTED_OUT = "opted_out"
    """The number opted out, and never in again."""
    OPEN_SURVEY = "open_survey"
    """A survey of that phone is still open."""
    QUIET = "quiet"
    """Drawn within the last `quiet_days` days."""
    ELIGIBLE = "eligible"
    """Could be drawn."""


class PhoneKind(StrEnum):
    """What a number can receive."""

    MOBILE = "mobile"
    """Texts and calls."""
    LANDLINE = "landline"
    """Calls alone: its case goes to the phone queue at the draw."""


class SurveyState(StrEnum):
    """A survey opens with the draw and closes once; its outcome is a `Disposition` beside it."""

    OPEN = "open"
    """Answers count."""
    CLOSED = "closed"
    """Ended: what comes now is kept and not counted."""


class SurveyEnd(StrEnum):
    """Why a survey closed."""

    SURVEY_CLOSED = "survey_closed"
    """Its time was over."""
    WITHDRAWN = "withdrawn"
    """Its case was withdrawn."""
    FORGOTTEN = "forgotten"
    """The citizen asked to have their data deleted."""


class SurveyEventKind(StrEnum):
    """What an entry in a survey's journal records."""

    OPENED = "opened"
    """The draw opened the survey."""
    TEXTED = "texted"
    """Its first text went out."""
    RATED = "rated"
    """The first answer that counts."""
    REPLACED = "replaced"
    """A later answer counts instead of an earlier one."""
    CONFIRMED = "confirmed"
    """Another text; the same rating counts."""
    VERIFIED = "verified"
    """An answer on the phone, kept beside the rating."""
    CORRECTED = "corrected"
    """The citizen said that a text was misread, or a reader's decision was put right."""
    UNDONE = "undone"
    """An attempt or a decision was taken back within a minute."""
    KEPT_AFTER_HANDOVER = "kept_after_handover"
    """An answer that came after the handover: kept, not counted."""
    DISPOSITION = "disposition"
    """The outcome code changed."""
    HANDED_OVER = "handed_over"
    """The case went to those who call in our place."""
    CLOSED = "closed"
    """The survey ended; `after` is a `SurveyEnd`."""


class Rating(StrEnum):
    """What a citizen says of one case."""

    SATISFIED = "satisfied"
    """满意."""
    NEUTRAL = "neutral"
    """一般."""
    DISSATISFIED = "dissatisfied"
    """不满意."""


class Mode(StrEnum):
    """The channel of an answer."""

    SMS = "sms"
    """A text, read by rule or by a reader."""
    PHONE = "phone"
    """A call-back."""


class AnswerRole(StrEnum):
    """The role of an answer for the rating of record."""

    RATING = "rating"
    """May be the rating of record; which one is, `survey.rating` decides."""
    VERIFICATION = "verification"
    """Kept beside the rating."""
    CORRECTION = "correction"
    """The citizen said that the text was misread: becomes the rating, with who and why."""


class DissatisfactionReason(StrEnum):
    """Why a citizen is not satisfied, as a caller or a reader chooses it."""

    ATTITUDE = "attitude"
    """服务态度."""
    EFFICIENCY = "efficiency"
    """办事效率: slow, queues, several trips."""
    CLARITY = "clarity"
    """一次性告知: requirements not told clearly or at once."""
    RESULT = "result"
    """办理结果: the matter was not settled as wished."""
    RULES = "rules"
    """制度流程: the rule or procedure itself, not the office."""
    FACILITIES = "facilities"
    """环境设施: place, parking, website."""
    INTEGRITY = "integrity"
    """廉洁纪律: fees or favours."""
    OTHER = "other"
    """其他: none of these, or not said clearly enough."""


class Disposition(StrEnum):
    """The final outcome code of a drawn case, like AAPOR's (specification, section 13.1)."""

    COMPLETE = "1.1"
    """Rated the case."""
    UNCLASSIFIABLE = "2.36"
    """A reply that could not be classified."""
    REFUSAL = "2.112"
    """Opted out, or refused on the phone."""
    HUNG_UP = "2.12"
    """Hung up before the question."""
    CALL_AGAIN = "2.21"
    """Asked for another time, never completed."""
    LANGUAGE = "2.332"
    """Reached, but without a common language."""
    NEVER_ATTEMPTED = "3.11"
    """Budget, hours, or the survey closed first."""
    BUSY = "3.12"
    """Engaged."""
    NO_ANSWER = "3.13"
    """Rang, without an answer."""
    SWITCHED_OFF = "3.16"
    """Switched off, or a fault of the carrier."""
    NOTHING_BACK = "3.19"
    """The text was accepted, nothing came back, no call was made."""
    TEXT_UNDELIVERED = "3.30"
    """The text was not delivered, no call was made."""
    BAD_CONTACT = "3.90"
    """Number dead, wrong person, or "that was not my case"."""
    WITHDRAWN = "4.10"
    """The office took the case back after the draw."""
    DUPLICATE = "4.81"
    """The same case twice in the sample."""
    NEVER_A_CASE = "4.90"
    """Only where a named person records the proof."""


class DispositionGroup(StrEnum):
    """AAPOR's letters, from which the rates are computed."""

    COMPLETE = "I"
    """Complete interviews."""
    REFUSAL = "R"
    """Refusals and break-offs."""
    NON_CONTACT = "NC"
    """Known to be eligible, not reached."""
    OTHER = "O"
    """Eligible, and no interview for another reason."""
    UNKNOWN_HOUSEHOLD = "UH"
    """Unknown whether an eligible person is there."""
    UNKNOWN_OTHER = "UO"
    """Unknown for another reason."""
    NOT_ELIGIBLE = "NE"
    """In no denominator."""


DISPOSITION_GROUPS: Mapping[Disposition, DispositionGroup] = {
    Disposition.COMPLETE: DispositionGroup.COMPLETE,
    Disposition.UNCLASSIFIABLE: DispositionGroup.OTHER,
    Disposition.REFUSAL: DispositionGroup.REFUSAL,
    Disposition.HUNG_UP: DispositionGroup.REFUSAL,
    Disposition.CALL_AGAIN: DispositionGroup.NON_CONTACT,
    Disposition.LANGUAGE: DispositionGroup.OTHER,
    Disposition.NEVER_ATTEMPTED: DispositionGroup.UNKNOWN_HOUSEHOLD,
    Disposition.BUSY: DispositionGroup.UNKNOWN_HOUSEHOLD,
    Disposition.NO_ANSWER: DispositionGroup.UNKNOWN_HOUSEHOLD,
    Disposition.SWITCHED_OFF: DispositionGroup.UNKNOWN_HOUSEHOLD,
    Disposition.NOTHING_BACK: DispositionGroup.UNKNOWN_HOUSEHOLD,
    Disposition.TEXT_UNDELIVERED: DispositionGroup.UNKNOWN_OTHER,
    Disposition.BAD_CONTACT: DispositionGroup.UNKNOWN_OTHER,
    Disposition.WITHDRAWN: DispositionGroup.NOT_ELIGIBLE,
    Disposition.DUPLICATE: DispositionGroup.NOT_ELIGIBLE,
    Disposition.NEVER_A_CASE: DispositionGroup.NOT_ELIGIBLE,
}
