"""Fakes and builders for tests, ours and gateway authors'. Nothing in the product imports it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from survey_pipeline.calendar import Calendar, SetClock
from survey_pipeline.settings import Settings
from survey_pipeline.store import migrate
from survey_pipeline.store.crypto import derived_keys
from survey_pipeline.store.engine import open_engine, writing
from survey_pipeline.store.tables import cases, daily_reports, offices, parents
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import Category, HotlineGroup, PhoneKind

NOON = datetime(2023, 5, 4, 4, 0, tzinfo=UTC)
"""Thursday 4 May 2023, 12:00 in Shanghai: a working day."""


def workspace(home: Path, *, at: datetime = NOON, **sections: dict[str, Any]) -> Context:
    """Make a workspace with an up-to-date SQLite database and a clock that stands at `at`.

    Args:
        home: an empty folder.
        at: the moment the clock shows; `context.clock.at = ...` moves it.
        sections: settings that differ from the shipped ones, by section
            (`sampling={"rate": "0.5"}`).
    """
    settings = Settings.model_validate({"locale": "en", **sections})
    engine = open_engine(settings.database.url, home)
    migrate.upgrade(engine)
    return Context(
        home=home,
        settings=settings,
        engine=engine,
        keys=derived_keys("test"),
        calendar=Calendar(ZoneInfo(settings.timezone)),
        clock=SetClock(at),
        actor="tester",
    )


def add_offices(context: Context, *categories: Category | str, **values: Any) -> list[str]:
    """Register one office per category named; return their codes (`AG-1`, `HE-2`, ...)."""
    codes = []
    with writing(context.engine) as connection:
        if connection.execute(parents.select()).first() is None:
            connection.execute(
                parents.insert().values(
                    parent_code="P-1", name="Bureau", hotline_group=HotlineGroup.CITY_AGENCY
                )
            )
        taken = len(connection.execute(offices.select()).all())
        for number, category in enumerate(categories, taken + 1):
            code = f"{str(category)[:2].upper()}-{number}"
            connection.execute(
                offices.insert().values(
                    office_code=code,
                    name=f"Office {number}",
                    category=str(category),
                    parent_code="P-1",
                    **values,
                )
            )
            codes.append(code)
    return codes


def add_case(
    context: Context,
    office_code: str,
    case_no: str,
    phone: str,
    *,
    reported_on: date | None = None,
    **values: Any,
) -> None:
    """Store one accepted case; `phone` is E.164, reported (and served) today unless said."""
    add_cases(context, [(office_code, case_no, phone)], reported_on=reported_on, **values)


def add_cases(
    context: Context,
    rows: Sequence[tuple[str, str, str]],
    *,
    reported_on: date | None = None,
    **values: Any,
) -> None:
    """Store accepted cases given as (office_code, case_no, phone)."""
    day = reported_on or context.today()
    common = {"served_on": day, "reported_on": day, "item": "Licence", "import_id": 0, "row_no": 2}
    with writing(context.engine) as connection:
        connection.execute(
            cases.insert(),
            [
                {
                    "office_code": office,
                    "case_no": case_no,
                    "phone": context.keys.encrypt(phone),
                    "phone_hash": context.keys.phone_hash(phone),
                    "phone_kind": (
                        PhoneKind.MOBILE if phone.startswith("+861") else PhoneKind.LANDLINE
                    ),
                    "never_a_case": False,
                    **common,
                    **values,
                }
                for office, case_no, phone in rows
            ],
        )
        for office in {office for office, _, _ in rows}:
            count = sum(1 for row in rows if row[0] == office)
            found = connection.execute(
                daily_reports.update()
                .where(daily_reports.c.office_code == office, daily_reports.c.reported_on == day)
                .values(reported=daily_reports.c.reported + count)
            )
            if not found.rowcount:
                connection.execute(
                    daily_reports.insert().values(
                        office_code=office, reported_on=day, reported=count
                    )
                )
