"""A month's signals: every count, what stands out, and the list of it that people look into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import Connection, delete, insert, select, update

from survey_pipeline.calendar import ONE_DAY, first_day, month_of
from survey_pipeline.context import Context
from survey_pipeline.signals.month_counts import MonthCounts, gather_month
from survey_pipeline.signals.standing_out import TIMES, Judged, Proportion, judge
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import offices, signals
from survey_pipeline.vocabulary import SignalKind, SignalState

WIDER: Mapping[SignalKind, Fraction] = {
    SignalKind.VOLUME_ROSE: Fraction(2),
    SignalKind.VOLUME_FELL: Fraction(2),
}
"""Ratios of odds by which honest offices may differ, where `TIMES` is too narrow."""


@dataclass(frozen=True)
class OfficeSignal:
    """One count of an office's month."""

    month: str
    office_code: str
    kind: SignalKind
    judged: Judged


@dataclass(frozen=True)
class ListedSignal:
    """What stood out of an office's month, and what a person found of it."""

    id: int
    month: str
    office_code: str
    office: str
    kind: SignalKind
    own: Proportion
    others: Proportion
    found_at: datetime
    state: SignalState
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None


def month_signals(context: Context, month: str) -> list[OfficeSignal]:
    """Return every count of a month beside the city's, by office and kind.

    Benjamini and Hochberg's procedure runs over the month's offices, kind by kind.
    """
    level = float(context.settings.signals.level)
    gathered = gather_month(context, month)
    found = [
        OfficeSignal(month, office_code, kind, judged)
        for kind in gathered.kinds
        for office_code, judged in _judge(kind, gathered, level).items()
    ]
    order = list(SignalKind)
    return sorted(found, key=lambda signal: (signal.office_code, order.index(signal.kind)))


def _judge(kind: SignalKind, gathered: MonthCounts, level: float) -> dict[str, Judged]:
    counts, city = gathered.kinds[kind], gathered.city.get(kind)
    return judge(counts, level, city=city, times=WIDER.get(kind, TIMES))


def refresh_signals(context: Context, month: str) -> list[OfficeSignal]:
    """Compute a month and bring its list up to date; return what `month_signals` does.

    A signal without a decision follows the counts, and is removed when it stands out no more. A
    decided one keeps the counts that it was decided on.
    """
    found = month_signals(context, month)
    named: dict[tuple[str, str], Judged] = {
        (signal.office_code, signal.kind): signal.judged for signal in found if signal.judged.named
    }
    with writing(context.engine) as connection:
        lock_name(connection, "signals", month)
        listed = _listed_now(connection, month)
        for key, number in listed.items():
            _follow(connection, number, named.get(key))
        new = [
            {
                "month": month,
                "office_code": office_code,
                "kind": kind,
                "found_at": context.now(),
                "state": SignalState.OPEN,
                **_columns(judged),
            }
            for (office_code, kind), judged in named.items()
            if (office_code, kind) not in listed
        ]
        if new:
            connection.execute(insert(signals), new)
    return found


def refresh_latest(context: Context, day: date) -> None:
    """Bring the list of the month before a day up to date: its surveys end in these weeks."""
    refresh_signals(context, month_of(first_day(month_of(day)) - ONE_DAY))


def _listed_now(connection: Connection, month: str) -> dict[tuple[str, str], int | None]:
    """Return the list of a month: the number of each that is open, None where it was decided."""
    rows = connection.execute(select(signals).where(signals.c.month == month))
    return {
        (row.office_code, row.kind): row.id if row.state == SignalState.OPEN else None
        for row in rows
    }


def _follow(connection: Connection, number: int | None, judged: Judged | None) -> None:
    if number is None:
        return
    if judged is None:
        connection.execute(delete(signals).where(signals.c.id == number))
    else:
        connection.execute(update(signals).where(signals.c.id == number).values(**_columns(judged)))


def _columns(judged: Judged) -> dict[str, int]:
    return {
        "counted": judged.own.count,
        "out_of": judged.own.of,
        "others_counted": judged.others.count,
        "others_out_of": judged.others.of,
    }


def list_signals(
    context: Context, *, month: str | None = None, only_open: bool = False
) -> Sequence[ListedSignal]:
    """Return what stands out: those that nobody has looked into first, then the latest months."""
    query = select(signals, offices.c.name.label("office")).outerjoin(
        offices, offices.c.office_code == signals.c.office_code
    )
    if month is not None:
        query = query.where(signals.c.month == month)
    if only_open:
        query = query.where(signals.c.state == SignalState.OPEN)
    query = query.order_by(
        signals.c.state != SignalState.OPEN,
        signals.c.month.desc(),
        signals.c.office_code,
        signals.c.id,
    )
    with reading(context.engine) as connection:
        return [
            ListedSignal(
                row.id,
                row.month,
                row.office_code,
                row.office or row.office_code,
                SignalKind(row.kind),
                Proportion(row.counted, row.out_of),
                Proportion(row.others_counted, row.others_out_of),
                row.found_at,
                SignalState(row.state),
                row.decided_at,
                row.decided_by,
                row.reason,
            )
            for row in connection.execute(query)
        ]
