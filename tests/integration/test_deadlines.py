"""Who owes what on a day, from real tables (specification, section 14.H)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table

from survey_pipeline.context import Context
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.reports.deadlines import Deadline
from survey_pipeline.reports.deadlines import gather_deadlines as deadlines
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import (
    daily_reports,
    filings,
    hotline_ranks,
    hotline_records,
    import_runs,
    offices,
    parent_grades,
    parent_points,
    parents,
    performance_points,
    satisfaction_results,
    supervision_records,
)
from survey_pipeline.testing import add_case, inserted, workspace
from survey_pipeline.vocabulary import CameAs, DeadlineState, Duty

pytestmark = pytest.mark.usefixtures("database")

TAKEN_BACK = datetime(2023, 3, 25, tzinfo=UTC)
PARENTS = (("P-1", "Enterprises", "city_agency"), ("P-2", "Schools", "soe_institution"))
OFFICES = (
    ("AG-1", "agency", "P-1", True),
    ("AG-2", "agency", "P-1", False),
    ("ED-1", "education", "P-2", False),
    ("HE-1", "health", "P-2", False),
    ("HE-2", "health", "P-2", False),
)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A city of two departments and five offices, under the shipped standard of 2023."""
    made = workspace(tmp_path, standards={2023: "wenzhou-2023"})
    with writing(made.engine) as connection:
        for code, name, group in PARENTS:
            connection.execute(
                parents.insert().values(parent_code=code, name=name, hotline_group=group)
            )
        for code, category, parent, approval in OFFICES:
            connection.execute(
                offices.insert().values(
                    office_code=code,
                    name=f"Office {code}",
                    category=category,
                    parent_code=parent,
                    approval_service=approval,
                )
            )
    yield made
    made.engine.dispose()


def add(context: Context, table: Table, *rows: dict[str, Any], on: str = "2023-05-04") -> None:
    """Store rows as an import of that day would."""
    at = datetime.combine(date.fromisoformat(on), datetime.min.time(), tzinfo=UTC)
    with writing(context.engine) as connection:
        run = {"kind": table.name, "file_name": "f.csv", "file_hash": "", "by": "t", "at": at}
        import_id = inserted(connection.execute(import_runs.insert().values(**run)))
        for number, row in enumerate(rows, 2):
            connection.execute(
                table.insert().values(**{"import_id": import_id, "row_no": number, **row})
            )


def delivered(context: Context, month: str, on: str, *codes: str) -> None:
    """Results of a month that a lead agency has delivered."""
    counts = dict.fromkeys(("reported", "sampled", "satisfied", "neutral", "dissatisfied"), 0)
    rows = [
        {
            "office_code": code,
            "month": month,
            "source": "lead",
            "mode": "phone",
            "delivered_on": date.fromisoformat(on),
            "late": False,
            **counts,
        }
        for code in codes
    ]
    add(context, satisfaction_results, *rows)


def finding(record_no: str, office: str, occurred_on: str, **values: Any) -> dict[str, Any]:
    """A supervision record."""
    return {
        "year": 2023,
        "record_no": record_no,
        "clause": "C1.5",
        "office_code": office,
        "occurred_on": date.fromisoformat(occurred_on),
        **values,
    }


def change(context: Context, office: str, **values: Any) -> None:
    with writing(context.engine) as connection:
        connection.execute(offices.update().where(offices.c.office_code == office).values(**values))


def on(context: Context, day: str, duty: Duty, period: str = "", **options: Any) -> list[Deadline]:
    """What is owed of a duty on a day, of one period where one is named."""
    report = deadlines(context, date.fromisoformat(day), **options)
    return [
        one
        for one in report.deadlines
        if one.term.duty is duty and period in {"", one.term.period.name}
    ]


def states(found: list[Deadline]) -> dict[str, str]:
    return {one.who.in_locale("en"): str(one.state) for one in found}


def test_results_are_owed_by_each_lead_agency_and_met_when_all_its_offices_have_them(
    context: Context,
) -> None:
    delivered(context, "2023-05", "2023-06-20", "HE-1", "AG-1")
    found = on(context, "2023-06-23", Duty.SATISFACTION, "2023-05")
    assert states(found) == {
        "the education bureau": "due",
        "the health commission": "due",
        "the government-service bureau": "met",
    }
    [health] = [one for one in found if one.part == "health"]
    assert (health.came, health.expected, health.missing) == (1, 2, ("HE-2",))
    assert health.days == 2  # the 25th is a Sunday, worked after the holiday


