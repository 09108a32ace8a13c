"""The domain's closed word lists, and the tables of allowed moves.

Every word that is stored or exported stands here once, with what it means. The values are the
stored spelling. Two tables at the end say which state may follow which: states only move forward,
and whoever changes one asks `may_move`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)


class Category(StrEnum):
    """The six kinds of assessed offices; each office is in exactly one."""

    AGENCY = "agency"
    """机关中层: mid-level department of a government agency."""
    EDUCATION = "education"
    """教育机构."""
    HEALTH = "health"
    """医疗卫生: its phone call-backs are the health commission's."""
    FINANCE = "finance"
    """银保机构."""
    SOE = "soe"
    """国有企业."""
    SOCIAL = "social"
    """社会服务."""


class HotlineGroup(StrEnum):
    """In which yearly hotline ranking a parent department stands (clause D4)."""

    CITY_AGENCY = "city_agency"
    SOE_INSTITUTION = "soe_institution"


class PhoneKind(StrEnum):
    """What a number can receive."""

    MOBILE = "mobile"
    """Texts and calls."""
    LANDLINE = "landline"
    """Calls alone: its case goes to the phone queue at the draw."""


class Rating(StrEnum):
    """What a citizen says of one case."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    DISSATISFIED = "dissatisfied"


class Mode(StrEnum):
    """By which way an answer was given."""

    SMS = "sms"
    PHONE = "phone"


class DeliveryMode(StrEnum):
    """What a delivered satisfaction result stands for."""

    ALL = "all"
    """Replaces our own answers of that office and month."""
    PHONE = "phone"
    """Adds to our SMS answers."""


class FrameReason(StrEnum):
    """Why a case of the frame could not be drawn: the first that applies, in this order."""

    EXEMPT = "exempt"
    """The office is exempt this year, or the day is outside its validity."""
    NOT_OURS = "not_ours"
    """The office's satisfaction survey is carried out by others."""
    TOO_OLD = "too_old"
    """Served more than `max_age_days` before the day of the draw."""
    HEALTH_LANDLINE = "health_landline"
    """A landline of a health office: no SMS, and the calls are not ours."""
    OPTED_OUT = "opted_out"
    OPEN_SURVEY = "open_survey"
    """A survey of that phone is still open."""
    QUIET = "quiet"
    """Drawn within the last `quiet_days` days."""
    ELIGIBLE = "eligible"


class MessagePurpose(StrEnum):
    """What an SMS is for; a survey has at most one of each."""

    SURVEY = "survey"
    """The question."""
    REASON = "reason"
    """The one follow-up, which asks for the reason of a neutral or dissatisfied answer."""


class MessageState(StrEnum):
    """Where a message is on its way; it only moves forward (`MESSAGE_MOVES`)."""

    QUEUED = "queued"
    """Written, not with any gateway; may be retried."""
    SENDING = "sending"
    """Claimed under a lease by a sender; the gateway may have been called."""
    ACCEPTED = "accepted"
    """A gateway took it and gave its id."""
    UNKNOWN = "unknown"
    """It may or may not have gone out: a receipt or the provider decides, never a guess."""
    DELIVERED = "delivered"
    """The handset has it. A late receipt brings even a failed message here."""
    UNDELIVERED = "undelivered"
    """The network gave it up."""
    FAILED = "failed"
    """Refused for good, or cancelled before it was sent; nothing went out."""
    EXPIRED = "expired"
    """Held longer than `hold_for`; nothing went out."""


class SendOutcome(StrEnum):
    """The closed list of what a gateway may say of one attempt to send."""

    ACCEPTED = "accepted"
    """It has the message; comes with the provider's id."""
    REFUSED = "refused"
    """Permanent; comes with our reason."""
    THROTTLED = "throttled"
    """Not processed; try again at the given time."""
    NOT_SENT = "not_sent"
    """Certainly did not go out; may be retried."""
    UNKNOWN = "unknown"
    """May or may not have gone out."""


class RefusalReason(StrEnum):
    """Our own words for why a provider will never deliver a message."""

    BAD_NUMBER = "bad_number"
    """The number does not exist or cannot receive SMS."""
    OPTED_OUT = "opted_out"
    """The person told the carrier to stop."""
    FILTERED = "filtered"
    """Content or sender was filtered."""
    TOO_LONG = "too_long"
    """More segments than the provider takes."""
    CONFIGURATION = "configuration"
    """Account, credentials or sender: the gateway must be stopped, not the message."""
    OTHER = "other"


