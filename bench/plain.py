"""The baselines: what a short script does that keeps no journal, no keys and no reasons."""

import asyncio
import csv
import hashlib
import sqlite3
import time
from collections.abc import Iterator

from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from bench import carriers

MESSAGES_A_COMMIT = 100
TEXT = "您好，您在市民中心办理的业务，满意请回复1，一般请回复2，不满意请回复3。"


def _connect(database: str) -> sqlite3.Connection:
    """Open a database with the same durability as the product's."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def import_cases(file: str, database: str, day: str) -> None:
    """Read a file with `csv.reader` and store it with one `executemany`, as it stands.

    The table is the product's own, with every index that it has; the process is timed as a whole.
    """
    connection = _connect(database)
    with open(file, encoding="utf-8", newline="") as lines:  # noqa: PTH123 - as a script would
        reader = csv.reader(lines)
        next(reader)
        connection.executemany(
            "INSERT INTO cases (office_code, case_no, served_on, reported_on, phone, phone_hash,"
            " phone_kind, item, channel, subject_type, citizen_name, remark, import_id, row_no,"
            " never_a_case) VALUES (?, ?, ?, ?, ?, ?, 'mobile', ?, ?, ?, ?, ?, 1, ?, 0)",
            _as_stored(reader, day),
        )
    connection.commit()
    connection.close()


def _as_stored(rows: Iterator[list[str]], day: str) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(rows, 2):
        yield (row[0], row[1], row[2], day, row[3], row[3], *row[4:], number)


def sample(database: str, seed: str, day: str) -> dict[str, float]:
    """Read what the draw reads of each case, and hash it."""
    connection = _connect(database)
    begun = time.perf_counter()
    lowest = "g"
    for office, case, _, _, _ in connection.execute(
        "SELECT office_code, case_no, phone_hash, phone_kind, served_on FROM cases"
    ):
        lowest = min(lowest, hashlib.sha256(f"{seed}:{day}:{office}:{case}".encode()).hexdigest())
    return {"seconds": time.perf_counter() - begun}


def score(database: str, month: str) -> dict[str, float]:
    """Count a month's ratings by office with one GROUP BY; the table holds no other month."""
    connection = _connect(database)
    begun = time.perf_counter()
    connection.execute(
        "SELECT office_code, rated_by, rating, count(*) FROM surveys WHERE month || '' = ?"
        " GROUP BY office_code, rated_by, rating",
        (month,),
    ).fetchall()
    return {"seconds": time.perf_counter() - begun}


EVIDENCE = (
    "supervision_records", "hotline_records", "hotline_ranks", "performance_points",
    "parent_grades", "parent_points", "awards",
)  # fmt: skip


def year(database: str, year: str) -> dict[str, float]:
    """Read every record of a year's evidence with one query a table."""
    connection = _connect(database)
    begun = time.perf_counter()
    for table in EVIDENCE:
        query = f"SELECT * FROM {table} WHERE year = ?"  # noqa: S608 - a name of our own list
        connection.execute(query, (int(year),)).fetchall()
    return {"seconds": time.perf_counter() - begun}


def dispatch(database: str) -> dict[str, float]:
    """Mark each message as sent with an UPDATE of its own, and commit every hundred."""
    connection = _connect(database)
    connection.execute("UPDATE messages SET state = 'queued', provider_id = NULL")
    connection.commit()
    ids = [key for (key,) in connection.execute("SELECT id FROM messages")]
    begun = time.perf_counter()
    for number, key in enumerate(ids, 1):
        connection.execute(
            "UPDATE messages SET state = 'accepted', gateway = 'simulated', provider_id = ?,"
            " accepted_at = ? WHERE id = ?",
            (f"id-{key}", "2023-05-04 04:00:00.000000", key),
        )
        if number % MESSAGES_A_COMMIT == 0:
            connection.commit()
    connection.commit()
    return {"seconds": time.perf_counter() - begun}


def twilio(url: str, texts: str) -> dict[str, float]:
    """POST so many messages with the package's own asynchronous client, 64 at a time."""
    return {"seconds": asyncio.run(_twilio(url, int(texts)))}


async def _twilio(url: str, texts: int) -> float:
    async with AsyncTwilioHttpClient() as http:
        client = Client(carriers.ACCOUNT, carriers.TOKEN, http_client=http)
        client.api.base_url = url
        numbers = iter(range(texts))

        async def work() -> None:
            for number in numbers:
                made = await client.messages.create_async(
                    to=f"+86138{number:08d}",
                    from_="+15005550006",
                    body=TEXT,
                    status_callback=f"http://127.0.0.1:9/hooks/twilio/receipt?attempt={number}",
                )
                if not made.sid:
                    raise SystemExit("a message was not taken")

        begun = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(carriers.CONCURRENCY)))
        return time.perf_counter() - begun
