"""What each outcome of an attempt means for the next one: the table of waits.

The plan in `config/pipeline.toml` (`callbacks.plan`) gives the wait before each attempt. The
outcome of the attempt just made may shorten or lengthen that wait:

| outcome        | wait before the next attempt                              | part of the day |
|----------------|-----------------------------------------------------------|-----------------|
| `busy`         | the plan's, but at most 30 minutes                        | as it comes     |
| `no_answer`    | the plan's, but at least 4 hours                          | least used      |
| `switched_off` | the plan's, but at least 4 hours                          | least used      |

Every other outcome but `again` (which names its own time) ends the calling.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from survey_pipeline.vocabulary import CallOutcome


@dataclass(frozen=True)
class Wait:
    """How an outcome bends the plan's wait."""

    at_least: timedelta = timedelta(0)
    at_most: timedelta = timedelta.max
    another_part: bool = True
    """Whether the next attempt looks for the least-used part of the day."""

    def applied_to(self, planned: timedelta) -> timedelta:
        """Return the wait, given the plan's."""
        return min(max(planned, self.at_least), self.at_most)


WAITS: Mapping[CallOutcome, Wait] = {
    CallOutcome.BUSY: Wait(at_most=timedelta(minutes=30), another_part=False),
    CallOutcome.NO_ANSWER: Wait(at_least=timedelta(hours=4)),
    CallOutcome.SWITCHED_OFF: Wait(at_least=timedelta(hours=4)),
}
"""One entry for each outcome after which the plan goes on (`vocabulary.RETRIED`)."""

EXTRA_ATTEMPTS = 1
"""How many attempts appointments may add to `max_attempts`."""

APPOINTMENT = timedelta(minutes=30)
"""How long an appointment is good for: the queue takes those that end first."""
