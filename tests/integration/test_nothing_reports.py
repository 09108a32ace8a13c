"""The word that there is nothing to bring: for a department's month, for a hotline quarter."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.reports.deadlines import Deadline, gather_deadlines
from survey_pipeline.stages.intake.nothing_reports import (
    NothingToBring,
    no_filing,
    no_hotline_record,
    report_nothing,
    take_nothing_back,
)
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_log,
    filings,
    hotline_records,
    import_runs,
    nothing_reports,
    offices,
    parents,
    supervision_records,
)
from survey_pipeline.testing import SetContext, inserted, workspace
from survey_pipeline.vocabulary import AuditAction, CameAs, DeadlineState, Duty, RecordKind

pytestmark = pytest.mark.usefixtures("database")

MARCH = datetime(2023, 3, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[SetContext]:
    """Two departments with an office each, on 24 March 2023."""
    made = workspace(tmp_path, at=MARCH, standards={2023: "wenzhou-2023"})
    with writing(made.engine) as connection:
        for number in (1, 2):
            connection.execute(
                parents.insert().values(
                    parent_code=f"P-{number}", name=f"Bureau {number}", hotline_group="city_agency"
                )
            )
            connection.execute(
                offices.insert().values(
                    office_code=f"A-{number}", name=f"Office {number}", category="agency",
                    parent_code=f"P-{number}",
                )
            )  # fmt: skip
    yield made
    made.engine.dispose()


def add(context: SetContext, table: Any, **values: Any) -> None:
    with writing(context.engine) as connection:
        run = {"kind": "x", "file_name": "f.csv", "file_hash": "", "by": "t", "at": context.now()}
        number = inserted(connection.execute(import_runs.insert().values(**run)))
        connection.execute(
            table.insert().values(**{"year": 2023, "import_id": number, "row_no": 2, **values})
        )


def hotline_record(context: SetContext, day: str) -> None:
    add(
        context, hotline_records, record_no=f"H-{day}", clause="D1.1", office_code="A-1",
        occurred_on=date.fromisoformat(day),
    )  # fmt: skip


def filed(context: SetContext, *, nothing_found: bool) -> None:
    add(
        context, filings, filing_no="F-1", parent_code="P-1", month="2023-02",
        filed_on=date(2023, 3, 20), nothing_found=nothing_found,
    )  # fmt: skip


def deadline(context: SetContext, duty: Duty, period: str, day: str, code: str = "") -> Deadline:
    report = gather_deadlines(context, date.fromisoformat(day))
    [found] = [
        one
        for one in report.deadlines
        if one.term.duty is duty
        and one.term.period.name == period
        and (one.who.code or "") == code
        and one.term.year == 2023
    ]
    return found


def entries(context: SetContext) -> list[tuple[Any, ...]]:
    with reading(context.engine) as connection:
        rows = connection.execute(
            select(audit_log).where(audit_log.c.kind == "nothing_reports").order_by(audit_log.c.id)
        )
        return [(row.action, row.key, row.actor, row.after["nothing"]) for row in rows]


def test_a_month_without_findings_is_told_once(context: SetContext) -> None:
    nothing = no_filing("P-1", "2023-02")
    assert report_nothing(context, nothing)
    assert not report_nothing(context, nothing)
    assert entries(context) == [("created", "self_check/P-1/2023-02", "tester", True)]
    found = deadline(context, Duty.SELF_CHECK, "2023-02", "2023-04-04", "P-1")
    assert (found.state, found.came_as, found.came_on) == (
        DeadlineState.MET, CameAs.NOTHING, date(2023, 3, 24),
    )  # fmt: skip
    before = deadline(context, Duty.SELF_CHECK, "2023-02", "2023-03-23", "P-1")
    assert before.came_as is CameAs.OUTSTANDING
    other = deadline(context, Duty.SELF_CHECK, "2023-02", "2023-04-04", "P-2")
    assert other.came_as is CameAs.OUTSTANDING


def test_a_period_before_the_register_began_is_shown_once_it_was_told(context: SetContext) -> None:
    """The first office came in March 2023: of February nothing is owed."""
    came = audit.entry(
        at=context.now(),
        actor="tester",
        action=AuditAction.CREATED,
        kind=RecordKind.OFFICES,
        key="A-1",
    )
    with writing(context.engine) as connection:
        audit.append(connection, [came])
    report_nothing(context, no_filing("P-1", "2023-02"))
    found = gather_deadlines(context, date(2023, 4, 4)).deadlines
    february = {
        deadline.who.code: deadline.came_as
        for deadline in found
        if deadline.term.duty is Duty.SELF_CHECK and deadline.term.period.name == "2023-02"
    }
    assert february == {"P-1": CameAs.NOTHING}


def test_it_may_be_taken_back_for_a_while_by_the_person_who_gave_it(context: SetContext) -> None:
    nothing = no_filing("P-1", "2023-02")
    report_nothing(context, nothing)
    with pytest.raises(CannotProceed, match="can no longer be taken back"):
        take_nothing_back(context.acting("another"), nothing)
    context.clock.advance(timedelta(minutes=30))
    take_nothing_back(context, nothing)
    found = deadline(context, Duty.SELF_CHECK, "2023-02", "2023-04-04", "P-1")
    assert found.came_as is CameAs.OUTSTANDING
    assert [(action, given) for action, _, _, given in entries(context)] == [
        ("created", True),
        ("updated", False),
    ]
    report_nothing(context, nothing)
    context.clock.advance(timedelta(minutes=31))
    with pytest.raises(CannotProceed, match="take its place"):
        take_nothing_back(context, nothing)


def test_a_period_that_is_not_over_is_refused(context: SetContext) -> None:
    for nothing in (no_filing("P-1", "2023-03"), no_hotline_record(context, "2023-Q1")):
        with pytest.raises(CannotProceed, match="not over before 2023-03-31"):
            report_nothing(context, nothing)


def test_an_unknown_department_is_refused(context: SetContext) -> None:
    with pytest.raises(UnknownRecord, match="no parent department P-9"):
        report_nothing(context, no_filing("P-9", "2023-02"))


def test_a_month_with_a_filing_is_refused(context: SetContext) -> None:
    filed(context, nothing_found=False)
    with pytest.raises(CannotProceed, match="P-1 filed 1 self-checks of 2023-02"):
        report_nothing(context, no_filing("P-1", "2023-02"))


def test_a_filing_that_says_nothing_was_found_is_enough(context: SetContext) -> None:
    filed(context, nothing_found=True)
    assert not report_nothing(context, no_filing("P-1", "2023-02"))
    with reading(context.engine) as connection:
        assert connection.execute(select(nothing_reports)).all() == []


def test_a_month_in_which_it_found_something_itself_is_refused(context: SetContext) -> None:
    add(
        context, supervision_records, record_no="S-1", clause="C1.5", office_code="A-1",
        occurred_on=date(2023, 2, 26), self_found=True,
    )  # fmt: skip
    with pytest.raises(CannotProceed, match="1 records of 2023-02 say that P-1 found them"):
        report_nothing(context, no_filing("P-1", "2023-02"))
    assert report_nothing(context, no_filing("P-2", "2023-02"))


def test_a_filing_that_comes_later_takes_its_place(context: SetContext) -> None:
    report_nothing(context, no_filing("P-1", "2023-02"))
    filed(context, nothing_found=False)
    found = deadline(context, Duty.SELF_CHECK, "2023-02", "2023-04-04", "P-1")
    assert (found.came_as, found.came) == (CameAs.RECORDS, 1)


def test_a_hotline_quarter_without_records(context: SetContext) -> None:
    context.clock.at = datetime(2023, 4, 8, 4, 0, tzinfo=UTC)
    nothing = no_hotline_record(context, "2023-Q1")
    assert report_nothing(context, nothing)
    assert not report_nothing(context, nothing)
    found = deadline(context, Duty.HOTLINE, "2023-Q1", "2023-04-12")
    assert (found.state, found.came_as, found.came_on) == (
        DeadlineState.MET, CameAs.NOTHING, date(2023, 4, 8),
    )  # fmt: skip
    hotline_record(context, "2023-03-31")
    found = deadline(context, Duty.HOTLINE, "2023-Q1", "2023-04-12")
    assert (found.came_as, found.came) == (CameAs.RECORDS, 1)
    with pytest.raises(CannotProceed, match="1 hotline records of 2023-Q1 are there"):
        report_nothing(context, nothing)


@pytest.mark.parametrize(
    ("today", "year", "days"),
    [
        ("2023-11-05", None, (date(2023, 10, 1), date(2023, 10, 31))),
        ("2024-01-05", None, (date(2023, 11, 1), date(2023, 12, 31))),
        ("2024-01-05", 2023, (date(2023, 10, 1), date(2023, 10, 31))),
        ("2023-09-30", None, (date(2023, 10, 1), date(2023, 10, 31))),
    ],
    ids=["the part that ended", "the part that ended last", "the year's own", "none has ended"],
)
def test_a_quarter_that_two_years_share(
    context: SetContext, today: str, year: int | None, days: tuple[date, date]
) -> None:
    """2023 ends on 31 October: October is its own, November and December are 2024's."""
    context.clock.at = datetime.fromisoformat(f"{today}T04:00:00+00:00")
    nothing: NothingToBring = no_hotline_record(context, "2023-Q4", year)
    assert (nothing.period.first, nothing.period.last) == days


def test_a_quarter_of_another_year_is_refused(context: SetContext) -> None:
    with pytest.raises(UsageError, match="does not lie in the appraisal year 2021"):
        no_hotline_record(context, "2023-Q1", 2021)