class ReceiptState(StrEnum):
    """What a delivery receipt says, in our words."""

    ACCEPTED = "accepted"
    """An intermediate report: the network has it."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class ReplyClass(StrEnum):
    """How an inbound text is read."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    DISSATISFIED = "dissatisfied"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    NOT_MY_CASE = "not_my_case"
    UNCLEAR = "unclear"
    """Anything that is not certain: a reader decides."""


class ReaderDecision(StrEnum):
    """What a reader may decide about an unclear text."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    DISSATISFIED = "dissatisfied"
    NOT_MY_CASE = "not_my_case"
    CANNOT_TELL = "cannot_tell"
    """The case goes to the phone (not where the citizen opted out)."""


class InboundUse(StrEnum):
    """What became of an inbound text."""

    PENDING = "pending"
    """Stored, not read yet."""
    ANSWER = "answer"
    """Read as the answer of the phone's one open survey."""
    COMMENT = "comment"
    """Kept as the reason after a follow-up text."""
    OPT = "opt"
    """Opted out or in; answers nothing else."""
    READER = "reader"
    """Unclear: waits for a reader."""
    CODED = "coded"
    """Decided by a reader."""
    CANNOT_TELL = "cannot_tell"
    """No reader could tell, or none came in time: called, where it may be."""
    NO_SURVEY = "no_survey"
    """No survey of that phone was open: kept and shown, not counted."""
    SUPERSEDED = "superseded"
    """Unclear, and the same citizen answered clearly before a reader came."""


class CallReason(StrEnum):
    """Why a citizen is called, in the order in which the queue takes them."""

    LANDLINE = "landline"
    UNDELIVERED = "undelivered"
    """The text was refused, too long, expired, undelivered, or stayed unknown."""
    UNCLEAR = "unclear"
    """A reply that no reader could tell."""
    NO_REPLY = "no_reply"
    """Nothing came within the reply window."""
    DISSATISFIED = "dissatisfied"
    """To ask why; the rating stands."""
    VERIFY = "verify"
    """A random share of the satisfied; the rating stands."""


BESIDE_RATING = frozenset({CallReason.DISSATISFIED, CallReason.VERIFY})
"""Reasons of calls to somebody who has answered: the answer is kept beside the rating."""


class CallState(StrEnum):
    """Where a call is; it only moves forward (`CALL_MOVES`). A lease is not a state."""

    OPEN = "open"
    """In the queue, or in somebody's hands under a lease."""
    DONE = "done"
    """An attempt ended it: answered, or an outcome that ends the calling."""
    EXHAUSTED = "exhausted"
    """All attempts are used."""
    CLOSED = "closed"
    """No longer needed: an SMS answer came, an opt-out, a withdrawal, or the survey ended."""


class CallOutcome(StrEnum):
    """What a caller logs for one attempt."""

    ANSWERED = "answered"
    """The citizen rated the case; comes with the answer."""
    REFUSED = "refused"
    """"Do not ask me": 2.112. Does not stop later surveys."""
    NOT_MY_CASE = "not_my_case"
    """Reached, but had no such case: 3.90."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    SWITCHED_OFF = "switched_off"
    """Switched off, or a fault of the carrier."""
    WRONG_NUMBER = "wrong_number"
    """Somebody else's number."""
    INVALID_NUMBER = "invalid_number"
    """The number does not exist."""
    LANGUAGE = "language"
    """No common language."""
    HUNG_UP = "hung_up"
    """Hung up before the question."""
    AGAIN = "again"
    """Asked for another time: an appointment."""


SPOKE = frozenset(
    {
        CallOutcome.ANSWERED,
        CallOutcome.REFUSED,
        CallOutcome.NOT_MY_CASE,
        CallOutcome.WRONG_NUMBER,
        CallOutcome.LANGUAGE,
        CallOutcome.HUNG_UP,
        CallOutcome.AGAIN,
    }
)
"""Outcomes of attempts in which somebody spoke: the case counts as `reached`."""

RETRIED = frozenset({CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.SWITCHED_OFF})
"""Outcomes after which the plan of attempts goes on."""


class DissatisfactionReason(StrEnum):
    """Closed categories of why somebody is not satisfied (caller's or reader's choice)."""

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


