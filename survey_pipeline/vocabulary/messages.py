"""Texts on their way to citizens, and what citizens text back."""

from enum import StrEnum


class MessagePurpose(StrEnum):
    """What an SMS is for; a survey has at most one of each."""

    SURVEY = "survey"
    """The question."""
    REASON = "reason"
    """The one follow-up, which asks for the reason of a neutral or dissatisfied answer."""


class MessageState(StrEnum):
    """The state of a message; it only moves forward (`MESSAGE_MOVES`)."""

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


TAKEN = frozenset({MessageState.ACCEPTED, MessageState.DELIVERED})
"""A gateway took the text, and the network has not given it up: the reply window runs."""

WENT_OUT = TAKEN | {MessageState.UNKNOWN}
"""The text counts as sent: the citizen is expected to have it."""

MAY_HAVE_GONE_OUT = WENT_OUT | {MessageState.SENDING, MessageState.UNDELIVERED}
"""The citizen may have the text, and so may answer it."""

ON_ITS_WAY = frozenset({MessageState.QUEUED, MessageState.SENDING})
"""No gateway has said anything of the text yet."""

GIVEN_UP = frozenset({MessageState.EXPIRED, MessageState.UNDELIVERED})
"""We or the network waited for too long."""

ENDED_BADLY = GIVEN_UP | {MessageState.FAILED}
"""The text has ended, and the citizen does not have it."""

SETTLED = ENDED_BADLY | {MessageState.DELIVERED}
"""The text has ended; a late receipt may still move it on to `delivered`."""


class MessageWhy(StrEnum):
    """Why a message moved, beside the `RefusalReason`s: in its journal, and as its reason.

    It stands as the message's reason where the message ends without going out.
    """

    RECEIPT = "receipt"
    """A delivery receipt says so."""
    PROVIDER_HAS_IT = "provider_has_it"
    """The provider was asked, and knows the text."""
    PROVIDER_NEVER_HAD_IT = "provider_never_had_it"
    """The provider was asked, and shows that it never had the text."""
    POLICY_RESEND = "policy_resend"
    """The provider cannot tell, and the policy `resend` sends an unknown text again."""
    LEASE_RAN_OUT = "lease_ran_out"
    """Its sender went silent: it may or may not have gone out."""
    RESTORED = "restored"
    """The database was put back from a copy: it may have gone out since."""
    NOT_SENT = "not_sent"
    """No gateway took it in all its tries."""
    HELD_TOO_LONG = "held_too_long"
    """It waited longer than `hold_for`."""
    ANSWERED = "answered"
    """The citizen answered its first sending while it waited to be sent again."""
    NOT_NEEDED = "not_needed"
    """The citizen is satisfied after all: there is no reason to ask for."""
    NOT_MY_CASE = "not_my_case"
    """The citizen says that it was not their case."""
    OPTED_OUT = "opted_out"
    """The citizen wants no more texts and calls."""
    WITHDRAWN = "withdrawn"
    """The case was withdrawn."""
    SURVEY_CLOSED = "survey_closed"
    """The survey's time was over."""
    FORGOTTEN = "forgotten"
    """The citizen asked to have their data deleted."""


class SendOutcome(StrEnum):
    """The result of one attempt to send, as a gateway reports it."""

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
    """Anything else that is permanent; the log has the provider's own code."""


class ShareMove(StrEnum):
    """Why a gateway's share of the traffic changed."""

    FAILING = "failing"
    """Too many of its attempts were not sent, unknown or failed for its own reasons."""
    LATE = "late"
    """Too many of its receipts came late."""
    RELIEVED = "relieved"
    """It is well, and got share from one that is not."""
    DRIFT = "drift"
    """All was quiet: back toward the configured shares."""
    STOPPED = "stopped"
    """Its configuration is broken; it keeps its share and has no part until it is mended."""
    RESUMED = "resumed"
    """It works again after it was stopped."""
    CONFIGURED = "configured"
    """The configuration's gateways or priorities changed: the shares were set anew."""


class ReceiptState(StrEnum):
    """What a delivery receipt says, in our words."""

    ACCEPTED = "accepted"
    """An intermediate report: the network has it."""
    DELIVERED = "delivered"
    """The handset has it."""
    UNDELIVERED = "undelivered"
    """The network gave it up."""


class ReplyClass(StrEnum):
    """How an inbound text is read."""

    SATISFIED = "satisfied"
    """满意, without doubt."""
    NEUTRAL = "neutral"
    """一般, without doubt."""
    DISSATISFIED = "dissatisfied"
    """不满意, without doubt."""
    OPT_OUT = "opt_out"
    """Wants no more texts and calls, for good."""
    OPT_IN = "opt_in"
    """START or 恢复: ends an opt-out."""
    NOT_MY_CASE = "not_my_case"
    """Had no such case: no rating."""
    UNCLEAR = "unclear"
    """Anything that is not certain: a reader decides."""


class ReaderDecision(StrEnum):
    """What a reader may decide about an unclear text."""

    SATISFIED = "satisfied"
    """满意."""
    NEUTRAL = "neutral"
    """一般."""
    DISSATISFIED = "dissatisfied"
    """不满意."""
    NOT_MY_CASE = "not_my_case"
    """The citizen had no such case."""
    CANNOT_TELL = "cannot_tell"
    """The case goes to the phone (not where the citizen opted out)."""


class InboundUse(StrEnum):
    """How an inbound text was used."""

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
