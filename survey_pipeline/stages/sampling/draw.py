"""Draws a day's sample and stores it with everything that is needed to check it later."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    cast,
    func,
    select,
    update,
)

from survey_pipeline.calendar import month_of, months_between
from survey_pipeline.context import Context
from survey_pipeline.errors import DrawError
from survey_pipeline.stages.sampling.algorithm import (
    OfficeResult,
    Policy,
    draw,
    group_phones,
    rank_all,
)
from survey_pipeline.stages.sampling.commitments import month_seed
from survey_pipeline.stages.sampling.draw_report import (
    DrawReport,
    read_report,
)
from survey_pipeline.stages.sampling.earlier import drawn_earlier
from survey_pipeline.stages.sampling.frame import (
    FORGOTTEN,
    LANDLINE,
    TOO_OLD,
    Frame,
    circumstances,
)
from survey_pipeline.stages.sampling.opening import Opening, open_surveys
from survey_pipeline.stages.sampling.roll import Roll, write_roll
from survey_pipeline.store.columnar import collector_off, fetch_tuples
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import RECORDS, lock_name
from survey_pipeline.store.tables import cases, draw_offices, draws
from survey_pipeline.vocabulary import FrameReason, PhoneKind, RecordKind


def draw_day(context: Context, day: date) -> DrawReport:
    """Draw a day's sample; a day already drawn is only reported.

    Raises:
        DrawError: the day has not begun, or a later day is already drawn.
    """
    require_begun(context, day)
    with writing(context.engine) as connection:
        lock_name(connection, "draw", "")  # of two hosts, the second finds the day drawn
        for kind in (RecordKind.CASES, RecordKind.OFFICES):  # both are read as of one moment
            lock_name(connection, RECORDS, kind)  # imports and withdrawals wait meanwhile
        drawn_before = is_drawn(connection, day)
        if not drawn_before:
            with collector_off():
                _draw(connection, context, day)
    with reading(context.engine) as connection:
        return read_report(connection, day, drawn_before=drawn_before)


def check_drawable(context: Context, day: date) -> None:
    """Refuse a day that is not drawn and can no longer be.

    Raises:
        DrawError: the day has not begun, or a later day is already drawn.
    """
    require_begun(context, day)
    with reading(context.engine) as connection:
        is_drawn(connection, day)


def require_begun(context: Context, day: date) -> None:
    """Refuse a day that has not begun.

    Raises:
        DrawError: it has not.
    """
    if day > context.today():
        raise DrawError("{day} has not begun yet: a day is drawn when its reports are in", day=day)


def choose(
    frame: Frame,
    reasons: Sequence[FrameReason],
    groups: Sequence[int],
    seed: str,
    day: date,
    policy: Policy,
    *,
    earlier: Mapping[str, int],
) -> tuple[list[bytes], list[OfficeResult]]:
    """Return every line's rank, and each office's drawn lines."""
    ranks = rank_all(seed, day, frame.lines)
    eligible = [reason is FrameReason.ELIGIBLE for reason in reasons]
    return ranks, draw(frame.lines, ranks, groups, eligible, policy, earlier)


def seed_of(context: Context, day: date) -> str:
    """Return the seed for a day's draw."""
    return month_seed(context, month_of(day))


def policy_on(context: Context, day: date) -> Policy:
    """Return the policy of a day's draw: today's settings, and the standard in force on the day.

    Raises:
        ConfigurationError: there is no such standard, or its file is wrong.
    """
    rules = context.standard_on(day).standard.satisfaction
    return Policy.of(context.settings, rules.responsibilities)


def is_drawn(connection: Connection, day: date) -> bool:
    """Return whether a day is drawn.

    Raises:
        DrawError: it is not, and a later day is.
    """
    latest = connection.scalar(select(func.max(draws.c.day)))
    if latest is None or latest < day:
        return False
    if connection.execute(select(draws.c.day).where(draws.c.day == day)).first():
        return True
    raise DrawError(
        "{day} was not drawn and can no longer be: {latest} is drawn already, and its frame took "
        "the cases of {day}",
        day=day,
        latest=latest,
    )