class Disposition(StrEnum):
    """The final outcome code of a drawn case, like AAPOR's (`statistics.md`)."""

    COMPLETE = "1.1"
    UNCLASSIFIABLE = "2.36"
    """A reply that nobody could classify in the end."""
    REFUSAL = "2.112"
    """Opted out, or refused on the phone."""
    HUNG_UP = "2.12"
    """Hung up before the question."""
    CALL_AGAIN = "2.21"
    """Asked for another time, never completed."""
    LANGUAGE = "2.332"
    NEVER_ATTEMPTED = "3.11"
    """Budget, hours, or the survey closed first."""
    BUSY = "3.12"
    NO_ANSWER = "3.13"
    SWITCHED_OFF = "3.16"
    NOTHING_BACK = "3.19"
    """The text was accepted, nothing came back, and nobody called."""
    TEXT_UNDELIVERED = "3.30"
    """The text was not delivered, and nobody called."""
    BAD_CONTACT = "3.90"
    """Number dead, wrong person, or "that was not my case"."""
    WITHDRAWN = "4.10"
    DUPLICATE = "4.81"
    NEVER_A_CASE = "4.90"
    """Only where a named person records the proof."""


class DispositionGroup(StrEnum):
    """AAPOR's letters, from which the rates are computed."""

    COMPLETE = "I"
    REFUSAL = "R"
    NON_CONTACT = "NC"
    OTHER = "O"
    UNKNOWN_HOUSEHOLD = "UH"
    UNKNOWN_OTHER = "UO"
    NOT_ELIGIBLE = "NE"


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


class SurveyState(StrEnum):
    """A survey opens with the draw and closes once; its outcome is a `Disposition` beside it."""

    OPEN = "open"
    CLOSED = "closed"


class AnswerRole(StrEnum):
    """What an answer is to the rating of record."""

    RATING = "rating"
    """May be the rating of record; which one is, `survey.rating` decides."""
    VERIFICATION = "verification"
    """Kept beside the rating."""
    CORRECTION = "correction"
    """The citizen said that the text was misread: becomes the rating, with who and why."""


class RecordKind(StrEnum):
    """The kinds of records that come in as files, and are withdrawn."""

    PARENTS = "parents"
    OFFICES = "offices"
    CASES = "cases"
    SATISFACTION = "satisfaction"


class AuditAction(StrEnum):
    """What the audit log records."""

    CREATED = "created"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"
    LOOKED = "looked"
    """Somebody was shown a full number."""
    EXPORTED = "exported"
    DECIDED = "decided"
    """A reader's or an officer's decision."""


class ScoreSource(StrEnum):
    """Whose answers a month's score of an office rests on."""

    OWN = "own"
    DELIVERED = "delivered"
    MIXED = "mixed"


MESSAGE_MOVES: Mapping[MessageState, frozenset[MessageState]] = {
    MessageState.QUEUED: frozenset(
        {
            MessageState.SENDING,
            MessageState.FAILED,
            MessageState.EXPIRED,
            MessageState.ACCEPTED,  # a receipt of an earlier attempt: it went out after all
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
        }
    ),
    MessageState.SENDING: frozenset(
        {
            MessageState.QUEUED,  # certainly not sent: back, never after an unknown
            MessageState.ACCEPTED,
            MessageState.UNKNOWN,
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.FAILED,
            MessageState.EXPIRED,
        }
    ),
    MessageState.UNKNOWN: frozenset(
        {
            MessageState.QUEUED,  # the provider shows that it never had it, or policy `resend`
            MessageState.ACCEPTED,
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.FAILED,
        }
    ),
    MessageState.ACCEPTED: frozenset({MessageState.DELIVERED, MessageState.UNDELIVERED}),
    MessageState.UNDELIVERED: frozenset({MessageState.DELIVERED}),
    MessageState.FAILED: frozenset({MessageState.DELIVERED}),
    MessageState.EXPIRED: frozenset(),
    MessageState.DELIVERED: frozenset(),
}
"""Which message state may follow which; `delivered` is the end, even when it comes late."""

CALL_MOVES: Mapping[CallState, frozenset[CallState]] = {
    CallState.OPEN: frozenset({CallState.DONE, CallState.EXHAUSTED, CallState.CLOSED}),
    CallState.DONE: frozenset(),
    CallState.EXHAUSTED: frozenset(),
    CallState.CLOSED: frozenset(),
}
"""Which call state may follow which."""

SURVEY_MOVES: Mapping[SurveyState, frozenset[SurveyState]] = {
    SurveyState.OPEN: frozenset({SurveyState.CLOSED}),
    SurveyState.CLOSED: frozenset(),
}
"""Which survey state may follow which."""


def may_move(moves: Mapping[S, frozenset[S]], before: S, after: S) -> bool:
    """Say whether `after` may follow `before`; staying is no move."""
    return after in moves[before]
