"""Counts by state or reason as a line of words: `queued 3, delivered 120`."""

from collections.abc import Mapping

from survey_pipeline.cli.support import say
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary.names import CALL_REASONS

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
    "held": N_("held by a caller"),
}
QUEUED: Mapping[str, str] = {
    **CALL_REASONS,
    "no_room": N_("left out for lack of capacity"),
    "unread": N_("replies not read in time"),
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
