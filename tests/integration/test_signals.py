"""Integrity signals: counted before numbers are deleted, listed, looked into, and never scored."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from survey_pipeline.appraisal import score_month
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.pipeline import clear_up
from survey_pipeline.signals.day_counts import count_day, count_frames
from survey_pipeline.signals.looking_into import decide_signal
from survey_pipeline.signals.month_counts import gather_month
from survey_pipeline.signals.month_signals import (
    list_signals,
    month_signals,
    refresh_latest,
    refresh_signals,
)
from survey_pipeline.signals.signal_file import take_signals
from survey_pipeline.signals.signal_table import listed_rows, sentences, signal_rows
from survey_pipeline.signals.standing_out import Proportion
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_log,
    cases,
    daily_reports,
    satisfaction_results,
    signal_days,
    surveys,
)
from survey_pipeline.testing import SetContext, add_cases, add_offices, workspace
from survey_pipeline.testing.drawn_month import close_everything
from survey_pipeline.vocabulary import AuditAction, Audited, SignalKind, SignalState

MONTH = "2023-05"
DAY = date(2023, 5, 4)
BAD, OTHER = "AG-1", "AG-2"


@pytest.fixture
def city(tmp_path: Path, database: None) -> SetContext:
    """Six agencies on Thursday 4 May 2023."""
    context = workspace(tmp_path, sampling={"rate": "0.5"})
    add_offices(context, *["agency"] * 6)
    return context


def phones(start: int, count: int, step: int = 7919) -> list[str]:
    """Different mobile numbers; none is next to another unless `step` is 1."""
    return [f"+86138{start * 1_000_000 + number * step:08d}" for number in range(count)]


def report(
    context: SetContext, office: str, numbers: Sequence[str], begin: int = 1, **values: Any
) -> None:
    """Report a case of today for each number, the case numbers counted up."""
    day = context.today()
    rows = [
        (office, f"{day:%m%d}-{begin + place:04d}", phone) for place, phone in enumerate(numbers)
    ]
    add_cases(context, rows, **values)


def counted(context: SetContext, office: str) -> dict[str, int]:
    """What was kept of an office's frame of today, zeros left out."""
    with reading(context.engine) as connection:
        row = connection.execute(
            select(signal_days).where(
                signal_days.c.day == context.today(), signal_days.c.office_code == office
            )
        ).one()
    return {
        name: value
        for name, value in row._mapping.items()
        if value and name not in {"day", "office_code"}
    }


def end_day(context: SetContext) -> None:
    draw_day(context, context.today())
    count_frames(context)


def test_numbers_that_come_again_within_a_week_are_counted(city: SetContext) -> None:
    first, again = phones(1, 3), phones(2, 1) * 3
    report(city, BAD, [*first, *again])
    end_day(city)
    assert counted(city, BAD) == {"cases": 6, "repeated": 2, "numbered": 6}
    city.clock.advance(timedelta(days=6))
    report(city, BAD, [first[0], *phones(3, 1)])
    report(city, OTHER, [first[0]])  # another office: none of this office's
    end_day(city)
    assert counted(city, BAD)["repeated"] == 1
    assert counted(city, OTHER) == {"cases": 1}
    city.clock.advance(timedelta(days=7))
    report(city, BAD, [first[0]])
    end_day(city)
    assert "repeated" not in counted(city, BAD)


def test_a_number_of_four_offices_is_shared(city: SetContext) -> None:
    (number,) = phones(1, 1)
    for place in range(1, 5):
        report(city, f"AG-{place}", [number, *phones(place + 1, 1)])
    report(city, "AG-5", phones(7, 2))
    end_day(city)
    assert [counted(city, f"AG-{place}").get("shared", 0) for place in range(1, 6)] == [
        1,
        1,
        1,
        1,
        0,
    ]


def test_consecutive_numbers_and_gaps_are_counted(city: SetContext) -> None:
    report(city, BAD, [*phones(1, 4, step=1), *phones(2, 2, step=1), *phones(3, 1)])
    report(city, BAD, phones(4, 3), begin=11)
    end_day(city)
    assert counted(city, BAD) == {"cases": 10, "consecutive": 4, "numbered": 13, "missing": 3}


