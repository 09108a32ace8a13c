"""Made-up data, the same every time: offices, cases, rated surveys, a year's evidence."""

import csv
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

OFFICES = 1_000
CATEGORIES = ("agency", "education", "health", "finance", "soe", "social")
ITEMS = ("居住证签注", "不动产登记", "社保转移", "营业执照变更", "公积金提取", "户口迁移")
CHANNELS = ("窗口", "网上", "自助机")
SURNAMES = "王李张刘陈杨黄赵周吴"


def office(number: int) -> str:
    """Return an office's code."""
    return f"WZ-{number % OFFICES:04d}"


def mobile(number: int) -> str:
    """Return a mobile number; every fiftieth is the one before it once more."""
    number -= number % 50 == 49
    return f"13{number * 618_033 % 1_000_000_000:09d}"


def write_register(folder: Path) -> None:
    """Write `parents.csv` and `offices.csv`."""
    with (folder / "parents.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("parent_code", "name", "hotline_group"))
        writer.writerow(("P-1", "市政务服务局", "city_agency"))
    with (folder / "offices.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("office_code", "name", "category", "parent_code"))
        for number in range(OFFICES):
            category = CATEGORIES[number % len(CATEGORIES)]
            writer.writerow((office(number), f"第{number}处", category, "P-1"))


def write_cases(path: Path, count: int, served_on: date) -> None:
    """Write a day's report of the whole city, every column filled as offices fill them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ("office_code", "case_no", "served_on", "phone", "item", "channel", "subject_type",
             "citizen_name", "remark")
        )  # fmt: skip
        writer.writerows(_case_rows(count, served_on.isoformat()))


def _case_rows(count: int, day: str) -> Iterator[tuple[str, ...]]:
    for number in range(count):
        yield (
            office(number * OFFICES // count),
            f"{day.replace('-', '')}{number:07d}",
            day,
            mobile(number),
            ITEMS[number % len(ITEMS)],
            CHANNELS[number % len(CHANNELS)],
            "个人" if number % 9 else "企业",
            f"{SURNAMES[number % 10]}{SURNAMES[number // 10 % 10]}",
            "" if number % 20 else "材料已补齐",
        )


def fill_surveys(database: Path, count: int, month: str) -> None:
    """Put a month of closed and rated surveys into a workspace's database, day by day."""
    first = date.fromisoformat(f"{month}-01")
    connection = sqlite3.connect(database)
    names = (
        "office_code", "case_no", "category", "month", "drawn_on", "rank_hash", "phone_kind",
        "own_calls", "opened_at", "closes_at", "state", "closed_at", "rating", "rated_by",
        "rated_at", "corrected", "verification", "reason", "texted", "delivered", "replied",
        "called", "reached", "attempts", "denied", "contact_data_bad", "opted_out", "disposition",
        "withdrawn",
    )  # fmt: skip
    marks = ", ".join("?" * len(names))
    connection.executemany(
        f"INSERT INTO surveys ({', '.join(names)}) VALUES ({marks})",  # noqa: S608 - our own names
        (_survey_row(number, month, first + timedelta(days=number * 28 // count), number * OFFICES)
         for number in range(count)),
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO daily_reports (office_code, reported_on, reported, zero) VALUES (?, ?, ?, 0)",
        [
            (office(number), (first + timedelta(days=day)).isoformat(), 40)
            for number in range(OFFICES)
            for day in range(28)
        ],
    )
    connection.commit()
    connection.close()


def _survey_row(number: int, month: str, day: date, spread: int) -> tuple[object, ...]:
    dice = number * 2_654_435_761 % 100
    rating = "satisfied" if dice < 85 else "neutral" if dice < 95 else "dissatisfied"
    phone = dice % 4 == 0
    at = f"{day} 03:00:00.000000"
    return (
        office(spread // 997), f"K{number:07d}", CATEGORIES[spread // 997 % OFFICES % 6], month,
        day.isoformat(), f"{number * 2_654_435_761 % 2**64:064x}", "mobile", True, at, at,
        "closed", at, rating, "phone" if phone else "sms", at, False,
        "satisfied" if dice == 1 else None, "attitude" if rating == "dissatisfied" else None,
        True, not phone, not phone, phone, phone, int(phone), False, False, False, "1.1", False,
    )  # fmt: skip


IMPORT = 1_000
"""The import that the evidence stands under."""
SANCTIONS = ("C1.1", "C1.3", "C1.5", "C2.1a", "C2.1b", "C2.1f", "C2.2b", "C2.3a", "C3.1", "C3.2a")
POINTS = {"C1.1": 4, "C1.3": 3, "C1.5": 0.5, "C2.1f": 1, "C2.3a": 2, "C3.1": 0.3, "D3.8": 0.4}
FAULTS = ("D1.1", "D1.2", "D1.3", "D1.4", "D2.5", "D2.6", "D2.7", "D3.8")


def fill_evidence(database: Path, count: int, year: int) -> None:
    """Put a year's evidence into a workspace's database: mostly sanctions and hotline records.

    Args:
        database: where to.
        count: of records, all kinds together.
        year: the appraisal year; the records' days lie in its window.
    """
    connection = sqlite3.connect(database)
    connection.execute(
        "INSERT INTO import_runs (id, kind, file_name, file_hash, by, at, accepted, updated,"
        " unchanged, refused, warnings) VALUES (?, 'supervision', 'records.xlsx', '', 'bench', ?,"
        " 0, 0, 0, 0, 0)",
        (IMPORT, f"{year}-11-20 03:00:00.000000"),
    )
    for number in range(OFFICES):
        _fill_delivered(connection, number, year)
    left = count - 2 * OFFICES - 1
    awards = left // 40
    sanctions = (left - awards) * 3 // 5
    common = "year, import_id, row_no, record_no, clause, office_code, occurred_on, points"
    connection.executemany(
        f"INSERT INTO supervision_records ({common}, person_hash, matter, is_head, duty_related,"  # noqa: S608 - our own names
        " adverse_effect, self_found, rectified, filed_on, document_no)"
        f" VALUES ({', '.join('?' * 17)})",
        (_sanction(number, year) for number in range(sanctions)),
    )
    connection.executemany(
        f"INSERT INTO hotline_records ({common}, unreasonable_claim)"  # noqa: S608 - our own names
        f" VALUES ({', '.join('?' * 9)})",
        (_fault(number, year) for number in range(left - awards - sanctions)),
    )
    connection.executemany(
        "INSERT INTO awards (year, import_id, row_no, award_no, office_code, work, level,"
        " recipient, document_no, issued_on, kind, confirmed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (_award(number, year) for number in range(awards)),
    )
    connection.commit()
    connection.close()


def _fill_delivered(connection: sqlite3.Connection, number: int, year: int) -> None:
    graded = CATEGORIES[number % len(CATEGORIES)] == "agency"
    row, day = (year, IMPORT, number + 2, office(number)), f"{year}-11-15"
    connection.execute(
        "INSERT INTO performance_points (year, import_id, row_no, office_code, points, source,"
        " delivered_on, late) VALUES (?, ?, ?, ?, ?, '牵头单位', ?, 0)",
        (*row, 80_000 + number, day),
    )
    table, value = ("parent_grades", "good") if graded else ("parent_points", 45_000)
    column = "grade" if graded else "source, points"
    connection.execute(
        f"INSERT INTO {table} (year, import_id, row_no, office_code, {column}, delivered_on, late)"  # noqa: S608 - our own names
        f" VALUES (?, ?, ?, ?, {'?' if graded else chr(39) + '牵头单位' + chr(39) + ', ?'}, ?, 0)",
        (*row, value, day),
    )
    if number == 0:
        connection.execute(
            "INSERT INTO hotline_ranks (year, import_id, row_no, parent_code, rank)"
            " VALUES (?, ?, 2, 'P-1', 23)",
            (year, IMPORT),
        )


def _common(number: int, year: int, prefix: str, clauses: tuple[str, ...]) -> tuple[object, ...]:
    clause = clauses[number * 7 % len(clauses)]
    day = date(year - 1, 11, 1) + timedelta(days=number * 13 % 365)
    points = POINTS.get(clause)
    return (
        year, IMPORT, number + 2, f"{prefix}{number:06d}", clause, office(number * 17 // 16),
        day.isoformat(), None if points is None else int(points * 10_000),
    )  # fmt: skip


def _sanction(number: int, year: int) -> tuple[object, ...]:
    row = _common(number, year, "S", SANCTIONS)
    person = (number // 3 * 2_654_435_761 % 2**128).to_bytes(16, "big")
    found = number % 5 == 0
    return (
        *row, person, f"事项{number % 90}", number % 20 == 0, number % 4 == 0 or None,
        number % 3 == 0 or None, found, found, row[6] if found else None, f"〔{year}〕{number}号",
    )  # fmt: skip


def _fault(number: int, year: int) -> tuple[object, ...]:
    return *_common(number, year, "H", FAULTS), number % 11 == 0


def _award(number: int, year: int) -> tuple[object, ...]:
    return (
        year, IMPORT, number + 2, f"A{number:06d}", office(number), f"工作{number % 30}",
        f"G{number % 4 + 1}", "person" if number % 3 else "office",
        f"〔{year}〕{number}号" if number % 2 else None, f"{year}-03-04", "commendation", True,
    )  # fmt: skip