def test_the_last_day_is_in_time_and_the_next_is_overdue(context: Context) -> None:
    [health] = [
        one
        for one in on(context, "2023-06-25", Duty.SATISFACTION, "2023-05")
        if one.part == "health"
    ]
    assert (health.state, health.days) == (DeadlineState.DUE, 0)
    [health] = [
        one
        for one in on(context, "2023-06-26", Duty.SATISFACTION, "2023-05")
        if one.part == "health"
    ]
    assert (health.state, health.days, health.came) == (DeadlineState.OVERDUE, 1, 0)


def test_what_came_late_says_when_and_was_overdue_the_day_before(context: Context) -> None:
    delivered(context, "2023-05", "2023-06-20", "HE-1")
    delivered(context, "2023-05", "2023-07-03", "HE-2")
    [before] = [
        one
        for one in on(context, "2023-07-02", Duty.SATISFACTION, "2023-05")
        if one.part == "health"
    ]
    assert (before.state, before.days, before.missing) == (DeadlineState.OVERDUE, 7, ("HE-2",))
    [after] = [
        one
        for one in on(context, "2023-07-03", Duty.SATISFACTION, "2023-05")
        if one.part == "health"
    ]
    assert (after.state, after.came_on) == (DeadlineState.MET_LATE, date(2023, 7, 3))


def test_offices_without_approval_services_wait_for_nobody(context: Context) -> None:
    change(context, "AG-1", approval_service=False)
    found = on(context, "2023-06-23", Duty.SATISFACTION, "2023-05")
    assert "the government-service bureau" not in states(found)


@pytest.mark.parametrize(
    "values",
    [
        {"exempt_reason": "merged"},
        {"valid_until": date(2023, 4, 30)},
        {"valid_from": date(2023, 6, 1)},
        {"withdrawn_at": datetime(2023, 1, 1, tzinfo=UTC)},
    ],
    ids=["exempt", "closed before", "opened after", "withdrawn"],
)
def test_nothing_is_owed_for_an_office_that_is_not_appraised_then(
    context: Context, values: dict[str, Any]
) -> None:
    delivered(context, "2023-05", "2023-06-20", "HE-1")
    change(context, "HE-2", **values)
    found = on(context, "2023-07-10", Duty.SATISFACTION, "2023-05")
    assert states(found)["the health commission"] == "met"


def test_an_office_of_a_part_of_the_month_is_waited_for(context: Context) -> None:
    change(context, "HE-2", valid_from=date(2023, 5, 31))
    delivered(context, "2023-05", "2023-06-20", "HE-1")
    found = on(context, "2023-07-10", Duty.SATISFACTION, "2023-05")
    assert states(found)["the health commission"] == "overdue"


def test_a_withdrawn_delivery_has_not_come(context: Context) -> None:
    delivered(context, "2023-05", "2023-06-20", "HE-1", "HE-2")
    with writing(context.engine) as connection:
        connection.execute(satisfaction_results.update().values(withdrawn_at=context.now()))
    found = on(context, "2023-07-10", Duty.SATISFACTION, "2023-05")
    assert states(found)["the health commission"] == "overdue"


def test_a_department_that_neither_filed_nor_said_nothing_is_overdue(context: Context) -> None:
    assert states(on(context, "2023-03-27", Duty.SELF_CHECK, "2023-02")) == {
        "Enterprises": "due",
        "Schools": "due",
    }
    assert states(on(context, "2023-03-28", Duty.SELF_CHECK, "2023-02")) == {
        "Enterprises": "overdue",
        "Schools": "overdue",
    }


@pytest.mark.parametrize(
    ("filed_on", "state"),
    [
        ("2023-02-26", "met"),
        ("2023-03-27", "met"),  # the 25th is a Saturday
        ("2023-03-28", "met_late"),
        (None, "overdue"),
        ("2023-05-01", "overdue"),  # not yet, on the day of the question
    ],
)
def test_what_a_department_found_itself_on_26_february_is_to_be_filed_by_27_march(
    context: Context, filed_on: str | None, state: str
) -> None:
    filed = filed_on and date.fromisoformat(filed_on)
    row = finding("R-1", "AG-1", "2023-02-26", self_found=True, filed_on=filed)
    add(context, supervision_records, row)
    found = states(on(context, "2023-04-04", Duty.SELF_CHECK, "2023-02"))
    assert found == {"Enterprises": state, "Schools": "overdue"}
    [january] = on_of(context, "2023-04-04", "2023-01")
    assert (january.state, january.came_as) == (DeadlineState.OVERDUE, CameAs.OUTSTANDING)


