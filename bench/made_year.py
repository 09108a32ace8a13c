"""A year of a city, made by set-based SQL on either engine: what the tables hold, without the work.

The rows are as the program itself would have left them: numbers of the last days alone, answers by
SMS and by phone with their journals, texts with attempts and receipts. What no page reads is left
out: follow-up texts, verification calls, rows that were refused.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BindParameter, Boolean, Connection, Date, LargeBinary, bindparam, text
from sqlalchemy.types import TypeEngine

from survey_pipeline.audit_chain.linking import link_entries
from survey_pipeline.context import Context
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.engine import writing

CATEGORIES = ("agency", "education", "health", "finance", "soe", "social")
SHARE = 5
"""Of so many cases one is drawn."""
OPEN_DAYS = 7
"""Surveys of so many days are still open at the end."""
ROWS_AT_ONCE = 20_000
TYPES: Mapping[type, TypeEngine[Any]] = {
    datetime: UtcDateTime(),
    date: Date(),
    bool: Boolean(),
    bytes: LargeBinary(),
}


@dataclass(frozen=True)
class YearSize:
    """How much is made."""

    offices: int = 1_000
    days: int = 250
    """Working days, the first at the beginning of November."""
    cases: int = 20_000
    """Of a day, in the whole city; a fifth is drawn."""

    @property
    def surveys(self) -> int:
        """Surveys of a day."""
        return -(-self.cases // SHARE)

    @property
    def phones(self) -> int:
        """Different numbers: more than cases of the days whose surveys are open."""
        return (OPEN_DAYS + 4) * self.cases + 1


def working_days(context: Context, count: int, first: date) -> list[date]:
    """Return so many working days from a day on."""
    found: list[date] = []
    day = first
    while len(found) < count:
        if context.calendar.is_working_day(day):
            found.append(day)
        day += timedelta(days=1)
    return found


def fill_year(
    context: Context, size: YearSize, days: Sequence[date], tell: Callable[[str], None]
) -> None:
    """Fill an empty workspace with these days.

    Args:
        context: a workspace without offices; its clock stands after the last day.
        size: how much of each day.
        days: the working days, in order.
        tell: is told how far it is.
    """
    with writing(context.engine) as connection:
        _write_register(connection, size)
        _write_numbers(connection, context, size)
    for number, day in enumerate(days):
        with writing(context.engine) as connection:
            _write_draw(connection, context, size, day)
            for statement in STATEMENTS:
                _fill(connection, statement, _values(context, size, days, number))
        if number % 25 == 24:
            tell(f"{number + 1} of {len(days)} days made")
    with writing(context.engine) as connection:
        _finish(connection)
    link_entries(context)
    _analyse(context)


def _values(context: Context, size: YearSize, days: Sequence[date], number: int) -> dict[str, Any]:
    """Return what a day's statements are given; moments are of the day itself, in local time."""
    day, age = days[number], len(days) - 1 - number
    drawn_at = context.calendar.at(day, time(17, 30))
    privacy = context.settings.privacy
    return {
        "day": day,
        "month": f"{day:%Y-%m}",
        "compact": f"{day:%Y%m%d}",
        "base": number * size.cases,
        "survey_base": number * size.surveys,
        "pool": size.phones,
        "cases_each": size.cases // size.offices,
        "drawn_at": drawn_at,
        "asked_at": drawn_at + timedelta(minutes=5),
        "answered_at": drawn_at + timedelta(hours=2),
        "called_at": drawn_at + timedelta(hours=60),
        "closes_at": drawn_at + timedelta(days=7),
        "open": age < OPEN_DAYS,
        "asked": age > 0,
        "called": age > 2,
        "unread": age == 1,
        "known": (days[-1] - day).days <= privacy.retention_days,
        "case_known": (days[-1] - day).days <= privacy.undrawn_retention_days,
    }


def _fill(connection: Connection, statement: str, values: dict[str, Any]) -> None:
    used = {name: values[name] for name in set(re.findall(r":([a-z]\w*)", statement))}
    typed: list[BindParameter[Any]] = [
        bindparam(name, type_=TYPES[type(value)])
        for name, value in used.items()
        if type(value) in TYPES
    ]
    connection.execute(text(statement).bindparams(*typed), used)


def _write_register(connection: Connection, size: YearSize) -> None:
    connection.execute(
        text("INSERT INTO parents (parent_code, name, hotline_group) VALUES (:code, :name, :kind)"),
        [{"code": "P-1", "name": "市政务服务局", "kind": "city_agency"}],
    )
    connection.execute(
        text(
            "INSERT INTO offices (office_code, name, category, parent_code, approval_service)"
            " VALUES (:code, :name, :category, 'P-1', false)"
        ),
        [
            {"code": office_code(number), "name": f"第{number}处", "category": _category(number)}
            for number in range(size.offices)
        ],
    )


