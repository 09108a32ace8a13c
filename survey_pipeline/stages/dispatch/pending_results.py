"""Results of sent texts, kept in memory until they are on record.

A text whose result is lost stays *unknown*, although its provider has taken it. So a database that
fails is asked again, with a growing wait, for as long as the lease of the texts runs. Recording a
result a second time changes nothing: its move is no longer allowed, and its attempt is named
(`outbox.Outbox.record`).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.dispatch.outbox import Sent
from survey_pipeline.troubles import RESULTS, told
from survey_pipeline.vocabulary import SendOutcome

log = logging.getLogger(__name__)
Recorded = Counter[SendOutcome]

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two attempts to record: doubled each time."""

KEPT = N_("the results of {count} texts wait in memory to be recorded: {problem}")
LOST = N_(
    "the results of {count} texts could not be recorded in time; they stay unknown until a receipt "
    "or the provider tells more: {problem}"
)


class PendingResults:
    """The results of one sender that are not on record yet.

    Args:
        context: the workspace.
        gateway: the gateway's label.
        record: writes results into the database.
    """

    def __init__(
        self, context: Context, gateway: str, record: Callable[[Sequence[Sent]], Recorded]
    ) -> None:
        self.failing = False
        """Whether the latest attempt to record failed."""
        self._context = context
        self._gateway = gateway
        self._write = record
        self._waiting: list[Sent] = []
        self._until = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, *sent: Sent) -> None:
        """Keep the results of texts until they are recorded."""
        self._waiting += sent

    def keep_until(self, moment: float) -> None:
        """Keep results at most until a moment of the event loop's clock: the end of a lease."""
        self._until = moment

    async def record(
        self, in_turn: Callable[[Callable[[], Recorded]], Awaitable[Recorded]]
    ) -> Recorded:
        """Record what is kept; return how many had which outcome.

        Args:
            in_turn: does work on the database when it is this sender's turn.

        Raises:
            DatabaseFault: the database failed until the lease had ended; the results are kept for
                another call.
        """
        taken, self._waiting = self._waiting, []
        try:
            recorded = await self._until_recorded(taken, in_turn)
        except BaseException:
            self._waiting = taken + self._waiting
            raise
        self.failing = False
        if self._context.troubles.end(RESULTS):
            self._tell(logging.INFO, "results recorded", len(taken))
        return recorded

    async def _until_recorded(
        self,
        taken: Sequence[Sent],
        in_turn: Callable[[Callable[[], Recorded]], Awaitable[Recorded]],
    ) -> Recorded:
        pause = SHORTEST_PAUSE
        while True:
            try:
                return await in_turn(lambda: self._write(taken))
            except DatabaseFault as error:
                self.failing = True
                left = self._until - asyncio.get_running_loop().time()
                if left <= 0:
                    self._note(LOST, len(taken), error)
                    raise
                self._note(KEPT, len(taken), error)
            await asyncio.sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)

    def _note(self, text: str, count: int, error: DatabaseFault) -> None:
        """Report in the log, and on the page of the day, that results are kept or lost."""
        said = Message(text, {"count": count, "problem": told(error)})
        if self._context.troubles.begin(RESULTS, said, self._context.now()):
            lost = text is LOST
            level = logging.ERROR if lost else logging.WARNING
            self._tell(level, f"results {'lost' if lost else 'wait'}: {error}", count)

    def _tell(self, level: int, text: str, count: int) -> None:
        action = text.partition(":")[0].replace(" ", "_")
        log.log(level, text, extra={"action": action, "gateway": self._gateway, "texts": count})
