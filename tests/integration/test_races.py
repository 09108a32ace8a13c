"""Two transactions at once on PostgreSQL: each change repeats the state that it leaves.

The interleaving is forced: before one statement of the first piece of work, the second one runs
until it ends or waits for a lock; so once for every statement of the first. (SQLite has one writer
at a time, so that there is nothing to interleave.)
"""

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from survey_pipeline.calendar import SetClock
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.gateways.port import InboundEvent, ReceiptEvent, accepted
from survey_pipeline.inbound.mailbox import store_inbound, store_receipts
from survey_pipeline.people.accounts import add_user, disable_user
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.dispatch import apply_receipts, dispatch
from survey_pipeline.stages.dispatch.composer import make_composer
from survey_pipeline.stages.dispatch.composing import compose
from survey_pipeline.stages.dispatch.dispatching import _expire
from survey_pipeline.stages.dispatch.outbox import Outbox, Sent
from survey_pipeline.stages.dispatch.shares import EVERYTHING
from survey_pipeline.stages.dispatch.unknown import take_up_expired_leases
from survey_pipeline.stages.export.handover import export_handover
from survey_pipeline.stages.intake.importing import import_file
from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.stages.intake.zero_reports import report_zero
from survey_pipeline.stages.replies import read_inbound
from survey_pipeline.stages.sampling import draw_day, verify_draw
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    calls,
    daily_reports,
    message_events,
    messages,
    survey_events,
    surveys,
    users,
)
from survey_pipeline.survey.closing import close_due
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    add_case,
    add_offices,
    add_survey,
    add_text,
    reopened,
    workspace,
)
from survey_pipeline.vocabulary import MessageState, ReceiptState, RecordKind, Role

TEMPLATES = Path(__file__).parents[2] / "templates"
PHONE = "+8613812345678"
HOURS = {"hours": ["00:00-23:59"]}

pytestmark = [
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
    pytest.mark.usefixtures("database"),
]


@dataclass
class Race:
    """Two pieces of work, and what must hold whichever comes first."""

    first: Callable[[], object]
    second: Callable[[], object]
    holds: Callable[[], object]


def run_between(race: Race, first: Context, other: Context, number: int) -> bool:
    """Run the second work before the `number`-th statement of the first; return if there is one."""
    seen, faults = 0, []
    mine = threading.get_ident()

    def work() -> None:
        try:
            race.second()
        except CannotProceed:
            pass  # in words: it came too late
        except Exception as error:  # told below
            faults.append(error)

    beside = threading.Thread(target=work)

    def before(*_: Any) -> None:
        nonlocal seen
        if threading.get_ident() != mine:
            return
        seen += 1
        if seen == number:
            beside.start()
            until_it_ends_or_waits(beside, other)

    event.listen(first.engine, "before_cursor_execute", before)
    try:
        race.first()
    except CannotProceed:
        pass
    finally:
        event.remove(first.engine, "before_cursor_execute", before)
    came_between = beside.ident is not None
    if not came_between:  # the last round: one after the other
        beside.start()
    beside.join()
    assert faults == []
    return came_between


def until_it_ends_or_waits(thread: threading.Thread, context: Context) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while thread.is_alive():
        with context.engine.connect() as connection:
            if connection.scalar(waiting):
                return
        time.sleep(0.005)


@pytest.fixture
def interleave(tmp_path: Path) -> Callable[..., None]:
    """A function that runs a race once for every statement of its first work."""

    def run(make: Callable[[Context, Context], Race], **sections: Any) -> None:
        number, more = 0, True
        while more:
            number += 1
            home = tmp_path / f"{number}"
            home.mkdir()
            first = workspace(home, at=NOON, **sections)
            shutil.copytree(TEMPLATES, home / "templates")
            other = reopened(home, NOON, **sections)
            race = make(first, other)
            more = run_between(race, first, other, number)
            race.holds()
            for one in (first, other):
                one.engine.dispose()
        assert number > 2, "there was something to come between"

    return run


def later(context: Context, **span: float) -> Context:
    return replace(context, clock=SetClock(context.now() + timedelta(**span)))


def journal_agrees(context: Context) -> None:
    """Each move of a message leaves the state in which the one before it ended."""
    with reading(context.engine) as connection:
        states = dict(connection.execute(select(messages.c.id, messages.c.state)).all())
        events = connection.execute(select(message_events).order_by(message_events.c.id)).all()
    stood: dict[int, str] = {}
    for one in events:
        assert stood.get(one.message_id, one.before) == one.before, events
        stood[one.message_id] = one.after
    assert {**states, **stood} == states


def outcomes_agree(context: Context) -> None:
    with writing(context.engine) as connection:
        ids = connection.scalars(select(surveys.c.id)).all()
        assert refresh_outcomes(connection, ids, context.now()) == 0


def opted_out(context: Context) -> None:
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(PHONE), "simulated", None, context.now())


