"""The traffic of one dispatch: which gateway takes which part, judged again while it runs."""

from collections.abc import Callable, Mapping
from datetime import datetime

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch import gateway_states
from survey_pipeline.stages.dispatch.gateway_health import GatewayState, parts_now
from survey_pipeline.stages.dispatch.shares import Share, configured_shares


class TrafficSplit:
    """Which gateway takes which messages in this dispatch.

    The gateways' states are cached between two looks, so that a claim costs no query.

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
        self._states: dict[str, GatewayState] = {}
        self._looked_at: datetime | None = None
        self._tired: set[str] = set()
        """Gateways that had to rest in this dispatch. They get no part in it any more: the texts
        would spend their tries on a provider that takes a few of them now and then."""

    def look(self) -> None:
        """Judge the gateways if that is due, and read their states."""
        self._looked_at = self._context.now()
        self._states = gateway_states.judge(self._context, self._configured)

    def read(self) -> None:
        """Read the states without judging the gateways."""
        self._states = gateway_states.read_states(self._context, self._configured)

    def parts(self) -> dict[str, Share]:
        """Return each gateway's part now; gateways without a part are left out."""
        awake = {label: state for label, state in self._states.items() if label not in self._tired}
        return parts_now(awake, self._context.now())

    def part_now(self, label: str) -> Share | None:
        """Return a gateway's part; all are judged first if `traffic.every` has passed."""
        every = self._context.settings.traffic.every
        if self._looked_at is None or self._looked_at <= self._context.now() - every:
            self._meanwhile()
            self.look()
        return self.parts().get(label)

    @property
    def stopped(self) -> dict[str, str]:
        """Stopped gateways, each with the reason."""
        return {
            label: state.stopped_why or ""
            for label, state in self._states.items()
            if state.stopped_at is not None
        }

    @property
    def resting(self) -> dict[str, datetime]:
        """Resting gateways, each with the moment at which it goes on."""
        now = self._context.now()
        return {
            label: until
            for label, state in self._states.items()
            if (until := state.rests_from(now)) is not None
        }

    def stop(self, label: str, why: str) -> None:
        """Stop a gateway whose configuration is broken; the others take its part."""
        gateway_states.stop(self._context, label, why, self._configured[label])
        self.read()

    def resume(self, label: str) -> None:
        """Let a stopped gateway take part again."""
        gateway_states.resume(self._context, label, self._configured[label])
        self.read()

    def rest(self, label: str, until: datetime) -> None:
        """Give a gateway a rest; the others take its share."""
        self._tired.add(label)
        gateway_states.rest(self._context, label, until, self._configured[label])
        self.read()