def on_of(context: Context, day: str, month: str, code: str = "P-1") -> list[Deadline]:
    """What a department's self-check of a month looks like on a day."""
    found = on(context, day, Duty.SELF_CHECK, month)
    return [deadline for deadline in found if deadline.who.code == code]


def filing(filing_no: str, month: str, filed_on: str, **values: Any) -> dict[str, Any]:
    """A self-check filing of the first department."""
    return {
        "year": 2023,
        "filing_no": filing_no,
        "parent_code": "P-1",
        "month": month,
        "filed_on": date.fromisoformat(filed_on),
        "nothing_found": False,
        **values,
    }


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((filing("F-1", "2023-02", "2023-03-27"),), ("met", "records", "2023-03-27", 1)),
        ((filing("F-1", "2023-02", "2023-03-28"),), ("met_late", "records", "2023-03-28", 1)),
        (
            (filing("F-1", "2023-02", "2023-03-01"), filing("F-2", "2023-02", "2023-03-30")),
            ("met_late", "records", "2023-03-30", 2),
        ),
        (
            (filing("F-1", "2023-02", "2023-03-24", nothing_found=True),),
            ("met", "nothing", "2023-03-24", 0),
        ),
        (
            (filing("F-1", "2023-02", "2023-03-28", nothing_found=True),),
            ("met_late", "nothing", "2023-03-28", 0),
        ),
        ((filing("F-1", "2023-03", "2023-03-24"),), ("overdue", "outstanding", None, 0)),
        ((filing("F-1", "2023-02", "2023-05-02"),), ("overdue", "outstanding", None, 0)),
        (
            (filing("F-1", "2023-02", "2023-03-24", withdrawn_at=TAKEN_BACK),),
            ("overdue", "outstanding", None, 0),
        ),
    ],
    ids=[
        "in time", "late", "more came late", "nothing in time", "nothing late", "of another month",
        "not yet", "withdrawn",
    ],
)  # fmt: skip
def test_a_department_has_filed_or_said_nothing_or_owes_it(
    context: Context, rows: tuple[dict[str, Any], ...], expected: tuple[Any, ...]
) -> None:
    add(context, filings, *rows)
    [found] = on_of(context, "2023-04-04", "2023-02")
    came_on = found.came_on and found.came_on.isoformat()
    assert (str(found.state), str(found.came_as), came_on, found.came) == expected
    [other] = on_of(context, "2023-04-04", "2023-02", "P-2")
    assert (other.state, other.came_as) == (DeadlineState.OVERDUE, CameAs.OUTSTANDING)


def test_a_record_is_filed_by_the_filing_that_it_names(context: Context) -> None:
    """The filing may be of another month: its day decides, not the record's own."""
    add(context, filings, filing("F-1", "2023-03", "2023-03-27"))
    row = finding(
        "R-1", "AG-1", "2023-02-26", self_found=True, filing_no="F-1", filed_on=date(2023, 5, 1)
    )
    add(context, supervision_records, row)
    [found] = on_of(context, "2023-04-04", "2023-02")
    assert (found.state, found.came_as, found.came_on) == (
        DeadlineState.MET, CameAs.RECORDS, date(2023, 3, 27),
    )  # fmt: skip
    with writing(context.engine) as connection:
        connection.execute(filings.update().values(withdrawn_at=context.now()))
    [found] = on_of(context, "2023-04-04", "2023-02")
    assert (found.state, found.came_as) == (DeadlineState.OVERDUE, CameAs.OUTSTANDING)


def test_who_said_nothing_and_found_something_owes_its_filing(context: Context) -> None:
    add(context, filings, filing("F-1", "2023-02", "2023-03-24", nothing_found=True))
    add(context, supervision_records, finding("R-1", "AG-1", "2023-02-26", self_found=True))
    [found] = on_of(context, "2023-04-04", "2023-02")
    assert (found.state, found.came_as, found.came, found.expected) == (
        DeadlineState.OVERDUE, CameAs.OUTSTANDING, 0, 1,
    )  # fmt: skip


def test_what_inspectors_found_need_not_be_filed(context: Context) -> None:
    add(context, supervision_records, finding("R-1", "AG-1", "2023-02-26"))
    add(context, filings, filing("F-1", "2023-02", "2023-03-24", nothing_found=True))
    [found] = on_of(context, "2023-04-04", "2023-02")
    assert (found.state, found.came_as) == (DeadlineState.MET, CameAs.NOTHING)


