"""One account of who owes a report: the day, the deadlines, the office's page and the daily run."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from survey_pipeline.context import Context
from survey_pipeline.reports.day_arrivals import read_day_arrivals
from survey_pipeline.reports.deadlines import gather_deadlines as deadlines
from survey_pipeline.reports.missing_reports import missing_reports
from survey_pipeline.reports.reported_days import DayState, reported_month
from survey_pipeline.stages.intake.zero_reports import report_zero
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.testing import NOON, add_case, add_offices, workspace
from survey_pipeline.vocabulary import AuditAction, DeadlineState, Duty, RecordKind

pytestmark = pytest.mark.usefixtures("database")

FIRST = date(2023, 3, 1)
TODAY = date(2023, 5, 4)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    made = workspace(tmp_path, at=NOON, standards={2023: "wenzhou-2023"})
    add_offices(made, "agency", "agency")
    yield made
    made.engine.dispose()


def reports(context: Context, office: str, *days: date) -> None:
    for day in days:
        add_case(context, office, f"K-{day}", "+8613812345678", reported_on=day)


def registered(context: Context, office: str, day: date) -> None:
    """Put an office on record as having come onto the register on a day."""
    at = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=4)
    entry = audit.entry(
        at=at, actor="li", action=AuditAction.CREATED, kind=RecordKind.OFFICES, key=office, after={}
    )
    with writing(context.engine) as connection:
        audit.append(connection, [entry])


def told(context: Context, office: str) -> list[list[date]]:
    """Return the days that an office owes before today, as each part of the program says it."""
    on_day = [one for one in read_day_arrivals(context, TODAY).missing if one.office_code == office]
    by_run = [one for one in missing_reports(context, TODAY) if one.office_code == office]
    found = deadlines(context, TODAY).deadlines
    due = [one.missing for one in found if one.term.duty is Duty.CASE_REPORT]
    by_deadlines = [
        one.missing for one in found if one.term.duty is Duty.CASE_REPORT and one.who.code == office
    ]
    assert due
    months = ("2023-02", "2023-03", "2023-04", "2023-05")
    on_page = [day for month in months for day in missing_in(context, office, month)]
    return [
        [day for one in on_day for day in one.days if day < TODAY],
        [day for one in by_run for day in one.days if day < TODAY],
        [date.fromisoformat(day) for days in by_deadlines for day in days],
        on_page,
    ]


def missing_in(context: Context, office: str, month: str) -> list[date]:
    return sorted(reported_month(context, office, month).missing)


def test_all_look_back_to_the_first_report_not_a_week(context: Context) -> None:
    reports(context, "AG-1", FIRST)
    first, *others = told(context, "AG-2")
    assert first[0] == FIRST
    assert len(first) == 43
    assert all(days == first for days in others)


def test_nothing_is_owed_from_before_the_office_came_onto_the_register(context: Context) -> None:
    reports(context, "AG-1", FIRST)
    registered(context, "AG-2", date(2023, 4, 27))
    assert told(context, "AG-2") == [[date(2023, 4, 27), date(2023, 4, 28)]] * 4


def test_a_newborn_workspace_owes_its_first_day_alone(context: Context) -> None:
    for office in ("AG-1", "AG-2"):
        registered(context, office, TODAY)
    reports(context, "AG-1", FIRST)  # brought in afterwards
    assert told(context, "AG-2") == [[], [], [], []]
    owing = read_day_arrivals(context, TODAY).missing[-1]
    assert (owing.office_code, owing.days, owing.since) == ("AG-2", [TODAY], TODAY)
    overdue = [one for one in deadlines(context, TODAY).deadlines if one.is_open]
    assert {one.state for one in overdue} == {DeadlineState.DUE}


@pytest.mark.parametrize(
    ("began", "owed"),
    [
        (date(2023, 4, 1), {"2023-Q1": False, "2023-03": False, "2023-04": True, "2023-Q2": True}),
        (date(2023, 3, 31), {"2023-Q1": True, "2023-03": True, "2023-04": True, "2023-Q2": True}),
    ],
)
def test_a_month_or_quarter_before_the_register_is_owed_by_nobody(
    tmp_path: Path, began: date, owed: dict[str, bool]
) -> None:
    made = workspace(tmp_path, at=NOON, standards={2023: "wenzhou-2023"})
    (office,) = add_offices(made, "education")
    registered(made, office, began)
    found = deadlines(made, TODAY, daily=False).deadlines
    made.engine.dispose()
    asked = {Duty.SATISFACTION, Duty.HOTLINE}
    periods = {one.term.period.name for one in found if one.term.duty in asked and one.is_open}
    assert {period: period in periods for period in owed} == owed
    assert {one.term.duty for one in found if one.is_open} >= {Duty.PERFORMANCE}


def test_before_any_report_every_page_says_that_todays_is_owed(context: Context) -> None:
    assert told(context, "AG-1") == [[], [], [], []]
    assert len(read_day_arrivals(context, TODAY).missing) == 2
    (today,) = (
        one for one in deadlines(context, TODAY).deadlines if one.term.duty is Duty.CASE_REPORT
    )
    assert today.missing == ("AG-1", "AG-2")
    days = reported_month(context, "AG-1", "2023-05").days
    assert [one.state for one in days if one.day == TODAY] == [DayState.OPEN]


def test_a_zero_report_ends_a_debt_everywhere(context: Context) -> None:
    reports(context, "AG-1", date(2023, 4, 27))
    report_zero(context, "AG-2", date(2023, 4, 27))
    first, *others = told(context, "AG-2")
    assert date(2023, 4, 27) not in first
    assert first == [date(2023, 4, 28)]
    assert all(days == first for days in others)
