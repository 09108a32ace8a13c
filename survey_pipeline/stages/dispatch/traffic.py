"""The traffic of one dispatch: which part is whose, looked at afresh while it goes on."""

from collections.abc import Callable, Mapping
from datetime import datetime

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch import standing
from survey_pipeline.stages.dispatch.health import Standing, parts
from survey_pipeline.stages.dispatch.shares import Share, configured_shares


class Traffic:
    """Who takes which messages in this dispatch.

    What the gateways' states say is remembered between two looks, so that a claim costs no query.

    Args:
        context: the workspace.
        priorities: of the gateways of this dispatch.
        meanwhile: is called before each look while texts go out.
    """

    def __init__(
        self, context: Context, priorities: Mapping[str, int], meanwhile: Callable[[], object]
    ) -> None:
        self._context = context
        self._meanwhile = meanwhile
        self._configured = configured_shares(priorities)
        self._standings: dict[str, Standing] = {}
        self._looked_at: datetime | None = None
        self._tired: set[str] = set()
        """Who had to rest in this dispatch has no part in it any more: the queue would spend its
        tries on a provider that takes a few texts now and then."""

    def look(self) -> None:
        """Judge the gateways where that is due, and read how they stand."""
        self._looked_at = self._context.now()
        self._standings = standing.judge(self._context, self._configured)

    def read(self) -> None:
        """Read how they stand; judge nobody."""
        self._standings = standing.standings(self._context, self._configured)

    def parts(self) -> dict[str, Share]:
        """Return every gateway's part now; one without is left out."""
        awake = {label: one for label, one in self._standings.items() if label not in self._tired}
        return parts(awake, self._context.now())

    def part_now(self, label: str) -> Share | None:
        """Return one gateway's part; every so often all are judged anew before."""
        every = self._context.settings.traffic.every
        if self._looked_at is None or self._looked_at <= self._context.now() - every:
            self._meanwhile()
            self.look()
        return self.parts().get(label)

    @property
    def stopped(self) -> dict[str, str]:
        """Gateways that are stopped, with why."""
        return {
            label: one.stopped_why or ""
            for label, one in self._standings.items()
            if one.stopped_at is not None
        }

    @property
    def resting(self) -> dict[str, datetime]:
        """Gateways whose providers want nothing now, with when they go on."""
        now = self._context.now()
        return {
            label: until
            for label, one in self._standings.items()
            if (until := one.rests_from(now)) is not None
        }

    def stop(self, label: str, why: str) -> None:
        """Take a gateway out whose configuration is broken; the others take its part."""
        standing.stop(self._context, label, why, self._configured[label])
        self.read()

    def resume(self, label: str) -> None:
        """Let a stopped gateway take part again."""
        standing.resume(self._context, label, self._configured[label])
        self.read()

    def rest(self, label: str, until: datetime) -> None:
        """Let a gateway rest; the others take its part."""
        self._tired.add(label)
        standing.rest(self._context, label, until, self._configured[label])
        self.read()
