"""Counts by state or reason as a line of words: `queued 3, delivered 120`."""

from collections.abc import Mapping

from survey_pipeline.cli.support import say
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import (
    CallReason,
    InboundUse,
    MessageState,
    SurveyState,
)

SURVEYS: Mapping[str, str] = {
    SurveyState.OPEN: N_("open"),
    SurveyState.CLOSED: N_("closed"),
}
TEXTS: Mapping[str, str] = {
    MessageState.QUEUED: N_("queued"),
    MessageState.SENDING: N_("being sent"),
    MessageState.ACCEPTED: N_("accepted"),
    MessageState.UNKNOWN: N_("fate unknown"),
    MessageState.DELIVERED: N_("delivered"),
    MessageState.UNDELIVERED: N_("undelivered"),
    MessageState.FAILED: N_("failed"),
    MessageState.EXPIRED: N_("expired"),
}
USES: Mapping[str, str] = {
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
READ: Mapping[str, str] = {
    "answers": N_("ratings"),
    "comments": N_("reasons"),
    "unclear": N_("unclear, for a reader"),
    "not_my_case": N_("not their case"),
    "opted_out": N_("opted out"),
    "opted_in": N_("opted in again"),
    "no_survey": N_("no survey open"),
}
CALLS: Mapping[str, str] = {
    "waiting": N_("waiting"),
    "due": N_("due now"),
    "held": N_("in somebody's hands"),
}
QUEUED: Mapping[str, str] = {
    CallReason.LANDLINE: N_("landline"),
    CallReason.UNDELIVERED: N_("SMS undelivered"),
    CallReason.UNCLEAR: N_("unclear reply"),
    CallReason.NO_REPLY: N_("no reply"),
    CallReason.DISSATISFIED: N_("to ask why"),
    CallReason.VERIFY: N_("random check"),
    "no_room": N_("left out for lack of capacity"),
    "unread": N_("replies that nobody read in time"),
    "not_needed": N_("no longer needed"),
}


def counted(words: Mapping[str, str], counts: Mapping[str, int]) -> str:
    """Return the counts that are not zero, in words and in the order given; else "none"."""
    named = [
        say("{what} {count}", what=say(words.get(name, name)), count=f"{count:,}")
        for name, count in counts.items()
        if count
    ]
    return say(", ").join(named) or say("none")
