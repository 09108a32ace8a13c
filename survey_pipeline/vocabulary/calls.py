"""The phone queue."""

from enum import StrEnum


class CallReason(StrEnum):
    """Why a citizen is called, in the order in which the queue takes them."""

    LANDLINE = "landline"
    """Takes no text: queued at the draw."""
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
"""Reasons of calls to citizens who have answered: the answer is kept beside the rating."""


class CallState(StrEnum):
    """The state of a call; it moves back (`CALL_MOVES`) only if its last attempt is undone.

    A lease is not a state.
    """

    OPEN = "open"
    """In the queue, or held by a caller under a lease."""
    DONE = "done"
    """An attempt ended it: answered, or an outcome that ends the calling."""
    EXHAUSTED = "exhausted"
    """All attempts are used."""
    CLOSED = "closed"
    """No longer needed: an SMS answer came, an opt-out, a withdrawal, or the survey ended."""


class CallEnd(StrEnum):
    """Why a call ended, where the outcome of its last attempt is not the reason."""

    SMS_REPLY = "sms_reply"
    """The citizen answered by text."""
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    """Others asked the citizen, and have delivered the answer."""
    TEXT_ARRIVED = "text_arrived"
    """The text that had been given up arrived: its reply window runs."""
    OPTED_OUT = "opted_out"
    """The citizen wants no more texts and calls."""
    WITHDRAWN = "withdrawn"
    """The case was withdrawn."""
    SURVEY_CLOSED = "survey_closed"
    """The survey's time was over."""
    FORGOTTEN = "forgotten"
    """The citizen asked to have their data deleted."""
    ATTEMPTS_USED = "attempts_used"
    """All attempts were made."""
    NO_TIME_LEFT = "no_time_left"
    """No attempt fits before the survey ends."""


class CallOutcome(StrEnum):
    """What a caller logs for one attempt."""

    ANSWERED = "answered"
    """The citizen rated the case; comes with the answer."""
    REFUSED = "refused"
    """"Do not ask me": 2.112. Does not stop later surveys."""
    NOT_MY_CASE = "not_my_case"
    """Reached, but had no such case: 3.90."""
    NO_ANSWER = "no_answer"
    """It rang, without an answer."""
    BUSY = "busy"
    """Engaged."""
    SWITCHED_OFF = "switched_off"
    """Switched off, or a fault of the carrier."""
    WRONG_NUMBER = "wrong_number"
    """Another person's number."""
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
"""Outcomes of attempts in which a person was reached: the case counts as `reached`."""


RETRIED = frozenset({CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.SWITCHED_OFF})
"""Outcomes after which the plan of attempts goes on."""