def test_the_same_name_under_many_numbers_is_alike_and_a_usual_remark_is_not(
    city: SetContext,
) -> None:
    seal = city.keys.encrypt
    report(city, BAD, phones(1, 3), citizen_name=seal("Same"), remark=seal("the same"))
    report(city, BAD, phones(2, 5), begin=4)
    for begin, item in ((1, "Licence"), (5, "Permit")):  # a habit, whatever the item
        report(city, OTHER, phones(2 + begin, 4), begin, remark=seal("done"), item=item)
    report(city, "AG-3", phones(4, 1) * 4, citizen_name=seal("Who comes often"))
    report(city, "AG-3", phones(5, 6), begin=5)
    end_day(city)
    alike = [counted(city, office).get("alike", 0) for office in (BAD, OTHER, "AG-3")]
    assert alike == [3, 0, 0]


def test_counts_stay_when_the_numbers_are_deleted(city: SetContext) -> None:
    report(city, BAD, phones(1, 1) * 6)
    report(city, OTHER, phones(2, 6))
    end_day(city)
    before, month = counted(city, BAD), month_signals(city, MONTH)
    close_everything(city)
    city.clock.advance(timedelta(days=120))
    clear_up(city)
    with reading(city.engine) as connection:
        assert connection.scalar(select(func.count()).where(cases.c.phone_hash.is_not(None))) == 0
    assert count_frames(city) == 0
    repeated = [one for one in month if one.kind is SignalKind.REPEATED_NUMBER]
    now = [one for one in month_signals(city, MONTH) if one.kind is SignalKind.REPEATED_NUMBER]
    assert now == repeated
    with reading(city.engine) as connection:
        kept = connection.execute(select(signal_days).where(signal_days.c.office_code == BAD)).one()
    assert kept.repeated == before["repeated"] == 5


def add_closed_surveys(context: SetContext, office: str, count: int, **values: Any) -> None:
    """Closed surveys of the month, without their cases."""
    with writing(context.engine) as connection:
        begin = connection.scalar(select(func.count()).select_from(surveys)) or 0
        connection.execute(
            surveys.insert(),
            [
                {
                    "office_code": office, "case_no": f"S-{begin + number}", "category": "agency",
                    "month": MONTH, "drawn_on": date(2023, 5, 3), "rank_hash": "",
                    "phone_kind": "mobile",
                    "own_calls": True, "opened_at": context.now(), "closes_at": context.now(),
                    "state": "closed", "closed_at": context.now(), "texted": True,
                    "delivered": True, "phone": None, "phone_hash": None, **values,
                }
                for number in range(count)
            ],
        )  # fmt: skip


def rated(context: SetContext, office: str, count: int, rating: str = "satisfied") -> None:
    add_closed_surveys(
        context,
        office,
        count,
        rating=rating,
        rated_by="sms",
        disposition="1.1",
        rated_at=context.now(),
    )


def denied(context: SetContext, office: str, count: int) -> None:
    add_closed_surveys(
        context, office, count, denied=True, contact_data_bad=True, disposition="3.90"
    )


def dead(context: SetContext, office: str, count: int) -> None:
    add_closed_surveys(context, office, count, contact_data_bad=True, disposition="3.90")


@pytest.fixture
def suspect(city: SetContext) -> SetContext:
    """Six offices of a hundred ratings; of one, forty citizens know of no case."""
    for number in range(1, 7):
        rated(city, f"AG-{number}", 100)
    denied(city, OTHER, 2)
    denied(city, BAD, 40)
    dead(city, OTHER, 3)
    add_closed_surveys(city, OTHER, 2, disposition="3.30", delivered=False)
    return city


def test_denials_and_dead_numbers_are_counted_apart(suspect: SetContext) -> None:
    kinds = gather_month(suspect, MONTH).kinds
    assert kinds[SignalKind.NOT_THEIR_CASE][BAD] == Proportion(40, 140)
    assert kinds[SignalKind.NOT_THEIR_CASE][OTHER] == Proportion(2, 102)
    assert kinds[SignalKind.NO_SUCH_NUMBER][OTHER] == Proportion(5, 107)
    assert kinds[SignalKind.NO_SUCH_NUMBER][BAD] == Proportion(0, 140)


