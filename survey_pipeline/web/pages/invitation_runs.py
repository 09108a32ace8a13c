"""Invitations that are going out in the background of this process, and how the last ones ended."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from survey_pipeline.errors import CannotProceed, SurveyPipelineError
from survey_pipeline.i18n import N_, Message

log = logging.getLogger(__name__)

FAULT = N_("The sending broke off by a fault of the program; the log says more.")
GOING = N_("Invitations of {year} are going out already; wait until they are through.")


@dataclass(frozen=True)
class InvitationRun:
    """One run."""

    by: str
    going: bool
    problem: Message | None = None


class InvitationRuns:
    """The runs of this process, the latest of each year."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[int, InvitationRun] = {}

    def of_year(self, year: int) -> InvitationRun | None:
        """Return the latest run of a year."""
        return self._runs.get(year)

    def begin(self, year: int, by: str, send: Callable[[], object]) -> None:
        """Send in a thread of its own; the process ends after it.

        Raises:
            CannotProceed: a run of that year is going.
        """
        with self._lock:
            if (run := self._runs.get(year)) and run.going:
                raise CannotProceed(GOING, year=year)
            self._runs[year] = InvitationRun(by, going=True)
        threading.Thread(target=self._run, args=(year, by, send), name="invitations").start()

    def _run(self, year: int, by: str, send: Callable[[], object]) -> None:
        problem = None
        try:
            send()
        except SurveyPipelineError as error:
            problem = error.message
            log.warning("invitations broke off: %s", error, extra={"action": "invitations"})
        except Exception:  # the page tells that it broke off; the log has the reason
            problem = Message(FAULT)
            log.exception("invitations broke off", extra={"action": "invitations"})
        self._runs[year] = InvitationRun(by, going=False, problem=problem)
