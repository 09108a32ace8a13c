"""Call-backs: who is called, when, by whom, and what came of it (specification, section 7).

In reading order: `candidates` says who needs a call, `capacity` how many of the silent ones may
enter, `queueing` puts them in; `waits`, `slots` and `schedule` say when a call is due; `leasing`
hands it out, `needless` says which calls nobody needs any more, `cards` shows one, `watching` what
happens to it meanwhile; `appointments` says whether a time can be kept, `results` checks what a
caller brings back, `logging` keeps it, `aftermath` says what follows and `undoing` takes it back;
`listing` and `load` show the queue and what it will bring.
"""

from survey_pipeline.stages.callbacks.appointments import Proposal, propose
from survey_pipeline.stages.callbacks.cards import CallCard
from survey_pipeline.stages.callbacks.leasing import (
    NextCall,
    Renewed,
    next_call,
    release,
    renew_lease,
)
from survey_pipeline.stages.callbacks.listing import ListedCall, list_calls
from survey_pipeline.stages.callbacks.load import DayLoad, forecast_load
from survey_pipeline.stages.callbacks.logging import Logged, log_result
from survey_pipeline.stages.callbacks.queueing import QueuedCalls, queue_calls
from survey_pipeline.stages.callbacks.results import CallResult
from survey_pipeline.stages.callbacks.undoing import LastAttempt, last_attempt, undo_attempt
from survey_pipeline.stages.callbacks.watching import (
    Outlook,
    Standing,
    Watched,
    held_call,
    made_today,
    outlook,
    watch_call,
)

__all__ = [
    "CallCard",
    "CallResult",
    "DayLoad",
    "LastAttempt",
    "ListedCall",
    "Logged",
    "NextCall",
    "Outlook",
    "Proposal",
    "QueuedCalls",
    "Renewed",
    "Standing",
    "Watched",
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