def _draw(connection: Connection, context: Context, day: date) -> None:
    at, policy, seed = context.now(), policy_on(context, day), seed_of(context, day)
    around = circumstances(connection, day, at, policy)
    frame = read_frame(connection, day, policy)
    earlier = drawn_earlier(connection, day)
    earliest = _earliest_report(connection, day)
    with ThreadPoolExecutor(max_workers=2) as beside:
        # SQLite, hashing and compressing work without Python's lock
        marked = beside.submit(_mark_frame, connection, day)
        groups = group_phones(frame.phones)
        reasons = around.all_reasons(frame)
        writing_roll = beside.submit(write_roll, frame.lines, reasons, groups)
        ranks, result = choose(frame, reasons, groups, seed, day, policy, earlier=earlier)
        roll = writing_roll.result()
        marked.result()
    _store_draw(connection, context, day, at, roll, policy)
    _store_offices(connection, day, result)
    drawn = [
        _named(frame.lines[index], ranks[index].hex())
        for office in result
        for index in office.drawn
    ]
    opening = Opening(day, at, months_between(earliest, day), policy.carried_out)
    open_surveys(connection, context, opening, drawn)


def _named(line: str, rank: str) -> tuple[str, str, str]:
    office_code, _, case_no = line.partition(",")
    return office_code, case_no, rank


def read_frame(connection: Connection, day: date, policy: Policy) -> Frame:
    """Return the cases that enter the frame of a day, in code point order of their lines."""
    oldest = day - timedelta(days=policy.max_age_days)
    rows = fetch_tuples(
        connection,
        select(
            cases.c.office_code + "," + cases.c.case_no,
            cases.c.phone_hash,
            cast(cases.c.phone_kind == PhoneKind.LANDLINE, Integer) * LANDLINE
            + cast(cases.c.served_on < oldest, Integer) * TOO_OLD
            + cast(cases.c.phone.is_(None), Integer) * FORGOTTEN,
        ).where(_entering(day)),
    )
    rows.sort()  # by code point, independent of the database's collation
    lines, phones, flags = zip(*rows, strict=True) if rows else ((), (), ())
    return Frame(lines, phones, flags)


def _entering(day: date) -> ColumnElement[bool]:
    return and_(
        cases.c.frame_on.is_(None), cases.c.reported_on <= day, cases.c.withdrawn_at.is_(None)
    )


def _earliest_report(connection: Connection, day: date) -> date:
    """Return the first report day in the frame; fast only before the frame is marked (index)."""
    earliest = connection.scalar(select(func.min(cases.c.reported_on)).where(_entering(day)))
    return earliest or day


def _mark_frame(connection: Connection, day: date) -> None:
    connection.execute(update(cases).where(_entering(day)).values(frame_on=day))


def _store_draw(
    connection: Connection, context: Context, day: date, at: datetime, roll: Roll, policy: Policy
) -> None:
    seed = seed_of(context, day)
    connection.execute(
        draws.insert().values(
            day=day,
            drawn_at=at,
            frame=roll.frame,
            frame_hash=roll.frame_hash,
            roll_hash=roll.roll_hash,
            seed_hash=hashlib.sha256(seed.encode()).hexdigest(),
            seed=context.keys.encrypt(seed),
            policy=policy.to_json(),
            roll=roll.packed,
        )
    )


def _store_offices(connection: Connection, day: date, result: Sequence[OfficeResult]) -> None:
    rows = [
        {
            "day": day,
            "office_code": office.office_code,
            "frame": office.frame,
            "eligible": office.eligible,
            "drawn": len(office.drawn),
        }
        for office in result
    ]
    if rows:
        connection.execute(draw_offices.insert(), rows)
