"""How gateways do, and what follows for their shares of the traffic. Pure: figures in, moves out.

A gateway that is unwell loses share to those that are well; when all is quiet, shares drift back to
the configured ones. Nothing moves while all are in the same state: there is nobody better to turn
to. A gateway that was stopped takes no part in this; its share waits for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from survey_pipeline.settings import Traffic
from survey_pipeline.stages.dispatch.shares import POINT, WHOLE, Share, divide, ranges
from survey_pipeline.vocabulary import ShareMove


@dataclass(frozen=True)
class Figures:
    """What a gateway did in the time that is looked at."""

    attempts: int = 0
    failed: int = 0
    """Of the attempts: not sent, unknown, or failed for the gateway's own reasons."""
    receipts: int = 0
    late: int = 0
    """Of the receipts."""


@dataclass(frozen=True)
class Standing:
    """How a gateway stands; shares in hundredths of a point."""

    configured: int
    share: int
    moved_at: datetime | None = None
    """When its share last moved."""
    judged_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_why: str | None = None
    rests_until: datetime | None = None

    def rests_from(self, now: datetime) -> datetime | None:
        """Return until when it rests, from now on; nothing where it does not."""
        resting = self.rests_until is not None and self.rests_until > now
        return self.rests_until if resting else None

    def takes_part(self, now: datetime) -> bool:
        """Say whether anything may be handed over to it."""
        return self.stopped_at is None and self.rests_from(now) is None


@dataclass(frozen=True)
class Shift:
    """One gateway's share moves, for a reason, by figures."""

    gateway: str
    before: int
    after: int
    why: ShareMove
    figures: Figures = Figures()


def parts(standings: Mapping[str, Standing], now: datetime) -> dict[str, Share]:
    """Return who takes which messages now; who was stopped or rests leaves its part to the others.

    Gateways without a part are left out.
    """
    alive = {label: one.share for label, one in standings.items() if one.takes_part(now)}
    if not alive:
        return {}
    return {label: one for label, one in ranges(divide(WHOLE, alive)).items() if one.size}


def complaint(figures: Figures, policy: Traffic) -> ShareMove | None:
    """Say what is wrong with a gateway; nothing where it is well, or too little is known."""
    if figures.attempts >= policy.at_least and figures.failed > policy.failed * figures.attempts:
        return ShareMove.FAILING
    if figures.receipts >= policy.at_least and figures.late > policy.late * figures.receipts:
        return ShareMove.LATE
    return None


def decide(
    now: datetime,
    standings: Mapping[str, Standing],
    figures: Mapping[str, Figures],
    policy: Traffic,
) -> list[Shift]:
    """Say which shares move now; what is lost and gained adds up.

    Args:
        now: the present moment.
        standings: of all gateways.
        figures: of the last `policy.window`, by gateway; one without did nothing.
        policy: the numbers of the section `[traffic]`.
    """
    active = {label: one for label, one in standings.items() if one.stopped_at is None}
    known = {label: figures.get(label, Figures()) for label in active}
    unwell = {label: why for label in active if (why := complaint(known[label], policy))}
    changes = _relieve(now, active, unwell, policy) if unwell else _drift(now, active, policy)
    otherwise = ShareMove.RELIEVED if unwell else ShareMove.DRIFT
    return [
        Shift(
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
    active: Mapping[str, Standing],
    unwell: Mapping[str, ShareMove],
    policy: Traffic,
) -> dict[str, int]:
    """Take a step from the unwell, at most once in a while, for those that are well."""
    well = {label: one.configured for label, one in active.items() if label not in unwell}
    if not well:
        return {}
    losses = {
        label: min(policy.step * POINT, active[label].share)
        for label in unwell
        if _moved_before(active[label], now, policy.every)
    }
    gains = divide(sum(losses.values()), well)
    return {**gains, **{label: -loss for label, loss in losses.items()}}


def _drift(now: datetime, active: Mapping[str, Standing], policy: Traffic) -> dict[str, int]:
    """Take a step back toward the configured shares, never past one."""
    if not all(_moved_before(one, now, policy.quiet) for one in active.values()):
        return {}
    apart = {label: one.share - one.configured for label, one in active.items()}
    above = {label: excess for label, excess in apart.items() if excess > 0}
    below = {label: -excess for label, excess in apart.items() if excess < 0}
    amount = min(policy.step * POINT, sum(above.values()), sum(below.values()))
    if not amount:
        return {}
    losses = {label: -loss for label, loss in divide(amount, above).items()}
    return {**divide(amount, below), **losses}


def _moved_before(one: Standing, now: datetime, span: timedelta) -> bool:
    return one.moved_at is None or one.moved_at <= now - span
