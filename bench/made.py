"""Made-up data, the same every time: offices, a day's cases, a month of rated surveys."""

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
