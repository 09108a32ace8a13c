"""What does not work now in this process: begun when work fails, ended when it succeeds again.

A fault that lasts is said once in the log, and stands on the page of the day as long as it lasts.
"""

import threading
from dataclasses import dataclass
from datetime import datetime

from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.i18n import N_, Message

WEBHOOKS, SPOOL = "webhooks", "spool"
"""Webhooks cannot be stored in the database, or not even in the spool."""
STORAGE = (WEBHOOKS, SPOOL)
CLOCK = "clock"
"""This machine's clock is not the database server's."""
RESULTS = "results"
"""What became of texts that were handed over cannot be recorded."""


def told(error: SurveyPipelineError) -> Message:
    """Return what went wrong and, where the error has one, its remedy."""
    if error.remedy is None:
        return error.message
    parts: dict[str, object] = {"problem": error.message, "remedy": error.remedy}
    return Message(N_("{problem}. {remedy}"), parts)


@dataclass(frozen=True)
class Trouble:
    """One thing that does not work."""

    what: str
    since: datetime
    problem: Message


class Troubles:
    """The troubles of a process; its threads share them."""

    def __init__(self) -> None:
        self._standing: dict[str, Trouble] = {}
        self._lock = threading.Lock()

    def begin(self, what: str, problem: Message, now: datetime) -> bool:
        """Note that something failed; return whether that is new, so that it is worth a line."""
        with self._lock:
            known = self._standing.get(what)
            if known is not None and str(known.problem) == str(problem):
                return False
            since = known.since if known else now
            self._standing[what] = Trouble(what, since, problem)
            return True

    def end(self, what: str) -> bool:
        """Note that something works; return whether it had failed."""
        with self._lock:
            return self._standing.pop(what, None) is not None

    def of(self, *kinds: str) -> bool:
        """Return whether there is a trouble of one of these kinds."""
        return any(kind in self._standing for kind in kinds)

    def standing(self) -> list[Trouble]:
        """Return the troubles that last, the oldest first."""
        with self._lock:
            return sorted(self._standing.values(), key=lambda trouble: trouble.since)
