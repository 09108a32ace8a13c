"""Counts what each day's frame shows of every office, before its numbers are deleted.

The numbers of cases that are not drawn are kept for days (`privacy.undrawn_retention_days`), so a
month's end is too late for them. What is kept are counts per office; they name no citizen.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    case,
    delete,
    distinct,
    func,
    insert,
    or_,
    select,
)

from survey_pipeline.context import Context
from survey_pipeline.signals.patterns import gaps, in_runs
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import cases, draws, signal_days

LOOKED_BACK = timedelta(days=6)
"""A number is looked for in the day's frame and in those of so many days before: a week."""
MANY_OFFICES = 4
"""A number on cases of so many offices within that time is shared."""
MANY_ALIKE = 3
"""So many numbers under the same contents are alike."""
FETCHED = 2_000
"""Rows in memory at once while a day's cases are read."""

Counts = dict[str, int]


def count_frames(context: Context) -> int:
    """Count the frames that are not counted yet, oldest first; return how many days.

    A frame whose undrawn cases are deleted already can be counted no more, and is left out.
    """
    counted = select(signal_days.c.day)
    query = select(draws.c.day).where(
        draws.c.frame > 0, draws.c.purged_at.is_(None), draws.c.day.not_in(counted)
    )
    with reading(context.engine) as connection:
        days = connection.scalars(query.order_by(draws.c.day)).all()
    for day in days:
        _keep(context, day, count_day(context, day))
    return len(days)


def count_day(context: Context, day: date) -> dict[str, Counts]:
    """Return the counts of a day's frame by office, under the names of the table's columns."""
    found: dict[str, Counts] = defaultdict(dict)
    with reading(context.engine) as connection:
        for office_code, counts in _numbers_of(connection, day, context.keys):
            found[office_code].update(counts)
        for name, query in (("repeated", _repeated(day)), ("shared", _shared(day))):
            for office_code, count in connection.execute(query):
                found[office_code][name] = int(count)
        for office_code, count in _alike(connection, day).items():
            if 2 * count <= found[office_code]["cases"]:  # else remarks are the office's habit
                found[office_code]["alike"] = count
    return found


def _keep(context: Context, day: date, found: dict[str, Counts]) -> None:
    rows = [
        {"day": day, "office_code": office_code, **_EMPTY, **counts}
        for office_code, counts in found.items()
    ]
    with writing(context.engine) as connection:
        lock_name(connection, "signals", day.isoformat())
        connection.execute(delete(signal_days).where(signal_days.c.day == day))
        if rows:
            connection.execute(insert(signal_days), rows)


_EMPTY: Counts = {
    column.name: 0 for column in signal_days.columns if column.name not in {"day", "office_code"}
}


def _numbers_of(connection: Connection, day: date, keys: Keys) -> Iterator[tuple[str, Counts]]:
    """Yield what the case numbers and phones of each office show, one office at a time."""
    query = (
        select(cases.c.office_code, cases.c.case_no, cases.c.phone)
        .where(cases.c.frame_on == day)
        .order_by(cases.c.office_code)
    )
    streamed = connection.execution_options(stream_results=True, yield_per=FETCHED)
    for office_code, rows in groupby(streamed.execute(query), key=lambda row: row.office_code):
        numbers, phones, count = [], set(), 0
        for row in rows:
            count += 1
            numbers.append(row.case_no)
            if row.phone is not None:
                phones.add(row.phone)
        complete = gaps(numbers)
        yield (
            office_code,
            {
                "cases": count,
                "consecutive": in_runs(_as_numbers(keys, phones)),
                "numbered": complete.span,
                "missing": complete.missing,
            },
        )


def _as_numbers(keys: Keys, phones: set[bytes]) -> Iterator[int]:
    for phone in phones:
        digits = keys.decrypt(phone).removeprefix("+")
        if digits.isdigit():
            yield int(digits)


def _window(day: date) -> Select[Any]:
    """Return the cases of the days that a number is looked for in."""
    return select(cases.c.office_code, cases.c.phone_hash, cases.c.frame_on).where(
        cases.c.frame_on.between(day - LOOKED_BACK, day), cases.c.phone_hash.is_not(None)
    )


def _repeated(day: date) -> Select[Any]:
    """Return the query for the cases of each office whose number it had reported already."""
    window = _window(day).subquery()
    today = func.sum(case((window.c.frame_on == day, 1), else_=0))
    by_number = (
        select(window.c.office_code, today.label("today"), func.count().label("all"))
        .group_by(window.c.office_code, window.c.phone_hash)
        .having(today > 0, func.count() > 1)
        .subquery()
    )
    first = case((by_number.c.all == by_number.c.today, 1), else_=0)  # none was there before today
    repeated = func.sum(by_number.c.today - first)
    return select(by_number.c.office_code, repeated).group_by(by_number.c.office_code)


def _shared(day: date) -> Select[Any]:
    """Return the query for the cases of each office whose number many offices reported."""
    window = _window(day).subquery()
    numbers = (
        select(window.c.phone_hash)
        .group_by(window.c.phone_hash)
        .having(func.count(distinct(window.c.office_code)) >= MANY_OFFICES)
    )
    return (
        select(cases.c.office_code, func.count())
        .where(cases.c.frame_on == day, cases.c.phone_hash.in_(numbers))
        .group_by(cases.c.office_code)
    )


def _alike(connection: Connection, day: date) -> Counter[str]:
    """Return how many cases of each office say the same as others under different numbers."""
    same = (cases.c.office_code, cases.c.item, cases.c.citizen_name, cases.c.remark)
    query = (
        select(cases.c.office_code, func.count())
        .where(
            and_(cases.c.frame_on == day, cases.c.phone_hash.is_not(None)),
            or_(cases.c.citizen_name.is_not(None), cases.c.remark.is_not(None)),
        )
        .group_by(*same)
        .having(func.count(distinct(cases.c.phone_hash)) >= MANY_ALIKE)
    )
    alike = Counter[str]()
    for office_code, count in connection.execute(query):
        alike[office_code] += int(count)
    return alike