def test_a_quarters_hotline_records_have_come_once_any_is_there(context: Context) -> None:
    row = {
        "year": 2023,
        "record_no": "H-1",
        "clause": "D1.1",
        "office_code": "AG-1",
        "occurred_on": date(2023, 3, 31),
    }
    add(context, hotline_records, row, on="2023-04-11")
    [quarter] = on(context, "2023-04-12", Duty.HOTLINE, "2023-Q1")
    assert (quarter.state, quarter.came_on) == (DeadlineState.MET_LATE, date(2023, 4, 11))
    assert (quarter.came, quarter.expected, quarter.came_as) == (1, None, CameAs.RECORDS)
    [quarter] = on(context, "2023-07-12", Duty.HOTLINE, "2023-Q2")
    assert (quarter.state, quarter.days) == (DeadlineState.OVERDUE, 2)
    assert quarter.came_as is CameAs.OUTSTANDING


def year_row(code: str, on: str, **values: Any) -> dict[str, Any]:
    return {
        "year": 2023,
        "office_code": code,
        "delivered_on": date.fromisoformat(on),
        "late": False,
        **values,
    }


def test_departments_owe_grades_and_lead_agencies_points(context: Context) -> None:
    grade = {"grade": "good"}
    add(context, parent_grades, year_row("AG-1", "2023-11-18", **grade))
    points = {"points": 40_000, "source": "lead"}
    add(
        context,
        parent_points,
        *(year_row(code, "2023-11-20", **points) for code in ("HE-1", "HE-2")),
        year_row("ED-1", "2023-11-21", **points),
    )
    assert states(on(context, "2023-11-21", Duty.PARENT_RATING, "2023")) == {
        "Enterprises": "overdue",
        "the health commission": "met",
        "the education bureau": "met_late",
    }


def test_performance_points_are_owed_category_by_category(context: Context) -> None:
    row = year_row("ED-1", "2023-11-20", points=90_000, source="lead")
    add(context, performance_points, row)
    found = on(context, "2023-11-22", Duty.PERFORMANCE, "2023")
    assert {str(one.part): (str(one.state), one.missing) for one in found} == {
        "agency": ("overdue", ("AG-1", "AG-2")),
        "education": ("met", ()),
        "health": ("overdue", ("HE-1", "HE-2")),
    }


def test_a_rank_is_owed_for_every_department_with_offices(context: Context) -> None:
    add(context, hotline_ranks, {"year": 2023, "parent_code": "P-1", "rank": 3}, on="2023-11-15")
    found = on(context, "2023-11-22", Duty.HOTLINE_RANK, "2023")
    assert {str(one.part): str(one.state) for one in found} == {
        "city_agency": "met",
        "soe_institution": "overdue",
    }
    assert [one.missing for one in found if one.part == "soe_institution"] == [("P-2",)]


def test_the_year_before_is_still_owed_across_the_turn_of_the_window(context: Context) -> None:
    """2023 ends on 31 October; its last results and its ratings come in November."""
    delivered(context, "2023-09", "2023-10-20", "HE-1", "HE-2")
    report = deadlines(context, date(2023, 11, 28))
    assert [one.standard.year for one in report.years] == [2023, 2024]
    october = [one for one in report.deadlines if one.term.period.name == "2023-10"]
    assert {(one.state, one.days) for one in october} >= {(DeadlineState.OVERDUE, 1)}
    ratings = on(context, "2024-03-01", Duty.PARENT_RATING, "2023")
    assert {one.term.due for one in ratings} == {date(2023, 11, 20)}
    assert {one.days for one in ratings} == {102}
    assert on(context, "2024-11-01", Duty.PARENT_RATING, "2023") == []


def test_a_year_of_which_nothing_is_on_record_accuses_nobody(context: Context) -> None:
    report = deadlines(context, date(2023, 11, 28))
    assert [one.standard.year for one in report.years] == [2024]