def test_what_stands_out_is_listed_once_and_goes_with_its_counts(suspect: SetContext) -> None:
    refresh_signals(suspect, MONTH)
    refresh_signals(suspect, MONTH)
    (found,) = list_signals(suspect)
    assert (found.office_code, found.kind, found.own) == (
        BAD,
        SignalKind.NOT_THEIR_CASE,
        Proportion(40, 140),
    )
    assert found.others == Proportion(2, 502)
    counts, city = sentences(listed_rows(suspect)[0])
    assert str(counts) == "40 of 140 citizens who answered said that it was not their case."
    assert str(city).startswith("That is 28.6 % (95 % interval ")
    with writing(suspect.engine) as connection:
        connection.execute(update(surveys).values(denied=False, contact_data_bad=False))
    refresh_signals(suspect, MONTH)
    assert list_signals(suspect) == []


def test_a_finding_is_kept_with_its_reason_and_its_counts(suspect: SetContext) -> None:
    refresh_signals(suspect, MONTH)
    (found,) = list_signals(suspect)
    decide_signal(suspect, found.id, SignalState.CONFIRMED, reason=" the list was bought ", by="Li")
    denied(suspect, BAD, 5)
    refresh_signals(suspect, MONTH)
    (kept,) = list_signals(suspect)
    assert (kept.state, kept.reason, kept.decided_by) == ("confirmed", "the list was bought", "Li")
    assert kept.own == Proportion(40, 140)
    assert list_signals(suspect, only_open=True) == []
    with reading(suspect.engine) as connection:
        entry = connection.execute(
            select(audit_log).where(audit_log.c.kind == Audited.SIGNALS)
        ).one()
    assert (entry.action, entry.actor, entry.key) == (AuditAction.DECIDED, "Li", str(found.id))
    assert entry.before == {"state": "open"}
    assert entry.after["state"] == "confirmed"
    assert entry.reason == "the list was bought"


def test_a_finding_needs_a_reason_and_a_signal(suspect: SetContext) -> None:
    refresh_signals(suspect, MONTH)
    (found,) = list_signals(suspect)
    for reason in (" ", "x" * 501):
        with pytest.raises(UsageError):
            decide_signal(suspect, found.id, SignalState.CONFIRMED, reason=reason)
    with pytest.raises(UsageError):
        decide_signal(suspect, found.id, SignalState.OPEN, reason="no")
    with pytest.raises(UnknownRecord):
        decide_signal(suspect, found.id + 1, SignalState.CONFIRMED, reason="no")


def test_no_score_follows_from_a_confirmed_signal(suspect: SetContext) -> None:
    """A hint is never points: the month's scores stay the same, line by line."""
    suspect.clock.advance(timedelta(days=40))
    before = score_month(suspect, MONTH)
    refresh_signals(suspect, MONTH)
    for found in list_signals(suspect):
        decide_signal(suspect, found.id, SignalState.CONFIRMED, reason="bought numbers")
    after = score_month(suspect, MONTH)
    assert {found.state for found in list_signals(suspect)} == {SignalState.CONFIRMED}
    assert (after.version, after.inputs_hash) == (before.version, before.inputs_hash)


def test_the_daily_run_keeps_the_month_before(suspect: SetContext) -> None:
    refresh_latest(suspect, date(2023, 6, 12))
    assert [found.month for found in list_signals(suspect)] == [MONTH]


def add_reports(context: SetContext, office: str, days: Sequence[date], count: int) -> None:
    with writing(context.engine) as connection:
        connection.execute(
            daily_reports.insert(),
            [{"office_code": office, "reported_on": day, "reported": count} for day in days],
        )


