"""One day as an operator sees it: live figures today, the same figures for a past day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Integer, cast, func, select

from survey_pipeline import day_runs
from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.day_runs import DayRun
from survey_pipeline.reports.outcomes import Outcome, outcomes_of
from survey_pipeline.reports.standstill import Standstill, standstill_now
from survey_pipeline.reports.status import call_counts
from survey_pipeline.reports.text_groups import TextGroup, text_groups
from survey_pipeline.stages.dispatch import (
    GatewayView,
    MoveView,
    moves_of_shares,
    views_of_gateways,
)
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    daily_reports,
    draws,
    inbound,
    messages,
    receipts,
    send_attempts,
    surveys,
)
from survey_pipeline.survey.pausing import Pause, open_pause
from survey_pipeline.survey.undone import counted_between
from survey_pipeline.vocabulary import InboundUse, MessagePurpose, ReceiptState, SendOutcome

MOST_MOVES = 5


@dataclass(frozen=True)
class Chain:
    """What became of a day's cases so far; from `drawn` on, of the cases drawn that day."""

    reported: int
    drawn: int
    sent: int
    """Cases whose text a gateway took."""
    unknown: int
    """Cases whose text may or may not have gone out: the gateway has not said."""
    delivered: int
    replied: int
    called: int
    rated: int
    open: int
    """Surveys that have not ended: the figures may still change."""


@dataclass(frozen=True)
class Activity:
    """What happened on the day itself, whenever the cases were drawn."""

    handed_over: Mapping[str, Mapping[str, int]]
    """Attempts to send by gateway, then by `SendOutcome`."""
    receipts: int
    """Receipts that said *delivered*."""
    replies: int
    calls: int
    """Attempts that callers logged."""

    @property
    def texts(self) -> int:
        """Texts that gateways took."""
        return sum(outcomes.get(SendOutcome.ACCEPTED, 0) for outcomes in self.handed_over.values())


@dataclass(frozen=True)
class DayCourse:
    """The figures of a day that change from minute to minute."""

    day: date
    is_today: bool
    chain: Chain
    outcomes: Sequence[Outcome]
    """Of the cases drawn on that day."""
    activity: Activity
    drawn_at: datetime | None
    """None if the day was not drawn."""
    frame: int
    """Cases it was drawn from."""
    run: DayRun | None
    """The day's run."""
    under_way: DayRun | None
    """A daily run of any day, on any host; today only."""
    pause: Pause | None
    """Of sending; today only."""
    sending_open: bool
    opens_at: datetime
    """When the sending hours are open next: now, while they are."""
    texts: Sequence[TextGroup]
    gateways: Sequence[GatewayView]
    """As they stand now; today only."""
    standstill: Standstill | None
    """Why no text goes out; today only."""
    moves: Sequence[MoveView]
    calls: Mapping[str, int] = field(default_factory=dict)
    """Waiting, due and held; today only."""
    unread: int = 0
    """Unclear replies that wait for a reader; today only."""


def opening_day(context: Context) -> date:
    """Return the day shown by default: today, or a demo's last day."""
    if not context.settings.demo:
        return context.today()
    with reading(context.engine) as connection:
        last = connection.scalar(select(func.max(draws.c.day)).where(draws.c.frame > 0))
    return last or context.today()


def read_day_course(context: Context, day: date) -> DayCourse:
    """Return how a day goes, or went."""
    now, today = context.now(), context.today()
    begin, end = span_of(context, day)
    is_today, hours = day == today, context.settings.sending.hours
    with reading(context.engine) as connection:
        pause = open_pause(connection) if is_today else None
        stands = standstill_now(connection, context) if is_today else None
        drawn = select(draws.c.drawn_at, draws.c.frame).where(draws.c.day == day)
        draw = connection.execute(drawn).one_or_none()
        return DayCourse(
            day=day,
            is_today=is_today,
            chain=_chain(connection, day),
            outcomes=outcomes_of(connection, day),
            activity=_activity(connection, begin, end),
            drawn_at=draw.drawn_at if draw else None,
            frame=draw.frame if draw else 0,
            run=day_runs.run_of(connection, day),
            under_way=day_runs.run_under_way(connection, now) if is_today else None,
            pause=pause,
            sending_open=context.calendar.is_open(now, hours, working_days=False),
            opens_at=context.calendar.next_open(now, hours, working_days=False),
            texts=text_groups(connection, context, day, stands),
            gateways=views_of_gateways(connection, context) if is_today else (),
            standstill=stands,
            moves=moves_of_shares(connection, MOST_MOVES, since=begin, until=end),
            calls=call_counts(connection, now) if is_today else {},
            unread=_unread(connection) if is_today else 0,
        )


def span_of(context: Context, day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and when it ends, by the local clock."""
    return context.calendar.end_of(day - ONE_DAY), context.calendar.end_of(day)


def _chain(connection: Connection, day: date) -> Chain:
    reported = select(func.sum(daily_reports.c.reported)).where(daily_reports.c.reported_on == day)
    flags = [
        func.sum(cast(condition, Integer))
        for condition in (
            surveys.c.texted & ~_unknown(),
            surveys.c.texted & _unknown(),
            surveys.c.delivered,
            surveys.c.replied,
            surveys.c.called,
            surveys.c.rating.is_not(None),
            surveys.c.closed_at.is_(None),
        )
    ]
    row = connection.execute(
        select(func.count(), *flags).select_from(surveys).where(surveys.c.drawn_on == day)
    ).one()
    return Chain(connection.scalar(reported) or 0, *(count or 0 for count in row))


def _unknown() -> ColumnElement[bool]:
    """Return the condition that no gateway is known to have taken a survey's question."""
    taken = select(messages.c.id).where(
        messages.c.survey_id == surveys.c.id,
        messages.c.purpose == MessagePurpose.SURVEY,
        messages.c.accepted_at.is_not(None),
    )
    return ~surveys.c.delivered & ~taken.exists()


def _activity(connection: Connection, begin: datetime, end: datetime) -> Activity:
    by_gateway: dict[str, dict[str, int]] = {}
    attempts = (
        select(send_attempts.c.gateway, send_attempts.c.outcome, func.count())
        .where(send_attempts.c.started_at >= begin, send_attempts.c.started_at < end)
        .group_by(send_attempts.c.gateway, send_attempts.c.outcome)
        .order_by(send_attempts.c.gateway)
    )
    for gateway, outcome, count in connection.execute(attempts):
        if outcome:
            by_gateway.setdefault(gateway, {})[outcome] = count
    counts = (
        select(func.count()).where(
            receipts.c.received_at >= begin,
            receipts.c.received_at < end,
            receipts.c.state == ReceiptState.DELIVERED,
        ),
        select(func.count()).where(
            inbound.c.use.in_([use.value for use in InboundUse]),  # its index begins with the use
            inbound.c.received_at >= begin,
            inbound.c.received_at < end,
        ),
        select(func.count()).where(counted_between(begin, end)),
    )
    return Activity(by_gateway, *(connection.scalar(query) or 0 for query in counts))


def _unread(connection: Connection) -> int:
    waiting = select(func.count()).where(inbound.c.use == InboundUse.READER)
    return connection.scalar(waiting) or 0
