"""The health of gateways, and their shares of the traffic. Pure: figures in, changes out.

A gateway that is unwell loses share to those that are well; when all is quiet, shares drift back to
the configured ones. Nothing changes while all of them are well or all are unwell: no gateway is
better. A gateway that was stopped takes no part in this; its share waits for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from survey_pipeline.settings import Traffic
from survey_pipeline.stages.dispatch.shares import POINT, WHOLE, Share, divide, ranges
from survey_pipeline.vocabulary import ShareMove


@dataclass(frozen=True)
class GatewayFigures:
    """What a gateway did in the last `traffic.window`."""

    attempts: int = 0
    failed: int = 0
    """Of the attempts: not sent, unknown, or failed for the gateway's own reasons."""
    receipts: int = 0
    late: int = 0
    """Of the receipts."""


@dataclass(frozen=True)
class GatewayState:
    """The state of a gateway; shares in hundredths of a point."""

    configured: int
    share: int
    moved_at: datetime | None = None
    """When its share last moved."""
    judged_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_why: str | None = None
    rests_until: datetime | None = None

    def rests_from(self, now: datetime) -> datetime | None:
        """Return until when it rests; None if it does not rest now."""
        resting = self.rests_until is not None and self.rests_until > now
        return self.rests_until if resting else None

    def takes_part(self, now: datetime) -> bool:
        """Return whether texts may be handed over to it."""
        return self.stopped_at is None and self.rests_from(now) is None


@dataclass(frozen=True)
class ShareChange:
    """A change of a gateway's share, with the reason and the figures behind it."""

    gateway: str
    before: int
    after: int
    why: ShareMove
    figures: GatewayFigures = GatewayFigures()


def parts_now(states: Mapping[str, GatewayState], now: datetime) -> dict[str, Share]:
    """Return which gateway takes which messages now.

    A gateway that is stopped or rests leaves its part to the others.

    Gateways without a part are left out.
    """
    alive = {label: state.share for label, state in states.items() if state.takes_part(now)}
    if not alive:
        return {}
    return {label: part for label, part in ranges(divide(WHOLE, alive)).items() if part.size}


def unwell_why(figures: GatewayFigures, policy: Traffic) -> ShareMove | None:
    """Return why a gateway is unwell; None if it is well, or too little is known."""
    if figures.attempts >= policy.at_least and figures.failed > policy.failed * figures.attempts:
        return ShareMove.FAILING
    if figures.receipts >= policy.at_least and figures.late > policy.late * figures.receipts:
        return ShareMove.LATE
    return None


def decide_changes(
    now: datetime,
    states: Mapping[str, GatewayState],
    figures: Mapping[str, GatewayFigures],
    policy: Traffic,
) -> list[ShareChange]:
    """Return the changes of shares that are due; losses and gains add up to 0.

    Args:
        now: the present moment.
        states: of all gateways.
        figures: of the last `policy.window`, by gateway; a gateway without figures did nothing.
        policy: the numbers of the section `[traffic]`.
    """
    active = {label: state for label, state in states.items() if state.stopped_at is None}
    known = {label: figures.get(label, GatewayFigures()) for label in active}
    unwell = {label: why for label in active if (why := unwell_why(known[label], policy))}
    changes = _relieve(now, active, unwell, policy) if unwell else _drift(now, active, policy)
    otherwise = ShareMove.RELIEVED if unwell else ShareMove.DRIFT
    return [
        ShareChange(
            label,
            active[label].share,
            active[label].share + change,
            unwell.get(label, otherwise),
            known[label],
        )
        for label, change in sorted(changes.items())
        if change
    ]


def _relieve(
    now: datetime,
    active: Mapping[str, GatewayState],
    unwell: Mapping[str, ShareMove],
    policy: Traffic,
) -> dict[str, int]:
    """Move a step of share from the unwell to the well, at most once in `policy.every` each."""
    well = {label: state.configured for label, state in active.items() if label not in unwell}
    if not well:
        return {}
    losses = {
        label: min(policy.step * POINT, active[label].share)
        for label in unwell
        if _moved_before(active[label], now, policy.every)
    }
    gains = divide(sum(losses.values()), well)
    return {**gains, **{label: -loss for label, loss in losses.items()}}


def _drift(now: datetime, active: Mapping[str, GatewayState], policy: Traffic) -> dict[str, int]:
    """Move a step of share back toward the configured shares, never past them."""
    if not all(_moved_before(state, now, policy.quiet) for state in active.values()):
        return {}
    apart = {label: state.share - state.configured for label, state in active.items()}
    above = {label: excess for label, excess in apart.items() if excess > 0}
    below = {label: -excess for label, excess in apart.items() if excess < 0}
    amount = min(policy.step * POINT, sum(above.values()), sum(below.values()))
    if not amount:
        return {}
    losses = {label: -loss for label, loss in divide(amount, above).items()}
    return {**divide(amount, below), **losses}


def _moved_before(state: GatewayState, now: datetime, span: timedelta) -> bool:
    return state.moved_at is None or state.moved_at <= now - span