def test_days_without_a_report_and_volumes_are_held_against_the_months_before(
    city: SetContext,
) -> None:
    city.clock.advance(timedelta(days=40))
    span = [date(2023, 2, 1) + timedelta(days=number) for number in range(120)]
    working = [
        day for day in span if city.calendar.is_working_day(day) and day <= date(2023, 5, 31)
    ]
    for number in range(2, 7):
        add_reports(city, f"AG-{number}", working, 10)
    may = [day for day in working if f"{day:%Y-%m}" == MONTH]
    add_reports(city, BAD, [day for day in working if day not in may], 10)
    add_reports(city, BAD, may[:8], 200)
    kinds = gather_month(city, MONTH).kinds
    assert kinds[SignalKind.DAYS_WITHOUT_REPORT][BAD] == Proportion(len(may) - 8, len(may))
    assert kinds[SignalKind.VOLUME_ROSE][BAD].count == 1600
    before = 10 * (len(working) - len(may))
    assert kinds[SignalKind.VOLUME_FELL][BAD] == Proportion(before, before + 1600)
    named = {(one.office_code, one.kind) for one in month_signals(city, MONTH) if one.judged.named}
    assert named == {(BAD, SignalKind.VOLUME_ROSE), (BAD, SignalKind.DAYS_WITHOUT_REPORT)}


def deliver(
    context: SetContext, office: str, reported: int, sampled: int, answers: Sequence[int]
) -> None:
    satisfied, neutral, dissatisfied = answers
    with writing(context.engine) as connection:
        connection.execute(
            satisfaction_results.insert().values(
                office_code=office, month=MONTH, reported=reported, sampled=sampled,
                satisfied=satisfied, neutral=neutral, dissatisfied=dissatisfied, source="A bureau",
                mode="all", delivered_on=DAY, late=False, import_id=0, row_no=2,
            )
        )  # fmt: skip


def test_deliveries_are_held_against_what_we_know(city: SetContext) -> None:
    for number in range(1, 7):
        add_reports(city, f"AG-{number}", [DAY], 500)
        rated(city, f"AG-{number}", 90)
        rated(city, f"AG-{number}", 10, "dissatisfied")
    deliver(city, BAD, 1500, 20, (400, 0, 0))
    for number in range(2, 6):
        deliver(city, f"AG-{number}", 505, 120, (80, 15, 9))
    deliver(city, "AG-6", 500, 0, (0, 0, 0))  # it asked no citizen, and says so
    kinds = gather_month(city, MONTH).kinds
    assert kinds[SignalKind.DELIVERED_VOLUME][BAD] == Proportion(1000, 1500)
    assert kinds[SignalKind.DELIVERED_FEW_ASKED][BAD] == Proportion(80, 100)
    assert "AG-6" not in kinds[SignalKind.DELIVERED_FEW_ASKED]
    assert kinds[SignalKind.DELIVERED_ALL_CONTENT] == {BAD: Proportion(400, 400)}
    named = {(one.office_code, one.kind) for one in month_signals(city, MONTH) if one.judged.named}
    assert named == {
        (BAD, SignalKind.DELIVERED_VOLUME),
        (BAD, SignalKind.DELIVERED_ALL_CONTENT),
        (BAD, SignalKind.DELIVERED_FEW_ASKED),
    }


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_holds_every_count_and_no_number(
    suspect: SetContext, tmp_path: Path, form: str
) -> None:
    report(suspect, BAD, phones(1, 1) * 6)
    end_day(suspect)
    refresh_signals(suspect, MONTH)
    path = take_signals(suspect, MONTH, form, "zh_CN", tmp_path)
    shown = json.dumps([row.to_dict() for row in signal_rows(suspect, MONTH)])
    if form == "csv":
        lines = path.read_text("utf-8-sig").splitlines()
        assert len(lines) == 1 + len(signal_rows(suspect, MONTH))
        assert any(
            line.startswith("2023-05,AG-1,Office 1,not_their_case,40,140,0.2857,") for line in lines
        )
        shown += path.read_text("utf-8-sig")
    assert "13801000000" not in shown
    with reading(suspect.engine) as connection:
        action = connection.scalar(
            select(audit_log.c.action).where(audit_log.c.kind == Audited.SIGNALS)
        )
    assert action == AuditAction.EXPORTED


def test_a_day_is_counted_once_and_can_be_counted_again(city: SetContext) -> None:
    report(city, BAD, phones(1, 6))
    draw_day(city, DAY)
    assert (count_frames(city), count_frames(city)) == (1, 0)
    assert count_day(city, DAY)[BAD]["cases"] == 6