def text_of(context: Context, **values: Any) -> int:
    add_offices(context, "agency")
    survey = add_survey(context, "AG-1", asked_at=context.now())
    return add_text(context, survey, state=MessageState.QUEUED, **values)


def test_a_text_that_a_sender_has_taken_is_not_cancelled(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        text_of(first)
        gateway = FakeGateway()

        def holds() -> None:
            journal_agrees(first)
            outcomes_agree(first)
            with reading(first.engine) as connection:
                state = connection.scalar(select(messages.c.state))
            assert state == ("accepted" if gateway.ledger else "failed")

        send = lambda: dispatch(other, {"simulated": gateway}, ignore_hours=True)  # noqa: E731
        return Race(lambda: opted_out(first), send, holds)

    interleave(make)


def test_a_text_that_a_sender_has_taken_does_not_expire(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        text_of(first, expires_at=first.now() + timedelta(seconds=5))
        outbox = Outbox(other, "simulated", "w", None)

        def send() -> None:
            for one in outbox.claim(EVERYTHING, 10):
                outbox.record([Sent(one, accepted("p-1"))])

        return Race(lambda: _expire(later(first, seconds=10)), send, lambda: journal_agrees(first))

    interleave(make)


def test_a_lease_taken_anew_is_not_taken_for_the_one_that_ran_out(
    interleave: Callable[..., None],
) -> None:
    def make(first: Context, other: Context) -> Race:
        text_of(first)
        (mine,) = Outbox(first, "simulated", "w-1", None).claim(EVERYTHING, 10)
        second = later(other, minutes=2)
        taken: list[Any] = []

        def hand_back_and_take_again() -> None:
            outbox = Outbox(second, "simulated", "w-2", None)
            outbox.record([Sent(mine, None)])
            taken.extend(outbox.claim(EVERYTHING, 10))

        def holds() -> None:
            journal_agrees(first)
            with reading(first.engine) as connection:
                state = connection.scalar(select(messages.c.state))
            assert state == ("sending" if taken else "unknown")

        first_later = later(first, minutes=2)
        return Race(lambda: take_up_expired_leases(first_later), hand_back_and_take_again, holds)

    interleave(make)


def test_nothing_is_written_to_a_citizen_who_opts_out_meanwhile(
    interleave: Callable[..., None],
) -> None:
    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")
        add_survey(first, "AG-1")

        def holds() -> None:
            with reading(first.engine) as connection:
                states = connection.scalars(select(messages.c.state)).all()
            assert "queued" not in states

        composer = make_composer(first)
        return Race(lambda: compose(first, composer), lambda: opted_out(other), holds)

    interleave(make)


def test_nobody_calls_a_citizen_who_opts_out_meanwhile(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")
        add_survey(first, "AG-1", phone_kind="landline")

        def holds() -> None:
            with reading(first.engine) as connection:
                states = connection.scalars(select(calls.c.state)).all()
            assert "open" not in states

        return Race(lambda: queue_calls(first), lambda: opted_out(other), holds)

    interleave(make)


def test_receipts_and_results_that_come_at_once_leave_one_story(
    interleave: Callable[..., None],
) -> None:
    def make(first: Context, other: Context) -> Race:
        text_of(first)
        (mine,) = Outbox(first, "simulated", "w-1", None).claim(EVERYTHING, 10)
        told = ReceiptEvent("p-1", ReceiptState.DELIVERED, mine.outgoing.attempt_id)
        with writing(first.engine) as connection:
            store_receipts(connection, "simulated", [told], first.now())
        outbox = Outbox(other, "simulated", "w-1", None)

        def holds() -> None:
            journal_agrees(first)
            outcomes_agree(first)
            with reading(first.engine) as connection:
                assert connection.scalar(select(messages.c.state)) == "delivered"

        record = lambda: outbox.record([Sent(mine, accepted("p-1"))])  # noqa: E731
        return Race(lambda: apply_receipts(first), record, holds)

    interleave(make)


def test_the_outcome_knows_of_both_a_receipt_and_a_reply(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")
        survey = add_survey(first, "AG-1")
        add_text(first, survey, state=MessageState.ACCEPTED, gateway="simulated", provider_id="p-1")
        told = ReceiptEvent("p-1", ReceiptState.DELIVERED)
        wrote = InboundEvent("in-1", PHONE, "3", first.now())
        with writing(first.engine) as connection:
            store_receipts(connection, "simulated", [told], first.now())
            store_inbound(connection, first.keys, "simulated", [wrote], first.now())

        def holds() -> None:
            journal_agrees(first)
            outcomes_agree(first)

        return Race(lambda: apply_receipts(first), lambda: read_inbound(other), holds)

    interleave(make)


def test_a_survey_closes_once(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")
        add_survey(first, "AG-1", closes_at=first.now())

        def close(context: Context) -> None:
            with writing(context.engine) as connection:
                close_due(connection, context.now())

        def holds() -> None:
            closed = select(func.count()).where(survey_events.c.what == "closed")
            with reading(first.engine) as connection:
                assert connection.scalar(closed) == 1

        return Race(lambda: close(first), lambda: close(other), holds)

    interleave(make)


def test_two_opt_outs_of_one_phone_are_one(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        text_of(first)
        return Race(
            lambda: opted_out(first), lambda: opted_out(other), lambda: journal_agrees(first)
        )

    interleave(make)


def reported(context: Context) -> Sequence[Any]:
    with reading(context.engine) as connection:
        return connection.execute(select(daily_reports.c.reported, daily_reports.c.zero)).all()


def test_a_case_is_withdrawn_once(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")
        for name in ("K-1", "K-2"):
            add_case(first, "AG-1", name, PHONE)

        def take_back(context: Context) -> None:
            withdraw(context, RecordKind.CASES, "AG-1/K-1", reason="entered twice")

        def holds() -> None:
            assert [one.reported for one in reported(first)] == [1]

        return Race(lambda: take_back(first), lambda: take_back(other), holds)

    interleave(make)


def test_a_day_has_cases_or_a_zero_report(interleave: Callable[..., None], tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(
        f"office_code,case_no,served_on,phone,item\nAG-1,K-1,{NOON.date()},13812340001,Licence\n"
    )

    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")

        def bring_in() -> None:
            import_file(other, RecordKind.CASES, file, reported_on=other.today())

        def holds() -> None:
            ((count, zero),) = reported(first)
            assert (count, zero) in ((1, False), (0, True)), (count, zero)

        return Race(lambda: report_zero(first, "AG-1", first.today()), bring_in, holds)

    interleave(make)


def test_a_case_that_is_being_drawn_is_not_changed(
    interleave: Callable[..., None], tmp_path: Path
) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(
        f"office_code,case_no,served_on,phone,item\nAG-1,K-1,{NOON.date()},13812340009,Other\n"
    )

    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")
        add_case(first, "AG-1", "K-1", PHONE)

        def bring_in() -> None:
            import_file(other, RecordKind.CASES, file, reported_on=other.today())

        def holds() -> None:
            assert verify_draw(first, first.today()).problems == []

        return Race(lambda: draw_day(first, first.today()), bring_in, holds)

    interleave(make)


def test_an_office_that_is_being_drawn_is_not_changed(
    interleave: Callable[..., None], tmp_path: Path
) -> None:
    """A landline of a health office is never drawn, so a survey of it comes from two moments."""
    file = tmp_path / "offices.csv"
    file.write_text("office_code,name,category,parent_code\nAG-1,Office 1,health,P-1\n")

    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")
        add_case(first, "AG-1", "K-1", "+86577123456")

        def bring_in() -> None:
            import_file(other, RecordKind.OFFICES, file)

        def holds() -> None:
            with reading(first.engine) as connection:
                drawn = connection.scalars(select(surveys.c.category)).all()
            assert drawn in ([], ["agency"])

        return Race(lambda: draw_day(first, first.today()), bring_in, holds)

    interleave(make)


def test_a_case_that_is_being_withdrawn_is_not_asked(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        add_offices(first, "agency")
        add_case(first, "AG-1", "K-1", PHONE)

        def take_back() -> None:
            withdraw(other, RecordKind.CASES, "AG-1/K-1", reason="entered twice")

        def holds() -> None:
            with reading(first.engine) as connection:
                states = connection.scalars(select(surveys.c.state)).all()
            assert "open" not in states

        return Race(lambda: draw_day(first, first.today()), take_back, holds)

    interleave(make)


def test_a_case_is_rated_or_handed_over(interleave: Callable[..., None], tmp_path: Path) -> None:
    def make(first: Context, other: Context) -> Race:
        add_offices(first, "health")
        survey = add_survey(first, "HE-1", reply_until=first.now() - timedelta(minutes=1))
        add_text(first, survey)
        with writing(first.engine) as connection:
            connection.execute(
                surveys.update().values(reply_until=first.now() - timedelta(minutes=1))
            )

        def answer() -> None:
            wrote = InboundEvent("in-1", PHONE, "3", other.now())
            with writing(other.engine) as connection:
                store_inbound(connection, other.keys, "simulated", [wrote], other.now())
            read_inbound(other)

        def holds() -> None:
            with reading(first.engine) as connection:
                row = connection.execute(select(surveys)).one()
            assert row.rating is None or row.handed_over_on is None

        path = tmp_path / "list.csv"
        day = first.today()
        return Race(lambda: export_handover(first, "health", day, path), answer, holds)

    interleave(make)


def test_the_last_admin_stays(interleave: Callable[..., None]) -> None:
    def make(first: Context, other: Context) -> Race:
        for name in ("ann", "bob"):
            add_user(first, name, Role.ADMIN, "correct horse battery")

        def holds() -> None:
            left = select(func.count()).where(users.c.disabled_at.is_(None))
            with reading(first.engine) as connection:
                assert connection.scalar(left) == 1

        return Race(lambda: disable_user(first, "ann"), lambda: disable_user(other, "bob"), holds)

    interleave(make)