def office_code(number: int) -> str:
    """Return an office's code."""
    return f"WZ-{number:04d}"


def _category(number: int) -> str:
    return CATEGORIES[number % len(CATEGORIES)]


def _write_numbers(connection: Connection, context: Context, size: YearSize) -> None:
    """Write the two tables that the days are made from: a day's cases, and the city's phones."""
    connection.execute(
        text(
            "CREATE TABLE made_cases (n INTEGER PRIMARY KEY, k INTEGER, office_code VARCHAR,"
            " category VARCHAR, tail VARCHAR, rank_hash VARCHAR, rating VARCHAR, by_phone INTEGER,"
            " unclear INTEGER)"
        )
    )
    kind = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    connection.execute(
        text(f"CREATE TABLE made_phones (n INTEGER PRIMARY KEY, phone {kind}, phone_hash {kind})")
    )
    for rows, names in (
        (
            _made_cases(size),
            "n, k, office_code, category, tail, rank_hash, rating, by_phone, unclear",
        ),
        (_made_phones(context, size), "n, phone, phone_hash"),
    ):
        table = "made_cases" if "tail" in names else "made_phones"
        marks = ", ".join(f":{name}" for name in names.split(", "))
        insert = text(f"INSERT INTO {table} ({names}) VALUES ({marks})")  # noqa: S608 - our own names
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(dict(zip(names.split(", "), row, strict=True)))
            if len(batch) == ROWS_AT_ONCE:
                connection.execute(insert, batch)
                batch = []
        if batch:
            connection.execute(insert, batch)


def _made_cases(size: YearSize) -> Iterator[tuple[Any, ...]]:
    for number in range(size.cases):
        office = number * size.offices // size.cases
        dice = number * 2_654_435_761 // SHARE % 100
        rating = "satisfied" if dice < 85 else "neutral" if dice < 95 else "dissatisfied"
        drawn = number % SHARE == 0
        yield (
            number, number // SHARE if drawn else None, office_code(office), _category(office),
            f"{number:06d}", f"{number * 2_654_435_761 % 2**64:064x}", rating, int(dice % 4 == 0),
            int(dice == 1),
        )  # fmt: skip


def _made_phones(context: Context, size: YearSize) -> Iterator[tuple[Any, ...]]:
    for number in range(size.phones):
        phone = f"+8613{number * 618_033 % 1_000_000_000:09d}"
        yield number, context.keys.encrypt(phone), context.keys.phone_hash(phone)


def _write_draw(connection: Connection, context: Context, size: YearSize, day: date) -> None:
    """Write the draw of a day; its roll is empty, so that it is shown and not verified."""
    values = {
        "day": day,
        "drawn_at": context.calendar.at(day, time(17, 30)),
        "frame": size.cases,
        "seed": context.keys.encrypt("00"),
        "roll": zlib.compress(b""),
        "hash": "0" * 64,
        "purged": context.calendar.at(day, time(17, 30)) + timedelta(days=8),
    }
    old = (context.today() - day).days > context.settings.privacy.undrawn_retention_days
    _fill(connection, DRAW, values)
    if old:
        _fill(connection, "UPDATE draws SET purged_at = :purged WHERE day = :day", values)


DRAW = """
INSERT INTO draws (day, drawn_at, frame, frame_hash, roll_hash, seed_hash, seed, policy, roll)
VALUES (:day, :drawn_at, :frame, :hash, :hash, :hash, :seed, '{}', :roll)
"""


def _finish(connection: Connection) -> None:
    for table in ("made_cases", "made_phones"):
        connection.execute(text(f"DROP TABLE {table}"))
    if connection.dialect.name == "postgresql":
        for table in NUMBERED:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608 - our own names
                    f" (SELECT max(id) FROM {table}))"
                )
            )


def _analyse(context: Context) -> None:
    """Let PostgreSQL know the tables, as its autovacuum would; SQLite is not analysed by us."""
    if context.engine.dialect.name == "postgresql":
        with context.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


NUMBERED = ("cases", "surveys", "messages", "receipts", "inbound", "calls")
"""Tables whose ids are made here; the others are numbered by the database."""

_FILE = Path(__file__).with_name("year.sql").read_text(encoding="utf-8")
STATEMENTS = tuple(part.strip() for part in re.sub("--.*", "", _FILE).split(";") if part.strip())
"""What one day leaves; see the file."""