def test_the_next_years_first_deadline_is_seen_before_its_window_begins(context: Context) -> None:
    standard = context.home / "config" / "standards" / "wenzhou-2023.toml"
    text = standard.read_text(encoding="utf-8")
    for written, moved in (("2022-10-31", "2022-12-20"), ("2023-10-31", "2023-12-20")):
        text = text.replace(written, moved)
    standard.write_text(text, encoding="utf-8")
    *_, first = on(context, "2023-12-20", Duty.HOTLINE, "2023-Q4")
    assert first.term.period.first == date(2023, 12, 21)
    assert (first.term.year, first.term.due, first.days) == (2024, date(2024, 1, 10), 21)
    assert len(on(context, "2023-12-10", Duty.HOTLINE, "2023-Q4")) == 1


def test_a_year_that_is_named_is_looked_at_alone(context: Context) -> None:
    report = deadlines(context, date(2023, 11, 28), year=2023)
    assert [one.standard.year for one in report.years] == [2023]
    assert {one.term.year for one in report.deadlines} == {2023}


def reported(context: Context, *days: tuple[str, str], zero: bool = False) -> None:
    with writing(context.engine) as connection:
        connection.execute(
            daily_reports.insert(),
            [
                {
                    "office_code": code,
                    "reported_on": date.fromisoformat(day),
                    "reported": 0 if zero else 3,
                    "zero": zero,
                }
                for code, day in days
            ],
        )


def test_an_office_owes_a_report_of_every_working_day_since_the_first_there_ever_was(
    context: Context,
) -> None:
    codes = [code for code, *_ in OFFICES]
    reported(context, *((code, "2023-04-28") for code in codes))
    reported(context, *((code, "2023-05-04") for code in codes if code != "HE-2"))
    reported(context, ("HE-1", "2023-05-05"), zero=True)
    found = on(context, "2023-05-05", Duty.CASE_REPORT)
    owing = {one.who.code: one.missing for one in found if one.who.code}
    assert owing == {"HE-2": ("2023-05-04",)}  # the holidays are nobody's working days
    [today] = [one for one in found if one.who.code is None]
    assert (today.state, today.days, today.came, today.expected) == (DeadlineState.DUE, 0, 1, 5)
    assert today.missing == ("AG-1", "AG-2", "ED-1", "HE-2")


def test_reports_are_owed_since_their_oldest_day_across_the_turn_of_the_window(
    context: Context,
) -> None:
    codes = [code for code, *_ in OFFICES]
    days = [date(2023, 10, 24) + timedelta(days=number) for number in range(14)]
    reported(
        context,
        *((code, str(day)) for code in codes for day in days if code != "HE-2" or day == days[0]),
    )
    [late] = [one for one in on(context, "2023-11-03", Duty.CASE_REPORT) if one.who.code]
    assert (late.who.code, late.term.due, late.days) == ("HE-2", date(2023, 10, 25), 9)
    assert late.missing[-1] == "2023-11-02"
    [late] = [one for one in on(context, "2023-11-03", Duty.CASE_REPORT, year=2024) if one.who.code]
    assert late.missing == ("2023-11-01", "2023-11-02")


def test_before_the_first_report_only_the_days_own_is_owed(context: Context) -> None:
    (today,) = on(context, "2023-05-05", Duty.CASE_REPORT)
    assert (today.state, today.who.code, len(today.missing)) == (DeadlineState.DUE, None, 5)


def test_no_report_is_owed_on_a_day_off(context: Context) -> None:
    add_case(context, "HE-1", "K-1", "+8613812345678", reported_on=date(2023, 5, 5))
    assert not [one for one in on(context, "2023-05-07", Duty.CASE_REPORT) if not one.who.code]


def test_the_most_urgent_stands_first(context: Context) -> None:
    found = deadlines(context, date(2023, 7, 1)).within(30).deadlines
    assert {one.state for one in found} == {DeadlineState.OVERDUE, DeadlineState.DUE}
    order = [(one.state is DeadlineState.DUE, one.term.due) for one in found]
    assert order == sorted(order)
    assert max(one.term.due for one in found) <= date(2023, 7, 31)


def test_dates_of_2049_are_provisional(context: Context) -> None:
    report = deadlines(context, date(2049, 3, 1))
    assert report.unlisted_years == [2049]
    assert report.unknown_years == [2048, 2049]
    assert all(one.term.provisional for one in report.deadlines)


def test_a_day_in_no_window_is_refused_with_the_file_to_look_at(context: Context) -> None:
    path = context.home / "config" / "standards" / "wenzhou-2023.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("after = 2022-10-31", "after = 2023-01-31"), "utf-8")
    with pytest.raises(ConfigurationError, match=r"no standard's window holds 2023-01-15"):
        deadlines(context, date(2023, 1, 15))
