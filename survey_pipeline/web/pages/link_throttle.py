"""Slows down a client that guesses the personal links of ballots."""

from collections import Counter
from datetime import timedelta

from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.i18n import N_
from survey_pipeline.people.networks import network_of

WINDOW = timedelta(minutes=10)
MOST_FROM_NETWORK = 100
"""Invalid links from one network within the window. A token has 128 random bits, so that guessing
is hopeless; the limit bounds what guesses cost us. It is this high because the representatives of
a council may share one address."""
MOST_NETWORKS = 10_000
"""Counted at the same time; then all counts are forgotten."""


class TooManyTries(SurveyPipelineError):
    """Too many invalid links came from one network."""


class LinkThrottle:
    """Counts invalid links by network; in memory only, because no ballot may leave a trace."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._began = context.now()
        self._failures: Counter[str] = Counter()

    def check(self, address: str) -> None:
        """Refuse an address whose network has sent too many invalid links.

        Raises:
            TooManyTries: it has.
        """
        if self._context.now() - self._began >= WINDOW or len(self._failures) > MOST_NETWORKS:
            self._failures, self._began = Counter(), self._context.now()
        if self._failures[network_of(address)] >= MOST_FROM_NETWORK:
            minutes = int(WINDOW.total_seconds() // 60)
            raise TooManyTries(
                N_("too many links that are not valid: wait {minutes} minutes"), minutes=minutes
            )

    def count_failure(self, address: str) -> None:
        """Count an invalid link."""
        self._failures[network_of(address)] += 1
