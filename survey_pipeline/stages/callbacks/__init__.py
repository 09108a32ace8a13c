"""Call-backs: who is called, when, by whom, and what came of it (specification, section 7).

In reading order: `candidates` selects the surveys that need a call, `capacity` how many of those
without a reply may enter, `queueing` puts them in; `retry_waits`, `slots` and `call_plan` give the
time at which a call is due; `leasing` hands it out, `obsolete` selects the calls that are not
needed any more, `cards` shows one, `scripts` what to say, `desk_view` what happens to it meanwhile;
`appointments` tells whether a time can be kept, `results` validates what a caller brings back,
`attempts` logs it, `follow_up` writes what follows and `undoing` takes it back; `listing` shows the
queue, `call_load` the calls of the next days.
"""

from survey_pipeline.stages.callbacks.appointments import Proposal, propose
from survey_pipeline.stages.callbacks.attempts import Logged, log_result
from survey_pipeline.stages.callbacks.call_load import DayLoad, forecast_load
from survey_pipeline.stages.callbacks.cards import CallCard
from survey_pipeline.stages.callbacks.desk_view import (
    DeskStanding,
    Outlook,
    Watched,
    held_call,
    made_today,
    outlook,
    watch_call,
)
from survey_pipeline.stages.callbacks.leasing import (
    NextCall,
    Renewed,
    next_call,
    release,
    renew_lease,
)
from survey_pipeline.stages.callbacks.listing import ListedCall, list_calls
from survey_pipeline.stages.callbacks.queueing import QueuedCalls, queue_calls
from survey_pipeline.stages.callbacks.results import CallResult
from survey_pipeline.stages.callbacks.scripts import check_scripts
from survey_pipeline.stages.callbacks.undoing import LastAttempt, last_attempt, undo_attempt

__all__ = [
    "CallCard",
    "CallResult",
    "DayLoad",
    "DeskStanding",
    "LastAttempt",
    "ListedCall",
    "Logged",
    "NextCall",
    "Outlook",
    "Proposal",
    "QueuedCalls",
    "Renewed",
    "Watched",
    "check_scripts",
    "forecast_load",
    "held_call",
    "last_attempt",
    "list_calls",
    "log_result",
    "made_today",
    "next_call",
    "outlook",
    "propose",
    "queue_calls",
    "release",
    "renew_lease",
    "undo_attempt",
    "watch_call",
]
